"""A retention (retenue de garantie) that the buyer gives back: an invoice of its own, which names the first.

The first invoice charged the VAT of everything, so the line of the retention bears none. When the new invoice
is posted, an entry moves the debt: it settles the retention of the first one through an account of passage,
which the line of the new invoice brings back to zero. What is still open of the first is the only record of
what was released, so nothing can be released twice, and what is undone is free again.
"""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..base.chorus_authority import BY_CODE
from ..base.chorus_states import INVOICES, that

# French chart of accounts: 4117, customers - retentions. Its own account is a receivable, which no line of a
# customer invoice may bear: the passage lies beside it.
PASSAGE = "41179"
SETTLED = that(INVOICES, settled=True)


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_retention_account_id = fields.Many2one(
        "account.account", "Account of passage for released retentions", check_company=True
    )

    def _chorus_retention_passage(self):
        """The account through which a released retention passes; made at the first one.

        :return: record of account.account, with sudo
        """
        self.ensure_one()
        company = self.sudo()
        if not company.chorus_retention_account_id:
            accounts = company.env["account.account"].with_company(company)
            account = accounts.create(
                {
                    "name": self.env._("Released retentions (passage)"),
                    "code": accounts._search_new_account_code(PASSAGE + "0"),
                    "account_type": "asset_current",
                    "reconcile": True,
                    "company_ids": [Command.link(company.id)],
                }
            )
            for lang, _name in self.env["res.lang"].get_installed():
                words = self.with_context(lang=lang).env._("Released retentions (passage)")
                account.with_context(lang=lang).name = words
            company.chorus_retention_account_id = account
        return company.chorus_retention_account_id


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_retention_of_id = fields.Many2one(
        "account.move",
        "Releases the retention of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="The invoice whose retention (retenue de garantie) this one asks for, and which charged its"
        " VAT.",
    )
    chorus_retention_invoice_ids = fields.One2many(
        "account.move", "chorus_retention_of_id", "Retention released by", readonly=True, copy=False
    )
    chorus_retention_entry_id = fields.Many2one(
        "account.move",
        "Entry that moves the retention",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
    )
    chorus_retention_open = fields.Monetary(
        "Retention to be released",
        compute="_compute_chorus_retention_open",
        currency_field="currency_id",
        help="What the buyer keeps back of this invoice, and no other invoice has asked for.",
    )

    @api.depends("state", "amount_residual", "invoice_payment_term_id", "chorus_retention_invoice_ids.state")
    def _compute_chorus_retention_open(self):
        for move in self:
            drafts = move.chorus_retention_invoice_ids.filtered(lambda other: other.state == "draft")
            move.chorus_retention_open = 0.0 if drafts else move._chorus_retention_left()

    def action_chorus_release_retention(self):
        """Make the draft invoice that asks for the retention, and open it.

        :raises UserError: where there is nothing to release, or an invoice asks for it already
        """
        self.ensure_one()
        self.check_access("write")
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(["chorus_retention_invoice_ids"])
        draft = self.chorus_retention_invoice_ids.filtered(lambda other: other.state == "draft")[:1]
        if draft:
            raise UserError(
                self.env._(
                    "A draft invoice asks for the retention of %s already: open it under “Retention”,"
                    " then confirm or delete it.",
                    self.name,
                )
            )
        amount = self._chorus_retention_left()
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(
                self.env._(
                    "Nothing is left to release of %s: it has no retention, or another invoice or a payment"
                    " has settled it.",
                    self.name,
                )
            )
        if self.chorus_state in SETTLED or self.payment_state == "reversed":
            raise UserError(
                self.env._("No payment is expected of %s: it has no retention to release.", self.name)
            )
        release = self.with_context(**BY_CODE).create(self._chorus_retention_values(amount))
        return self.browse(release.id)._get_records_action(name=self.env._("Release of the retention"))

    def _chorus_retention_values(self, amount):
        """:return: dict, values of the invoice that asks for the retention of this one"""
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        text = env._(
            "Release of the retention (retenue de garantie) of invoice %(number)s of %(date)s\n"
            "VAT already charged by that invoice",
            number=self.name,
            date=format_date(env, self.invoice_date),
        )
        term = self.partner_id.with_company(self.company_id).property_payment_term_id
        line = {
            "name": text,
            "quantity": 1,
            "price_unit": amount,
            "account_id": self.company_id._chorus_retention_passage().id,
            "tax_ids": [Command.clear()],
        }
        return {
            "move_type": "out_invoice",
            "company_id": self.company_id.id,
            "journal_id": self.journal_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "partner_bank_id": self.partner_bank_id.id,
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_user_id": self.invoice_user_id.id,
            "invoice_payment_term_id": not term.line_ids.filtered("chorus_retention") and term.id,
            "invoice_origin": self.name,
            "buyer_reference": self.buyer_reference,
            "purchase_order_reference": self.purchase_order_reference,
            "contract_reference": self.contract_reference,
            "chorus_process": "A1" if self.chorus_process == "A2" else self.chorus_process,
            "chorus_retention_of_id": self.id,
            "invoice_line_ids": [Command.create(line)],
        }

    def action_chorus_open_retention(self):
        """Open what asks for the retention of this invoice, or the invoice whose retention it asks for."""
        self._chorus_check_may_follow()
        return (self.chorus_retention_invoice_ids | self.chorus_retention_of_id)._get_records_action(
            name=self.env._("Retention")
        )

    # -- the debt is moved, so that it is not counted twice

    def _chorus_move_retentions(self):
        """After these documents were posted or taken back: move what their releases ask for, and no more."""
        releases = (self | self.reversed_entry_id).filtered("chorus_retention_of_id")
        for release in releases:
            release._chorus_move_retention()

    def _chorus_retention_lines(self):
        """The lines of the retention: those without VAT, which the first invoice charged."""
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product" and not line.tax_ids
        )

    def _chorus_move_retention(self):
        credits_ = self.reversal_move_ids.filtered(lambda credit: credit.state == "posted")
        asking = self if self.state == "posted" else self.browse()
        lines = (asking | credits_)._chorus_retention_lines()
        asked = -sum(lines.mapped("amount_currency")) if asking else 0.0
        entry = self.chorus_retention_entry_id
        moved = sum(self._chorus_passage_items(entry).mapped("amount_currency"))
        if self.currency_id.compare_amounts(asked, moved) == 0:
            return
        if entry:
            self.with_context(**BY_CODE).chorus_retention_entry_id = False
            day = max(entry.date, fields.Date.context_today(self))
            entry._reverse_moves([{"date": day, "ref": self.env._("Undone: %s", entry.ref)}], cancel=True)
        if self.currency_id.compare_amounts(asked, 0) > 0:
            self._chorus_make_retention_entry(asked, lines)

    def _chorus_passage_items(self, entry):
        return entry.line_ids.filtered(lambda item: item.account_id.account_type != "asset_receivable")

    def _chorus_make_retention_entry(self, asked, lines):
        """Settle the retention of the first invoice through the account of these lines.

        :param float asked: in the invoice's currency
        :raises UserError: when less is open there
        """
        first = self.chorus_retention_of_id
        first.lock_for_update(allow_referencing=True)
        items = first._chorus_retention_items().filtered(lambda item: not item.reconciled)
        left = sum(items.mapped("amount_residual_currency"))
        if self.currency_id.compare_amounts(asked, left) > 0:
            raise UserError(
                self.env._(
                    "%(number)s asks for %(asked)s, but only %(left)s of the retention of %(first)s is still"
                    " open. Correct the amount of its line without VAT.",
                    number=self.name,
                    asked=self.currency_id.format(asked),
                    left=self.currency_id.format(left),
                    first=first.name,
                )
            )
        account = lines.account_id
        if len(account) != 1 or account.account_type in ("asset_receivable", "income", "income_other"):
            raise UserError(
                self.env._(
                    "The line of the retention is no sale: put it on the account “%(account)s”, then confirm"
                    " %(number)s again.",
                    account=self.company_id._chorus_retention_passage().display_name,
                    number=self.name,
                )
            )
        entry = self.create(self._chorus_retention_entry_values(asked, items, account))
        entry._post(soft=False)
        self.with_context(**BY_CODE).chorus_retention_entry_id = entry
        (items | entry.line_ids.filtered(lambda item: item.account_id in items.account_id)).reconcile()
        if account.reconcile:
            passage = lines | self._chorus_passage_items(entry)
            passage.filtered(lambda item: not item.reconciled).reconcile()

    def _chorus_retention_entry_values(self, asked, items, account):
        first, company = self.chorus_retention_of_id, self.company_id
        journals = self.env["account.journal"]
        journal = journals.search(
            [*journals._check_company_domain(company), ("type", "=", "general")], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "The entry that moves the retention needs a journal of the type “Miscellaneous” in %s:"
                    " make one under Configuration > Journals.",
                    company.display_name,
                )
            )
        text = self.env._(
            "Retention of %(first)s, asked for by %(number)s", first=first.name, number=self.name
        )
        common = {
            "name": text,
            "partner_id": self.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
        }
        return {
            "move_type": "entry",
            "company_id": company.id,
            "journal_id": journal.id,
            "date": self.date,
            "ref": text,
            "line_ids": [
                Command.create({**common, "account_id": account.id, "amount_currency": asked}),
                Command.create({**common, "account_id": items.account_id[:1].id, "amount_currency": -asked}),
            ],
        }

    def _chorus_before_leaving_retention(self, vals):
        """A posted invoice leaves the books: a release gives the debt back, a first one has to wait."""
        if vals.get("state", "posted") == "posted":
            return None
        leaving = self.filtered(lambda move: move.state == "posted" and move.is_sale_document())
        for move in leaving:
            asking = move.chorus_retention_invoice_ids.filtered("chorus_retention_entry_id") - leaving
            if asking:
                raise UserError(
                    self.env._(
                        "%(releases)s asks for the retention of %(number)s: reset or cancel it first.",
                        releases=", ".join(asking.mapped("name")),
                        number=move.name,
                    )
                )
        return leaving._chorus_move_retentions
