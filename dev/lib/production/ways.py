"""What the deployments have of their own: each function gets the Scene."""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from .. import paths
from ..machine import processes
from ..server import databases, odoo, rpc
from . import bouncer, wrapper

_NOBODY = "nobody"


def websocket_answers(scene):
    """The worker for websockets runs beside the others."""
    address = f"http://127.0.0.1:{scene.server.gevent_port}/web/health"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return [] if answer.status == 200 else [f"websocket worker: HTTP {answer.status}"]
    except OSError as error:
        return [f"websocket worker: {error}"]


def pgbouncer(mode):
    """Odoo reaches PostgreSQL through pgbouncer."""

    @contextlib.contextmanager
    def around(scene):
        with bouncer.Bouncer(scene.folder, mode) as between:
            scene.args += between.arguments()
            scene.env |= between.variables()
            yield

    return around


@contextlib.contextmanager
def replica(scene):
    """Reads go to another address of the same server."""
    scene.args += ["--db_replica_host", os.environ["PGHOST"]]
    scene.args += ["--db_replica_port", os.environ.get("PGPORT", "5432")]
    yield


@contextlib.contextmanager
def attachments_in_database(scene):
    """No filestore for new files."""
    databases.set_parameter(scene.database, "ir_attachment.location", "db")
    yield


@contextlib.contextmanager
def unprivileged(scene):
    """User nobody in a mount namespace without fonts; PostgreSQL over TCP, a data folder of its own."""
    user = pwd.getpwnam(_NOBODY)
    data = scene.folder / "data"
    store = odoo.filestore(scene.database)
    shutil.copytree(store, data / "filestore" / scene.database)
    for path in (data, *data.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    # Odoo leaves out addons folders that only a privilege lets it read.
    addons = scene.folder / "addons"
    addons.mkdir()
    (addons / paths.NAME).symlink_to(paths.ROOT)
    scene.args += ["--addons-path", ",".join([*scene.environment.odoo.addons, str(addons)])]
    scene.args += ["--data-dir", data]
    scene.env |= {"HOME": "/nonexistent"}
    scene.server_class = _Unprivileged
    with bouncer.Bouncer(scene.folder, "session") as between:
        scene.args += between.arguments()
        scene.env |= between.variables()
        yield


class _Unprivileged(odoo.Server):
    """A server that sees no fonts and writes nowhere but in its data and its temporary folder.

    It may read what only root may: the environment lies in root's home, which a real one does not.
    """

    _SCRIPT = """
set -e
for folder in /usr/share/fonts /usr/local/share/fonts; do
    if [ -d "$folder" ]; then mount -t tmpfs -o mode=755 tmpfs "$folder"; fi
done
exec setpriv --reuid {uid} --regid {gid} --clear-groups --no-new-privs \\
    --inh-caps=+dac_read_search --ambient-caps=+dac_read_search "$@"
"""

    def start_line(self, line):
        user = pwd.getpwnam(_NOBODY)
        script = self._SCRIPT.format(uid=user.pw_uid, gid=user.pw_gid)
        return ["unshare", "--mount", "bash", "-c", script, "odoo", *line]


def click_an_endless_one(scene):
    """One more invoice, which wkhtmltopdf never prints."""
    endless = scene.invoices(1, name=wrapper.ENDLESS)
    scene.click(endless)
    scene.refused += endless


def clean_and_click_again(scene):
    """When the first are delivered, everything that a cleaner may find old is taken away."""
    scene.wait(list(scene.moves), ("integrated",), 120)
    temporary = Path(scene.env["TMPDIR"])
    for path in (*temporary.iterdir(), odoo.data_dir() / "chorus_fonts"):
        shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            path.unlink()
    scene.click(scene.invoices(3))


def same_fonts(scene):
    """Every file that Chorus Pro took is written in the layout's typeface, embedded."""
    found = set()
    for deposit in scene.simulator.control("ledger")["deposits"]:
        file = scene.folder / "taken.pdf"
        file.write_bytes(scene.simulator.deposited_file(deposit["flow_number"]))
        done = subprocess.run(["pdffonts", file], capture_output=True, text=True)
        rows = [row.split() for row in done.stdout.splitlines()[2:]]
        found.add(tuple(sorted({row[0].split("+")[-1].split("-")[0] for row in rows})))
    return [] if found == {("Lato",)} else [f"typefaces: {sorted(found)}"]


@contextlib.contextmanager
def wheel(scene):
    """The clone is not on the addons path: what pip installed is."""
    place = scene.folder / "site"
    build = [sys.executable, "-m", "pip", "-q"]
    offline = ["--no-deps", "--no-index"]
    for args in (
        ["wheel", "--no-build-isolation", *offline, "-w", scene.folder, "."],
        [
            "install",
            *offline,
            "--target",
            place,
            "--find-links",
            scene.folder,
            "odoo-addon-l10n_fr_chorus_pro",
        ],
    ):
        subprocess.run([*build, *map(str, args)], cwd=paths.ROOT, check=True, capture_output=True)
    path = [scene.environment.odoo.pythonpath, str(place)]
    scene.env |= {"PYTHONPATH": os.pathsep.join(path)}
    scene.args += ["--addons-path", ",".join(scene.environment.odoo.addons) or str(place / "odoo/addons")]
    yield
    used = f"{place}/odoo/addons/{paths.NAME}"
    if not Path(used, "__manifest__.py").exists():
        raise AssertionError("the wheel holds no addon")


def update_meanwhile(scene):
    """The addon is updated while scheduled actions send."""
    rpc.poll(lambda: scene.taken(), 120, "the first file")
    line = odoo.command(
        scene.environment, ["-d", scene.database, "-u", paths.NAME, "--stop-after-init", "--no-http"]
    )
    with processes.Process(line, "update-meanwhile", env=scene.env) as run:
        status = run.wait(300)
    if status:
        raise AssertionError(f"odoo -u ended with {status}: {run.tail(5)}")
