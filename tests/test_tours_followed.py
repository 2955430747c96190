"""After the deposit, in a browser, in French: what is followed, asked for, found, taken over and paid."""

from datetime import timedelta

from odoo.tests import tagged

from .former_addon import FormerAddon
from .test_tours_life import ToursCommon

LIST = "/odoo/action-account.action_move_out_invoice_type"
SETTINGS = "/odoo/action-account.action_account_config"
DEPOSIT = "factures/v1/deposer/flux"
# On the simulator's page, in a frame that outlives its own reloads: press a button, wait for the new page.
PLAY = """
(async () => {
    const frame = document.createElement("iframe");
    const loaded = () => new Promise((done) => frame.addEventListener("load", done, { once: true }));
    const all = (selector) => [...frame.contentDocument.querySelectorAll(selector)];
    frame.src = location.href;
    document.body.append(frame);
    await loaded();
    const after = loaded();
    %s
    await after;
    if (!frame.contentDocument.body.innerText.includes(%r)) throw new Error("The page does not show it");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""
# The buyer's desk: a button in the row of an invoice.
PRESS = """
    const row = all("tr").find((item) => item.innerText.includes(%r));
    [...row.querySelectorAll("button")].find((item) => item.innerText === %r).click();
"""
# The page of one invoice: any status, with a comment.
SET = """
    all("select[name=status]")[0].value = %r;
    all("input[name=comment]")[0].value = %r;
    all("button").find((item) => item.innerText === "Set").click();
"""


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursFollowed(ToursCommon):
    environment = "production"

    def test_following(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le bon de livraison")
        self.buyer(move, "COMPLETEE")
        self.buyer(move, "MANDATEE")
        self.tour("chorus_following", self.form_of(move))

    def test_action_needed(self):
        self.company.chorus_responsible_id = self.accountant
        moves = self.deliver(self.make_invoices(2))
        self.buyer(moves[0], "SUSPENDUE", "Il manque le bon de livraison")
        self.tour("chorus_action_needed", LIST)
        self.buyer(moves[0], "COMPLETEE", follow=False)
        self.simulator.advance(300)
        self.run_follow()
        self.assertFalse(moves.sudo().activity_ids, "the call for help closed itself")
        self.tour("chorus_action_solved", LIST)

    def test_payment_announced(self):
        moves = self.deliver(self.make_invoices(2))
        self.buyer(moves[0], "MISE_EN_PAIEMENT")
        self.tour("chorus_payment_announced", LIST)
        self.assertTrue(moves[0].chorus_paid_on)
        self.assertEqual(moves[0].payment_state, "not_paid")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursLatePayment(ToursCommon):
    environment = "production"
    begins = timedelta(days=50)

    def test_payment_late(self):
        late = self.deliver()
        self.pass_time(days=30)
        self.deliver()
        self.tour("chorus_payment_late", LIST)
        self.assertTrue(late.chorus_overdue)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursFlowNumber(ToursCommon):
    def test_flow_number(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "drop_after_accept", count=1)
        self.run_send()
        self.assertState(move, "unconfirmed")
        self.assertEqual(
            [deposit["flow_number"] for deposit in self.simulator.ledger()["deposits"]],
            ["CPP0011117000000000425904"],
        )
        self.pass_time(hours=1)
        deposit = self.line(move).deposit_id
        self.tour("chorus_flow_number", f"/odoo/chorus-deposits/{deposit.id}")
        self.assertState(move, "integrated")
        self.assertEqual(deposit.flow_number, "CPP0011117000000000425904")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursMigration(FormerAddon, ToursCommon):
    def test_migration(self):
        self.former_tables()
        self.administrator.sudo().lang = "fr_FR"
        self.tour("chorus_migration", SETTINGS, self.administrator)
        self.assertState(self.integrated, "integrated", "production")
        self.assertState(self.pending, "sent", "production")
        self.assertState(self.rejected, "rejected", "production")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursBuyer(ToursCommon):
    """The simulator's own page in the browser: whoever learns or shows plays the buyer there."""

    def play(self, page, code, shown):
        """Act on a page of the simulator, see there what is ``shown`` then, and let Odoo look."""
        ready = "document.readyState === 'complete'"
        self.browser_js(self.simulator.url + page, PLAY % (code, shown), ready, timeout=400)
        self.simulator.advance(300)
        self.run_follow()

    def test_the_buyer_is_played_on_the_simulators_page(self):
        moves = self.deliver(self.make_invoices(3))
        self.unfreeze()
        for move, (button, label, state) in zip(
            moves,
            (
                ("Suspend", "Suspendue", "suspended"),
                ("Recycle", "À recycler", "recycle"),
                ("Reject", "Rejetée", "refused"),
            ),
            strict=True,
        ):
            self.play("/", PRESS % (move.name, button), label)
            self.assertEqual(self.story(move), state)
        page = f"/invoice/{self.chorus_id(moves[0].name)}"
        self.play(page, SET % ("COMPLETEE", "Merci"), "Complétée")
        self.assertEqual(self.line(moves[0]).status_code, "COMPLETEE")
        self.play("/", PRESS % (moves[0].name, "Pay"), "Mise en paiement")
        self.assertEqual(self.story(moves[0]), "paid")
        words = moves[0].chorus_event_ids.mapped("comment")
        self.assertIn("Pièce justificative manquante", words)
        self.assertIn("Merci", words)
