"""A test connection never calls production, nor the reverse: judged at each call, however it was written."""

from functools import partial

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..models.connection.chorus_connection_token import client_of, token_renewal
from .common import ChorusCommon

AUTH = "https://oauth.piste.gouv.fr/api/oauth/token"
API = "https://api.piste.gouv.fr"
SANDBOX_AUTH = "https://sandbox-oauth.piste.gouv.fr/api/oauth/token"
SANDBOX_API = "https://sandbox-api.piste.gouv.fr"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionAddresses(ChorusCommon):
    def test_on_the_official_domain_both_addresses_are_those_of_the_environment(self):
        connections = self.env["chorus.connection"].with_user(self.administrator)
        for environment, good in (("test", (SANDBOX_AUTH, SANDBOX_API)), ("production", (AUTH, API))):
            connection = connections.create({"company_id": self.company.id, "environment": environment})
            self.assertEqual((connection.auth_url, connection.api_url), good)
            others = {AUTH, SANDBOX_AUTH} - {good[0]}, {API, SANDBOX_API} - {good[1]}
            for values in (
                {"auth_url": others[0].pop()},
                {"api_url": others[1].pop()},
                {"api_url": self.simulator.url},
                {"auth_url": self.simulator.auth_url},
            ):
                with self.subTest(environment, **values):
                    # With the savepoint that this one sets.
                    with self.assertRaises(ValidationError) as refused:
                        connection.write(values)
                    self.assertIn("sandbox-", str(refused.exception))
            connection.write({"auth_url": self.simulator.auth_url, "api_url": self.simulator.url})

    def test_written_past_the_constraint_no_call_is_made(self):
        for environment, addresses in (("test", (AUTH, API)), ("production", (SANDBOX_AUTH, SANDBOX_API))):
            connection = self.connect(environment)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE chorus_connection SET auth_url = %s, api_url = %s WHERE id = %s",
                [*addresses, connection.id],
            )
            self.env.invalidate_all()
            with self.subTest(environment):
                self.assertIn("sandbox-", connection._why_not_usable())
                for call in (
                    partial(client_of, connection),
                    partial(token_renewal, connection),
                    connection.action_refresh_token,
                    connection.action_check_all,
                ):
                    with self.assertRaisesRegex(UserError, "sandbox-"):
                        call()
