"""A database in which another Chorus Pro addon worked before, for the tests of the take-over."""

from .life import LifeCommon


class FormerAddon(LifeCommon):
    """Three invoices, a customer and a service as the former addon left them."""

    environment = "production"

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
