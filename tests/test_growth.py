"""What grows: no idle run reads a whole table, whatever is asked, nor asks about each company."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import common, tagged

from ..models.base.chorus_server_config import decrypt
from .common import COMPANY_SIRET, NO_DUTY, SERVICE_DUTY, STATE, ChorusCommon, server_configuration
from .life import LifeCommon
from .statements import make_indexes_usable, multiply, recorded, scanned

ROWS = 4000
# Queries of a run that asks one company's Chorus Pro what changed, and hears nothing new.
IDLE_FOLLOW = 16
# Queries that look at whether a connection which invoices need may be used: whose database this is, and
# whether the scheduled action is switched on.
WEIGHED = 5
TABLES = {
    "account_move",
    "chorus_attempt",
    "chorus_deposit",
    "chorus_deposit_line",
    "chorus_status_event",
}


@tagged("post_install", "post_install_l10n", "-at_install")
class TestGrowth(LifeCommon):
    environment = "production"
    # Thousands of copies of one invoice's story.
    made_up = True

    @classmethod
    def setUpClass(cls):
        make_indexes_usable(common.get_db_name(), TABLES)
        super().setUpClass()

    def fill(self):
        """Thousands of invoices that were paid long ago, and one that is followed; nothing is due."""
        paid, _open = self.deliver(self.make_invoices(2))
        self.buyer(paid, "MISE_EN_PAIEMENT")
        self.env.flush_all()
        line = self.line(paid, "production")
        cr = self.env.cr
        moves = multiply(
            cr, "account_move", paid.id, ROWS, name="'GROWTH/' || n", chorus_paid_on="'2020-01-01'"
        )
        sealed = {"sealed": "TRUE"}
        deposits = multiply(cr, "chorus_deposit", line.deposit_id.id, ROWS, flow_number="'F' || n", **sealed)
        lines = multiply(
            cr,
            "chorus_deposit_line",
            line.id,
            ROWS,
            number="'GROWTH/' || n",
            move_id=f"{moves[0]} + n - 1",
            deposit_id=f"{deposits[0]} + n - 1",
            chorus_invoice_id="'G' || n",
            create_date="'2020-01-01'",
        )
        event, attempt = line.event_ids[0], line.deposit_id.attempt_ids[0]
        multiply(cr, "chorus_status_event", event.id, ROWS, line_id=f"{lines[0]} + n - 1", **sealed)
        multiply(cr, "chorus_attempt", attempt.id, ROWS, deposit_id=f"{deposits[0]} + n - 1")
        cr.execute("ANALYZE " + ", ".join(sorted(TABLES)))
        self.env.invalidate_all()

    def whole_tables(self, work):
        """The tables that ``work()`` reads whole, each with the statement that does."""
        with recorded() as statements:
            work()
            self.env.flush_all()
        questions = [
            statement
            for statement in statements
            if statement[0].lstrip(" \n(").upper().startswith(("SELECT", "WITH"))
            and any(table in statement[0] for table in TABLES)
        ]
        self.assertTrue(questions)
        return {
            (table, " ".join(question[0].split()))
            for question in questions
            for table in scanned(self.env.cr, question, TABLES)
        }

    def test_no_idle_run_reads_a_whole_table(self):
        self.fill()
        worker = self.env["chorus.worker"]
        self.assertEqual(self.whole_tables(worker._cron_send), set())
        self.assertEqual(self.whole_tables(worker._cron_follow), set())
        # Once a day everything that is open is looked at.
        self.connection.full_check_at = False
        self.assertEqual(self.whole_tables(worker._cron_follow), set())
        # Everything is sealed but what is new.
        self.assertEqual(self.whole_tables(worker._cron_seal), set())
        # What the daily action does for each connection.
        self.assertEqual(self.whole_tables(self.connection.sudo()._watch), set())
        self.connection.full_check_at = False
        self.assertEqual(self.whole_tables(self.connection.sudo()._to_watch), set())

    def test_sending_and_following_a_few_reads_no_whole_table(self):
        self.fill()
        self.queue(self.make_invoices(3), "production")
        worker = self.env["chorus.worker"]
        self.assertEqual(self.whole_tables(worker._cron_send), set())
        self.pass_time(hours=1)
        self.assertEqual(self.whole_tables(worker._cron_follow), set())

    def test_the_overview_looks_at_what_it_shows(self):
        self.fill()
        overview = self.env["chorus.overview"].with_user(self.accountant).with_company(self.company)
        paid = overview._counters("production")["paid"]
        to_decide = overview._to_decide_domain("production")
        for work in (
            lambda: self.env["chorus.deposit.line"]._any_of(self.company, "test"),
            lambda: overview._counter("paid", *paid),
            lambda: self.env["chorus.deposit"].search_count(to_decide),
            lambda: overview._reasons("production"),
        ):
            self.assertEqual(self.whole_tables(work), set())

    def test_the_sent_invoices_open_on_months(self):
        """Thousands of customers are no rows to begin with."""
        view = self.env["chorus.deposit.line"].get_view(view_type="pivot")["arch"]
        self.assertNotIn('name="partner_id"', view)

    # -- companies that have nothing to do

    def add_companies(self, count, **changes):
        """Companies that send to production, each with an invoice that was paid long ago.

        :param changes: of its line, as of ``multiply``
        """
        cr, line = self.env.cr, self.line(self.paid, "production")
        database = self.env["chorus.database"].sudo()._of(self.company)
        partners = multiply(cr, "res_partner", self.company.partner_id.id, count)
        copies = multiply(
            cr,
            "res_company",
            self.company.id,
            count,
            name=f"'Elsewhere {partners[0]}/' || n",
            partner_id=f"{partners[0]} + n - 1",
        )
        cr.execute("UPDATE res_company SET parent_path = id || '/' WHERE id IN %s", (tuple(copies),))
        own = {"company_id": f"{copies[0]} + n - 1"}
        multiply(cr, "chorus_database", database.id, count, **own)
        multiply(cr, "chorus_connection", self.connection.id, count, **own)
        moves = multiply(
            cr, "account_move", self.paid.id, count, name=f"'ELSEWHERE/{copies[0]}/' || n", **own
        )
        multiply(
            cr,
            "chorus_deposit_line",
            line.id,
            count,
            **own,
            move_id=f"{moves[0]} + n - 1",
            deposit_id="NULL",
            number=f"'ELSEWHERE/{copies[0]}/' || n",
            **{"chorus_invoice_id": f"'E{copies[0]}' || n"} | changes,
        )
        self.env.registry.clear_cache()
        self.env.invalidate_all()

    def idle_queries(self):
        """How many queries each scheduled action that has nothing to do takes."""
        worker, counts = self.env["chorus.worker"], {}
        for name in ("send", "help", "seal", "follow"):
            run = getattr(worker, f"_cron_{name}")
            # The first one writes down what it saw.
            run()
            self.env.flush_all()
            self.env.invalidate_all()
            with recorded() as statements:
                run()
            counts[name] = len(statements)
        return counts

    def test_companies_that_have_nothing_to_do_cost_no_query_each(self):
        self.paid, _open = self.deliver(self.make_invoices(2))
        self.buyer(self.paid, "MISE_EN_PAIEMENT")
        self.env.flush_all()
        self.add_companies(2)
        few = self.idle_queries()
        self.add_companies(30)
        self.assertEqual(self.idle_queries(), few)

    def test_companies_whose_invoices_wait_for_a_later_day_have_no_turn(self):
        self.paid, _open = self.deliver(self.make_invoices(2))
        self.buyer(self.paid, "MISE_EN_PAIEMENT")
        self.env.flush_all()
        later = {"state": "'queued'", "summary_state": "'queued'", "status_code": "NULL"}
        later |= {"next_action_at": "now() + interval '1 day'", "chorus_invoice_id": "NULL"}
        self.add_companies(12, **later)
        few = self.idle_queries()
        self.add_companies(20, **later)
        many = self.idle_queries()
        self.assertLessEqual(many.pop("send") - few.pop("send"), 20 * WEIGHED)
        self.assertEqual(many, few)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestIdleFollow(LifeCommon):
    environment = "production"

    def test_asking_what_changed_and_hearing_nothing_new_takes_few_queries(self):
        self.deliver(self.make_invoices(3))
        self.pass_time(minutes=30)
        self.run_follow()
        calls = self.simulator.calls()["total"]
        self.env.flush_all()
        self.env.invalidate_all()
        # All of a run: whether sending is switched on, whose turn it is, whether the connection may be used
        # from this database, what was known, the lines that Chorus Pro named, what is due, when the next is.
        with self.assertQueryCount(IDLE_FOLLOW):
            self.env["chorus.worker"]._cron_follow()
        self.assertEqual(self.simulator.calls()["total"], calls + 1)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestIdleBesideCompanies(ChorusCommon):
    """An idle run costs the same whatever the number of companies, and still finds the one to be served."""

    def setUp(self):
        super().setUp()
        self.connection = self.connect("production")
        self.company.chorus_responsible_id = self.administrator
        self.customer = self.make_customer(NO_DUTY)
        self.run_cron("directory")

    def run_cron(self, name):
        """Run the scheduled action; return how many statements it took."""
        with self.enter_registry_test_mode(), recorded() as statements:
            self.env.ref(f"l10n_fr_chorus_pro.cron_{name}").method_direct_trigger()
        self.env.invalidate_all()
        return len(statements)

    def add_companies(self, count, first):
        """Copies of the company and of its connection, with the same customer; the last connection."""
        cr, nth = self.env.cr, f"(n + {first})::text"
        partners = multiply(
            cr,
            "res_partner",
            self.company.partner_id.id,
            count,
            name=f"'Idle ' || {nth}",
            company_registry=f"'7328293210' || lpad({nth}, 4, '0')",
        )
        cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", (partners,))
        copies = multiply(
            cr,
            "res_company",
            self.company.id,
            count,
            name=f"'Idle ' || {nth}",
            partner_id=f"{partners[0]} + n - 1",
        )
        cr.execute("UPDATE res_company SET parent_path = id || '/' WHERE id = ANY(%s)", (copies,))
        own = {"company_id": f"{copies[0]} + n - 1"}
        database = self.env["chorus.database"].sudo().search([("company_id", "=", self.company.id)])
        multiply(cr, "chorus_database", database.id, count, **own)
        self.env.flush_all()
        connections = multiply(cr, "chorus_connection", self.connection.id, count, **own)
        cr.execute(
            "UPDATE res_partner SET dematerialized_invoice_type = dematerialized_invoice_type || marks.all"
            " FROM (SELECT jsonb_object_agg(id, 'facturx') AS all FROM unnest(%s) AS id) AS marks"
            " WHERE id = %s",
            (copies, self.customer.id),
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        return self.env["chorus.connection"].sudo().browse(connections[-1])

    def cost(self, name):
        # What is read once by each process is no part of it.
        self.run_cron(name)
        return self.run_cron(name)

    def test_an_idle_run_asks_the_same_beside_many_companies(self):
        for name in ("directory", "watch_connections"):
            self.add_companies(2, 10)
            few = self.cost(name)
            self.add_companies(12, 100)
            self.assertEqual(self.cost(name), few, name)
            self.env.cr.execute("DELETE FROM chorus_connection WHERE id != %s", (self.connection.id,))
            self.env.cr.execute("UPDATE res_company SET name = 'Former ' || id WHERE name LIKE 'Idle %'")

    def structure(self, siret):
        return self.env["chorus.structure"].search(
            [("siret", "=", siret), ("environment", "=", "production")]
        )

    def test_a_structure_that_is_due_and_a_new_customer_are_looked_up(self):
        only = self.add_companies(12, 0)
        customer = self.make_customer(SERVICE_DUTY).sudo()
        customer.with_company(self.company).dematerialized_invoice_type = False
        customer.with_company(only.company_id).dematerialized_invoice_type = "facturx"
        self.run_cron("directory")
        structure = self.structure(SERVICE_DUTY)
        self.assertTrue(structure.looked_up_at)
        structure.sudo().write({"looked_up_at": "2020-01-01", "next_look_up": "2020-01-08"})
        self.run_cron("directory")
        self.assertGreater(structure.looked_up_at.year, 2020)

    def test_a_customer_of_another_company_alone_is_not_looked_up(self):
        only = self.add_companies(12, 0)
        customer = self.make_customer(SERVICE_DUTY, company_id=self.company.id).sudo()
        customer.with_company(self.company).dematerialized_invoice_type = False
        customer.with_company(only.company_id).dematerialized_invoice_type = "facturx"
        self.run_cron("directory")
        self.assertFalse(self.structure(SERVICE_DUTY))

    def test_customers_marked_by_default_are_looked_up(self):
        only = self.add_companies(12, 0)
        self.make_customer(SERVICE_DUTY).with_company(self.company).dematerialized_invoice_type = False
        self.assertFalse(self.structure(SERVICE_DUTY))
        self.env["ir.default"].set(
            "res.partner", "dematerialized_invoice_type", "facturx", company_id=only.company_id.id
        )
        self.run_cron("directory")
        self.assertTrue(self.structure(SERVICE_DUTY).looked_up_at)

    def test_a_new_engagement_number_is_checked(self):
        only = self.add_companies(12, 0)
        for siret in (COMPANY_SIRET, only._own_siret()):
            self.simulator.set_structure(siret, name="Idle", public=False)
        move = self.init_invoice("out_invoice", partner=self.make_customer(STATE), amounts=[100])
        move.purchase_order_reference = "1300000001"
        self.env.flush_all()
        self.run_cron("directory")
        engagements = self.env["chorus.engagement"].sudo()
        self.assertEqual(engagements.search([]).company_id, self.company)
        multiply(self.env.cr, "account_move", move.id, 1, company_id=str(only.company_id.id), name="NULL")
        self.run_cron("directory")
        self.assertEqual(engagements.search([]).company_id, self.company | only.company_id)

    def test_a_search_that_has_ended_is_told(self):
        only = self.add_companies(12, 0)
        only.company_id.chorus_search_running = True
        self.run_cron("directory")
        self.assertFalse(only.company_id.chorus_search_running)

    def test_the_connection_that_needs_it_is_looked_after(self):
        only = self.add_companies(12, 0)
        only.write({"password_expiry": fields.Date.today() + timedelta(days=3), "state": "refused"})
        self.run_cron("watch_connections")
        self.assertEqual((only.password_reminder, only.state), (5, "connected"))
        reminder = self.env.ref("l10n_fr_chorus_pro.activity_password")
        self.assertEqual(
            len(self.env["mail.activity"].sudo().search([("activity_type_id", "=", reminder.id)])), 1
        )
        only.sudo().with_context(tracking_disable=True).password_expiry = False
        self.env.cr.execute(
            "UPDATE chorus_connection SET password_expiry = current_date + 300, password_reminder = 5"
            " WHERE id = %s",
            (only.id,),
        )
        self.env.invalidate_all()
        self.run_cron("watch_connections")
        self.assertEqual(only.password_reminder, 0)

    def test_a_secret_under_an_old_key_is_put_under_the_present_one(self):
        only = self.add_companies(12, 0)
        old = only.password_cipher
        with server_configuration(encryption_keys="k" * 32):
            self.run_cron("watch_connections")
            self.assertNotEqual(only.password_cipher, old)
            only.password_cipher = old
            self.run_cron("watch_connections")
            self.assertNotEqual(only.password_cipher, old)
            self.assertEqual(decrypt(self.env, only.password_cipher), "simulator-password")

    def test_an_obstacle_of_a_connection_in_use_is_weighed(self):
        only = self.add_companies(12, 0)
        move, own = self.init_invoice("out_invoice", partner=self.customer, amounts=[100]), only.company_id
        self.env.flush_all()
        (copy,) = multiply(self.env.cr, "account_move", move.id, 1, company_id=str(own.id), name="NULL")
        self.env["chorus.deposit.line"].sudo().create(
            {"company_id": own.id, "environment": "production", "state": "queued", "move_id": copy}
        )
        self.run_cron("watch_connections")
        self.assertFalse(only.obstructed_at)
        self.env.cr.execute("UPDATE chorus_connection SET state = 'draft' WHERE id = %s", (only.id,))
        self.env.invalidate_all()
        self.run_cron("watch_connections")
        self.assertTrue(only.obstructed_at)
        self.env.cr.execute("UPDATE chorus_connection SET state = 'connected' WHERE id = %s", (only.id,))
        self.env.invalidate_all()
        self.run_cron("watch_connections")
        self.assertFalse(only.obstructed_at)

    def test_when_they_cannot_be_looked_at_together_each_is_served_alone(self):
        only = self.add_companies(2, 0)
        only.write({"password_expiry": fields.Date.today() + timedelta(days=3)})

        def broken(*_args):
            raise ValueError("a bad record")

        with (
            patch.object(self.registry["chorus.connection"], "_to_watch", broken),
            self.assertLogs("odoo.addons.l10n_fr_chorus_pro", "ERROR"),
        ):
            self.run_cron("watch_connections")
        self.assertEqual(only.password_reminder, 5)
        structure = self.structure(NO_DUTY)
        structure.sudo().write({"looked_up_at": "2020-01-01", "next_look_up": "2020-01-08"})
        with (
            patch.object(self.registry["chorus.structure"], "_ended_searches", broken),
            self.assertLogs("odoo.addons.l10n_fr_chorus_pro", "ERROR"),
        ):
            self.run_cron("directory")
        self.assertGreater(structure.looked_up_at.year, 2020)
