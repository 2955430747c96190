"""The time that a scheduled action has: what Odoo's own limit leaves it, in whatever server mode."""

import threading
import time
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..models.base import transactions


class Cursor:
    """Stands for the scheduler's cursor: another one each time the worker looks for jobs."""


@tagged("post_install", "post_install_l10n", "-at_install")
class TestServerTime(TransactionCase):
    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.enterContext(patch.object(transactions.time, "monotonic", lambda: self.now))
        self.enterContext(patch.object(transactions, "_work", transactions._Work()))
        self.server()

    def server(self, **options):
        values = {"workers": 0, "limit_time_real": 120, "limit_time_real_cron": -1, **options}
        self.enterContext(patch.object(transactions, "config", values))

    def worker(self, age):
        """A worker process that was started so many seconds ago."""
        self.enterContext(patch.dict(transactions._process, began=self.now - age))

    def work(self, cursor, seconds):
        with transactions.in_job(cursor):
            self.now += seconds

    def left(self, cursor):
        with transactions.in_job(cursor):
            return round(transactions.seconds_left())

    def test_threads_count_from_the_first_action_of_the_pass(self):
        cursor = Cursor()
        self.assertEqual(self.left(cursor), 110)
        self.work(cursor, 30)
        self.assertEqual(self.left(cursor), 80, "the actions of one pass share the limit")
        self.assertEqual(self.left(Cursor()), 110)

    def test_processes_count_from_before_the_worker_slept(self):
        self.server(workers=2)
        self.worker(age=5000)
        self.assertEqual(self.left(Cursor()), 40, "nobody knows how long it slept: 70 seconds at most")
        self.now += 20
        second = Cursor()
        self.assertEqual(self.left(second), 90, "it ended its last action 20 seconds ago")
        self.work(second, 50)
        self.assertEqual(self.left(second), 40)
        self.now += 3000
        self.assertEqual(self.left(Cursor()), 40)

    def test_a_young_process_has_not_slept_longer_than_it_lives(self):
        self.server(workers=2)
        self.worker(age=12)
        self.assertEqual(self.left(Cursor()), 98)

    def test_an_action_that_begins_late_begins_anew(self):
        self.server(workers=2)
        self.worker(age=5000)
        with transactions.in_job(Cursor()):
            self.assertTrue(transactions.began_late())
        cursor = Cursor()
        self.work(cursor, 60)
        with transactions.in_job(cursor):
            self.assertFalse(transactions.began_late(), "other actions before it are no reason: they end")
        self.assertFalse(transactions.began_late(), "pressed by a person")

    def test_the_limit_of_scheduled_actions_goes_before_the_general_one(self):
        self.server(limit_time_real_cron=600)
        self.assertEqual(self.left(Cursor()), 590)
        self.assertEqual(round(transactions.seconds_left()), 110, "no scheduled action")
        self.server(limit_time_real_cron=0)
        with transactions.in_job(Cursor()):
            self.assertEqual(transactions.seconds_left(), float("inf"))
            self.assertEqual(transactions.deadline(0.5, 600), self.now + 600)
        self.server(limit_time_real_cron=30)
        self.assertEqual(self.left(Cursor()), 27, "a short limit keeps most of it")

    def test_an_action_called_several_times_in_one_job_has_one_deadline(self):
        with transactions.in_job(Cursor()):
            first = transactions.deadline(0.5, 600)
            self.now += 30
            self.assertEqual(transactions.deadline(0.5, 600), first)
        self.assertEqual(first, 1055)

    def test_a_request_counts_from_its_arrival(self):
        with patch.object(threading.current_thread(), "perf_t0", time.time() - 50, create=True):
            self.assertEqual(round(transactions.seconds_left()), 60)

    def test_processor_time_is_what_the_system_leaves(self):
        used = transactions.resource.getrusage(transactions.resource.RUSAGE_SELF)
        soft = used.ru_utime + used.ru_stime + 100
        with patch.object(transactions.resource, "getrlimit", lambda _kind: (soft, -1)):
            self.assertAlmostEqual(transactions.processor_seconds_left(), 90, delta=2)

    def test_odoo_tells_of_each_scheduled_action(self):
        """The gate is in Odoo's own loop: what it runs knows its time."""
        seen = []
        cron = self.env.ref("l10n_fr_chorus_pro.cron_send")
        worker = type(self.env["chorus.worker"])
        with (
            patch.object(worker, "_cron_send", lambda _self: seen.append(transactions.seconds_left())),
            self.enter_registry_test_mode(),
        ):
            self.env["ir.cron"]._process_job(self.env.cr, self._job(cron))
        self.assertEqual([round(seconds) for seconds in seen], [110])

    def _job(self, cron):
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM ir_cron WHERE id = %s", [cron.id])
        [job] = self.env.cr.dictfetchall()
        return {**job, "done": 0, "remaining": 0, "timed_out_counter": 0}
