"""Whom Chorus Pro tells: who sent the invoice, else who is responsible, else somebody who is there."""

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.models.notice.chorus_notice import PASSWORD, REFUSED, TO_ACT
from odoo.tests import new_test_user, tagged

from .life import ACKNOWLEDGE, LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestNotice(LifeCommon):
    def setUp(self):
        super().setUp()
        self.company.chorus_responsible_id = self.administrator

    def told(self, kind):
        self.env.flush_all()
        kind = self.env.ref(kind)
        return self.env["mail.activity"].sudo().search([("activity_type_id", "=", kind.id)])

    def test_what_becomes_of_an_invoice_is_told_to_who_sent_it(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.assertEqual(move.activity_ids.user_id, self.accountant)

    def test_who_sent_it_has_left_the_responsible_is_told(self):
        move = self.deliver()
        self.accountant.active = False
        self.company.chorus_responsible_id = self.invoicing_user
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.assertEqual(move.activity_ids.user_id, self.invoicing_user)

    def test_who_cannot_open_the_invoice_is_not_told_of_it(self):
        plain = new_test_user(self.env, login="chorus_plain", groups="base.group_user")
        self.company.chorus_responsible_id = plain
        move = self.deliver()
        self.accountant.active = False
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        told = move.activity_ids.user_id
        self.assertTrue(told and told != plain)
        move.with_user(told).with_context(allowed_company_ids=told.company_ids.ids).check_access("read")

    def test_an_open_activity_follows_the_person(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.accountant.active = False
        self.company.chorus_responsible_id = self.invoicing_user
        self.buyer(move, "A_RECYCLER", "Mauvais service")
        self.assertEqual(len(move.activity_ids), 1)
        self.assertEqual(move.activity_ids.user_id, self.invoicing_user)

    def test_what_somebody_who_leaves_has_to_look_at_becomes_somebody_elses(self):
        move = self.deliver()
        self.buyer(move, "SUSPENDUE", "Il manque le PV")
        self.assertEqual(move.activity_ids.user_id, self.accountant)
        self.company.chorus_responsible_id = self.invoicing_user
        self.accountant.with_user(self.administrator).action_archive()
        self.env.invalidate_all()
        self.assertEqual(move.activity_ids.user_id, self.invoicing_user)
        self.assertIn("Il manque le PV", move.activity_ids.note)
        self.company.chorus_responsible_id = self.administrator
        self.invoicing_user.active = False
        self.env.invalidate_all()
        self.assertEqual(move.activity_ids.user_id, self.administrator)

    def test_a_connection_that_an_administrator_leaves_is_looked_at_by_who_cannot_open_it(self):
        kind = TO_ACT[self.environment]
        self.env["chorus.notice"]._tell(self.connection, kind, "Somebody has to look")
        self.assertEqual(self.connection.activity_ids.user_id, self.administrator)
        self.company.chorus_responsible_id = self.invoicing_user
        self.administrator.action_archive()
        self.env.invalidate_all()
        contact = self.company.partner_id
        self.assertFalse(self.connection.activity_ids)
        self.assertEqual(contact.activity_ids.user_id, self.invoicing_user)
        self.env["chorus.notice"]._solved(self.connection, kind)
        self.assertFalse(contact.activity_ids)

    def test_a_password_that_ends_is_told_though_the_responsible_has_left(self):
        self.administrator.active = False
        self.connection.password_expiry = fields.Date.add(fields.Date.today(), days=4)
        self.connection._watch()
        told = self.told(PASSWORD)
        self.assertEqual(len(told), 1)
        self.assertTrue(told.user_id.active)
        self.assertEqual(self.connection.password_reminder, 5)

    def test_a_reminder_that_nobody_got_is_given_again(self):
        self.connection.password_expiry = fields.Date.add(fields.Date.today(), days=4)
        self.patch(type(self.env["chorus.notice"]), "_tell", lambda *args, **kwargs: False)
        self.connection._watch()
        self.assertFalse(self.connection.password_reminder)

    def test_refused_keys_are_told_though_the_responsible_has_left(self):
        self.administrator.active = False
        self.connection.client_secret = "wrong"
        self.connection.action_refresh_token()
        self.connection._watch()
        self.assertTrue(self.told(REFUSED).user_id.active)

    def test_a_rejection_that_could_not_be_acknowledged_is_told_to_who_asked(self):
        move = self.deliver()
        self.buyer(move, "REJETEE", "Prix faux")
        self.simulator.fault(ACKNOWLEDGE, "refusal", count=1)
        self.open_wizard(move, "action_chorus_correct").action_correct()
        self.run_follow()
        self.assertEqual(move.chorus_request_ids.state, "refused")
        self.assertEqual(move.activity_ids.user_id, self.accountant)
        self.assertIn("acknowledged", move.activity_ids.summary)
