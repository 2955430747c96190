"""Getting a token and keeping it good: what an administrator does once, and the code ever after."""

from datetime import timedelta

from odoo import fields
from odoo.addons.l10n_fr_chorus_pro.chorus_api import InvalidCredentials
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.connection.chorus_connection_token import client_of
from .common import ChorusCommon, server_configuration


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionToken(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.make_connection().with_user(self.administrator)

    # ---------------------------------------------------------------- the button

    def test_official_addresses_are_proposed(self):
        values = {"company_id": self.company.id, "environment": "production"}
        production = self.env["chorus.connection"].create(values)
        self.assertEqual(production.auth_url, "https://oauth.piste.gouv.fr/api/oauth/token")
        self.assertEqual(production.api_url, "https://api.piste.gouv.fr")
        self.connection.unlink()
        test = self.env["chorus.connection"].create({**values, "environment": "test"})
        self.assertEqual(test.auth_url, "https://sandbox-oauth.piste.gouv.fr/api/oauth/token")
        self.assertEqual(test.api_url, "https://sandbox-api.piste.gouv.fr")

    def test_refresh_says_until_when_the_token_is_good(self):
        notice = self.connection.action_refresh_token()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertRegex(notice["message"], r"good until \d\d:\d\d")
        self.assertEqual(self.connection.state, "connected")
        left = self.connection.token_expiry - fields.Datetime.now()
        self.assertAlmostEqual(left, timedelta(hours=1), delta=timedelta(minutes=2))
        self.assertFalse(self.connection.not_usable_reason)

    def test_wrong_keys_are_explained_and_nothing_can_be_switched_on(self):
        self.connection.client_secret = "not the secret"
        notice = self.connection.action_refresh_token()["params"]
        self.assertEqual(notice["type"], "danger")
        self.assertIn("Identifiants Oauth", notice["message"])
        self.assertEqual(self.connection.state, "refused")
        self.assertEqual(self.connection.last_error, notice["message"])
        with self.assertRaisesRegex(ValidationError, "PISTE refused"):
            self.company.chorus_environment = "test"

    def test_good_keys_refused_now_and_then_are_asked_again(self):
        self.simulator.control("settings", {"oauth_refusal_one_in": 2})
        for _attempt in range(10):
            self.connection.action_refresh_token()
        self.assertGreater(self.simulator.calls()["counts"]["oauth"], 10)
        self.assertTrue(self.connection.connected_at)

    def test_blanks_that_come_along_with_a_pasted_key_are_taken_off(self):
        self.connection.write({"client_id": "  simulator-client\n", "client_secret": "simulator-secret "})
        self.connection.action_refresh_token()
        self.assertEqual(self.connection.state, "connected")

    def test_what_is_missing_is_named_before_anything_is_asked(self):
        self.connection.client_id = False
        with self.assertRaisesRegex(UserError, "Fill in: Client ID"):
            self.connection.action_refresh_token()
        self.assertFalse(self.simulator.calls()["counts"])

    def test_the_keys_alone_are_enough_for_a_token_and_for_nothing_else(self):
        self.connection.login = False
        self.connection.action_refresh_token()
        self.assertEqual(self.connection.state, "connected")
        self.assertIn("Fill in: Technical username", self.connection.not_usable_reason)
        with self.assertRaisesRegex(UserError, "Fill in: Technical username"):
            self.connection.action_check_all()

    def test_a_server_that_cannot_be_reached_keeps_the_state(self):
        self.connection.action_refresh_token()
        self.simulator.fault("oauth", "drop_before", count=1)
        notice = self.connection.action_refresh_token()["params"]
        self.assertEqual(notice["type"], "danger")
        self.assertEqual(self.connection.state, "connected")
        self.assertEqual(self.connection.last_error, notice["message"])

    # ---------------------------------------------------------------- the switch

    def test_a_connection_without_a_token_cannot_be_switched_on(self):
        with self.assertRaisesRegex(ValidationError, "never had a good token"):
            self.company.chorus_environment = "test"
        self.connection.action_refresh_token()
        self.company.chorus_environment = "test"
        self.assertEqual(self.company.chorus_environment, "test")

    def test_a_company_without_connection_cannot_be_switched_on(self):
        with self.assertRaisesRegex(ValidationError, "No connection to Chorus Pro"):
            self.company.chorus_environment = "production"

    def test_other_keys_need_a_token_of_their_own(self):
        self.connection.action_refresh_token()
        self.connection.client_secret = "another secret"
        self.assertEqual(self.connection.state, "draft")
        self.assertFalse(self.connection.token_expiry)
        self.assertIn("never had a good token with its present settings", self.connection.not_usable_reason)

    def test_in_test_the_supplier_of_the_data_set_is_needed_to_send_but_not_to_look_up(self):
        self.connection.action_refresh_token()
        self.connection.supplier_siret = False
        self.assertIn("supplier SIRET", self.connection._why_not_usable())
        with client_of(self.connection) as client:
            self.assertTrue(list(client.my_structures()))

    def test_a_connection_stays_with_its_company_and_environment(self):
        with self.assertRaisesRegex(UserError, "stays with its company"):
            self.connection.environment = "production"

    # ---------------------------------------------------------------- where credentials may go

    def test_only_https_but_for_this_machine(self):
        with self.assertRaisesRegex(ValidationError, "https"):
            self.connection.auth_url = "http://oauth.piste.gouv.fr/api/oauth/token"

    def test_credentials_only_go_to_the_official_domain(self):
        for url in (
            "https://piste.gouv.fr.example.com",
            "https://evil.example",
            "https://api.piste.gouv.fr@evil.example",
            "https://apipiste.gouv.fr",
        ):
            with self.subTest(url=url), self.assertRaisesRegex(ValidationError, "Credentials are only sent"):
                self.connection.api_url = url

    def test_the_server_administrator_may_allow_another_host(self):
        with server_configuration(allowed_hosts="relay.example"):
            self.connection.api_url = "https://relay.example"
            self.assertFalse(self.connection._why_wrong_url())
        self.assertIn("relay.example", self.connection._why_wrong_url())

    # ---------------------------------------------------------------- the token ever after

    def test_an_expired_token_is_renewed_by_itself(self):
        self.connection.action_refresh_token()
        self.connection.sudo().token_expiry = fields.Datetime.now() - timedelta(hours=1)
        with client_of(self.connection) as client:
            self.assertTrue(list(client.my_structures()))
        self.assertGreater(self.connection.token_expiry, fields.Datetime.now())
        self.assertEqual(self.simulator.calls()["counts"]["oauth"], 2)

    def test_a_token_refused_before_its_time_is_renewed_once(self):
        self.connection.action_refresh_token()
        self.simulator.control("tokens", method="DELETE")
        with client_of(self.connection) as client:
            self.assertTrue(list(client.my_structures()))
        self.assertEqual(self.simulator.calls()["counts"]["oauth"], 2)

    def test_two_workers_share_the_renewal(self):
        self.connection.action_refresh_token()
        first, second = client_of(self.connection), client_of(self.connection)
        self.simulator.control("tokens", method="DELETE")
        with first, second:
            self.assertTrue(list(first.my_structures()))
            self.assertTrue(list(second.my_structures()))
        self.assertEqual(self.simulator.calls()["counts"]["oauth"], 2)

    def test_a_refused_renewal_stops_sending_and_says_so(self):
        self.connection.action_refresh_token()
        self.simulator.control("clients", {"client_id": "simulator-client", "secret": "changed on PISTE"})
        self.simulator.control("tokens", method="DELETE")
        with client_of(self.connection) as client:
            # No assertRaises: in a test it would roll back what the renewal keeps on a cursor of its own.
            try:
                list(client.my_structures())
            except InvalidCredentials as error:
                self.assertEqual(error.outcome, "nothing_done")
        self.assertEqual(self.connection.state, "refused")
        self.assertIn("PISTE refused", self.connection._why_not_usable())

    # ---------------------------------------------------------------- who may

    def test_accountants_neither_read_nor_press(self):
        for user in (self.accountant, self.invoicing_user):
            connection = self.connection.with_user(user)
            for call in (
                lambda connection=connection: connection.read(["login"]),
                lambda connection=connection: connection.search([]),
                lambda connection=connection: connection.write({"login": "x"}),
                lambda connection=connection: connection.create(self.connection_values("production")),
                connection.action_refresh_token,
                connection.action_check_all,
                connection.action_confirm_database,
                connection.action_forget_secrets,
                connection.action_import_test_data,
                connection.action_switch_environment,
                connection.unlink,
            ):
                with self.assertRaises(AccessError):
                    call()
        self.assertFalse(self.simulator.calls()["counts"])

    def test_an_administrator_of_another_company_does_not_see_it(self):
        other = self.env["res.company"].create({"name": "Autre"})
        self.administrator.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        found = self.env["chorus.connection"].with_user(self.administrator).search([])
        self.assertNotIn(self.connection.id, found.ids)
        with self.assertRaises(AccessError):
            self.connection.read(["login"])

    def test_the_server_names_a_proxy_and_its_certificates(self):
        self.connection.action_refresh_token()
        with server_configuration(proxy="http://proxy.example:3128", ca_bundle="/etc/ssl/own.pem"):
            settings = client_of(self.connection).settings
        self.assertEqual(settings.proxies, {"https": "http://proxy.example:3128"})
        self.assertEqual(settings.ca_bundle, "/etc/ssl/own.pem")
        self.assertIsNone(client_of(self.connection).settings.proxies)
