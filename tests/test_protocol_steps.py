"""The statement that takes a deposit writes what its states say; the invoices follow; reports go together."""

import hashlib
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..chorus_api import errors
from ..chorus_api.flows import FlowOperations
from ..worker.channel import SharedClient
from ..worker.reports import Reports
from ..worker.sender import Outcome, Sender
from ..worker.turns import schedule
from .common import COMPANY_SIRET, OneByOne
from .protocol import ProtocolCommon

WORKER = "odoo.addons.l10n_fr_chorus_pro.worker"
LINES = "odoo.addons.l10n_fr_chorus_pro.models.deposit.chorus_deposit_outcome"
# Differ from one deposit to the next by nature.
OWN = {
    "id", "name", "filename", "file", "sha256", "size", "number", "flow_number", "correlation_id",
    "deposit_id", "move_id", "write_date", "create_date", "create_uid", "write_uid", "batch",
}  # fmt: skip


class Receipt:
    """What Chorus Pro answers to a deposit."""

    def __init__(self, flow_number):
        self.flow_number = flow_number


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSteps(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.moves = self.make_invoices(2)
        self.queue(self.moves)
        self.prepare()
        self.env.invalidate_all()
        self.short, self.long = (self.line(move).deposit_id for move in self.moves)

    def columns(self, record):
        """The stored values of a record, but for those that two deposits never share."""
        names = [name for name, field in record._fields.items() if field.store and field.column_type]
        return {name: value for name, value in record.read(names, load=None)[0].items() if name not in OWN}

    def assertSame(self, **left_out):
        self.env.flush_all()
        self.env.invalidate_all()
        for find in (
            lambda deposit: deposit,
            lambda deposit: deposit.line_ids,
            lambda deposit: deposit.attempt_ids,
        ):
            one, other = self.columns(find(self.short)), self.columns(find(self.long))
            for values in (one, other):
                for name in left_out.get(find(self.short)._name.replace(".", "_"), ()):
                    values.pop(name)
            self.assertEqual(one, other, find(self.short)._name)

    def start(self, reference):
        """The file that was taken, or None."""
        return next(iter(Sender(self.channel()).start(self.env(su=True), {self.short.id: reference})), None)

    def end(self, *receipts):
        """What came of the first attempts at these: (deposit, flow number)."""
        outcomes = [
            Outcome(deposit.id, 1, deposit.attempt_ids.id, Receipt(flow_number), None, 0.25)
            for deposit, flow_number in receipts
        ]
        return Sender(self.channel()).end(self.env(su=True), outcomes)

    def take_both(self):
        taken = self.start("short")
        deposit = self.long.sudo()
        deposit._move_to("sending", attempt_number=1, message=False)
        journal = self.env["chorus.attempt"].sudo()._start(deposit, "send", "long")
        return taken, journal

    def test_taking_a_deposit(self):
        taken, _journal = self.take_both()
        self.assertEqual(taken.attempt, 1)
        self.assertEqual(hashlib.sha256(taken.content).hexdigest(), self.short.sha256)
        self.assertEqual(self.short.line_ids.state, "sending")
        self.assertSame()

    def test_whoever_has_an_older_view_of_an_invoice_meets_a_new_version_of_its_row(self):
        self.env.flush_all()
        versions = []
        for _look in range(2):
            self.env.cr.execute("SELECT ctid FROM account_move WHERE id = %s", (self.moves[0].id,))
            versions += self.env.cr.fetchone()
            if not versions[1:]:
                self.start("short")
        self.assertNotEqual(*versions)

    def test_a_deposit_that_was_accepted(self):
        self.take_both()
        self.end((self.short, "CPP0011117000000000000001"))
        self.env.invalidate_all()
        self.assertEqual((self.short.state, self.short.attempt_ids.outcome), ("sent", "accepted"))
        self.assertEqual(self.line(self.moves[0]).flow_number, "CPP0011117000000000000001")
        self.assertTrue(self.line(self.moves[0]).deposited_on)
        self.assertEqual(self.moves[0].chorus_test_state, "sent")
        self.end_run()

    def test_what_was_taken_cannot_be_taken_again(self):
        self.take_both()
        self.assertIsNone(self.start("again"))
        self.assertEqual(self.short.attempt_number, 1)
        self.assertEqual(len(self.short.attempt_ids), 1)

    def test_two_that_are_answered_with_one_flow_number_at_the_same_moment(self):
        """Only the first has it: the second may never have been taken, and is looked for."""
        self.take_both()
        number = "CPP0011117000000000000001"
        counts = self.end((self.short, number), (self.long, number))
        self.env.invalidate_all()
        self.assertEqual((self.short.state, self.short.flow_number), ("sent", number))
        self.assertEqual((self.long.state, self.long.flow_number), ("unconfirmed", False))
        self.assertEqual(counts[self.long.id].code, "flow_number_known")
        self.end_run()

    def test_each_attempt_has_a_number_of_its_own(self):
        for number in (1, 2, 3):
            self.assertEqual(self.start(f"try {number}").attempt, number)
            self.short.sudo()._move_to("ready", next_action_at=fields.Datetime.now(), message=False)
            self.short.sudo().attempt_ids.outcome = "not_sent"
            self.env.flush_all()
        self.assertEqual(sorted(self.short.attempt_ids.mapped("number")), [1, 2, 3])

    def test_an_outcome_of_an_older_attempt_changes_nothing(self):
        self.take_both()
        self.short.sudo().attempt_number = 2
        self.env.flush_all()
        with mute_logger(f"{WORKER}.sender"):
            self.end((self.short, "CPP0011117000000000000001"))
        self.env.invalidate_all()
        self.assertEqual(self.short.state, "sending")
        self.assertFalse(self.short.flow_number)

    def test_a_damaged_file_is_not_sent(self):
        self.short.sudo().sha256 = "0" * 64
        self.run_send()
        self.assertState(self.moves[0], "failed")
        self.assertState(self.moves[1], "sent")
        self.assertEqual(self.taken(self.moves[0].name), [])
        self.assertEqual(self.short.attempt_ids.outcome, "not_sent")

    def test_a_rule_on_invoices_that_refuses_keeps_nothing_from_being_taken(self):
        """Odoo's "sent" is a write on the invoice, which another module may refuse: the file stays taken."""
        self.refuse_sent(together=False)

    def test_nor_in_an_archive_whose_invoices_are_marked_together(self):
        self.refuse_sent(together=True)

    def refuse_sent(self, together):
        self.connect("production", first_deposit_limit=0)
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
        moves = self.make_invoices(2)
        model = type(moves)
        original = model.write

        def write(invoices, vals):
            if moves[0] in invoices and "is_move_sent" in vals:
                raise ValueError("An automated rule refuses it")
            return original(invoices, vals)

        self.company.chorus_environment = "production"
        if together:
            self.company.chorus_group_size = 2
            self.env["chorus.connection"]._for(self.company, "production").group_state = "proven"
        self.queue(moves, "production")
        with patch.object(model, "write", write), mute_logger(LINES):
            self.run_send()
        self.assertEqual(len(moves.chorus_line_ids.deposit_id.filtered("sent_at")), 1 if together else 2)
        self.assertEqual(moves.mapped("chorus_state"), ["sent", "sent"])
        self.assertEqual(moves.mapped("is_move_sent"), [False, True])
        self.made_up = True
        self.assertIn("An automated rule refuses it", moves[0].activity_ids[:1].note or "")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestReportsTogether(ProtocolCommon):
    printed = True

    def follow_deposits(self):
        """The reports alone: the list of changes would show the invoices as well."""
        channel = self.channel()
        with SharedClient(channel) as shared:
            Reports(channel).follow_due(shared)
        # As at the end of a run.
        schedule(channel.env, "follow")
        self.env.invalidate_all()

    def test_one_report_that_cannot_be_written_keeps_no_other_from_it(self):
        moves = self.make_invoices(3)
        self.queue(moves)
        self.run_send()
        broken = self.line(moves[1]).deposit_id
        original = Reports._write_one

        def reported(reports, deposit, answer):
            if deposit.id == broken.id:
                raise ValueError("a broken deposit")
            return original(reports, deposit, answer)

        self.pass_time(hours=1)
        with (
            patch.object(Reports, "_write_one", reported),
            mute_logger(f"{WORKER}.channel"),
        ):
            self.follow_deposits()
        self.assertState(moves[0], "integrated")
        self.assertState(moves[2], "integrated")
        self.assertEqual(broken.state, "sent")
        self.assertFalse(broken.attempt_ids.filtered(lambda row: row.outcome == "answered"))

    def test_a_failing_connection_writes_what_was_answered_before(self):
        moves = self.make_invoices(3)
        self.queue(moves)
        self.run_send()
        self.pass_time(hours=1)
        original = FlowOperations.flow_report
        answers = []

        def flow_report(client, number):
            answers.append(number)
            if len(answers) > 1:
                raise errors.RateLimited("rate_limited")
            return original(client, number)

        with patch.object(FlowOperations, "flow_report", flow_report):
            self.follow_deposits()
        states = sorted(self.line(move).deposit_id.state for move in moves)
        self.assertEqual(states, ["integrated", "sent", "sent"])
        self.assertEqual(len(answers), 2)
        self.assertTrue(self.connection.rest_until)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestQueries(ProtocolCommon):
    """SQL of a whole sending: pages, data, files, deposit, report; three savepoints an invoice count here."""

    def test_queries_per_invoice(self):
        self.queue(self.make_invoices(2))
        self.run_send()
        # As on a server that has learned that twenty at once are no matter.
        self.env["chorus.pace"].sudo().search([]).prepare_seconds = 0.1
        moves = self.make_invoices(20)
        self.queue(moves)
        # Three are taken together, and written together, as on a connection with the usual settings.
        self.startPatcher(patch.object(OneByOne, "together", self.connection.files_at_once))
        with self.allow_pdf_render(), self.assertQueryCount(20 * 18):
            self.env["chorus.worker"]._cron_send()
        for move in moves:
            self.assertState(move, "sent")

    def test_queries_per_invoice_in_one_file(self):
        self.queue(self.make_invoices(2))
        self.run_send()
        self.env["chorus.pace"].sudo().search([]).prepare_seconds = 0.1
        self.company.chorus_group_size = 50
        self.connection.sudo().group_state = "proven"
        moves = self.make_invoices(40)
        self.queue(moves)
        with self.allow_pdf_render(), self.assertQueryCount(40 * 8):
            self.env["chorus.worker"]._cron_send()
        for move in moves:
            self.assertState(move, "sent")
        self.env.invalidate_all()
        self.assertEqual(len(moves.chorus_line_ids.deposit_id), 1)
