"""How, where and when the buyer pays, and what was paid already (BG-16, BG-17, BT-9, BT-20, BT-113)."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools import format_date, formatLang

from ..einvoice import terms
from .account_move_einvoice_parties import compact
from .einvoice_amounts import ZERO, to_cents
from .einvoice_texts import stripped

# UNTDID 4461 codes that Chorus Pro takes in a CII (AIFE S2.05).
CASH, CHEQUE, TRANSFER, CARD, DIRECT_DEBIT, CLEARING = "10", "20", "30", "48", "49", "97"

MEANS_OF_METHOD = {
    "check_printing": CHEQUE,
    "sepa_ct": TRANSFER,
    "sdd": DIRECT_DEBIT,
    "sepa_direct_debit": DIRECT_DEBIT,
    "batch_payment": TRANSFER,
}
MEANS_OF_JOURNAL = {"cash": CASH, "credit": CARD, "bank": TRANSFER}
MONEY_JOURNALS = frozenset({"bank", "cash", "credit"})
NEEDS_ACCOUNT = frozenset({TRANSFER})


@dataclass(slots=True)
class Payments:
    """What settled an invoice: ``money`` through a bank or cash journal, ``other`` by anything else.

    ``others`` are the entries of the second kind, ``journals`` the types of the first.
    """

    money: Decimal = ZERO
    other: Decimal = ZERO
    others: list = field(default_factory=list)
    journals: set = field(default_factory=set)


NOTHING_PAID = Payments()


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_payments(self, common):
        """What settled each of these invoices. Invoices on which nothing was reconciled are absent.

        :param EinvoicePass common: with the items read
        :rtype: dict[int, Payments]
        """
        due = {
            item.id: move.id
            for move in self
            if move.payment_state != "not_paid"
            for item in common.of_kind(move, "payment_term")
        }
        found = defaultdict(Payments)
        if not due:
            return found
        for side, other_side, amount in (
            ("debit_move_id", "credit_move_id", "debit_amount_currency"),
            ("credit_move_id", "debit_move_id", "credit_amount_currency"),
        ):
            partials = self.env["account.partial.reconcile"].search_fetch(
                [(side, "in", list(due))], [side, other_side, amount]
            )
            partials[other_side].move_id.fetch(["move_type", "journal_id"])
            for paid in partials:
                payments, entry = found[due[paid[side].id]], paid[other_side].move_id
                value = to_cents(paid[amount])
                if entry.move_type == "entry" and entry.journal_id.type in MONEY_JOURNALS:
                    payments.money += value
                    payments.journals.add(entry.journal_id.type)
                else:
                    payments.other += value
                    payments.others.append(entry)
        return found

    def _chorus_prepaid(self, common):
        """BT-113: money received. A credit note applied to the invoice is not: it is sent on its own."""
        return common.payments.get(self.id, NOTHING_PAID).money

    # ------------------------------------------------------------------ means

    def _chorus_payment_means(self, common):
        """BG-16. Chorus Pro refuses an invoice without BT-81, even a credit note."""
        method, code = self.preferred_payment_method_line_id, self._chorus_means_code(common)
        banks = self._chorus_bank_accounts() if code in NEEDS_ACCOUNT else ()
        return terms.PaymentMeans(
            code=code,
            text=stripped(method.name) if method else None,
            accounts=tuple(common.accounts[bank.id] for bank in banks),
        )

    def _chorus_means_code(self, common):
        method = self.preferred_payment_method_line_id
        if self.chorus_process == "A2":
            journals = common.payments.get(self.id, NOTHING_PAID).journals
            # Paid already: an account number would only invite a second payment.
            return MEANS_OF_JOURNAL[next(iter(journals))] if len(journals) == 1 else TRANSFER
        if method:
            by_method = MEANS_OF_METHOD.get(method.code)
            return by_method or MEANS_OF_JOURNAL.get(method.journal_id.type, TRANSFER)
        if self.move_type == "out_refund":
            # Nobody pays a credit note: it is set off against the invoices it corrects.
            return CLEARING
        return TRANSFER

    def _chorus_bank_accounts(self):
        """The accounts to pay to: the factor's when there is one, else the invoice's."""
        if self.chorus_factor_id:
            return self.chorus_factor_id.bank_ids
        return self.partner_bank_id | self.chorus_other_bank_ids

    def _chorus_accounts(self):
        """All accounts that may be named on these invoices, read together.

        :rtype: dict[int, einvoice.terms.BankAccount]
        """
        banks = self.partner_bank_id | self.chorus_other_bank_ids | self.chorus_factor_id.bank_ids
        return {bank.id: _account(bank) for bank in banks}

    # ------------------------------------------------------------------ terms

    def _chorus_payment_terms(self, common):
        """BT-20: the sentence of the payment term, each instalment, the early-payment discount."""
        term = self.invoice_payment_term_id
        sentences = []
        if term:
            sentences.append(common.plain(term.note) or stripped(term.name))
        dues = [item for item in common.of_kind(self, "payment_term") if item.date_maturity]
        if len(dues) > 1:
            sentences += [
                self.env._(
                    "%(amount)s due on %(date)s",
                    amount=formatLang(self.env, abs(due.amount_currency), currency_obj=self.currency_id),
                    date=format_date(self.env, due.date_maturity),
                )
                for due in sorted(dues, key=lambda due: due.date_maturity)
            ]
        if term.early_discount and self.invoice_date:
            sentences.append(
                self.env._(
                    "Discount of %(percent)s %% when paid before %(date)s",
                    percent=f"{term.discount_percentage:g}",
                    date=format_date(self.env, term._get_last_discount_date(self.invoice_date)),
                )
            )
        return stripped("\n".join(sentence for sentence in sentences if sentence))


def _account(bank):
    return terms.BankAccount(
        number=compact(bank.acc_number) or "",
        bic=compact(bank.bank_bic),
        holder=stripped(bank.acc_holder_name),
        iban=bank.acc_type == "iban",
    )
