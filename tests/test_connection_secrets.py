"""Secrets are typed once: no answer, export, log or copy gives them back."""

import logging

from odoo import Command
from odoo.addons.l10n_fr_chorus_pro.models.base import chorus_server_config
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged

from ..models.connection.chorus_connection_secret import credential_of
from ..models.connection.chorus_connection_token import client_of
from .common import ChorusCommon, server_configuration

SECRET, PASSWORD = "marker-of-the-secret", "marker-of-the-password"
CIPHERS = ("client_secret_cipher", "password_cipher", "token_cipher")
OLD_KEY, NEW_KEY = "old key " * 5, "new key " * 5


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionSecrets(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.make_connection(client_secret=SECRET, password=PASSWORD).with_user(
            self.administrator
        )

    def stored(self):
        """The row as the database holds it."""
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM chorus_connection WHERE id = %s", [self.connection.id])
        return self.env.cr.dictfetchone()

    # ---------------------------------------------------------------- never given back

    def test_no_answer_holds_a_secret(self):
        answers = [
            self.connection.read(),
            self.connection.web_save({"client_secret": SECRET}, {"client_secret": {}, "password": {}}),
            self.connection.web_read({name: {} for name in self.connection.fields_get()}),
            self.connection.export_data(["login", "client_id", "client_secret", "password"]),
            self.connection.copy_data(),
            self.connection.fields_get(),
            self.connection.message_ids.mapped("body"),
        ]
        for answer in answers:
            self.assertNotIn(SECRET, str(answer))
            self.assertNotIn(PASSWORD, str(answer))

    def test_the_stored_columns_are_closed_to_everybody(self):
        for column in CIPHERS:
            for call in (
                lambda column=column: self.connection.read([column]),
                lambda column=column: self.connection.export_data([column]),
                lambda column=column: self.connection.search([(column, "like", "a%")]),
                lambda column=column: self.connection.search([], order=column),
                lambda column=column: self.connection.formatted_read_group([], [column]),
                lambda column=column: self.connection.write({column: "x"}),
            ):
                with self.subTest(column=column), self.assertRaises(AccessError):
                    call()

    def test_an_empty_field_changes_nothing_and_a_typed_one_replaces(self):
        self.connection.write({"client_secret": False, "password": "", "login": "other"})
        self.assertEqual(credential_of(self.connection, "client_secret"), SECRET)
        self.assertEqual(credential_of(self.connection, "password"), PASSWORD)
        self.connection.password = "another"
        self.assertEqual(credential_of(self.connection, "password"), "another")
        self.assertIn("Technical password", self.connection.message_ids[0].body)

    def test_erasing_leaves_nothing(self):
        self.connection.action_forget_secrets()
        self.assertFalse([self.stored()[column] for column in CIPHERS if self.stored()[column]])
        self.assertEqual(self.connection.password_source, "missing")

    def test_remote_calls_are_logged_without_their_arguments(self):
        with self.assertLogs("odoo.service.model", logging.DEBUG) as logs:
            call_kw(self.connection, "write", [self.connection.ids, {"client_secret": SECRET}], {})
        self.assertNotIn(SECRET, "\n".join(logs.output))

    def test_the_log_of_a_refresh_holds_no_secret_at_any_level(self):
        self.connection.write({"client_secret": "simulator-secret", "password": "simulator-password"})
        with self.assertLogs(level=logging.DEBUG) as logs:
            self.connection.action_refresh_token()
            with client_of(self.connection) as client:
                list(client.my_structures())
            self.env.flush_all()
        text = "\n".join(logs.output)
        token = chorus_server_config.decrypt(self.env, self.stored()["token_cipher"])
        self.assertTrue(token)
        for secret in ("simulator-secret", "simulator-password", token):
            self.assertNotIn(secret, text)

    # ---------------------------------------------------------------- at rest

    def test_the_database_holds_ciphers_only(self):
        row = str(self.stored())
        self.assertNotIn(SECRET, row)
        self.assertNotIn(PASSWORD, row)

    def test_a_key_of_the_server_makes_the_dump_useless_alone(self):
        with server_configuration(encryption_keys=OLD_KEY):
            self.connection.password = PASSWORD
            self.assertEqual(credential_of(self.connection, "password"), PASSWORD)
        self.assertEqual(credential_of(self.connection, "password"), "")
        self.assertIn("chorus_pro_encryption_keys", self.connection._why_not_usable())

    def test_keys_rotate(self):
        with server_configuration(encryption_keys=OLD_KEY):
            self.connection.password = PASSWORD
        with server_configuration(encryption_keys=f"{NEW_KEY},{OLD_KEY}"):
            self.connection.sudo()._encipher_again()
        with server_configuration(encryption_keys=NEW_KEY):
            self.assertEqual(credential_of(self.connection, "password"), PASSWORD)
            self.assertEqual(credential_of(self.connection, "client_secret"), SECRET)
        with server_configuration(encryption_keys=OLD_KEY):
            self.assertEqual(credential_of(self.connection, "password"), "")

    def test_a_short_key_is_refused(self):
        with server_configuration(encryption_keys="short"), self.assertRaisesRegex(UserError, "at least 32"):
            self.connection.password = PASSWORD

    # ---------------------------------------------------------------- from the server's configuration

    def test_the_server_gives_credentials_and_the_database_none(self):
        bare = self.make_connection(
            "production", client_id=False, client_secret=False, login=False, password=False
        )
        given = {f"production_{name}": value for name, value in self.simulator.CREDENTIALS.items()}
        self.assertIn("Client ID", bare._why_not_usable())
        with server_configuration(**given):
            bare.action_refresh_token()
            self.assertEqual(bare.state, "connected")
            self.assertEqual(bare.password_source, "server")
            self.assertFalse(self.connection._credential_source("password") == "server")

    def test_another_companys_siret_gives_none_of_its_credentials(self):
        other = "33254021516357"
        options = {f"test_{other}_password": "PASSWORD OF THE OTHER", "test_password": "for all"}
        with server_configuration(**options):
            self.assertEqual(credential_of(self.connection, "password"), "for all")
            self.company.sudo().company_registry = other
            self.assertEqual(credential_of(self.connection, "password"), PASSWORD)
            for words in (other, self.connection.confirmed_siret, "Refresh Token"):
                self.assertIn(words, self.connection._why_not_usable())
            # Whoever may open the connection stands by it.
            self.connection.action_refresh_token()
            self.assertEqual(self.connection.confirmed_siret, other)
            self.assertEqual(credential_of(self.connection, "password"), "PASSWORD OF THE OTHER")
            self.assertNotIn("SIRET", self.connection._why_not_usable())

    def test_a_confirmed_siret_that_goes_takes_its_credentials_along(self):
        siret = self.company.company_registry
        with server_configuration(**{f"test_{siret}_password": "for the SIRET", "test_password": "for all"}):
            self.company.sudo().company_registry = False
            self.assertNotIn(credential_of(self.connection, "password"), ("for the SIRET", "for all"))
            self.assertIn(siret, self.connection._why_not_usable())
            self.company.sudo().company_registry = f"{siret[:9]} {siret[9:]}"
            self.assertEqual(credential_of(self.connection, "password"), "for the SIRET")
        # Without credentials by SIRET, another one stops nothing.
        self.company.sudo().company_registry = "33254021516357"
        self.assertNotIn("SIRET", self.connection._why_not_usable())

    def test_only_an_administrator_changes_the_siret_of_a_company_that_sends(self):
        manager = new_test_user(
            self.env,
            login="chorus_contacts",
            groups="account.group_account_manager,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        contact = self.company.partner_id.with_user(manager)
        contact.company_registry = "33254021516357"
        self.connect("production")
        contact.write({"company_registry": "332 540 215 16357", "phone": "01"})
        with self.assertRaisesRegex(AccessError, "administrator of Odoo"):
            contact.company_registry = "12345678200028"
        contact.sudo().company_registry = "12345678200028"
        rights = new_test_user(self.env, login="chorus_rights", groups="base.group_erp_manager")
        other = self.env["res.partner"].create({"name": "Other", "company_registry": "33254021516357"})
        with self.assertRaisesRegex(AccessError, "administrator of Odoo"):
            self.company.with_user(rights).partner_id = other

    def test_the_most_precise_key_wins(self):
        siret = self.company.company_registry
        options = {
            "test_password": "for all",
            f"test_company{self.company.id}_password": "for the company",
            f"test_{siret}_password": "for the SIRET",
        }
        for name in list(options):
            with server_configuration(**options):
                self.assertEqual(credential_of(self.connection, "password"), list(options.values())[-1])
            options.popitem()
            self.assertTrue(name)
        self.assertEqual(credential_of(self.connection, "password"), PASSWORD)
