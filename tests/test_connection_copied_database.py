"""A copy of the database never sends real invoices."""

from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from ..models.connection.chorus_connection_token import client_of
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

    @property
    def database(self):
        return self.env["chorus.database"]._of(self.company)

    def change(self, **signs):
        """Let signs of the database be others than what was confirmed."""
        self.database.fingerprint = {**self.database.fingerprint, **signs}

    def test_the_first_production_token_binds_the_database(self):
        self.assertEqual(self.database.fingerprint["database"], self.env.cr.dbname)
        self.assertTrue(self.database.fingerprint["oid"])
        self.assertFalse(self.connection.is_another_database)

    def test_the_oid_is_that_of_this_database(self):
        self.env.cr.execute("SELECT datid::bigint FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        own = self.env.cr.fetchone()[0]
        self.assertEqual(self.env["chorus.database"]._hard_signs()["oid"], own)

    def test_each_hard_sign_stops_everything(self):
        for sign, words in (
            ("database", "name of the database"),
            ("uuid", "identifier of the database"),
            ("oid", "restored or made anew"),
            ("server", "PostgreSQL server"),
        ):
            with self.subTest(sign):
                known = self.database.fingerprint
                self.change(**{sign: "another"})
                self.assertIn(words, self.connection._why_not_usable())
                self.database.fingerprint = known
                self.assertFalse(self.connection._why_not_usable())

    def test_a_connection_made_anew_belongs_to_the_same_database(self):
        self.change(oid=1)
        values = self.connection_values("production")
        self.connection.unlink()
        again = self.env["chorus.connection"].create(values)
        self.assertIn("copy of the database", again._why_not_usable())
        with self.assertRaisesRegex(UserError, "copy of the database"):
            again.action_refresh_token()

    def test_what_former_versions_wrote_is_adopted_when_it_agrees(self):
        now = self.database.fingerprint
        server = f"cluster {now['server']}" if now["server"] else f"database {now['oid']}"
        former = {"database": now["database"], "uuid": now["uuid"], "server": server, "url": "https://x"}
        self.database.fingerprint = former
        self.assertFalse(self.connection._why_not_usable())
        self.env["chorus.database"]._look_around()
        self.assertEqual(self.database.fingerprint, now)
        for sign in ("database", "uuid", "server"):
            self.database.fingerprint = {**former, sign: "another"}
            self.assertTrue(self.connection._why_not_usable(), sign)
            self.env["chorus.database"]._look_around()
            self.assertEqual(self.database.fingerprint[sign], "another")

    def test_a_copy_makes_no_call_at_all(self):
        self.copy_database()
        self.assertIn("copy of the database", self.connection._why_not_usable())
        with self.assertRaisesRegex(UserError, "identifier of the database"):
            client_of(self.connection)
        with self.assertRaisesRegex(UserError, "copy of the database"):
            self.connection.action_refresh_token()
        with self.assertRaisesRegex(UserError, "copy of the database"):
            self.connection.action_check_all()
        self.assertFalse(self.simulator.calls()["total"])

    def test_another_address_of_odoo_changes_nothing(self):
        self.copy_database(web__base__url="https://training.example")
        self.assertFalse(self.connection._why_not_usable())

    def test_a_copy_by_odoo_s_own_tool_says_so_before_it_speaks_of_secrets(self):
        self.copy_database(database__uuid="copied", database__secret="new")
        self.assertIn("copy of the database", self.connection._why_not_usable())
        self.connection.action_confirm_database()
        self.assertIn("Odoo gave it a new secret", self.connection._why_not_usable())
        self.connection.write(self.simulator.CREDENTIALS)
        self.connection.action_refresh_token()
        self.assertFalse(self.connection._why_not_usable())

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

    def test_without_permission_the_oid_identifies_the_database(self):
        self.env.cr.execute("CREATE ROLE chorus_unprivileged_probe NOLOGIN")
        self.env.cr.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO chorus_unprivileged_probe")
        self.env.cr.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        self.env.cr.execute("REVOKE EXECUTE ON FUNCTION pg_control_checkpoint() FROM PUBLIC")
        self.env.cr.execute("SET LOCAL ROLE chorus_unprivileged_probe")
        signs, soft = self.database._hard_signs(), self.database._soft_signs()
        self.env.cr.execute("RESET ROLE")
        self.assertIsNone(signs["server"])
        self.assertTrue(signs["oid"])
        self.assertEqual(soft["timeline"], 0)
