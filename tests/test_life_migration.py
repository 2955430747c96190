import base64
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestMigration(LifeCommon):
    """Tables of the former addon are read, taken over, and left as they are."""

    environment = "production"

    def setUp(self):
        super().setUp()
        self.books = self.env["chorus.migration"].with_user(self.administrator)

    def former_tables(self):
        """The tables and columns that the former addon leaves behind, with a story in them."""
        execute = self.env.cr.execute
        execute(
            """
            CREATE TABLE transmit_method (id serial PRIMARY KEY, code varchar);
            CREATE TABLE chorus_flow (
                id serial PRIMARY KEY, name varchar, date date, attachment_id int, status varchar,
                status_date timestamp, syntax varchar, notes text, company_id int, create_date timestamp
            );
            CREATE TABLE chorus_flow_initial_account_move_rel (chorus_flow_id int, move_id int);
            CREATE TABLE chorus_partner_service (
                id serial PRIMARY KEY, partner_id int, code varchar, name varchar, active boolean,
                chorus_identifier int, engagement_required boolean
            );
            ALTER TABLE account_move ADD chorus_flow_id int, ADD chorus_identifier int,
                ADD chorus_status varchar, ADD chorus_status_date timestamp;
            ALTER TABLE res_partner ADD fr_chorus_required varchar, ADD fr_chorus_identifier int,
                ADD fr_chorus_service_id int, ADD customer_invoice_transmit_method_id jsonb;
            INSERT INTO transmit_method (code) VALUES ('mail'), ('fr-chorus');
            """
        )
        self.integrated, self.pending, self.rejected = self.make_invoices(3)
        self.town = self.make_customer(name="Ville d'avant", dematerialized_invoice_type=False)
        self.contact = self.env["res.partner"].create({"name": "Voirie", "parent_id": self.town.id})
        self.env.flush_all()
        company = self.company.id
        execute(
            """
            INSERT INTO chorus_flow (name, date, status, syntax, notes, company_id) VALUES
                ('CPP0001', '2026-01-10', 'IN_INTEGRE_PARTIEL', 'pdf_factur-x', 'Erreur 1', %(company)s),
                ('CPP0002', '2026-01-11', 'IN_RECU', 'pdf_factur-x', NULL, %(company)s);
            INSERT INTO chorus_flow_initial_account_move_rel
                VALUES (1, %(good)s), (1, %(bad)s), (2, %(wait)s);
            UPDATE account_move SET chorus_flow_id = 1, chorus_identifier = 4711,
                chorus_status = 'MISE_A_DISPOSITION', chorus_status_date = '2026-01-12' WHERE id = %(good)s;
            UPDATE account_move SET chorus_flow_id = 2 WHERE id = %(wait)s;
            INSERT INTO chorus_partner_service (partner_id, code, name, active, chorus_identifier,
                engagement_required) VALUES (%(town)s, 'VOIRIE', 'Voirie', true, 12, true);
            UPDATE res_partner SET fr_chorus_required = 'service', fr_chorus_identifier = 99,
                customer_invoice_transmit_method_id = jsonb_build_object(%(key)s, 2) WHERE id = %(town)s;
            UPDATE res_partner SET fr_chorus_service_id = 1 WHERE id = %(contact)s;
            """,
            {
                "company": company,
                "key": str(company),
                "good": self.integrated.id,
                "bad": self.rejected.id,
                "wait": self.pending.id,
                "town": self.town.id,
                "contact": self.contact.id,
            },
        )
        self.env.invalidate_all()

    def run_migration(self):
        migration = self.books.create({"environment": "production"})
        migration.action_run()
        self.env.flush_all()
        self.env.invalidate_all()
        return migration

    def test_not_offered_without_the_tables(self):
        self.assertFalse(self.env["res.config.settings"].with_user(self.administrator).create({})
                         .chorus_migration_offered)
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
        self.assertEqual(
            self.town.with_company(self.company).dematerialized_invoice_type, "facturx"
        )

    def test_taken_over_invoice_cannot_be_sent_again(self):
        self.former_tables()
        self.run_migration()
        self.assertIn(self.integrated.id, self.queue(self.integrated, "production"))
