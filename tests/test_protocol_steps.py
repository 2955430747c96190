"""The short way of an ordinary sending writes what the long way writes; what is told late is told."""

import hashlib
import time
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..chorus_api import errors
from ..chorus_api.flows import FlowOperations
from .protocol import ProtocolCommon

WORKER = "odoo.addons.l10n_fr_chorus_pro.models.chorus_worker"
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
        self.worker = self.env["chorus.worker"].sudo()
        self.moves = self.make_invoices(2)
        self.queue(self.moves)
        self.worker._prepare_some(self.company.id, "test")
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

    def take_both(self):
        taken = self.worker._start_sending(self.worker.env, self.short.id, "short")
        deposit = self.long.sudo()
        deposit._move_to("sending", attempt_number=1, message=False)
        journal = self.env["chorus.attempt"].sudo()._start(deposit, "send", "long")
        return taken, journal

    def test_taking_a_deposit(self):
        taken, _journal = self.take_both()
        self.assertEqual(taken[0], 1)
        self.assertEqual(hashlib.sha256(taken[3]).hexdigest(), self.short.sha256)
        self.assertEqual(self.short.line_ids.state, "sending")
        self.assertSame()

    def test_a_deposit_that_was_accepted(self):
        _taken, journal = self.take_both()
        journal._end("accepted", 0.25)
        self.worker._taken(self.long.sudo(), "CPP0011117000000000000002")
        receipt = Receipt("CPP0011117000000000000001")
        self.worker._end_sending(self.worker.env, self.short.id, 1, receipt, None, 0.25, "short")
        self.assertTrue(self.short.untold)
        self.worker._tell_invoices(self.company.id, "test")
        self.assertSame()
        self.assertEqual(self.moves.mapped("chorus_test_state"), ["sent", "sent"])

    def test_what_was_taken_cannot_be_taken_again(self):
        self.take_both()
        self.assertIsNone(self.worker._start_sending(self.worker.env, self.short.id, "again"))
        self.assertEqual(self.short.attempt_number, 1)
        self.assertEqual(len(self.short.attempt_ids), 1)

    def test_an_outcome_of_an_older_attempt_changes_nothing(self):
        self.take_both()
        self.short.sudo().attempt_number = 2
        self.env.flush_all()
        receipt = Receipt("CPP0011117000000000000001")
        with mute_logger(f"{WORKER}_transmit"):
            self.worker._end_sending(self.worker.env, self.short.id, 1, receipt, None, 0.25, "short")
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

    def test_a_process_that_died_before_it_told_the_invoices(self):
        """What Chorus Pro took is written; the next run shows it on the invoices."""
        self.take_both()
        receipt = Receipt("CPP0011117000000000000001")
        self.worker._end_sending(self.worker.env, self.short.id, 1, receipt, None, 0.25, "short")
        self.env.invalidate_all()
        self.assertEqual(self.moves[0].chorus_test_state, "queued")
        self.assertEqual(self.line(self.moves[0]).state, "sent")
        self.run_send()
        self.assertEqual(self.moves[0].chorus_test_state, "sent")
        self.assertFalse(self.short.untold)

    def test_one_invoice_that_cannot_be_told_keeps_no_other_from_it(self):
        deposits = type(self.short)
        original = deposits._tell_invoices

        def tell(deposits):
            if self.short.id in deposits.ids:
                raise ValueError("a broken invoice")
            return original(deposits)

        with patch.object(deposits, "_tell_invoices", tell), mute_logger(WORKER):
            self.run_send()
        self.env.invalidate_all()
        self.assertEqual(self.moves.mapped("chorus_test_state"), ["queued", "sent"])
        self.run_send()
        self.assertEqual(self.moves.mapped("chorus_test_state"), ["sent", "sent"])


@tagged("post_install", "post_install_l10n", "-at_install")
class TestReportsTogether(ProtocolCommon):
    printed = True

    def follow_deposits(self):
        """The reports alone: the list of changes would show the invoices as well."""
        worker = self.env["chorus.worker"].sudo()
        worker._follow_deposits(self.company.id, "test", time.monotonic() + 60)
        self.env.invalidate_all()

    def test_one_report_that_cannot_be_written_keeps_no_other_from_it(self):
        moves = self.make_invoices(3)
        self.queue(moves)
        self.run_send()
        broken = self.line(moves[1]).deposit_id
        worker = type(self.env["chorus.worker"])
        original = worker._reported

        def reported(worker, deposit, answer):
            if deposit.id == broken.id:
                raise ValueError("a broken deposit")
            return original(worker, deposit, answer)

        self.pass_time(hours=1)
        with (
            patch.object(worker, "_reported", reported),
            mute_logger(f"{WORKER}_write"),
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
        # Four of them are gates: whether to look first, locks of file and invoice, whose invoices they are.
        with self.allow_pdf_render(), self.assertQueryCount(20 * 21):
            self.env["chorus.worker"]._cron_send()
        for move in moves:
            self.assertState(move, "sent")
