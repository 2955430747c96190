from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestOverview(LifeCommon):
    """The figures of the morning: each counts what it opens."""

    environment = "production"

    def overview(self):
        self.env.invalidate_all()
        books = self.env["chorus.overview"].with_user(self.accountant)
        return books.with_company(self.company).get_overview()

    def counters(self):
        return {counter["key"]: counter["count"] for counter in self.overview()["counters"]}

    def test_each_counter_counts_what_it_opens(self):
        self.assertEqual(
            self.counters(), {"to_send": 0, "in_progress": 0, "to_act": 0, "overdue": 0, "paid": 0}
        )
        moves = self.make_invoices(4)
        self.assertEqual(self.counters()["to_send"], 4)
        self.deliver(moves[:3])
        self.buyer(moves[0], "SUSPENDUE", "Il manque une pièce")
        self.buyer(moves[1], "MISE_EN_PAIEMENT")
        counted = self.counters()
        self.assertEqual(counted, {"to_send": 1, "in_progress": 1, "to_act": 1, "overdue": 0, "paid": 1})
        (delay,) = self.overview()["delays"]
        self.assertIn(delay["days"], (0, 1), "paid at once, at most over midnight")
        books = self.env["chorus.overview"].with_user(self.accountant)
        for key, count in counted.items():
            action = books.open_counter(key)
            self.assertEqual(
                self.env["account.move"].search_count(
                    [*action["domain"], ("company_id", "=", self.company.id)]
                ),
                count,
                key,
            )

    def test_what_is_to_be_acted_on_is_listed_with_what_to_do(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le bon de livraison")
        action = self.env["chorus.overview"].with_user(self.accountant).open_counter("to_act")
        view = action["views"][0][0]
        moves = self.env["account.move"].with_user(self.accountant)
        self.assertIn("chorus_sentence", moves.get_view(view, "list")["models"]["account.move"])
        self.assertIn("Complete the invoice", moves.search(action["domain"]).chorus_sentence)

    def test_delays_and_reasons(self):
        moves = self.deliver(self.make_invoices(2))
        self.pass_time(days=40)
        self.buyer(moves[0], "MISE_EN_PAIEMENT")
        self.buyer(moves[1], "REJETEE", "Prestation non commandée")
        shown = self.overview()
        self.assertEqual([row["partner_id"] for row in shown["delays"]], [self.customer.id])
        self.assertIn(shown["delays"][0]["days"], (39, 40, 41))
        self.assertEqual(shown["delays"][0]["legal"], 30)
        self.assertEqual([row["text"] for row in shown["reasons"]], ["Prestation non commandée"])

    def test_each_reason_opens_what_it_counts(self):
        moves = self.deliver(self.make_invoices(4))
        self.buyer(moves[0], "REJETEE", "Prestation non commandée\r\n  Prix faux ")
        self.buyer(moves[1], "REJETEE", "Prix faux")
        self.buyer(moves[2], "SUSPENDUE", "Prix faux, et plus encore")
        self.buyer(moves[3], "REJETEE")
        opened = {}
        for row in self.overview()["reasons"]:
            lines = self.env["chorus.deposit.line"].with_user(self.accountant).search(row["domain"])
            self.assertEqual(len(lines), row["count"], row["text"])
            opened[row["text"]] = lines.move_id.sorted("id")
        label = self.line(moves[3], "production").status_label
        self.assertEqual(
            opened,
            {
                "Prix faux": moves[0] + moves[1],
                "Prestation non commandée": moves[0],
                "Prix faux, et plus encore": moves[2],
                label: moves[3],
            },
        )
        self.assertEqual(self.line(moves[1], "production").reason, "Prix faux")

    def test_internal_credit_note_is_not_to_send(self):
        move = self.deliver()
        self.buyer(move, "REJETEE", "Non")
        wizard = self.open_wizard(move, "action_chorus_correct")
        wizard.action_correct()
        self.assertEqual(self.counters()["to_send"], 0)

    def test_nobody_without_rights_on_invoices(self):
        user = new_test_user(self.env, login="chorus_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["chorus.overview"].with_user(user).get_overview()


@tagged("post_install", "post_install_l10n", "-at_install")
class TestOverviewOfTheTest(LifeCommon):
    """Real invoices and tests are never added up."""

    def figures(self, environment=None):
        shown = self.env["chorus.overview"].with_user(self.accountant).get_overview(environment)
        return shown["environment"], {item["key"]: item["count"] for item in shown["counters"]}

    def test_what_was_sent_to_test_never_counts_in_production(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque une pièce")
        environment, counted = self.figures()
        self.assertEqual((environment, counted["to_act"], counted["to_send"]), ("test", 1, 0))
        self.connect("production")
        environment, counted = self.figures()
        self.assertEqual((environment, counted["to_act"], counted["to_send"]), ("production", 0, 1))
        environment, counted = self.figures("test")
        self.assertEqual((environment, counted["to_act"]), ("test", 1))
