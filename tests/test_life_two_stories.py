"""One invoice tried in test and sent in production: what each story asks of a person stays apart."""

from odoo.tests import tagged

from .common import COMPANY_SIRET
from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTwoStories(LifeCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
        self.connect("production", first_deposit_limit=0)
        self.move = self.make_invoice()
        for environment in ("test", "production"):
            self.company.chorus_environment = environment
            self.assertEqual(self.queue(self.move, environment), {})
            self.run_send()
        self.pass_time(hours=1)
        self.run_follow()
        for environment in ("test", "production"):
            self.assertState(self.move, "integrated", environment)

    def tell(self, environment, status, comment):
        """The buyer in one of the two gives the invoice a status; the next look brings it."""
        self.simulator.set_status(self.line(self.move, environment).chorus_invoice_id, status, comment)
        self.pass_time(minutes=5)
        self.run_follow()

    def asked(self):
        """{environment: note} of what the accountant is asked to do on the invoice."""
        names = {"Chorus Pro: to act on": "production", "Chorus Pro (TEST): to act on": "test"}
        activities = self.move.with_user(self.accountant).with_context(lang="en_US").activity_ids
        return {names[activity.activity_type_id.name]: str(activity.note) for activity in activities}

    def test_a_word_from_the_test_does_not_overwrite_the_real_one(self):
        self.tell("production", "SUSPENDUE", "Il manque le bon de livraison")
        self.tell("test", "REJETEE", "Essai refusé")
        asked = self.asked()
        self.assertIn("bon de livraison", asked["production"])
        self.assertIn("Essai refusé", asked["test"])

    def test_what_is_solved_in_test_stays_open_in_production(self):
        self.tell("test", "SUSPENDUE", "Essai")
        self.tell("production", "SUSPENDUE", "Il manque le bon de livraison")
        self.tell("test", "MISE_EN_PAIEMENT", "")
        self.assertEqual(list(self.asked()), ["production"])

    def test_what_is_solved_in_production_stays_open_in_test(self):
        self.tell("test", "SUSPENDUE", "Essai")
        self.tell("production", "SUSPENDUE", "Il manque le bon de livraison")
        self.tell("production", "COMPLETEE", "")
        self.assertEqual(list(self.asked()), ["test"])

    def test_the_next_word_of_the_same_story_replaces_the_former_one(self):
        self.tell("production", "SUSPENDUE", "Il manque le bon de livraison")
        self.tell("production", "REJETEE", "Trop tard")
        self.assertEqual(len(self.move.sudo().activity_ids), 1)
        self.assertIn("Trop tard", self.asked()["production"])
