from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .life import HISTORY, SEARCH, LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFollowing(LifeCommon):
    """What changed since the last look, in a handful of calls, whatever the server does to the window."""

    def setUp(self):
        super().setUp()
        self.company.chorus_group_size = 50
        self.connection.group_state = "proven"
        self.moves = self.deliver(self.make_invoices(4))
        self.run_follow()
        self.assertEqual(self.connection.window_state, "honoured")

    def follow_calls(self):
        """All calls that one look at Chorus Pro makes, by route."""
        before = self.simulator.calls()["counts"]
        self.run_follow()
        after = self.simulator.calls()["counts"]
        made = {route: count - before.get(route, 0) for route, count in after.items()}
        return {route: count for route, count in made.items() if count}

    def test_changes_cost_one_call(self):
        for move in self.moves[:3]:
            self.buyer(move, "MANDATEE", follow=False)
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1})
        self.assertEqual([self.story(move) for move in self.moves], ["approved"] * 3 + ["integrated"])

    def test_nothing_new_costs_one_call(self):
        self.pass_time(minutes=30)
        self.assertEqual(self.follow_calls(), {SEARCH: 1})

    def test_whole_life_of_a_group_in_fifteen_calls(self):
        """Deposit, integrated, suspended, completed, paid: the calls do not depend on how many there are."""
        moves = self.make_invoices(5)
        before = sum(self.simulator.calls()["counts"].values())
        self.deliver(moves)
        for status in ("SUSPENDUE", "COMPLETEE", "MANDATEE", "MISE_EN_PAIEMENT"):
            for move in moves:
                self.buyer(move, status, "Question", follow=False)
            self.pass_time(minutes=30)
            self.run_follow()
        self.assertEqual({self.story(move) for move in moves}, {"paid"})
        self.assertLessEqual(sum(self.simulator.calls()["counts"].values()) - before, 15)

    def test_small_pages_lose_nothing(self):
        self.simulator.fault(SEARCH, "page_cap", n=1)
        for move in self.moves:
            self.buyer(move, "MANDATEE", follow=False)
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertEqual({self.story(move) for move in self.moves}, {"approved"})

    def test_ignored_window_is_noticed_and_every_status_arrives(self):
        self.pass_time(days=3)
        self.buyer(self.moves[0], "MANDATEE")
        self.simulator.fault(SEARCH, "filter_ignored")
        # The old statuses of the others come back although they were not asked for.
        self.buyer(self.moves[1], "SUSPENDUE", "Question")
        self.assertEqual(self.connection.window_state, "ignored")
        self.assertEqual(self.story(self.moves[0]), "approved")
        self.assertEqual(self.story(self.moves[1]), "suspended")
        self.buyer(self.moves[2], "REJETEE", "Non")
        self.assertEqual(self.story(self.moves[2]), "refused")

    def test_window_that_hides_a_change_is_found_out_by_the_full_check(self):
        self.buyer(self.moves[0], "MANDATEE", follow=False)
        self.pass_time(hours=2)
        self.connection.followed_until = fields.Datetime.now()
        self.run_follow()
        self.assertEqual(self.story(self.moves[0]), "integrated", "hidden so far")
        self.pass_time(hours=25)
        self.run_follow()
        self.assertEqual(self.story(self.moves[0]), "approved")
        self.assertEqual(self.connection.window_state, "ignored")

    def test_failure_in_the_middle_forgets_nothing(self):
        self.buyer(self.moves[0], "MANDATEE", follow=False)
        self.pass_time(minutes=5)
        self.simulator.fault(SEARCH, "http_500", count=1)
        self.run_follow()
        self.pass_time(hours=3)
        self.run_follow()
        self.assertEqual(self.story(self.moves[0]), "approved")

    def test_open_invoices_that_no_list_shows_take_turns(self):
        """Deposited by hand and never found: each is looked up by its number, and none for ever alone."""
        limit = "odoo.addons.l10n_fr_chorus_pro.worker.statuses.MAX_SINGLE_LOOKUPS"
        self.startPatcher(patch(limit, 1))
        moves = self.make_invoices(2)
        for move in moves:
            identity = move._chorus_identities("test")[move.id]
            move.with_user(self.accountant)._chorus_hand_line("test", identity)
        for _day in range(2):
            self.pass_time(hours=25)
            self.run_follow()
        self.assertTrue(all(self.line(move).looked_up_at for move in moves))

    def test_words_of_the_buyer_are_told_in_order(self):
        move = self.moves[0]
        self.buyer(move, "SUSPENDUE", "Il manque une pièce")
        self.buyer(move, "COMPLETEE")
        events = move.chorus_event_ids.sorted("at")
        self.assertEqual(events.mapped("code")[-2:], ["SUSPENDUE", "COMPLETEE"])
        self.assertEqual(events[-2].comment, "Il manque une pièce")
        self.assertTrue(events[-2].sentence)

    def test_reason_that_stands_in_the_history_only(self):
        self.simulator.control("settings", {"comments_in_search": False})
        self.buyer(self.moves[0], "SUSPENDUE", "Il manque le procès-verbal", follow=False)
        self.buyer(self.moves[1], "MANDATEE", "Bon pour paiement", follow=False)
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1, HISTORY: 1})
        line = self.line(self.moves[0])
        self.assertEqual((line.status_code, line.status_comment), ("SUSPENDUE", "Il manque le procès-verbal"))
        self.assertIn("Il manque le procès-verbal", str(self.moves[0].activity_ids.note))
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1})
        self.assertEqual(self.line(self.moves[0]).status_comment, "Il manque le procès-verbal")

    def test_reason_of_a_status_that_the_search_does_not_date(self):
        self.simulator.control("settings", {"comments_in_search": False, "status_dates_in_search": False})
        self.buyer(self.moves[0], "REJETEE", "Montant erroné", follow=False)
        self.connection.window_state = "ignored"
        self.pass_time(minutes=5)
        self.run_follow()
        self.assertEqual(self.line(self.moves[0]).status_comment, "Montant erroné")
        self.assertEqual(self.moves[0].chorus_message, "Montant erroné")
        self.assertIn("Montant erroné", str(self.moves[0].activity_ids.note))

    def test_reason_that_nobody_gave_is_looked_for_once(self):
        for status in ("SUSPENDUE", "A_RECYCLER"):
            self.buyer(self.moves[0], status, follow=False)
            self.pass_time(minutes=5)
            self.assertEqual(self.follow_calls(), {SEARCH: 1, HISTORY: 1})
            self.pass_time(minutes=5)
            self.assertEqual(self.follow_calls(), {SEARCH: 1})
        self.assertEqual(self.story(self.moves[0]), "recycle")

    def test_history_that_does_not_come_is_asked_again_and_stops_nothing(self):
        self.simulator.control("settings", {"comments_in_search": False})
        for move in self.moves[:2]:
            self.buyer(move, "SUSPENDUE", "Il manque une pièce", follow=False)
        self.simulator.fault(HISTORY, "http_500", count=1)
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1, HISTORY: 2})
        told = [self.line(move).status_comment for move in self.moves[:2]]
        self.assertEqual(told.count("Il manque une pièce"), 1)
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1, HISTORY: 1}, "the changes alone, and what is left")
        self.assertEqual(self.line(self.moves[0]).status_comment, self.line(self.moves[1]).status_comment)

    def test_history_that_cannot_be_read_stops_nothing(self):
        self.simulator.fault(HISTORY, "refusal", count=None)
        for move in self.moves[:2]:
            self.buyer(move, "SUSPENDUE", follow=False)
        self.pass_time(minutes=5)
        self.assertEqual(self.follow_calls(), {SEARCH: 1, HISTORY: 2})
        self.buyer(self.moves[2], "MANDATEE")
        self.assertEqual([self.story(move) for move in self.moves[:3]], ["suspended"] * 2 + ["approved"])
