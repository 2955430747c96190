import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .former_addon import FormerAddon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestMigration(FormerAddon):
    """Tables of the former addon are read, taken over, and left as they are."""

    def setUp(self):
        super().setUp()
        self.books = self.env["chorus.migration"].with_user(self.administrator)

    def run_migration(self):
        migration = self.books.create({"environment": "production"})
        migration.action_run()
        self.env.flush_all()
        self.env.invalidate_all()
        return migration

    def test_not_offered_without_the_tables(self):
        self.assertFalse(
            self.env["res.config.settings"].with_user(self.administrator).create({}).chorus_migration_offered
        )
        with self.assertRaises(UserError):
            self.books.action_open()

    def test_only_administrators(self):
        with self.assertRaises(AccessError):
            self.env["chorus.migration"].with_user(self.accountant).action_open()

    def test_everything_is_taken_over(self):
        self.former_tables()
        self.assertTrue(self.books._is_offered())
        migration = self.run_migration()
        good = self.line(self.integrated, "production")
        self.assertEqual((good.state, good.chorus_invoice_id), ("integrated", "4711"))
        self.assertEqual(good.status_code, "MISE_A_DISPOSITION")
        self.assertEqual(good.flow_number, "CPP0001")
        waiting = self.line(self.pending, "production")
        self.assertEqual((waiting.state, waiting.deposit_id.state), ("sent", "sent"))
        bad = self.line(self.rejected, "production")
        self.assertEqual((bad.state, bad.message), ("rejected", "Erreur 1"))
        town = self.town.with_company(self.company)
        self.assertEqual(town.dematerialized_invoice_type, "facturx")
        self.assertEqual(town.invoice_sending_method, "chorus_pro")
        self.assertEqual(self.contact.chorus_service_code, "VOIRIE")
        structure = self.env["chorus.structure"].search(
            [("siret", "=", self.town.company_registry), ("environment", "=", "production")]
        )
        self.assertTrue(structure.service_ids.needs_engagement)
        rows = json.loads(base64.b64decode(migration.raw_rows))
        self.assertEqual(len(rows["chorus_flow"]), 2)
        self.assertEqual(rows["chorus_partner_service"][0]["code"], "VOIRIE")

    def test_run_again_changes_nothing(self):
        self.former_tables()
        self.run_migration()
        lines = self.env["chorus.deposit.line"].search_count([])
        deposits = self.env["chorus.deposit"].search_count([])
        again = self.run_migration()
        self.assertEqual(self.env["chorus.deposit.line"].search_count([]), lines)
        self.assertEqual(self.env["chorus.deposit"].search_count([]), deposits)
        self.assertIn("0", again.report)

    def test_older_layouts_are_read_too(self):
        """Without the columns that some versions lack, what is there is taken over all the same."""
        self.former_tables()
        self.env.cr.execute(
            "ALTER TABLE res_partner DROP customer_invoice_transmit_method_id;"
            "ALTER TABLE chorus_flow DROP notes; ALTER TABLE account_move DROP chorus_status_date;"
            "DROP TABLE transmit_method; DROP TABLE chorus_flow_initial_account_move_rel"
        )
        self.run_migration()
        self.assertState(self.integrated, "integrated", "production")
        self.assertEqual(self.town.with_company(self.company).dematerialized_invoice_type, "facturx")

    def test_taken_over_invoice_cannot_be_sent_again(self):
        self.former_tables()
        self.run_migration()
        self.assertIn(self.integrated.id, self.queue(self.integrated, "production"))
