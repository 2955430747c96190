"""Sending or following that stops is never silent: an activity, a warning, a true word on the invoice."""

from odoo.addons.l10n_fr_chorus_pro.models.notice.chorus_notice import STOPPED
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .life import LifeCommon

OBSTACLE = "odoo.addons.l10n_fr_chorus_pro.models.connection.chorus_connection_usable"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSilence(LifeCommon):
    environment = "production"

    def setUp(self):
        super().setUp()
        self.connection.first_deposit_limit = 0
        self.followed = self.deliver()

    def told(self):
        self.env.flush_all()
        kind = self.env.ref(STOPPED["production"])
        return self.env["mail.activity"].sudo().search([("activity_type_id", "=", kind.id)])

    def an_hour_passes(self):
        """The scheduled action runs every ten minutes."""
        for _run in range(6):
            self.pass_time(minutes=10)
            self.run_send()

    def breaks(self):
        """Name → the record of it, what stops the connection, and what brings it back."""
        connection = self.connection.sudo()
        database = self.env["chorus.database"]._of(self.company)
        secret, login = connection.client_secret_cipher, connection.login
        known = database.fingerprint
        yield "copy", database, {"fingerprint": {**known, "oid": 1}}, {"fingerprint": known}
        yield "archived", connection, {"active": False}, {"active": True}
        yield "secrets", connection, {"client_secret_cipher": False}, {"client_secret_cipher": secret}
        yield "key", connection, {"client_secret_cipher": "unreadable"}, {"client_secret_cipher": secret}
        yield "login", connection, {"login": False}, {"login": login}

    def test_whatever_stops_it_is_told_once_and_closed_by_itself(self):
        connection = self.connection.sudo().with_context(active_test=False)
        for name, record, broken, repaired in self.breaks():
            with self.subTest(name):
                waiting = self.make_invoice()
                self.queue(waiting, "production")
                record.write(broken)
                self.assertIn("nothing is sent", waiting.chorus_sentence)
                self.assertIn("not followed", self.followed.chorus_sentence)
                with self.assertLogs(OBSTACLE, "WARNING") as logged:
                    self.an_hour_passes()
                self.assertEqual(len(logged.output), 1, "once")
                self.assertState(waiting, "queued", "production")
                [activity] = self.told()
                self.assertTrue(activity.user_id.active)
                self.assertIn("wait to be sent: 1", activity.note)
                record.write(repaired)
                connection.write({"state": "connected", "rest_until": False, "rest_count": 0})
                self.run_send()
                self.assertFalse(self.told(), "closed by itself")
                self.assertNotIn("nothing is sent", waiting.chorus_sentence)
                waiting.invalidate_recordset()

    def test_a_scheduled_action_that_is_switched_off_is_told(self):
        for what, run in (("send", self.run_follow), ("follow", self.run_send)):
            with self.subTest(what):
                waiting = self.make_invoice()
                self.queue(waiting, "production")
                action = self.env.ref(f"l10n_fr_chorus_pro.cron_{what}")
                action.active = False
                self.env.invalidate_all()
                said = (waiting if what == "send" else self.followed).chorus_sentence
                self.assertIn(action.name, said)
                self.assertNotIn(action.name, (self.followed if what == "send" else waiting).chorus_sentence)
                with self.assertLogs(OBSTACLE, "WARNING"):
                    for _run in range(4):
                        self.pass_time(minutes=10)
                        run()
                self.assertIn(action.name, self.told().note)
                action.active = True
                self.run_send()
                self.assertFalse(self.told(), "closed by itself")

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.worker.channel", OBSTACLE)
    def test_one_that_cannot_be_told_of_keeps_no_other_from_being_told(self):
        self.queue(self.make_invoice(), "test")
        model = type(self.env["chorus.connection"])
        weigh = model._weigh_obstacle

        def refuse(connection):
            if connection.environment == "test":
                raise ValueError("Another module refuses it")
            return weigh(connection)

        self.patch(model, "_weigh_obstacle", refuse)
        self.connection.sudo().active = False
        self.an_hour_passes()
        self.assertTrue(self.told())

    def test_a_short_stop_is_nobodys_business(self):
        self.connection.sudo().login = False
        self.pass_time(minutes=10)
        self.run_send()
        self.connection.sudo().write({"login": "TECH_1_1@cpro.fr"})
        self.pass_time(minutes=10)
        self.run_send()
        self.assertFalse(self.told())

    def test_an_unused_connection_may_be_archived_in_silence(self):
        test = self.env["chorus.connection"]._for(self.company, "test")
        test.active = False
        self.an_hour_passes()
        kind = self.env.ref(STOPPED["test"])
        self.assertFalse(self.env["mail.activity"].search([("activity_type_id", "=", kind.id)]))

    def test_a_connection_that_invoices_need_is_not_deleted(self):
        connection = self.connection.with_user(self.administrator)
        with self.assertRaisesRegex(UserError, "followed through it: 1"):
            connection.unlink()

    def test_archiving_says_what_stops(self):
        self.queue(self.make_invoice(), "production")
        told = self.connection.with_user(self.administrator).action_archive()
        self.assertIn("not sent any more: 1", told["params"]["message"])
        self.assertIn("not followed any more: 1", told["params"]["message"])
        self.assertFalse(self.connection.active)

    def test_no_connection_at_all_is_told_on_the_companys_contact(self):
        self.queue(self.make_invoice(), "production")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM chorus_connection WHERE id = %s", (self.connection.id,))
        self.env.invalidate_all()
        self.run_send()
        [activity] = self.told()
        self.assertEqual(activity.res_model, "res.partner")
        self.run_send()
        self.assertEqual(self.told(), activity, "once")
        self.env.cr.execute("SELECT 1")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestMergedContacts(LifeCommon):
    def merge(self, *partners):
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.administrator).create({})
        ids = [partner.id for partner in partners]
        wizard._merge(ids, partners[0].with_env(wizard.env), extra_checks=False)
        return partners[0]

    def test_a_test_customer_and_a_real_one_are_not_merged(self):
        tested = self.make_customer(name="Destinataire 1", chorus_test_customer=True)
        with self.assertRaisesRegex(UserError, "Destinataire 1: made from the test data set"):
            self.merge(self.make_customer(name="Mairie"), tested)

    def test_the_seller_is_not_merged_into_another(self):
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(self.accountant)
        own = self.company.partner_id
        for siret, refused in (("55208131766522", True), (own.company_registry, False)):
            other = self.make_customer(siret=siret, name="Autre", email=own.email)
            wizard = wizards.create({"partner_ids": [(6, 0, (own + other).ids)], "dst_partner_id": other.id})
            with self.subTest(siret), self.env.cr.savepoint():
                if refused:
                    with (
                        self.assertRaisesRegex(AccessError, "administrator of Odoo"),
                        self.env.cr.savepoint(),
                    ):
                        wizard.action_merge()
                else:
                    wizard.action_merge()
            self.env.invalidate_all()
            self.assertEqual(self.company.partner_id, own if refused else other)

    def test_two_test_customers_are_merged(self):
        first = self.make_customer(name="Destinataire 1", chorus_test_customer=True)
        second = self.make_customer(name="Destinataire 2", chorus_test_customer=True)
        self.merge(first, second)
        self.assertFalse(second.exists())
        self.assertTrue(first.chorus_test_customer)
