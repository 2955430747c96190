"""What a deployment is, and how one is tried: people click, Odoo's own scheduled actions do the rest."""

import contextlib
import dataclasses
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ..demo import demo_company, demo_data, demo_invoices
from ..server import databases, odoo, rpc
from ..server.simulator import Simulator
from . import wrapper

# Chorus Pro takes no time to look at a deposit; what is about its slowness says so.
_QUICK = {
    "not_found_period": 0.0,
    "flow_delays": dict.fromkeys(
        (
            "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
            "IN_RECU",
            "IN_TRAITE_SE_CPP",
            "IN_EN_ATTENTE_TRAITEMENT_CPP",
            "IN_EN_COURS_TRAITEMENT_CPP",
        ),
        0.0,
    ),
    "invoice_delays": {"EN_COURS_ACHEMINEMENT": 0.0, "MISE_A_DISPOSITION": 0.0},
}
_TROUBLE = re.compile(r" (?:ERROR|CRITICAL) \S+ (.*)|^(\w*(?:Error|Exception): .*)", re.MULTILINE)
# Odoo also writes as errors what PostgreSQL asks to try again, and is tried again.
_AGAIN = re.compile(
    r"^.* ERROR \S+ odoo\.sql_db: bad query: .*\nERROR: could not serialize .*$", re.MULTILINE
)


def nothing(_scene):
    """What most deployments do besides."""


@dataclasses.dataclass(frozen=True)
class Deployment:
    """One way of running Odoo.

    `extra` are more options of Odoo; `hosts` servers share the database; `print_seconds` slows wkhtmltopdf by
    so much for each invoice, `hold` Chorus Pro for each deposit; `states` of an invoice count as done.
    `around` is a context manager that prepares (it gets the Scene, and may change `scene.args` and
    `scene.env`), `after_click` acts meanwhile, `check` looks at the end and returns what is wrong: both get
    the Scene. `noise` is what the log may hold.
    """

    name: str
    what: str
    count: int = 10
    seconds: int = 240
    states: tuple = ("integrated",)
    workers: int = 0
    cron_threads: int = 2
    hosts: int = 1
    extra: tuple = ()
    print_seconds: float = 0
    hold: float = 0
    around: Callable = contextlib.nullcontext
    after_click: Callable = nothing
    check: Callable = nothing
    noise: str = ""


@dataclasses.dataclass
class Scene:
    """One deployment being tried."""

    deployment: Deployment
    environment: object
    database: str
    simulator: Simulator
    folder: Path
    args: list
    env: dict
    server_class: type = odoo.Server
    servers: list = dataclasses.field(default_factory=list)
    accountant: rpc.Session | None = None
    moves: list = dataclasses.field(default_factory=list)
    refused: list = dataclasses.field(default_factory=list)

    @property
    def server(self):
        return self.servers[0]

    def login(self, login="admin", password="admin"):
        """A web session of one user."""
        return rpc.Session(self.server.url, self.database, login, password)

    def sql(self, statement):
        """Ask PostgreSQL itself."""
        return databases.sql(self.database, statement)

    def invoices(self, count, name="Lampe"):
        """Post invoices of one line, as the accountant."""
        taxes = demo_invoices.taxes(self.accountant)
        customer = demo_data.CUSTOMERS["free"][0]
        [partner] = self.accountant.call("res.partner", "search", [("name", "=", customer)])
        values = {
            "move_type": "out_invoice",
            "partner_id": partner,
            "invoice_line_ids": [(0, 0, demo_invoices.line_values(demo_data.line(name, 90), taxes))],
        }
        moves = self.accountant.create("account.move", [values] * count)
        self.accountant.call("account.move", "action_post", moves)
        return moves

    def click(self, moves):
        """Choose the invoices in the list and press Send."""
        action = self.accountant.call("account.move", "action_chorus_send", moves)
        self.accountant.call("chorus.send", "action_send", [action["res_id"]])
        self.moves += moves

    def read(self, moves=None):
        """State and sentence of the invoices, as the accountant sees them: a list of dicts."""
        fields = ["name", "chorus_test_state", "chorus_message", "activity_ids"]
        return self.accountant.call("account.move", "read", moves or self.moves, fields)

    def wait(self, moves, states, seconds):
        """Wait, pressing nothing; returns whether all came to one of `states`."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if all(row["chorus_test_state"] in states for row in self.read(moves)):
                return True
            time.sleep(0.5)
        return False

    def taken(self):
        """Numbers of the files that Chorus Pro took."""
        deposits = self.simulator.control("ledger")["deposits"]
        return [file["number"] for deposit in deposits for file in deposit["files"]]

    def log(self):
        """All that the servers have written."""
        return "\n".join(server.text() for server in self.servers)


def attempt(environment, deployment):
    """Try one deployment; returns a dict for the table."""
    began = time.monotonic()
    source = databases.with_addon(environment)
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="chorus_production_"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # Some servers run as another user.
        folder.chmod(0o755)
        database = stack.enter_context(databases.temporary(environment, "prod", source))
        simulator = stack.enter_context(Simulator(folder / "simulator"))
        simulator.control("settings", _QUICK)
        temporary = folder / "tmp"
        temporary.mkdir(mode=0o1777)
        env = {**os.environ, "TMPDIR": str(temporary)}
        scene = Scene(deployment, environment, database, simulator, folder, list(deployment.extra), env)
        stack.enter_context(deployment.around(scene))
        _start(scene, stack)
        if deployment.hold:
            half = {"min": deployment.hold, "max": deployment.hold}
            simulator.control("settings", {"deposit_hold": half})
        scene.accountant = demo_company.prepare(scene)
        clicked = time.monotonic()
        wrong = _play(scene)
        seconds = time.monotonic() - clicked
        trouble = _trouble(scene)
    return {
        "name": deployment.name,
        "what": deployment.what,
        "invoices": len(scene.moves),
        "wrong": wrong,
        "log": trouble,
        "seconds": round(seconds),
        "whole": round(time.monotonic() - began),
        "load": round(os.getloadavg()[0], 1),
        "passed": not wrong and not trouble,
    }


def _start(scene, stack):
    deployment = scene.deployment
    if deployment.print_seconds:
        program = wrapper.slow(scene.folder / "bin", deployment.print_seconds)
        scene.env["PATH"] = os.pathsep.join([str(program), scene.env["PATH"]])
    for number in range(deployment.hosts):
        server = scene.server_class(
            scene.environment,
            scene.database,
            name=f"{deployment.name}-{number + 1}",
            cron_threads=deployment.cron_threads,
            workers=deployment.workers,
            args=scene.args,
            env=scene.env,
        )
        if not number:
            databases.set_parameter(scene.database, "report.url", server.url)
            databases.set_parameter(scene.database, "web.base.url", server.url)
        scene.servers.append(server)
        stack.enter_context(server)


def _play(scene):
    """Click, wait, judge; returns what is wrong, in words."""
    deployment = scene.deployment
    if not scene.moves:
        scene.click(scene.invoices(deployment.count))
    deployment.after_click(scene)
    expected = [move for move in scene.moves if move not in scene.refused]
    scene.wait(expected, deployment.states, deployment.seconds)
    if scene.refused:
        scene.wait(scene.refused, ("blocked",), deployment.seconds)
    wrong = list(_wrong(scene, expected))
    return wrong + list(deployment.check(scene) or ())


def _wrong(scene, expected):
    rows = scene.read()
    taken = scene.taken()
    states = scene.deployment.states
    late = [row for row in rows if row["id"] in expected and row["chorus_test_state"] not in states]
    if late:
        found = sorted({str(row["chorus_test_state"]) for row in late})
        yield f"{len(late)} not delivered ({', '.join(found)}: {late[0]['chorus_message'] or 'no message'})"
    doubled = sorted({number for number in taken if taken.count(number) > 1})
    if doubled:
        yield f"taken twice: {', '.join(doubled)}"
    told = [row["name"] for row in rows if row["id"] in expected and row["activity_ids"]]
    if told:
        yield f"a person is told to act for nothing: {', '.join(told)}"
    for row in rows:
        if row["id"] in scene.refused:
            if row["chorus_test_state"] != "blocked" or not row["activity_ids"]:
                yield f"{row['name']}: nobody was told ({row['chorus_test_state']})"
            elif row["name"] in taken:
                yield f"{row['name']}: stopped, and taken"


def _trouble(scene):
    """Errors in the logs that this deployment has no excuse for."""
    noise = scene.deployment.noise
    found = [a or b for a, b in _TROUBLE.findall(_AGAIN.sub("", scene.log()))]
    left = [text for text in found if not (noise and re.search(noise, text))]
    return list(dict.fromkeys(left))
