"""A copy of the database never sends real invoices."""

from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import ChorusCommon, server_configuration


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCopiedDatabase(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect("production").with_user(self.administrator)
        self.simulator.control("calls", method="DELETE")

    def copy_database(self, **parameters):
        """Make this database look like a copy: other identifier, or the given parameters."""
        for key, value in (parameters or {"database.uuid": "copied"}).items():
            self.env["ir.config_parameter"].set_param(key.replace("__", "."), value)

    def test_the_first_production_token_binds_the_database(self):
        self.assertEqual(self.connection.fingerprint["database"], self.env.cr.dbname)
        self.assertRegex(self.connection.fingerprint["server"], r"^(cluster|database) \d+$")
        self.assertFalse(self.connection.is_another_database)

    def test_a_copy_makes_no_call_at_all(self):
        self.copy_database()
        self.assertIn("copy of the database", self.connection._why_not_usable())
        with self.assertRaisesRegex(UserError, "identifier of the database"):
            self.connection._client()
        with self.assertRaisesRegex(UserError, "copy of the database"):
            self.connection.action_refresh_token()
        with self.assertRaisesRegex(UserError, "copy of the database"):
            self.connection.action_check_all()
        self.assertFalse(self.simulator.calls()["total"])

    def test_another_address_counts_as_a_copy(self):
        self.copy_database(web__base__url="https://training.example")
        self.assertIn("address of Odoo", self.connection._why_not_usable())

    def test_an_administrator_confirms(self):
        self.copy_database()
        self.connection.action_confirm_database()
        self.assertFalse(self.connection._why_not_usable())
        self.assertIn(self.administrator.name, self.connection.message_ids[0].body)

    def test_an_identical_clone_may_be_allowed_by_the_server(self):
        self.copy_database()
        with server_configuration(fingerprints=self.connection.fingerprint_code):
            self.assertFalse(self.connection._why_not_usable())
        self.assertTrue(self.connection._why_not_usable())

    def test_a_test_connection_is_free_to_move(self):
        test = self.connect("test", switch_on=False)
        self.copy_database()
        self.assertFalse(test._why_not_usable())

    def test_neutralizing_erases_and_switches_off(self):
        self.env.flush_all()
        for query in get_neutralization_queries(["base", "l10n_fr_chorus_pro"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.assertFalse(self.company.chorus_environment)
        self.env.cr.execute("SELECT * FROM chorus_connection WHERE id = %s", [self.connection.id])
        row = self.env.cr.dictfetchone()
        for column in ("client_id", "client_secret_cipher", "login", "password_cipher", "token_cipher"):
            self.assertIsNone(row[column])
        # Credentials typed again, or given by the server, do not make it a sender.
        self.connection.write(self.simulator.CREDENTIALS)
        with self.assertRaisesRegex(UserError, "neutralized copy"):
            self.connection.action_refresh_token()
        with self.assertRaisesRegex(UserError, "neutralized copy"):
            self.connection.action_confirm_database()
        self.assertFalse(self.simulator.calls()["total"])

    def test_without_permission_the_database_itself_identifies_the_server(self):
        self.env.cr.execute("CREATE ROLE chorus_unprivileged_probe NOLOGIN")
        self.env.cr.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO chorus_unprivileged_probe")
        self.env.cr.execute("SET LOCAL ROLE chorus_unprivileged_probe")
        self.env.cr.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
        allowed = self.env.cr.fetchone()[0]
        identifier = self.connection._server_identifier()
        self.env.cr.execute("RESET ROLE")
        self.assertRegex(identifier, r"^cluster \d+$" if allowed else r"^database \d+$")
