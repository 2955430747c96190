"""A stage for a play: a database of its own with the addon, Odoo with its crons, the simulator beside it."""

import contextlib
import dataclasses
from pathlib import Path

from .. import paths
from . import databases, odoo, rpc
from .simulator import Simulator


@dataclasses.dataclass
class Stage:
    """Everything that a scenario may touch."""

    environment: object
    database: str
    server: odoo.Server
    simulator: Simulator
    folder: Path
    """where results go"""

    def login(self, login="admin", password="admin"):
        """A web session of one user (see rpc.Session)."""
        return rpc.Session(self.server.url, self.database, login, password)

    def sql(self, statement):
        """Change the database behind everybody's back."""
        databases.sql(self.database, statement)

    def make_due(self, cron):
        """Let the time come at which Odoo runs one of our scheduled actions; Odoo runs it, nobody else."""
        row = f"module = '{paths.NAME}' AND name = '{cron}'"
        databases.sql(
            self.database,
            "UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC'"
            f" WHERE id = (SELECT res_id FROM ir_model_data WHERE {row})",
        )
        databases.sql("postgres", f"SELECT pg_notify('cron_trigger', '{self.database}')")

    def let_pass(self, minutes):
        """What was sent was made and sent so much earlier: Odoo looks at once what became of it."""
        earlier = f"- interval '{minutes} minutes'"
        databases.sql(
            self.database,
            f"UPDATE chorus_deposit SET create_date = create_date {earlier}, sent_at = sent_at {earlier},"
            f" next_action_at = next_action_at {earlier} WHERE state = 'sent'",
        )
        self.make_due("cron_follow")


@contextlib.contextmanager
def open_stage(environment, database, folder, *, simulator_port=0, cron_threads=2, **options):
    """Start the simulator, and Odoo on `database` with `options` of its Server; both stop at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with Simulator(folder / "simulator", port=simulator_port) as simulator:
        server = odoo.Server(environment, database, cron_threads=cron_threads, **options)
        # wkhtmltopdf fetches its styles there; without a live server PDFs come out bare, with no error.
        databases.set_parameter(database, "report.url", server.url)
        databases.set_parameter(database, "web.base.url", server.url)
        with server:
            yield Stage(environment, database, server, simulator, folder)


@contextlib.contextmanager
def fresh_stage(environment, kind, folder, **options):
    """A stage on a copy of its own of the database with the addon, dropped at the end."""
    source = databases.with_addon(environment)
    with (
        databases.temporary(environment, kind, source) as database,
        open_stage(environment, database, folder, **options) as stage,
    ):
        yield stage
