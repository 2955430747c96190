"""How, where and when the buyer pays, and what was paid already (BG-16, BG-17, BT-9, BT-20, BT-113)."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models
from odoo.tools import format_date, formatLang

from ..einvoice import terms
from .account_move_einvoice import _plain, _text
from .account_move_einvoice_parties import compact
from .einvoice_amounts import ZERO, to_cents

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

    def _chorus_payments(self):
        """What settled each of these invoices. Invoices on which nothing was reconciled are absent.

        :rtype: dict[int, Payments]
        """
        settled = self.filtered(lambda move: move.payment_state != "not_paid")
        due = settled.line_ids.filtered(lambda line: line.display_type == "payment_term")
        found = defaultdict(Payments)
        for side, other_side, amount in (
            ("debit_move_id", "credit_move_id", "debit_amount_currency"),
            ("credit_move_id", "debit_move_id", "credit_amount_currency"),
        ):
            partials = due.env["account.partial.reconcile"].search_fetch(
                [(side, "in", due.ids)], [side, other_side, amount]
            )
            partials[other_side].move_id.fetch(["move_type", "journal_id"])
            for partial in partials:
                payments, entry = found[partial[side].move_id.id], partial[other_side].move_id
                value = to_cents(partial[amount])
                if entry.move_type == "entry" and entry.journal_id.type in MONEY_JOURNALS:
                    payments.money += value
                    payments.journals.add(entry.journal_id.type)
                else:
                    payments.other += value
                    payments.others.append(entry)
        return dict(found)

    def _chorus_prepaid(self, common):
        """BT-113: money received. A credit note applied to the invoice is not: it is sent on its own."""
        return common.payments.get(self.id, NOTHING_PAID).money

    def _chorus_is_paid_by_money(self, payments):
        """Whether bank or cash payments, and nothing else, settled the whole invoice (cadre A2)."""
        paid = payments.get(self.id, NOTHING_PAID)
        return bool(paid.money) and not paid.others and paid.money == to_cents(self.amount_total)

    # ------------------------------------------------------------------ means

    def _chorus_payment_means(self, common):
        """BG-16. Chorus Pro refuses an invoice without BT-81, even a credit note."""
        code = self._chorus_means_code(common)
        accounts = self._chorus_bank_accounts()
        return terms.PaymentMeans(
            code=code,
            text=_text(self.preferred_payment_method_line_id.name),
            accounts=tuple(_account(bank) for bank in accounts) if code in NEEDS_ACCOUNT else (),
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

    # ------------------------------------------------------------------ terms

    def _chorus_payment_terms(self):
        """BT-20: the sentence of the payment term, each instalment, the early-payment discount."""
        term = self.invoice_payment_term_id
        sentences = [_plain(term.note) or _text(term.name)]
        dues = self.line_ids.filtered(lambda line: line.display_type == "payment_term" and line.date_maturity)
        if len(dues) > 1:
            sentences += [
                self.env._(
                    "%(amount)s due on %(date)s",
                    amount=formatLang(self.env, abs(due.amount_currency), currency_obj=self.currency_id),
                    date=format_date(self.env, due.date_maturity),
                )
                for due in dues.sorted("date_maturity")
            ]
        if term.early_discount and self.invoice_date:
            sentences.append(
                self.env._(
                    "Discount of %(percent)s %% when paid before %(date)s",
                    percent=f"{term.discount_percentage:g}",
                    date=format_date(self.env, term._get_last_discount_date(self.invoice_date)),
                )
            )
        return _text("\n".join(sentence for sentence in sentences if sentence))


def _account(bank):
    return terms.BankAccount(
        number=compact(bank.acc_number) or "",
        bic=compact(bank.bank_bic),
        holder=_text(bank.acc_holder_name),
        iban=bank.acc_type == "iban",
    )
