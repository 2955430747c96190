"""A running server whose own scheduled actions do the work: people click by RPC, then wait like anybody."""

import contextlib

from lib.demo import demo_company, demo_data, demo_invoices
from lib.server import databases, rpc, stage

# Chorus Pro answers as soon as it is asked; what is about waiting sets delays of its own.
_AT_ONCE = {
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


class Running:
    """Odoo with its cron threads beside a simulator, as an accountant and an administrator see them."""

    def __init__(self, scene):
        self.scene = scene
        self.control = scene.simulator.control
        self.control("settings", _AT_ONCE)
        self.accountant = demo_company.prepare(scene)
        self.administrator = scene.login()
        self.administrator.context = dict(self.accountant.context)
        self._taxes = demo_invoices.taxes(self.accountant)

    def sql(self, statement):
        """Ask PostgreSQL itself: a list of lines, columns separated by `|`."""
        return databases.sql(self.scene.database, statement)

    def invoices(self, count, customer="free"):
        """Posted invoices to one of the demo's customers: their ids."""
        name = demo_data.CUSTOMERS[customer][0]
        [partner] = self.accountant.call("res.partner", "search", [("name", "=", name)])
        values = {
            "move_type": "out_invoice",
            "partner_id": partner,
            "buyer_reference": demo_data.SERVICE.get(customer, False),
            "invoice_line_ids": [(0, 0, demo_invoices.line_values(demo_data.line("Lampe", 90), self._taxes))],
        }
        moves = self.accountant.create("account.move", [values] * count)
        self.accountant.call("account.move", "action_post", moves)
        return moves

    def click(self, moves):
        """The accountant chooses the invoices in the list and presses Send."""
        action = self.accountant.call("account.move", "action_chorus_send", moves)
        return self.accountant.call("chorus.send", "action_send", [action["res_id"]])

    def press(self, moves, button, **values):
        """Press a button of an invoice that opens a screen; fill it in; returns the screen's (model, id)."""
        action = self.accountant.call("account.move", button, moves)
        if values:
            self.accountant.call(action["res_model"], "write", [action["res_id"]], values)
        return action["res_model"], action["res_id"]

    def read(self, moves, *fields):
        """What the accountant sees on the invoices: a list of dicts."""
        return self.accountant.call("account.move", "read", moves, list(fields))

    def states(self, moves):
        return [row["chorus_test_state"] for row in self.read(moves, "chorus_test_state")]

    @staticmethod
    def poll(probe, seconds, what):
        """Wait until `probe()` gives something true; nobody presses anything."""
        return rpc.poll(probe, seconds, what, 0.5)

    def wait_for(self, moves, state, seconds):
        """Wait until every invoice shows this state."""
        self.poll(lambda: set(self.states(moves)) == {state}, seconds, f"all invoices {state}")

    def buyer(self, move, status, comment=""):
        """The buyer gives the invoice a status."""
        [number] = [row["name"] for row in self.read([move], "name")]
        ids = {invoice["number"]: invoice["id"] for invoice in self.control("ledger")["invoices"]}
        self.control(f"invoices/{ids[number]}/status", {"status": status, "comment": comment})

    def make_due(self, cron):
        """Let the time come at which Odoo runs a scheduled action by itself."""
        self.scene.make_due(cron)

    @contextlib.contextmanager
    def switched_off(self, cron):
        """Nobody but who presses does what this scheduled action does."""
        row = f"module = 'l10n_fr_chorus_pro' AND name = '{cron}'"
        switch = f"UPDATE ir_cron SET active = {{}} WHERE id = (SELECT res_id FROM ir_model_data WHERE {row})"
        # Odoo locks the row of an action that runs: it has ended then.
        self.sql(switch.format("FALSE"))
        try:
            yield
        finally:
            self.sql(switch.format("TRUE"))

    def taken(self, moves):
        """How often Chorus Pro has taken each invoice."""
        names = [row["name"] for row in self.read(moves, "name")]
        files = [file["number"] for item in self.control("ledger")["deposits"] for file in item["files"]]
        return [files.count(name) for name in names]


@contextlib.contextmanager
def running(environment, database, folder, **options):
    """A `Running` server on a database with the addon."""
    with stage.open_stage(environment, database, folder, **options) as scene:
        yield Running(scene)
