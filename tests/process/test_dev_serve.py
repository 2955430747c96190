"""`dev/serve` as a newcomer uses it: it prints what works, shows it in French, and ends what it started."""

import contextlib
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from lib import cmd_serve, paths
from lib.server import databases, rpc

_LAST_LINE = "Ctrl-C ends both"


class Served:
    """A running `dev/serve`, known by what it printed only."""

    def __init__(self, process, database, lines):
        self.process, self.database = process, database
        self.text = "\n".join(lines)
        self.odoo = re.search(r"^Odoo: +(http://\S+)/odoo ", self.text, re.M)[1]
        self.simulator = re.search(r"^Simulator: (http://[^,\s]+)", self.text, re.M)[1]
        self.auth = re.search(r"API Auth BaseUrl (http://[^,\s]+)", self.text)[1]
        self.logins = dict(re.findall(r"login (\S+), password (\S+)", self.text))
        self.keys = dict(re.findall(r"^ +(client_id|client_secret|login|password) (\S+)$", self.text, re.M))

    def session(self, login):
        return rpc.Session(self.odoo, self.database, login, self.logins[login])

    def stop(self):
        """Press Ctrl-C; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture
def serve(environment):
    """`serve(*options)` starts `dev/serve`, and has read what it prints when it is ready."""
    name, started = f"test_{int(time.time() * 1000) % 10**9}", []
    database = cmd_serve.database_name(name)

    def start(*options):
        command = [paths.ROOT / "dev" / "serve", "--name", name, *options]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        started.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip().removeprefix("-- "))
            if _LAST_LINE in line:
                return Served(process, database, lines)
        pytest.fail("\n".join(["dev/serve ended:", *lines]))

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)
        process.stdout.close()
    databases.drop(database)


def answers(url):
    """Whether anybody listens at the address."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):
        return True
    return False


def assert_welcomed(served):
    """Every login that was printed works, reads French, and is in the French company of the demo."""
    for login in served.logins:
        session = served.session(login)
        assert session.language == "fr_FR", login
        companies = session.user["user_companies"]
        current = companies["allowed_companies"][str(companies["current_company"])]
        [company] = session.call("res.company", "read", [current["id"]], ["country_code"])
        assert company["country_code"] == "FR", login
        fields = session.call("res.partner", "fields_get", ["name"], ["string"])
        assert fields["name"]["string"] == "Nom", login


def test_an_empty_one_prints_who_exists_and_where_to_begin(serve):
    served = serve("--empty")
    assert set(served.logins) == {"admin"}
    assert_welcomed(served)
    # Where it says to begin: the settings, with the one button that begins.
    [place] = re.findall(r"^Begin at: +http://[^/]+(/odoo/action-\S+?),", served.text, re.M)
    administrator = served.session("admin")
    [action] = administrator.search_read(
        "ir.actions.act_window", [("id", "=", administrator.ref(place.split("action-")[1]))], ["res_model"]
    )
    assert action["res_model"] == "res.config.settings"
    settings = administrator.call("res.config.settings", "get_view", view_type="form")
    assert "action_chorus_configure" in settings["arch"]
    assert administrator.call("chorus.connection", "search_count", []) == 0
    # The simulator's keys are those that it takes.
    form = {"grant_type": "client_credentials", "scope": "openid"}
    form |= {name: served.keys[name] for name in ("client_id", "client_secret")}
    with urllib.request.urlopen(served.auth, urllib.parse.urlencode(form).encode(), timeout=30) as answer:
        assert b"access_token" in answer.read()
    # So is the file of its data set.
    [data_set] = re.findall(r"^Data set: +(/\S+),", served.text, re.M)
    assert b"Public;" in Path(data_set).read_bytes()
    # Ctrl-C ends what it started.
    assert served.stop() == 0
    assert not answers(f"{served.odoo}/web/health")
    assert not answers(served.simulator)


def test_the_played_one_opens_in_french_for_everybody_that_it_prints(serve):
    served = serve()
    assert len(served.logins) > 1
    assert_welcomed(served)
    accountant = next(login for login in served.logins if login != "admin")
    session = served.session(accountant)
    assert session.call("account.move", "search_count", [("chorus_test_state", "!=", False)]) >= 10
    # What was said to people while it was played is in French too.
    notes = session.search_read("mail.message", [("body", "ilike", "flux CPP")], ["body"])
    assert len(notes) >= 10
