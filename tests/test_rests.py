"""What made a connection rest must work before it is relied on again: another answer is no proof."""

from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro import chorus_api
from odoo.addons.l10n_fr_chorus_pro.chorus_api import ChorusClient, errors
from odoo.addons.l10n_fr_chorus_pro.models.connection import chorus_connection_rest
from odoo.addons.l10n_fr_chorus_pro.models.notice.chorus_notice import TO_ACT
from odoo.tests import tagged

from .common import ENGAGEMENT_DUTY, NO_DUTY, SERVICE_DUTY, OneByOne
from .life import SEARCH, LifeCommon


class _Death(BaseException):
    """The process that sends is killed: nothing catches it."""


@tagged("post_install", "post_install_l10n", "-at_install")
class TestDepositsThatHang(LifeCommon):
    """Deposits are not answered in time; what is asked beside them is, at once."""

    AT_ONCE = 4
    printed = True

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(OneByOne, "together", self.AT_ONCE))
        self.connection.group_state = "refused"
        # What a deposit meets: an error, or None; when one was tried.
        self.meets, self.tried = errors.OutcomeUnknown("answer_timeout"), []
        deposit_flow = ChorusClient.deposit_flow

        def deposit(client, *args, **options):
            self.tried.append(fields.Datetime.now())
            if self.meets:
                raise self.meets
            return deposit_flow(client, *args, **options)

        self.startPatcher(patch.object(ChorusClient, "deposit_flow", deposit))

    def hang(self, count=12):
        """An invoice is at the buyer's; of the others, as many as leave together have got no answer."""
        error, self.meets = self.meets, None
        self.deliver()
        self.meets = error
        self.tried.clear()
        moves = self.make_invoices(count)
        self.queue(moves)
        self.run_send()
        self.assertEqual(len(self.tried), min(self.AT_ONCE, count))
        return moves

    def run_both(self):
        self.run_follow()
        self.run_send()

    def next_try(self):
        """Let the rest go by, with both actions at its beginning, near its end and after it; return how many
        files are tried then."""
        tried = len(self.tried)
        for share in (0, 0.5, 0.45):
            rest = self.connection.deposit_rest_until - fields.Datetime.now()
            self.pass_time(seconds=rest.total_seconds() * share)
            self.run_both()
            self.assertEqual(len(self.tried), tried, "nothing leaves while it rests")
        # The connection itself rests too, for less, and is asked something small after it.
        self.pass_time(seconds=rest.total_seconds() + 60)
        self.run_both()
        return len(self.tried) - tried

    def told(self):
        kind = self.env.ref(TO_ACT["test"])
        return self.connection.sudo().activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def test_one_file_is_risked_after_each_rest_and_the_rests_grow(self):
        moves = self.hang()
        self.assertEqual([self.next_try() for _rest in range(6)], [1] * 6)
        alone = self.tried[self.AT_ONCE - 1 :]
        gaps = [after - before for before, after in pairwise(alone)]
        for gap, minutes in zip(gaps, (1, 2, 5, 10, 20, 40), strict=True):
            self.assertGreaterEqual(gap, timedelta(minutes=minutes * 0.8))
        states = [self.line(move).state for move in moves]
        self.assertEqual(states.count("unconfirmed"), len(self.tried), "the others wait untouched")
        self.assertEqual(states.count("ready") + states.count("queued"), len(moves) - len(self.tried))

    def test_what_chorus_pro_holds_is_followed_meanwhile(self):
        self.hang(5)
        self.next_try()
        # The connection itself rests for one minute, deposits now for two.
        self.pass_time(seconds=73)
        self.assertTrue(self.connection._deposits_rest())
        [before] = self.calls_of(SEARCH)
        self.run_follow()
        self.assertGreater(self.calls_of(SEARCH), [before])

    def test_a_good_deposit_ends_it_and_all_others_leave(self):
        moves = self.hang(9)
        self.next_try()
        self.meets = None
        self.next_try()
        self.assertEqual(len(self.tried), len(moves), "in the same run")
        states = [self.line(move).state for move in moves]
        self.assertEqual((states.count("sent"), states.count("unconfirmed")), (4, 5))
        self.assertFalse(self.connection.deposit_rest_count)
        # Once more like any first time.
        self.meets = errors.OutcomeUnknown("answer_timeout")
        self.tried.clear()
        self.queue(self.make_invoices(6))
        self.run_send()
        self.assertEqual(len(self.tried), self.AT_ONCE)

    def test_a_file_that_is_refused_in_time_lets_the_next_one_try(self):
        moves = self.hang(7)
        self.meets = errors.Refused("refused", remote_code=20999, remote_label="NON")
        self.assertEqual(self.next_try(), 3, "one after the other, and no answer is missing")
        states = [self.line(move).state for move in moves]
        self.assertEqual((states.count("unconfirmed"), states.count("failed")), (self.AT_ONCE, 3))
        self.assertTrue(self.connection.deposit_rest_count, "no file was taken: the next one goes alone too")

    def test_whatever_leaves_the_one_file_doubtful_makes_the_others_wait_on(self):
        self.hang(7)
        self.meets = errors.OutcomeUnknown("server_error", http_status=502)
        self.assertEqual(self.next_try(), 1)
        rest = self.connection.deposit_rest_until - fields.Datetime.now()
        self.assertGreater(rest, timedelta(minutes=1))

    def test_a_process_that_dies_over_it_has_had_the_one_try(self):
        self.hang(7)
        self.meets = _Death()
        # Not assertRaises, which takes back what was written.
        with suppress(_Death):
            self.next_try()
            self.fail("it lives")
        self.env.invalidate_all()
        self.meets = errors.OutcomeUnknown("answer_timeout")
        self.assertEqual(self.next_try(), 1)
        self.end_run()

    def test_a_person_is_told_of_what_lasts_once_and_only_a_good_deposit_closes_it(self):
        self.hang(14)
        for told in (0, 0, 0, 1, 1):
            self.next_try()
            self.assertEqual(len(self.told()), told, "a short stop is nobody's business")
        self.assertIn("no answer", self.told().note)
        self.meets = None
        self.next_try()
        self.assertFalse(self.told())


class _Gateway:
    """Lets operations of the client time out by name, and notes when each was asked."""

    def __init__(self, case, *names):
        self.hangs, self.asked = set(), []
        for name in names:
            case.startPatcher(patch.object(ChorusClient, name, self._around(name)))

    def _around(self, name):
        call = getattr(ChorusClient, name)

        def timed(client, *args, **options):
            self.asked.append(name)
            if name in self.hangs:
                raise errors.Unavailable("answer_timeout")
            return call(client, *args, **options)

        return timed


@tagged("post_install", "post_install_l10n", "-at_install")
class TestLookUpsOfOneThatHangs(LifeCommon):
    """The scheduled refresh of the directory, and what goes by itself, leave a resting connection alone."""

    printed = True

    def setUp(self):
        super().setUp()
        self.gateway = _Gateway(self, "search_structures", "search_invoices")
        for siret in (NO_DUTY, SERVICE_DUTY):
            self.make_customer(siret)
        self.cron = self.env.ref("l10n_fr_chorus_pro.cron_directory")

    def refresh(self):
        self.env.flush_all()
        self.cron.method_direct_trigger()
        self.env.invalidate_all()
        asked = list(self.gateway.asked)
        self.gateway.asked.clear()
        return asked

    def looked_up(self):
        found = self.env["chorus.structure"].search(
            [("siret", "in", (NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY))]
        )
        return set(found.filtered("looked_up_at").mapped("siret"))

    def rest_out(self):
        rest = self.connection.rest_until - fields.Datetime.now()
        self.pass_time(seconds=rest.total_seconds() + 1)

    def test_one_time_out_then_it_rests_and_the_refresh_goes_on_where_it_stopped(self):
        self.gateway.hangs = {"search_structures", "search_invoices"}
        self.assertEqual(self.refresh(), ["search_structures"], "one call has waited, no other one does")
        self.assertTrue(self.connection._is_resting())
        self.assertEqual(self.refresh(), [], "it rests")
        wakings = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)]).mapped("call_at")
        self.assertIn(self.connection.rest_until, wakings)
        self.rest_out()
        self.assertEqual(self.refresh(), ["search_invoices"], "something small")
        self.assertEqual(self.connection.rest_count, 2)
        self.rest_out()
        self.gateway.hangs = set()
        self.assertEqual(self.refresh().count("search_invoices"), 1)
        self.assertLessEqual({NO_DUTY, SERVICE_DUTY}, self.looked_up())
        self.assertFalse(self.connection.rest_count or self.connection.timed_out)

    def test_a_fault_that_others_met_is_honoured(self):
        self.connection._report_failure(errors.RateLimited("rate_limited"))
        self.assertEqual(self.refresh(), [])
        self.rest_out()
        self.refresh()
        self.assertLessEqual({NO_DUTY, SERVICE_DUTY}, self.looked_up())

    def test_an_account_that_may_not_look_up_but_deposits_does_not_rest(self):
        self.simulator.fault("structures/v1/rechercher", "empty_403", count=None)
        self.refresh()
        self.assertFalse(self.connection._is_resting())

    def test_a_look_up_before_a_sending_that_times_out_has_it_rest(self):
        self.gateway.hangs = {"search_structures"}
        self.queue(self.make_invoice())
        self.run_send()
        self.assertTrue(self.connection._is_resting())
        self.assertEqual(self.gateway.asked, ["search_structures"])

    def test_what_goes_by_itself_has_the_connection_answer_something_small_and_looks_up(self):
        """Nothing else waits: nobody but the automatic sending would ask it anything."""
        self.company.chorus_responsible_id = self.accountant
        self.deliver()
        self.company.with_user(self.administrator).chorus_sending = "posting"
        self.connection.sudo().write(
            {"timed_out": True, "rest_count": 1, "rest_until": fields.Datetime.now() - timedelta(minutes=1)}
        )
        self.customer = self.make_customer(ENGAGEMENT_DUTY)
        move = self.make_invoice(post=False)
        move.with_user(self.accountant).action_post()
        self._print(move)
        self.gateway.asked.clear()
        self.run_send()
        self.assertEqual(self.gateway.asked[:2], ["search_invoices", "search_structures"])
        self.assertFalse(self.connection.timed_out)
        self.assertFalse(move.chorus_line_ids, "what its buyer requires is known before it is queued")
        self.assertIn("engagement", move.chorus_auto_note)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestProbes(LifeCommon):
    """A gateway that let a call time out is asked something small before anything else."""

    def setUp(self):
        super().setUp()
        # What the gateway takes for an answer, in seconds; the calls that it was asked, with their limits.
        self.takes, self.asked = 0, []
        self.around("deposit_flow", errors.OutcomeUnknown)
        self.around("search_invoices", errors.Unavailable)

    def around(self, name, error):
        """Let an operation take as long as the gateway does, or time out."""
        call = getattr(ChorusClient, name)

        def timed(client, *args, **options):
            settings = client.settings
            seconds = min(settings.read_timeout, settings.call_deadline)
            self.asked.append((name, seconds))
            if self.takes > seconds:
                raise error("answer_timeout")
            return call(client, *args, **options)

        self.startPatcher(patch.object(ChorusClient, name, timed))

    def hang(self):
        """An invoice is at the buyer's, another one waits; the gateway takes calls and answers none, until
        the first has timed out."""
        self.deliver()
        self.queue(self.make_invoice())
        self.takes = 3600
        self.run_follow()
        self.assertTrue(self.connection._is_resting())

    def rest_out(self):
        """Let time pass until the rest has ended; return how long it was."""
        rest = self.connection.rest_until - fields.Datetime.now()
        self.pass_time(seconds=rest.total_seconds() + 1)
        self.asked.clear()
        return rest.total_seconds()

    def test_a_gateway_that_hangs_takes_a_tenth_of_the_time_at_most_and_no_deposit(self):
        self.hang()
        limits = []
        for _try in range(7):
            rest = self.rest_out()
            self.run_send()
            [(name, limit)] = self.asked
            self.assertEqual(name, "search_invoices", "nothing that changes anything")
            self.assertLessEqual(limit / (limit + rest), 0.1)
            limits.append(limit)
            self.run_follow()
            self.assertEqual(len(self.asked), 1, "it rests for both actions")
        self.assertEqual(limits, [5, 10, 20, 30, 30, 30, 30])

    def test_following_asks_the_same(self):
        self.hang()
        self.rest_out()
        self.run_follow()
        self.run_send()
        self.assertEqual(self.asked, [("search_invoices", 5)])

    def test_a_gateway_that_is_slow_is_given_more_time_each_try_and_then_all_of_it(self):
        self.hang()
        self.takes = 8
        self.rest_out()
        self.run_send()
        self.assertEqual(self.asked, [("search_invoices", 5)])
        self.rest_out()
        self.run_send()
        self.assertEqual(self.asked[0], ("search_invoices", 10))
        self.assertEqual([limit for name, limit in self.asked if name == "deposit_flow"], [30])
        self.run_follow()
        self.assertFalse(self.connection._is_resting())
        self.asked.clear()
        self.pass_time(minutes=20)
        self.run_follow()
        self.assertEqual({limit for _name, limit in self.asked}, {30}, "no probe of one that works")
        self.assertFalse(self.connection.rest_count)

    def test_an_answer_is_an_answer_whatever_it_says(self):
        self.hang()
        self.takes = 0
        self.rest_out()
        self.simulator.fault(SEARCH, "refusal", count=1, code=20999, label="INCONNU")
        self.run_send()
        self.assertEqual([name for name, _limit in self.asked], ["search_invoices", "deposit_flow"])

    def test_an_account_that_may_not_list_but_deposits_is_not_locked_out(self):
        self.hang()
        self.takes = 0
        self.rest_out()
        self.simulator.fault(SEARCH, "empty_403", count=1)
        self.run_send()
        self.assertEqual([name for name, _limit in self.asked], ["search_invoices", "deposit_flow"])

    def test_a_line_that_drops_is_none(self):
        self.hang()
        self.takes = 0
        self.rest_out()
        self.simulator.fault(SEARCH, "drop_before", count=1)
        self.run_send()
        self.assertEqual([name for name, _limit in self.asked], ["search_invoices"])
        self.assertTrue(self.connection._is_resting())

    def test_a_probe_that_is_under_way_elsewhere_is_left_to_that_worker(self):
        self.hang()
        self.rest_out()

        @contextmanager
        def taken(*_args):
            yield False

        with patch.object(chorus_connection_rest, "advisory_lock", taken):
            self.run_send()
        self.assertEqual(self.asked, [])

    def test_the_token_of_a_probe_has_no_longer_than_the_probe(self):
        self.hang()
        self.connection.sudo().token_expiry = False
        self.takes = 0
        self.rest_out()
        patience = []

        def no_token(*_args, settings, **_options):
            patience.append(settings.token_deadline)
            raise errors.Unavailable("answer_timeout")

        with patch.object(chorus_api, "fetch_token", no_token):
            self.run_send()
        self.assertEqual((patience, self.asked), ([5], [("search_invoices", 5)]))
        self.assertTrue(self.connection._is_resting())

    def test_a_person_asks_whenever_she_likes(self):
        self.around("invoice_history", errors.Unavailable)
        self.hang()
        self.takes = 0
        self.asked.clear()
        self.connection.action_refresh_token()
        move = (
            self.connection.env["chorus.deposit.line"].search([("state", "=", "integrated")], limit=1).move_id
        )
        move.with_user(self.accountant).action_chorus_history()
        self.assertEqual(self.asked, [("invoice_history", 30)])
