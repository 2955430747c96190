"""Odoo as a process: its configuration, one-off runs, servers."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

from .. import console, paths
from ..machine import ports, processes

_RESULT = "@result "


def data_dir():
    """Odoo's data folder: filestores and sessions."""
    path = paths.cache() / "odoo-data"
    path.mkdir(exist_ok=True)
    return path


def filestore(database):
    """The folder of one database's files."""
    return data_dir() / "filestore" / database


def addons_path(environment):
    """The value of --addons-path."""
    return ",".join([*environment.odoo.addons, str(paths.addons()), str(paths.NEIGHBOUR)])


def _configuration(environment):
    """The configuration file of this clone (written anew each time, atomically)."""
    lines = {
        "addons_path": addons_path(environment),
        "data_dir": data_dir(),
        "http_interface": "127.0.0.1",
        "admin_passwd": "admin",
        "list_db": "False",
        "db_maxconn": "32",
        "screenshots": paths.work() / "screenshots",
    }
    text = "[options]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())
    final = paths.work() / "odoo.conf"
    fresh = final.with_suffix(f".{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(final)
    return final


def command(environment, args=(), sub=None, workers=0):
    """The command line of Odoo with `args`; `sub` is a subcommand such as `shell`.

    With `workers` it is Odoo's own script that runs: the websocket worker is started by its path.
    """
    names = [sub] if sub else []
    start = [environment.odoo.program()] if workers else ["-m", "odoo"]
    if start == [None]:
        raise console.Stop(f"No script odoo-bin beside {environment.odoo.pythonpath}: use --workers 0")
    return [environment.python, *start, *names, "-c", str(_configuration(environment)), *map(str, args)]


def run(environment, args, log):
    """Run Odoo to its end without HTTP; Stop with the end of its log if it fails or logs an error."""
    _to_the_end(command(environment, [*args, "--stop-after-init", "--no-http"]), log)


def script(environment, database, text, log, args=()):
    """Run Python text in Odoo's shell (`env` is at hand; it must commit); Stop if it fails.

    Returns what the text left in the variable `result` (JSON), else None.
    """
    line = command(environment, ["-d", database, "--no-http", *args], "shell")
    text += f"\nimport json\nprint('{_RESULT}' + json.dumps(globals().get('result')), flush=True)\n"
    output = _to_the_end(line, log, text)
    return json.loads(output.rsplit(_RESULT, 1)[1].splitlines()[0])


def _to_the_end(line, log, text=None):
    with processes.Process(line, log, text=text) as process:
        status = process.wait()
        output = process.text()
        failed = any(word in output for word in (" ERROR ", " CRITICAL ", "Traceback (most"))
        if status or failed:
            raise console.Stop(f"Odoo failed ({' '.join(line)}); log {process.log}:\n{process.tail(40)}")
    return output


class Server(processes.Process):
    """A running Odoo with HTTP on 127.0.0.1 for one database.

    `cron_threads` threads do the scheduled actions; `workers` > 0 makes it a multi-process server, with one
    more process for websockets. `env` replaces the environment of the process.
    """

    def __init__(
        self, environment, database, name="odoo", cron_threads=1, workers=0, port=None, args=(), env=None
    ):
        if port is None:
            self.port, self.gevent_port = ports.reserve(2)
        else:
            self.port, self.gevent_port = port, ports.reserve(1)[0]
        self.database = database
        options = ["-d", database, "--db-filter", f"^{database}$"]
        options += ["-p", self.port, "--gevent-port", self.gevent_port]
        options += ["--max-cron-threads", cron_threads, "--workers", workers, *args]
        line = command(environment, options, workers=workers)
        super().__init__(self.start_line(line), name, stop_signal=processes.signal.SIGINT, env=env)

    def start_line(self, line):
        """What really starts `line`: another command where the process has its own surroundings."""
        return line

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def wait_until_ready(self, seconds=120):
        """Wait until the server answers requests."""
        self.wait_for(self._healthy, seconds, "answer")

    def _healthy(self):
        time.sleep(0.1)
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


def interactive(line, patience=30):
    """Run a command line on this terminal; signals reach it first. Returns its exit status."""
    child = subprocess.Popen(line, preexec_fn=processes.die_with_parent)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # The terminal has sent SIGINT to the child as well: let it end in its own way.
            continue
        except processes.Terminated:
            child.terminate()
            child.wait(patience)
            raise


def sources_digest():
    """A text that changes whenever a file of the addon (not of its tests or tools) changes."""
    ignored = {"dev", "docs", "tests", "simulator", "__pycache__", "build", "dist"}
    entries = []
    for folder, folders, files in os.walk(paths.ROOT):
        # In those with a dot tests that run beside this keep files of a moment.
        folders[:] = sorted(name for name in set(folders) - ignored if not name.startswith("."))
        for file in sorted(files):
            if not file.endswith((".pyc", ".md")):
                path = Path(folder, file)
                entries.append(f"{path.relative_to(paths.ROOT)}:{paths.digest(path.read_bytes().hex())}")
    return paths.digest(*entries)
