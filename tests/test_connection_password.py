"""The technical password expires: the responsible person hears of it 30, 15 and 5 days before."""

from contextlib import suppress
from datetime import timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.chorus_api import InvalidCredentials
from odoo.tests import freeze_time, tagged

from ..models.connection.chorus_connection_token import client_of
from .common import ChorusCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionPassword(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.company.chorus_responsible_id = self.administrator
        self.today = fields.Date.today()

    def reminders_on(self, days_before):
        """Run the daily watch on that day; return the open reminders."""
        with freeze_time(self.connection.password_expiry - timedelta(days=days_before)):
            self.connection._watch()
        return self.told("password")

    def told(self, kind):
        """The open activities of this kind."""
        activity_type = self.env.ref(f"l10n_fr_chorus_pro.activity_{kind}")
        return self.env["mail.activity"].sudo().search([("activity_type_id", "=", activity_type.id)])

    def test_three_reminders_one_open_at_a_time(self):
        self.connection.password_expiry = self.today + timedelta(days=60)
        self.assertFalse(self.reminders_on(31))
        first = self.reminders_on(30)
        self.assertEqual(first.user_id, self.administrator)
        self.assertEqual(first.date_deadline, self.connection.password_expiry)
        self.assertEqual(self.reminders_on(29), first)
        second = self.reminders_on(15)
        self.assertEqual(len(second), 1)
        self.assertNotEqual(second, first)
        self.assertNotEqual(self.reminders_on(5), second)
        self.assertEqual(len(self.reminders_on(0)), 1)

    def test_a_day_without_watch_loses_no_reminder(self):
        self.connection.password_expiry = self.today + timedelta(days=60)
        self.assertEqual(len(self.reminders_on(12)), 1)

    def test_a_new_date_closes_the_reminder(self):
        self.connection.password_expiry = self.today + timedelta(days=60)
        self.assertTrue(self.reminders_on(5))
        self.connection.password_expiry = self.today + timedelta(days=424)
        self.assertFalse(self.reminders_on(400))
        self.assertEqual(len(self.reminders_on(30)), 1)

    def test_a_responsible_without_administration_can_open_the_reminder(self):
        self.company.chorus_responsible_id = self.accountant
        self.connection.password_expiry = self.today + timedelta(days=4)
        activity = self.reminders_on(4).with_user(self.accountant)
        self.assertEqual(activity.user_id, self.accountant)
        self.env[activity.res_model].with_user(self.accountant).browse(activity.res_id).read(["display_name"])

    def test_whoever_configures_is_responsible_until_another_is_named(self):
        self.company.chorus_responsible_id = False
        self.env["chorus.connection"].with_user(self.administrator).create(
            self.connection_values("production")
        )
        self.assertEqual(self.company.chorus_responsible_id, self.administrator)

    def test_refused_keys_are_asked_again_each_day_and_told(self):
        self.connection.client_secret = "wrong"
        self.connection.action_refresh_token()
        self.assertFalse(self.told("refused"))
        self.connection._watch()
        self.assertEqual(self.told("refused").user_id, self.administrator)
        self.assertIn("Identifiants Oauth", self.told("refused").note)
        self.simulator.control("clients", {"client_id": "simulator-client", "secret": "wrong"})
        self.connection._watch()
        self.assertEqual(self.connection.state, "connected")
        self.assertFalse(self.told("refused"))

    def test_a_refusal_while_nobody_looks_is_told_at_once(self):
        self.simulator.control("clients", {"client_id": "simulator-client", "secret": "changed on PISTE"})
        self.connection.sudo().token_expiry = fields.Datetime.now()
        # No assertRaises: in a test it would roll back what the renewal keeps on a cursor of its own.
        with suppress(InvalidCredentials), client_of(self.connection) as client:
            list(client.my_structures())
        self.assertEqual(self.told("refused").user_id, self.administrator)

    def test_one_connection_that_fails_does_not_stop_the_others(self):
        other = self.env["res.company"].create({"name": "Autre"})
        broken = self.connect(company_id=other.id, switch_on=False)
        broken.password_expiry = self.connection.password_expiry = self.today + timedelta(days=3)
        watched = []

        def watch(connection):
            if connection == broken:
                raise ValueError("broken")
            watched.append(connection.id)

        self.patch(type(self.env["chorus.connection"]), "_watch", watch)
        with self.enter_registry_test_mode(), self.assertLogs("odoo.addons", "ERROR"):
            self.env.ref("l10n_fr_chorus_pro.cron_watch_connections").method_direct_trigger()
        self.assertIn(self.connection.id, watched)
