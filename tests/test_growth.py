"""What grows with the years: no idle run reads a whole table, whatever is asked."""

from odoo.tests import tagged

from .life import LifeCommon
from .statements import multiply, recorded, scanned

ROWS = 4000
# Queries of a run that asks one company's Chorus Pro what changed, and hears nothing new.
IDLE_FOLLOW = 16
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

    # -- companies that have nothing to do

    def add_companies(self, count):
        """Companies that send to production, each with an invoice that was paid long ago."""
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
            chorus_invoice_id=f"'E{copies[0]}' || n",
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
