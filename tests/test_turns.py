"""Every step of a run has a deadline, a share and a memory: nobody waits for a gateway that hangs."""

import threading
import time
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from unittest.mock import MagicMock, patch

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.chorus_api import ChorusClient, errors
from odoo.addons.l10n_fr_chorus_pro.models.base.transactions import Wait, fresh_env, waiting
from odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_follow import WHOLE
from odoo.addons.l10n_fr_chorus_pro.worker import channel as channels
from odoo.addons.l10n_fr_chorus_pro.worker import statuses, turns
from odoo.addons.l10n_fr_chorus_pro.worker.turns import Turns
from odoo.tests import BaseCase, tagged

from .life import LifeCommon


class _Clock:
    """A clock that stands still unless somebody works."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


class _Channel:
    action = "send"

    def __init__(self, name, deadline, unserved=True):
        self.name, self.deadline, self.unserved = name, deadline, unserved
        self.place, self.env = (name, "test"), None
        self.turns = self.done_beside = 0
        self.elsewhere = ()

    @contextmanager
    def turn(self, _what):
        ours = self.name not in self.elsewhere
        self.turns += ours
        yield ours

    @contextmanager
    def lent(self, env):
        self.env = env
        yield
        self.env = None


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTurns(BaseCase):
    def setUp(self):
        super().setUp()
        # The clock is nobody's but the test's.
        self.startPatcher(patch.object(turns, "STAND_INS", 0))
        self.startPatcher(patch.object(turns, "progress"))

    def run_turns(self, seconds, works, run=60):
        """Let channels work for ``seconds`` each, or until their deadline when ``works`` names them."""
        clock = _Clock()
        made = [_Channel(name, clock.now + run) for name in seconds]

        def serve(channel):
            wanted = seconds[channel.name]
            wanted = wanted.pop(0) if isinstance(wanted, list) else wanted
            clock.now = channel.deadline if channel.name in works else clock.now + wanted

        with patch("odoo.addons.l10n_fr_chorus_pro.worker.turns.time", clock):
            left = Turns(made, serve).take()
        return left, {channel.name: channel.turns for channel in made}, clock.now - 1000

    def test_one_with_endless_work_leaves_the_others_their_turn(self):
        left, turns, used = self.run_turns({"endless": 0, **{f"c{n}": 1 for n in range(29)}}, {"endless"})
        self.assertEqual({name for name, count in turns.items() if count}, set(turns), "each had its turn")
        self.assertGreater(turns["endless"], 1, "what time is left is used")
        self.assertEqual((left, used), (1, 60))

    def test_nothing_is_done_once_the_time_is_up_and_what_is_left_is_counted(self):
        left, turns, _used = self.run_turns({f"c{n}": 5.9 for n in range(30)}, ())
        # The eleventh begins a second before the end, and is cut.
        self.assertEqual(sum(turns.values()), 11)
        self.assertEqual(left, 20)

    def idle_run(self, last, number):
        """One run of companies with nothing to do, the least recently served first; note in ``last`` which of
        them it served.

        :return: what it left, and the seconds that it took
        """
        clock = _Clock()
        made = [
            _Channel(name, clock.now + 60, unserved=not last[name]) for name in sorted(last, key=last.get)
        ]

        def serve(channel):
            # A token now and then, a look at what changed at 250 ms a call, a few transactions.
            clock.now += 0.8
            last[channel.name] = number

        with patch("odoo.addons.l10n_fr_chorus_pro.worker.turns.time", clock):
            left = Turns(made, serve).take()
        return left, clock.now - 1000

    def test_three_hundred_companies_with_nothing_to_do_are_served_by_runs_that_follow_at_once(self):
        last, spent, runs, left = dict.fromkeys(range(300), 0), 0, 0, True
        while left and runs < 9:
            runs += 1
            left, seconds = self.idle_run(last, runs)
            spent += seconds
        self.assertTrue(all(last.values()))
        # Another run begins within a minute, woken by what this one left.
        self.assertLess(spent + 60 * runs, 30 * 60)
        self.assertLessEqual(runs, 5, "and then there is peace until the next regular run")

    def test_one_gateway_that_hangs_takes_little_of_a_run_of_thirty(self):
        """A call is waited for 30 seconds at most; then the connection rests, and is not asked at all."""
        rest = 0.05
        seconds = {"hanging": [30, rest, rest], **{f"c{number}": 0.8 for number in range(29)}}
        left, turns, _used = self.run_turns(seconds, ())
        self.assertTrue(all(turns.values()), "the others have their turn in the very run")
        self.assertEqual(left, 0)
        _left, turns, used = self.run_turns(seconds, ())
        self.assertLess(turns["hanging"] * rest, 0.1 * used)

    def test_nobody_is_served_for_ever(self):
        self.assertEqual(self.run_turns({}, ())[0], 0)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestStandIn(BaseCase):
    """A turn that merely waits for the network is stood in for: real threads, which wait for each other."""

    LONG = 20

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(turns, "PATIENCE", 0.05))
        # The environment of the thread that stands in, without a database.
        self.own = MagicMock()
        self.startPatcher(patch.object(turns, "fresh_env", lambda env: nullcontext(self.own)))
        self.startPatcher(patch.object(turns, "progress"))
        self.answered, self.turns = threading.Event(), []

    def channels(self, *names):
        return [_Channel(name, time.monotonic() + self.LONG) for name in names]

    def serve(self, channel):
        """All but "hanging" are done at once; with the last of them the one that hangs is answered."""
        self.turns.append((channel.name, threading.current_thread(), channel.env))
        if channel.name == "hanging":
            with waiting():
                self.assertTrue(self.answered.wait(self.LONG), "the others waited for it")
        if channel.name == "last":
            self.answered.set()

    def test_the_others_are_served_while_one_waits_and_all_have_ended_with_the_run(self):
        left = Turns(self.channels("first", "hanging", "next", "last"), self.serve).take()
        self.assertEqual(left, 0)
        self.assertEqual([name for name, _thread, _env in self.turns], ["first", "hanging", "next", "last"])
        here, beside = threading.current_thread(), {thread for _name, thread, _env in self.turns[2:]}
        self.assertEqual({thread for _name, thread, _env in self.turns[:2]}, {here})
        self.assertEqual(len(beside - {here}), 1, "one stands in, for all of them")
        left_behind = [one for one in threading.enumerate() if one.name.startswith("chorus.stand_in")]
        self.assertEqual(left_behind, [])

    def test_who_stands_in_has_an_environment_of_its_own_and_tells_other_processes_what_it_cleared(self):
        channels = self.channels("hanging", "last")
        Turns(channels, self.serve).take()
        self.assertEqual([env for _name, _thread, env in self.turns], [None, self.own])
        self.assertIsNone(channels[1].env, "the run has its channel back")
        self.own.registry.signal_changes.assert_called_once_with()

    def test_what_falls_due_while_the_last_one_waits_is_served(self):
        asked = []

        def listed_anew(env):
            asked.append(env)
            # One that waits just now is listed too.
            listed = self.channels("hanging", "last")
            listed[1].action = "follow"
            return listed

        Turns(self.channels("hanging"), self.serve, listed_anew=listed_anew).take()
        self.assertEqual([name for name, _thread, _env in self.turns], ["hanging", "last"])
        self.assertEqual(asked[0], self.own)

    def test_the_run_waits_for_who_stands_in(self):
        """The thread of the run has come to its end first."""
        ended, over = [], threading.Event()

        def serve(channel):
            with waiting():
                if channel.name == "hanging":
                    self.answered.wait(self.LONG)
                else:
                    self.answered.set()
                    over.wait(self.LONG)
            ended.append(channel.name)

        def told(_run):
            over.set()

        with patch.object(turns.Turns, "_tell_progress", told):
            Turns(self.channels("hanging", "last"), serve).take()
        self.assertEqual(ended, ["hanging", "last"])

    def test_nobody_stands_in_for_one_that_works(self):
        """Pages are printed: no other turn begins beside, however long that takes."""
        begun = threading.Event()

        def serve(channel):
            if channel.name == "busy":
                self.assertFalse(begun.wait(10 * turns.PATIENCE))
            begun.set()

        Turns(self.channels("busy", "last"), serve).take()
        self.assertTrue(begun.is_set())

    def test_files_that_come_back_are_no_wait(self):
        """A wait of which something comes counts from what came last."""
        wait, moved = Wait(), time.monotonic() - 60
        with wait.of_this_thread():
            with waiting(lambda: moved):
                self.assertGreater(wait.seconds(), 59)
                with waiting():
                    self.assertLess(wait.seconds(), 59)
                moved = time.monotonic()
                self.assertLess(wait.seconds(), 59)
            self.assertEqual(wait.seconds(), 0)
        with waiting():
            self.assertEqual(wait.seconds(), 0, "of another turn, or of none")

    def test_what_was_done_beside_is_told_by_the_thread_of_the_run(self):
        told = []

        def serve(channel):
            self.serve(channel)
            channel.done_beside = 3 * (channel.name == "last")

        def tell(env, done):
            told.extend([(env, done, threading.current_thread())] if done else ())

        with patch.object(turns, "progress", tell):
            Turns(self.channels("hanging", "last"), serve).take()
        self.assertEqual(told, [(None, 3, threading.current_thread())])

    def test_without_another_connection_the_run_serves_all_by_itself(self):
        """The pool of connections is full: the channel stays with the run, in its place."""
        tried = threading.Event()

        def refused(_env):
            tried.set()
            raise RuntimeError("The Connection Pool Is Full")

        def serve(channel):
            self.turns.append(channel.name)
            if channel.name == "hanging":
                with waiting():
                    self.assertTrue(tried.wait(self.LONG))

        with patch.object(turns, "fresh_env", refused), self.assertLogs(turns._logger, "ERROR"):
            left = Turns(self.channels("hanging", "next", "last"), serve).take()
        self.assertEqual((left, self.turns), (0, ["hanging", "next", "last"]))

    def test_when_the_system_gives_no_thread_all_are_served(self):
        refuse = patch.object(threading.Thread, "start", side_effect=RuntimeError("can't start new thread"))
        with refuse, self.assertLogs(turns._logger, "WARNING"):
            left = Turns(self.channels("first", "last"), self.serve).take()
        self.assertEqual((left, len(self.turns)), (0, 2))


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTurnsOfARun(LifeCommon):
    def searches(self, answer=None):
        """Record the searches of invoices; ``answer(search)`` may raise."""
        asked = []
        search = ChorusClient.iter_invoices

        def record(client, criteria, **options):
            asked.append(criteria)
            if answer:
                answer(criteria)
            return search(client, criteria, **options)

        self.startPatcher(patch.object(ChorusClient, "iter_invoices", record))
        return asked

    def woken(self, what):
        cron = self.env.ref(f"l10n_fr_chorus_pro.cron_{what}")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    def test_of_many_only_those_with_something_due_are_asked_about_again_within_minutes(self):
        self.startPatcher(patch.object(turns, "FEW", 0))
        self.deliver()
        self.run_follow()
        asked = self.searches()
        self.run_follow()
        self.assertEqual(asked, [], "it had its turn just now, and nothing is due")
        self.queue(self.make_invoice())
        self.run_send()
        self.pass_time(minutes=1)
        self.run_follow()
        self.assertTrue(asked, "its report is due")
        asked.clear()
        self.pass_time(minutes=11)
        self.run_follow()
        self.assertTrue(asked, "its turn has come")

    def test_a_run_without_time_asks_nothing_and_wakes_the_next_one(self):
        self.deliver()
        self.connection.follow_turn_at = False
        self.env["ir.cron.trigger"].search([]).unlink()
        asked = self.searches()
        with (
            patch.object(channels, "run_deadline", lambda: time.monotonic() - 1),
            patch(
                "odoo.addons.l10n_fr_chorus_pro.models.chorus_worker.run_deadline",
                lambda: time.monotonic() - 1,
            ),
        ):
            self.run_follow()
        self.assertEqual(asked, [])
        self.assertTrue(self.woken("follow"))

    def test_a_gateway_that_does_not_answer_is_left_alone_after_the_first_time_out(self):
        moves = self.make_invoices(3)
        self.queue(moves)

        posted = []

        def hang(_client, *_args, **_options):
            posted.append(1)
            raise errors.OutcomeUnknown("answer_timeout")

        with patch.object(ChorusClient, "deposit_flow", hang):
            self.run_send()
            self.assertEqual(len(posted), 1)
            self.assertTrue(self.connection._is_resting())
            self.run_send()
            self.assertEqual(len(posted), 1, "it rests")

    def test_lost_requests_at_a_gateway_that_hangs_take_one_time_out(self):
        moves = self.deliver(self.make_invoices(3))
        lines = moves.chorus_line_ids
        for line in lines:
            self.env["chorus.request"].sudo().create(
                {
                    "line_id": line.id,
                    "kind": "complete",
                    "state": "unknown",
                    "called_at": fields.Datetime.now(),
                }
            )

        def hang(_criteria):
            raise errors.Unavailable("answer_timeout")

        asked = self.searches(hang)
        self.run_follow()
        self.assertEqual(len(asked), 1)
        self.assertTrue(self.connection._is_resting())

    def test_the_full_check_goes_on_where_its_deadline_cut_it_and_changes_are_asked_for_first(self):
        moves = self.deliver(self.make_invoices(2))
        self.pass_time(days=20)
        self.connection.write({"full_check_at": False, "full_check_days": 7, "window_state": "honoured"})
        asked = self.searches()
        with patch.object(channels.Channel, "time_is_up", lambda _channel: len(asked) > 2):
            self.run_follow()
        self.assertTrue(asked[0].status_changed_from, "what changed comes first")
        self.assertEqual(len(asked), 3)
        goes_on = self.connection.full_check_from
        self.assertEqual(goes_on, asked[2].deposited_to + timedelta(days=1))
        self.assertFalse(self.connection.full_check_at)
        first = len(asked)
        self.run_follow()
        again = [search for search in asked[first:] if search.deposited_from]
        self.assertEqual(again[0].deposited_from, goes_on)
        self.assertTrue(self.connection.full_check_at)
        self.assertFalse(self.connection.full_check_from)
        self.assertEqual(self.connection.full_check_days, 14)
        self.assertEqual({self.line(move).state for move in moves}, {"integrated"})

    def test_a_part_that_does_not_fit_is_asked_for_in_smaller_ones(self):
        self.deliver()
        self.connection.full_check_at = False

        def too_many(search):
            if search.deposited_from:
                raise errors.BadAnswer("too_many_pages")

        asked = self.searches(too_many)
        self.run_follow()
        self.assertTrue(any(search.deposited_from for search in asked))
        self.assertEqual(self.connection.full_check_days, WHOLE // 4)
        self.assertFalse(self.connection.full_check_at)

    def test_a_full_check_that_is_days_old_is_told_once_until_it_has_ended(self):
        self.deliver()
        self.pass_time(days=5)
        old = fields.Datetime.now() - timedelta(days=4)
        self.connection.write({"full_check_at": old, "full_check_days": 1})
        asked = self.searches()
        with patch.object(channels.Channel, "time_is_up", lambda _channel: len(asked) > 1):
            self.run_follow()
        told = self.env["mail.activity"].search([("summary", "ilike", "daily check")])
        self.assertEqual(len(told), 1)
        self.run_follow()
        self.assertFalse(told.exists())

    def late_checks_told(self):
        return self.env["mail.activity"].search([("summary", "ilike", "daily check")])

    def watch(self):
        """The daily look after the connections."""
        self.env.flush_all()
        with fresh_env(self.env) as env:
            env["chorus.connection"]._cron_watch_connections()
        self.env.invalidate_all()

    def test_a_full_check_that_never_ended_is_told(self):
        self.deliver()
        self.pass_time(days=5)
        self.connection.write({"full_check_at": False, "full_check_days": 1})
        asked = self.searches()
        with patch.object(channels.Channel, "time_is_up", lambda _channel: len(asked) > 1):
            self.run_follow()
        self.assertEqual(len(self.late_checks_told()), 1)

    def test_a_full_check_that_fails_each_time_is_told(self):
        self.deliver()

        def broken(search):
            if search.deposited_from:
                raise errors.BadAnswer("not_json")

        self.searches(broken)
        self.pass_time(days=2)
        self.run_follow()
        self.assertFalse(self.late_checks_told(), "two days are not many")
        self.pass_time(days=2)
        self.run_follow()
        self.assertEqual(len(self.late_checks_told()), 1)

    def test_a_full_check_that_no_run_comes_to_is_told_by_the_daily_look(self):
        self.deliver()
        self.startPatcher(patch.object(statuses.Statuses, "check_all", lambda _statuses: None))
        self.pass_time(days=2)
        self.watch()
        self.assertFalse(self.late_checks_told())
        self.pass_time(days=2)
        self.watch()
        self.watch()
        self.assertEqual(len(self.late_checks_told()), 1)

    def test_a_late_check_stays_told_when_the_connection_recovers(self):
        self.deliver()
        self.pass_time(days=5)
        self.connection.write({"full_check_days": 1})
        asked = self.searches()
        with patch.object(channels.Channel, "time_is_up", lambda _channel: len(asked) > 1):
            self.run_follow()
            self.assertEqual(len(self.late_checks_told()), 1)
            self.connection.sudo()._report_failure(errors.RateLimited("http_429"))
            self.pass_time(hours=1)
            asked.clear()
            self.run_follow()
        self.assertFalse(self.connection.rest_count, "it works again")
        self.assertEqual(len(self.late_checks_told()), 1)

    def test_nothing_open_means_no_late_check(self):
        move = self.deliver()
        self.buyer(move, "MISE_EN_PAIEMENT")
        self.pass_time(days=20)
        self.watch()
        # One that has just been sent has not been waiting.
        self.queue(self.make_invoice())
        self.run_send()
        self.watch()
        self.assertFalse(self.late_checks_told())
