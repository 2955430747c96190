"""An invoice at the buyer's, and what the buyer does with it, for the tests of its life."""

from datetime import UTC, timedelta

from freezegun import freeze_time
from odoo import Command, fields

from .common import COMPANY_SIRET
from .protocol import ProtocolCommon

COMPLETE = "factures/v1/completer"
RECYCLE = "factures/v1/recycler"
ACKNOWLEDGE = "factures/v1/traiterRejet"
SEARCH = "factures/v1/rechercher/fournisseur"
HISTORY = "factures/v1/consulter/historique"
NOTHING = {"code": 20000, "label": "TRA_MSG_00.015 Aucun resultat"}


class LifeCommon(ProtocolCommon):
    """Invoices that Chorus Pro has integrated. One clock, which the tests move, for module and simulator."""

    environment = "test"
    begins = timedelta()  # before now

    def setUp(self):
        self._frozen = freeze_time(fields.Datetime.now().replace(microsecond=0) - self.begins)
        self.clock = self._frozen.start()
        self.addCleanup(self.unfreeze)
        super().setUp()
        self._set_simulator_clock()
        if self.environment == "production":
            self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
            self.connection = self.connect("production", first_deposit_limit=0)

    def _set_simulator_clock(self):
        self.simulator.control("clock", {"now": fields.Datetime.now().replace(tzinfo=UTC).isoformat()})

    def unfreeze(self):
        """Go on in real time: a browser cannot live in a time that stands still."""
        if self._frozen:
            self._frozen.stop()
            self._frozen = None
            self._set_simulator_clock()

    def make_invoice(self, price=100.0, post=True, **values):
        line = {
            "name": "Entretien des espaces verts",
            "quantity": 1,
            "price_unit": price,
            "tax_ids": self.company_data["default_tax_sale"].ids,
        }
        return super().make_invoice(price, post, **{"invoice_line_ids": [Command.create(line)], **values})

    def told(self, move):
        """What the invoice's activities ask of people."""
        activities = move.with_user(self.accountant).with_context(lang="en_US").activity_ids
        return "\n".join(f"{activity.summary} {activity.note}" for activity in activities)

    def hide(self):
        """No search of Chorus Pro shows any invoice from now on."""
        self.simulator.fault(SEARCH, "refusal", count=None, **NOTHING)

    def pass_time(self, **delta):
        """Let time pass for the module and for the simulator."""
        self.simulator.advance(timedelta(**delta).total_seconds())
        self.clock.tick(timedelta(**delta))

    def deliver(self, moves=None):
        """Send invoices and follow them until the buyer can see them."""
        moves = self.make_invoice() if moves is None else moves
        self.assertEqual(self.queue(moves, self.environment), {})
        self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        for move in moves:
            self.assertState(move, "integrated", self.environment)
            self.assertEqual(self.line(move, self.environment).status_code, "MISE_A_DISPOSITION")
        return moves

    def buyer(self, move, status, comment="", follow=True):
        """The buyer gives the invoice a status; the next look at Chorus Pro brings it."""
        self.simulator.set_status(self.chorus_id(move.name), status, comment)
        if follow:
            self.pass_time(minutes=5)
            self.run_follow()

    def story(self, move):
        """The state that the invoice shows."""
        self.env.invalidate_all()
        return move.chorus_state if self.environment == "production" else move.chorus_test_state

    def remote(self, move):
        """The invoice as the simulator has it."""
        number = move.name
        return next(item for item in self.simulator.ledger()["invoices"] if item["number"] == number)

    def calls_of(self, *routes):
        """How many calls each route has had, as a list."""
        counts = self.simulator.calls()["counts"]
        return [counts.get(route, 0) for route in routes]

    def open_wizard(self, move, action, user=None):
        """Press the button of the invoice that opens a screen, as the accountant; return its record."""
        result = getattr(move.with_user(user or self.accountant), action)()
        return self.env[result["res_model"]].with_user(user or self.accountant).browse(result["res_id"])

    def file(self, name="bon_de_livraison.pdf", content=b"%PDF-1.4 delivery note"):
        return self.env["ir.attachment"].with_user(self.accountant).create({"name": name, "raw": content})
