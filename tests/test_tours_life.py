import io
import zipfile
from datetime import timedelta

from odoo.tests import HttpCase, tagged

from ..models.connection.chorus_connection_token import client_of
from .life import LifeCommon


class ToursCommon(HttpCase, LifeCommon):
    """A browser in French, in the hands of an accountant without other rights; the past was played before."""

    begins = timedelta(days=2)

    def setUp(self):
        super().setUp()
        self.accountant.sudo().write({"password": "chorus_accountant_1", "lang": "fr_FR"})

    def tour(self, name, path, user=None):
        self.unfreeze()
        self.env.flush_all()
        self.start_tour(path, name, login=(user or self.accountant).login, timeout=400)
        self.env.invalidate_all()

    def form_of(self, move):
        return f"/odoo/action-account.action_move_out_invoice_type/{move.id}"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursAtTheBuyer(ToursCommon):
    def test_suspended_and_completed(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le bon de livraison")
        self.tour("chorus_suspended_and_completed", self.form_of(move))
        self.assertEqual(self.remote(move)["status"], "COMPLETEE")

    def test_to_recycle(self):
        move = self.deliver()
        self.buyer(move, "A_RECYCLER", "Engagement inconnu")
        self.tour("chorus_to_recycle", self.form_of(move))
        # Chorus Pro passes it on again by itself.
        self.assertIn(self.remote(move)["status"], ("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"))
        self.assertEqual(move.purchase_order_reference, "EJ2026042")

    def test_adopt(self):
        move = self.make_invoice()
        with self.allow_pdf_render():
            built = move.sudo()._chorus_build_files("test")
        with client_of(self.connection.sudo()) as client:
            client.deposit_flow(built[move.id].content, "autre.pdf")
        self.pass_time(hours=1)
        self.tour("chorus_adopt", "/odoo/action-account.action_move_out_invoice_type")
        self.assertState(move, "integrated")

    def test_zip(self):
        moves = self.make_invoices(2)
        self.tour("chorus_zip", "/odoo/action-account.action_move_out_invoice_type")
        self.assertEqual({self.story(move) for move in moves}, {"hand"})


@tagged("post_install", "post_install_l10n", "-at_install")
class TestToursInProduction(ToursCommon):
    environment = "production"

    def test_rejected_and_corrected(self):
        move = self.deliver()
        self.buyer(move, "REJETEE", "Prestation non commandée")
        self.tour("chorus_rejected_and_corrected", self.form_of(move))
        self.assertEqual(self.story(move), "replaced")
        credit = move.reversal_move_ids
        self.assertTrue(credit.chorus_not_for_chorus)
        copy = move.chorus_replaced_by_ids - credit
        self.assertEqual(copy.state, "posted")

    def test_overview(self):
        moves = self.deliver(self.make_invoices(2))
        self.buyer(moves[0], "SUSPENDUE", "Il manque une pièce")
        self.buyer(moves[1], "MISE_EN_PAIEMENT")
        self.tour("chorus_overview", "/odoo/chorus-pro")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestZipOverHttp(ToursCommon):
    """The download itself: whole, and for nobody else."""

    def setUp(self):
        super().setUp()
        self.moves = self.make_invoices(2)
        self.wizard = self.open_wizard(self.moves, "action_chorus_hand")
        with self.allow_pdf_render():
            self.wizard.action_make()
        self.unfreeze()
        self.env.flush_all()
        self.url = f"/l10n_fr_chorus_pro/hand/{self.wizard.id}"

    def test_zip_is_whole(self):
        self.authenticate(self.accountant.login, "chorus_accountant_1")
        answer = self.url_open(self.url, timeout=120)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        self.assertIsNone(archive.testzip())
        self.assertEqual(len(archive.namelist()), 2)

    def test_nobody_else(self):
        self.invoicing_user.sudo().password = "chorus_invoicing_1"
        self.env.flush_all()
        self.authenticate(self.invoicing_user.login, "chorus_invoicing_1")
        self.assertNotEqual(self.url_open(self.url, timeout=120).status_code, 200)
        self.authenticate(None, None)
        self.assertNotIn("zip", self.url_open(self.url, timeout=120).headers["Content-Type"])
