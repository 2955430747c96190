"""Preparing in small steps; an invoice whose preparation ended with its process is tried alone, then told."""

from contextlib import suppress
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.base import transactions
from ..worker import preparer as preparer_module
from ..worker.channel import Channel
from ..worker.preparer import MAX_TRIES, PreparePace, Preparer
from .protocol import ProtocolCommon


class Killed(BaseException):
    """The process ends: nobody catches it, nothing more is written."""


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPace(TransactionCase):
    def measured(self, pace, count, seconds):
        now = [0.0]
        clock = patch.object(preparer_module.time, "monotonic", lambda: now[0])
        with clock, pace.measured() as measure:
            now[0] += seconds
            measure.count = count
        return pace

    def test_the_first_batch_is_small_and_the_next_grow(self):
        pace = PreparePace()
        sizes = []
        for _batch in range(4):
            sizes.append(pace.room(1000))
            self.measured(pace, sizes[-1], 0.1 * sizes[-1])
        self.assertEqual(sizes, [4, 12, 36, 50])

    def test_a_slow_machine_gets_what_fits(self):
        pace = self.measured(PreparePace(), 4, 10)
        self.assertEqual(pace.room(40), 10)
        self.assertEqual(pace.room(2), 1)

    def test_what_is_remembered_sizes_the_first_batch(self):
        self.assertEqual(PreparePace(2.4).room(1000), 3)
        self.assertEqual(PreparePace(0.1).room(1000), 50)
        self.assertEqual(PreparePace(60).room(1000), 1)

    def test_a_batch_in_which_nothing_was_done_teaches_nothing(self):
        pace = self.measured(PreparePace(2.4), 0, 50)
        self.assertEqual(pace.each, 2.4)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestPreparing(ProtocolCommon):
    printed = True

    def sizes(self):
        """The number of invoices of each batch of the next run."""
        sizes = []
        prepare = Preparer._make_files

        def noted(this, lines):
            if lines:
                sizes.append(len(lines))
            return prepare(this, lines)

        with patch.object(Preparer, "_make_files", noted):
            self.run_send()
        return sizes

    def killing(self, *moves):
        """The files of these invoices are never made: the process that makes one is killed."""
        move_class = type(self.env["account.move"])
        build = move_class._chorus_build_files

        def killed(this, environment):
            if this & self.env["account.move"].union(*moves):
                raise Killed
            return build(this, environment)

        return patch.object(move_class, "_chorus_build_files", killed)

    def run_killed(self):
        # Not assertRaises, which takes back what was written.
        with suppress(Killed):
            self.run_send()
            self.fail("nothing killed the run")
        self.env.invalidate_all()

    def test_batches_are_small_at_first(self):
        self.queue(self.make_invoices(10))
        self.assertEqual(self.sizes()[:2], [4, 6])

    def test_the_pace_is_remembered(self):
        self.queue(self.make_invoice())
        self.run_send()
        pace = self.env["chorus.pace"].sudo()
        learned = pace._prepare_seconds(self.connection)
        self.assertGreater(learned, 0)
        pace._remember(self.connection, 5.0)
        pace.invalidate_model()
        self.assertEqual(pace._prepare_seconds(self.connection), 5.0, "slower counts at once")
        pace._remember(self.connection, 1.0)
        pace.invalidate_model()
        self.assertEqual(pace._prepare_seconds(self.connection), 3.0)
        self.queue(self.make_invoices(3))
        self.assertEqual(self.sizes(), [2, 1])

    def test_the_try_is_written_down_before_the_files_are_made(self):
        moves = self.make_invoices(2)
        self.queue(moves)
        with self.killing(moves[0]):
            self.run_killed()
        self.assertEqual(self.line(moves[0]).preparations, 1)
        self.assertEqual(self.line(moves[1]).preparations, 1)
        self.assertState(moves[0], "queued")

    def test_an_invoice_that_kills_is_tried_alone_then_told_and_the_others_leave(self):
        moves = self.make_invoices(3)
        guilty, others = moves[1], moves - moves[1]
        self.queue(moves)
        with self.killing(guilty):
            self.run_killed()
            for _try in range(2):
                self.pass_time(minutes=10)
                self.run_killed()
            self.pass_time(minutes=10)
            self.run_send()
            self.assertLessEqual(set(others.mapped("chorus_test_state")), {"sent", "integrated"})
            self.assertState(guilty, "blocked")
        self.assertIn(guilty.name, self.line(guilty).message)
        self.assertIn("3", self.line(guilty).message)
        self.assertIn("administrator", self.line(guilty).message)
        self.assertEqual(len(guilty.activity_ids), 1)
        self.queue(guilty)
        self.run_send()
        self.assertState(guilty, "sent")

    def test_new_invoices_go_before_a_suspect(self):
        guilty = self.make_invoice()
        self.queue(guilty)
        with self.killing(guilty):
            self.run_killed()
            self.pass_time(minutes=10)
            new = self.make_invoices(2)
            self.queue(new)
            self.run_killed()
        self.assertEqual(set(new.mapped("chorus_test_state")), {"sent"})
        self.end_run()

    def test_a_suspect_waits_for_a_run_with_all_its_time(self):
        move = self.make_invoice()
        self.queue(move)
        with self.killing(move):
            self.run_killed()
        self.pass_time(minutes=10)
        short = patch.object(transactions, "seconds_left", lambda: 0.5 * transactions.limit())
        with short:
            self.run_send()
        self.assertState(move, "queued")
        self.assertEqual(self.line(move).preparations, 1)
        self.run_send()
        self.assertState(move, "sent")

    def test_a_failed_preparation_is_no_killed_one(self):
        move = self.make_invoice()
        self.queue(move)
        move_class = type(self.env["account.move"])
        broken = patch.object(move_class, "_chorus_build_files", side_effect=ValueError("broken"))
        with broken, self.assertLogs("odoo.addons.l10n_fr_chorus_pro", "ERROR"):
            self.run_send()
        self.assertEqual((self.line(move).tries, self.line(move).preparations), (1, 0))
        self.assertState(move, "queued")

    def test_what_cannot_be_made_is_told_in_the_end(self):
        move = self.make_invoice()
        self.queue(move)
        move_class = type(self.env["account.move"])
        broken = patch.object(move_class, "_chorus_build_files", side_effect=ValueError("broken"))
        with broken, self.assertLogs("odoo.addons.l10n_fr_chorus_pro", "ERROR"):
            for _try in range(MAX_TRIES):
                self.assertState(move, "queued")
                self.run_send()
                self.pass_time(hours=26)
        self.assertState(move, "failed")
        self.assertTrue(move.activity_ids)

    def test_what_is_ready_leaves_before_more_is_prepared(self):
        ready, waiting = self.make_invoice(), self.make_invoice()
        self.queue(ready)
        self.prepare()
        self.queue(waiting)
        with self.killing(waiting):
            self.run_killed()
        self.assertEqual(self.line(ready).state, "sent")
        self.end_run()

    def test_the_queue_waits_for_the_verdict_on_the_first_archive(self):
        """Single files are made ahead as far as the pace needs them: the rest then travels together."""
        self.company.chorus_group_size = 10
        self.queue(self.make_invoices(12))
        channel = Channel(self.env, self.company.id, "test")
        preparer = Preparer(channel)
        with patch.object(preparer_module, "AHEAD_OF_TRIAL", 2):
            self.assertEqual(preparer.prepare_next(), 4)
            self.env.invalidate_all()
            self.assertEqual(self.connection.group_state, "trial")
            self.assertEqual(preparer.prepare_next(), 0)
            # What waits leaves, and the verdict comes.
            self.connection.group_state = "proven"
            self.env.flush_all()
            self.assertEqual(preparer.prepare_next(), 8)
        self.env.invalidate_all()
        self.assertEqual(sorted(self.env["chorus.deposit"].search([]).mapped("line_count")), [1, 1, 2, 8])
        self.end_run()
