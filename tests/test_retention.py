"""A retention that is released: its own invoice, which names the first, and a debt that is counted once."""

from datetime import date
from decimal import Decimal

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .invoices import IBAN, InvoicesCommon
from .life import LifeCommon


def retention_term(env, kept=5, days=365):
    rows = [(100 - kept, 30, False), (kept, days, True)]
    return env["account.payment.term"].create(
        {
            "name": "95 % et 5 % de retenue",
            "line_ids": [
                Command.create(
                    {"value": "percent", "value_amount": part, "nb_days": after, "chorus_retention": retained}
                )
                for part, after, retained in rows
            ],
        }
    )


class RetentionCommon(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = retention_term(cls.env)

    def first(self, *lines, **values):
        """1,200 euros, 60 of them kept back."""
        lines = lines or [self.line(1000)]
        return self.make_invoice(*lines, invoice_payment_term_id=self.term.id, **values)

    def release(self, first, post=True):
        action = first.action_chorus_release_retention()
        release = first.browse(action["res_id"])
        if post:
            release.action_post()
        return release

    def owed(self):
        """What the ledger says that the customer owes, and what stands on the account of passage."""
        self.env.flush_all()
        receivable = self.customer.with_company(self.company).property_account_receivable_id
        passage = self.company.chorus_retention_account_id

        def balance(account):
            chosen = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
            chosen.append(("company_id", "=", self.company.id))
            return sum(self.env["account.move.line"].search(chosen).mapped("balance")) if account else 0.0

        return round(balance(receivable), 2), round(balance(passage), 2)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRetention(RetentionCommon):
    # -- the books

    def test_the_debt_is_counted_once(self):
        first = self.first()
        self.pay(first, 1140)
        self.assertEqual(first.chorus_retention_open, 60)
        before = self.owed()
        release = self.release(first)
        self.assertEqual(self.owed(), before, "moved, neither added nor lost")
        self.assertEqual((release.amount_total, release.amount_tax, release.amount_residual), (60, 0, 60))
        self.assertEqual((first.amount_residual, first.chorus_retention_open), (0, 0))
        self.assertEqual(first.payment_state, "paid")
        self.assertTrue(all(release._chorus_retention_lines().mapped("reconciled")), "the passage is cleared")
        self.assertTrue(self.company.chorus_retention_account_id.code.startswith("4117"))
        self.pay(release)
        self.assertEqual((release.payment_state, self.owed()), ("paid", (0.0, 0.0)))

    def test_it_may_be_released_before_the_rest_is_paid(self):
        first = self.first()
        self.release(first)
        self.assertEqual((first.amount_residual, first.payment_state), (1140, "partial"))

    def test_it_is_offered_only_where_one_is_open(self):
        plain, draft = (
            self.make_invoice(),
            self.make_invoice(post=False, invoice_payment_term_id=self.term.id),
        )
        for invoice in (plain, draft, self.reverse(self.first(), post=True)):
            self.assertEqual(invoice.chorus_retention_open, 0)
            with self.assertRaisesRegex(UserError, "Nothing is left"):
                invoice.action_chorus_release_retention()

    def test_nothing_is_released_twice(self):
        first = self.first()
        release = self.release(first, post=False)
        self.assertEqual(first.chorus_retention_open, 0)
        with self.assertRaisesRegex(UserError, "already"):
            first.action_chorus_release_retention()
        release.action_post()
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            first.action_chorus_release_retention()
        twin = release.sudo().copy({"chorus_retention_of_id": first.id, "invoice_date": release.invoice_date})
        with self.assertRaisesRegex(UserError, "only .*0.00.* of the retention"):
            twin.with_user(self.accountant).action_post()

    def test_a_part_may_be_released_and_the_rest_later(self):
        first = self.first()
        release = self.release(first, post=False)
        release.invoice_line_ids.price_unit = 70
        with self.assertRaisesRegex(UserError, "only"), self.cr.savepoint():
            release.action_post()
        self.env.invalidate_all()
        release.invoice_line_ids.price_unit = 20
        release.action_post()
        self.assertEqual(first.chorus_retention_open, 40)
        self.assertEqual(self.release(first).amount_total, 40)
        self.assertEqual(first.chorus_retention_open, 0)

    def test_what_is_undone_is_free_again(self):
        first = self.first()
        before = self.owed()
        for undo in ("button_draft", "button_cancel", "reverse"):
            release = self.release(first)
            self.assertEqual(first.chorus_retention_open, 0)
            if undo == "reverse":
                self.reverse(release)
            else:
                getattr(release, undo)()
            if undo == "button_draft":
                self.assertEqual(first.chorus_retention_open, 0, "its draft asks for it")
                release.action_post()
                self.assertEqual(first.amount_residual, 1140)
                release.button_draft()
                release.unlink()
            self.env.invalidate_all()
            self.assertEqual((undo, first.chorus_retention_open), (undo, 60))
            self.assertEqual((undo, self.owed()), (undo, before))

    def test_a_credited_part_is_asked_no_more(self):
        first = self.first()
        before = self.owed()
        release = self.release(first)
        credit = self.reverse(release, post=False)
        credit.invoice_line_ids.price_unit = 15
        credit.action_post()
        self.assertEqual((first.chorus_retention_open, self.owed()), (15, before))
        credit.button_draft()
        self.assertEqual((first.chorus_retention_open, self.owed()), (0, before))

    def test_the_first_stays_in_the_books_while_its_retention_is_asked_for(self):
        first = self.first()
        release = self.release(first)
        for leave in (first.button_draft, first.button_cancel):
            with self.assertRaisesRegex(UserError, release.name):
                leave()
        release.button_cancel()
        first.button_draft()
        self.assertEqual(first.state, "draft")

    def test_vat_on_payment_of_the_retention_is_due_on_the_day_of_its_release(self):
        self.company.tax_exigibility = True
        waiting = self.company_data["default_account_tax_sale"].copy({"reconcile": True})
        tax = self.make_tax(20, tax_exigibility="on_payment", cash_basis_transition_account_id=waiting.id)
        lines = tax.invoice_repartition_line_ids
        lines.filtered(lambda line: line.repartition_type == "tax").account_id = waiting.copy()
        first = self.first(self.line(1000, taxes=tax))

        def due():
            self.env.flush_all()
            items = self.env["account.move.line"].search([("account_id", "=", waiting.id)])
            return round(200 + sum(items.mapped("balance")), 2)

        self.assertEqual(due(), 0)
        release = self.release(first)
        self.assertEqual(due(), 10)
        release.button_cancel()
        self.assertEqual(due(), 0)
        self.pay(first, 1140)
        self.pay(self.release(first))
        self.assertEqual(due(), 200)

    def test_a_sale_is_no_retention(self):
        first = self.first()
        release = self.release(first, post=False)
        release.invoice_line_ids.account_id = self.company_data["default_account_revenue"]
        release.invoice_line_ids.tax_ids = False
        with self.assertRaisesRegex(UserError, "4117"):
            release.action_post()

    # -- the data and the page

    def test_it_names_the_first_and_why_it_bears_no_vat(self):
        first = self.first(self.line(600), self.line(400, taxes=self.vat10))
        release = self.release(first)
        semantic = self.semantic(release)
        (named,) = semantic.preceding
        self.assertEqual((named.number, named.issue_date), (first.name, date(2026, 11, 20)))
        self.assertEqual(semantic.type_code, "380")
        (line,) = semantic.lines
        self.assertEqual((line.vat.category, line.vat.rate), ("E", Decimal(0)))
        self.assertEqual(line.vat.reason, f"VAT already charged by invoice {first.name} of 11/20/2026")
        self.assertEqual(semantic.totals.payable, Decimal(str(release.amount_total)))
        self.assertFalse(self.codes(release, severity="block"))
        self.assertGood(release)
        invoices = release._chorus_invoices("production")
        report = self.env["ir.actions.report"].with_context(chorus_printed=invoices)
        html, _type = report._render_qweb_html("account.report_invoice", release.ids)
        page = " ".join(html2plaintext(html.decode()).split())
        for told in (first.name, "VAT already charged", "retenue de garantie"):
            self.assertIn(told, page)
        self.assertIn(IBAN, page.replace(" ", ""))

    def test_its_credit_note_says_the_same(self):
        first = self.first()
        release = self.release(first)
        credit = self.reverse(release)
        semantic = self.semantic(credit)
        self.assertEqual(semantic.lines[0].vat.category, "E")
        self.assertIn(first.name, semantic.lines[0].vat.reason)
        self.assertEqual(semantic.preceding[0].number, release.name)
        self.assertGood(credit)

    def test_the_buyer_reads_it_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        release = self.release(self.first())
        name = release.invoice_line_ids.name
        self.assertIn("Libération de la retenue de garantie de la facture", name)
        self.assertIn("du 20/11/2026", name)
        self.assertIn("TVA déjà facturée par la facture", self.semantic(release).lines[0].vat.reason)

    def test_it_takes_what_the_buyer_needs_from_the_first(self):
        codes = {
            "buyer_reference": "SERVICE_1",
            "purchase_order_reference": "EJ-1",
            "contract_reference": "M-1",
            "chorus_process": "A9",
        }
        release = self.release(self.first(**codes), post=False)
        self.assertEqual({name: release[name] for name in codes}, codes)
        self.assertFalse(release.invoice_payment_term_id.line_ids.filtered("chorus_retention"))


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRetentionDelivered(LifeCommon):
    environment = "production"

    def setUp(self):
        super().setUp()
        self.move = self.deliver(self.make_invoice(1000, invoice_payment_term_id=retention_term(self.env).id))
        self.env.invalidate_all()

    def release(self):
        action = self.move.with_user(self.accountant).action_chorus_release_retention()
        release = self.env["account.move"].browse(action["res_id"])
        release.with_user(self.accountant).action_post()
        return release

    def overdue(self):
        self.env.invalidate_all()
        hers = self.env["account.move"].with_user(self.accountant)
        found = hers.search([("chorus_overdue", "=", True), ("company_id", "=", self.company.id)])
        counter = self.env["chorus.overview"].with_user(self.accountant).open_counter("overdue", "production")
        self.assertEqual(hers.search(counter["domain"]) & found, found)
        self.assertEqual(len(hers.search(counter["domain"])), len(found))
        return found

    def pay(self, amount):
        bank = self.company_data["default_journal_bank"]
        due = self.move.line_ids.filtered(lambda item: item.display_type == "payment_term")
        entry = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "journal_id": bank.id,
                    "date": fields.Date.today(),
                    "line_ids": [
                        Command.create({"account_id": bank.default_account_id.id, "balance": amount}),
                        Command.create(
                            {
                                "account_id": due.account_id.id,
                                "balance": -amount,
                                "partner_id": self.customer.id,
                            }
                        ),
                    ],
                }
            )
        )
        entry.action_post()
        items = due.filtered(lambda item: not item.reconciled)
        (items + entry.line_ids.filtered(lambda item: item.account_id == due.account_id)).reconcile()

    def test_it_is_deposited_and_followed_like_any_other(self):
        release = self.release()
        self.deliver(release)
        self.assertEqual(self.remote(release)["status"], "MISE_A_DISPOSITION")
        self.assertFalse(release.chorus_retention_open)

    def test_only_a_retention_is_not_overdue(self):
        self.pass_time(days=45)
        self.assertEqual(self.overdue(), self.move, "nothing is paid")
        self.pay(1140)
        self.assertFalse(self.overdue(), "the retention has a day of its own")
        self.assertFalse(self.move.chorus_overdue)

    def test_a_released_retention_bears_no_interest_on_the_first(self):
        self.pass_time(days=45)
        self.env.invalidate_all()
        owed = self.move.chorus_late_principal
        self.assertEqual(owed, 1140)
        self.release()
        self.env.invalidate_all()
        self.assertEqual(self.move.chorus_late_principal, owed)
        self.assertEqual(self.overdue(), self.move)
        self.pay(1140)
        self.assertFalse(self.overdue())

    def test_a_release_that_the_buyer_rejects_is_corrected_and_counts_once(self):
        release = self.release()
        self.deliver(release)
        with self.assertRaises(UserError):
            release.with_user(self.accountant).button_draft()
        self.buyer(release, "REJETEE", "Il manque la mainlevée")
        wizard = self.open_wizard(release, "action_chorus_correct")
        again = self.env["account.move"].browse(wizard.action_correct()["res_id"])
        self.env.invalidate_all()
        self.assertEqual(again.chorus_retention_of_id, self.move)
        self.assertEqual(self.move.amount_residual, 1200, "free again, and asked for by the draft")
        again.with_user(self.accountant).action_post()
        self.assertEqual(self.move.amount_residual, 1140)
        self.deliver(again)
