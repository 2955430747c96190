"""Switching off, to test and to production: what changes is shown, confirmed and done."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SUPPLIER, ChorusCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionSwitch(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.test_connection = self.connect("test")

    def open(self, target):
        form = Form(
            self.env["chorus.switch"]
            .with_user(self.administrator)
            .create({"company_id": self.company.id, "target": target})
        )
        return form

    def test_what_is_missing_is_said_instead_of_switching(self):
        form = self.open("production")
        self.assertIn("No connection to Chorus Pro", form.obstacle)
        self.make_connection("production")
        self.assertIn("never had a good token", self.open("production").obstacle)

    def test_going_to_production_tells_what_changes_and_asks(self):
        self.connect("production", switch_on=False)
        self.make_customer(chorus_test_customer=True, company_id=self.company.id)
        switch = self.open("production").save()
        for part in ("real", self.company.company_registry, "test data set: 1", "same Client ID"):
            self.assertIn(part, switch.changes)
        with self.assertRaisesRegex(UserError, "Tick"):
            switch.action_switch()
        self.assertEqual(self.company.chorus_environment, "test")
        switch.confirmed = True
        switch.action_switch()
        self.assertEqual(self.company.chorus_environment, "production")
        self.assertFalse(self.env["res.partner"].search([("chorus_test_customer", "=", True)]))

    def test_back_to_test_names_the_supplier_of_the_data_set(self):
        self.assertIn(SUPPLIER, self.open("test").changes)

    def test_off_is_always_possible(self):
        self.test_connection.client_secret = "gone"
        switch = self.open("off").save()
        switch.confirmed = True
        switch.action_switch()
        self.assertFalse(self.company.chorus_environment)
        self.assertIn("switched to Off", self.test_connection.message_ids[0].body)

    def test_the_first_real_deposit_is_limited_until_one_is_integrated(self):
        production = self.connect("production")
        self.assertEqual(production._max_deposit_now(), 1)
        self.assertIsNone(self.test_connection._max_deposit_now())
        production.first_deposit_limit = 0
        self.assertIsNone(production._max_deposit_now())
        production.first_deposit_limit = 3
        move = self.init_invoice("out_invoice", partner=self.make_customer(), amounts=[100], post=True)
        line = (
            self.env["chorus.deposit.line"]
            .sudo()
            .create(
                {
                    "move_id": move.id,
                    "company_id": self.company.id,
                    "environment": "production",
                    "state": "hand",
                }
            )
        )
        self.assertEqual(production._max_deposit_now(), 3)
        line.state = "integrated"
        self.assertIsNone(production._max_deposit_now())

    def test_accountants_may_not_switch(self):
        with self.assertRaises(AccessError):
            self.env["chorus.switch"].with_user(self.accountant).create(
                {"company_id": self.company.id, "target": "off"}
            )
        with self.assertRaises(AccessError):
            self.company.with_user(self.accountant).chorus_environment = False
        settings = self.env["res.config.settings"].with_user(self.accountant)
        for call in (settings.action_chorus_configure, settings.action_chorus_switch):
            with self.assertRaises(AccessError):
                call()

    def test_the_settings_open_the_connection_and_make_it_when_there_is_none(self):
        settings = self.env["res.config.settings"].with_user(self.administrator).create({})
        opened = settings.with_context(chorus_environment="test").action_chorus_configure()
        self.assertEqual(opened["res_id"], self.test_connection.id)
        self.assertEqual(settings.chorus_production_progress, "To configure")
        made = settings.with_context(chorus_environment="production").action_chorus_configure()
        connection = self.env["chorus.connection"].browse(made["res_id"])
        self.assertEqual((connection.company_id, connection.environment), (self.company, "production"))
        self.assertEqual(len(connection.step_ids), 10, "the checklist is there from the first minute")
        again = settings.with_context(chorus_environment="production").action_chorus_configure()
        self.assertEqual(again["res_id"], connection.id)

    def test_the_settings_say_how_far_each_connection_is(self):
        def told():
            settings = self.env["res.config.settings"].with_user(self.administrator).create({})
            return settings.chorus_test_progress

        self.assertIn("not checked yet", told())
        self.make_customer(chorus_test_customer=True)
        self.test_connection.with_user(self.administrator).action_check_all()
        self.assertEqual(told(), "11 of 11 in order")

    def test_what_is_missing_leads_to_the_connection(self):
        action = self.open("production").save().action_configure()
        self.assertEqual(self.env["chorus.connection"].browse(action["res_id"]).environment, "production")

    def test_the_switch_asks_who_is_told(self):
        switch = self.open("off").save()
        switch.responsible_id = self.accountant
        switch.action_switch()
        self.assertEqual(self.company.chorus_responsible_id, self.accountant)

    def test_an_administrator_fills_in_the_form_and_gets_connected(self):
        action = (
            self.env["res.config.settings"]
            .with_user(self.administrator)
            .with_context(chorus_environment="production")
            .create({})
            .action_chorus_configure()
        )
        form = Form(
            self.env["chorus.connection"].with_user(self.administrator).browse(action["res_id"]),
        )
        self.assertEqual(form.api_url, "https://api.piste.gouv.fr")
        form.auth_url, form.api_url = self.simulator.auth_url, self.simulator.url
        for name, value in self.simulator.CREDENTIALS.items():
            setattr(form, name, value)
        connection = form.save()
        connection.action_refresh_token()
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.environment, "production")
