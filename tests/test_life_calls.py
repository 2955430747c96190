"""What the whole life of fifty invoices costs in calls to PISTE and Chorus Pro."""

from odoo.tests import tagged

from .life import LifeCommon

COUNT = 50
# Another connector asks for each status of each invoice: a token, a deposit, a report and 4 × 50 statuses.
RIVAL = 203


@tagged("post_install", "post_install_l10n", "-at_install")
class TestCallsOfALife(LifeCommon):
    """Deposit, integrated, suspended, completed, paid; whatever the simulator was asked counts."""

    printed = True

    def calls_of_a_life(self, together):
        """Play the life of fifty invoices; return the calls, token included, as {route: count}."""
        self.company.chorus_group_size = COUNT if together else 1
        # Whether archives are taken was found out with the first two invoices of the connection.
        self.deliver(self.make_invoices(2))
        moves = self.make_invoices(COUNT)
        self.simulator.control("calls", method="DELETE")
        self.connection.action_refresh_token()
        self.queue(moves)
        self.run_send()
        self.pass_time(minutes=2)
        self.run_follow()
        self.assertEqual({self.line(move).state for move in moves}, {"integrated"})
        for status in ("SUSPENDUE", "COMPLETEE", "MISE_EN_PAIEMENT"):
            ids = {item["number"]: item["id"] for item in self.simulator.ledger()["invoices"]}
            for move in moves:
                self.simulator.set_status(ids[move.name], status, "Il manque une pièce")
            # The token stays good all along.
            self.pass_time(minutes=10)
            self.run_follow()
            self.assertEqual({self.line(move).status_code for move in moves}, {status})
        self.assertEqual({self.story(move) for move in moves}, {"paid"})
        counts = self.simulator.calls()["counts"]
        deposits = 1 if together else COUNT
        self.assertEqual(counts["factures/v1/deposer/flux"], deposits)
        self.assertEqual(len(moves.chorus_line_ids.deposit_id), deposits)
        return counts

    def test_fifty_invoices_together_take_at_most_six_calls(self):
        """A token, a deposit, and a look at what changed for each status."""
        counts = self.calls_of_a_life(together=True)
        self.assertLessEqual(sum(counts.values()), 6, counts)

    def test_one_by_one_they_take_fewer_than_asking_for_each_status(self):
        counts = self.calls_of_a_life(together=False)
        self.assertLess(sum(counts.values()), RIVAL, counts)
        # Besides the deposits a token, and a look at what changed for each status.
        self.assertLessEqual(sum(counts.values()), COUNT + 10, counts)
