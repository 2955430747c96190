"""How, where and when the buyer pays (BG-16, BG-17, BT-9, BT-20, BT-113): to whom, in which instalments."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from odoo.tools import format_date, formatLang

from ..einvoice import terms
from .batch import NOTHING_PAID, Batch
from .kinds import Record
from .texts import stripped


class Due(NamedTuple):
    """One part of what is due on an invoice; ``amount`` is positive, in its currency."""

    date: object
    amount: float
    retention: bool


def retained_items(move: Record, items: Any) -> Any:
    """Those of the receivable items that are a retention (retenue de garantie).

    :param move: record of account.move
    :param items: its receivable items, as records or a list of ``Item``
    """
    retained = set()
    if len(items) > 1:
        rows = move.invoice_payment_term_id.line_ids.filtered("chorus_retention")
        retained = {row._get_due_date(move.invoice_date or move.date) for row in rows}
    if isinstance(items, list):
        return [item for item in items if item.date_maturity in retained]
    return items.filtered(lambda item: item.date_maturity in retained)


def read_dues(move: Record, items: Iterable[Any]) -> list[Due]:
    """The parts of what is due, the first one first.

    :param move: record of account.move
    :param items: its receivable items, records or ``Item``
    :rtype: list[Due]
    """
    items = sorted((item for item in items if item.date_maturity), key=lambda item: item.date_maturity)
    retained = {item.id for item in retained_items(move, items)}
    return [Due(item.date_maturity, abs(item.amount_currency), item.id in retained) for item in items]


def due_sentences(move: Record, dues: list[Due]) -> list[str]:
    """What is due when, in the language of ``move``; nothing where all is due at once.

    :rtype: list[str]
    """
    if len(dues) < 2:
        return []
    env = move.env

    def money(amount: float) -> str:
        return formatLang(env, amount, currency_obj=move.currency_id)

    told = []
    for due in dues:
        words = {"amount": money(due.amount), "date": format_date(env, due.date)}
        if due.retention:
            told.append(env._("Retention (retenue de garantie): %(amount)s, due on %(date)s", **words))
        else:
            told.append(env._("%(amount)s due on %(date)s", **words))
    if any(due.retention for due in dues):
        first = sum(due.amount for due in dues if not due.retention)
        told.append(env._("To be paid without the retention: %s", money(first)))
    return told


def subrogation(move: Record) -> str:
    """The sentence, in the language of ``move``: name, address, telephone and account of the factor.

    The public accountant pays whom the page names (Financial and Monetary Code, art. L313-23 and following).

    :param move: record of account.move with a factor
    """
    factor = move.chorus_factor_id
    town = " ".join(filter(None, (factor.zip, factor.city)))
    who = [factor.name, *filter(None, (factor.street, factor.street2, town))]
    if factor.phone:
        who.append(move.env._("telephone %s", factor.phone))
    account = factor.bank_ids[:1]._chorus_account_number()
    where = move.env._(" on its account %s", account) if account else ""
    return move.env._(
        "The claim of this invoice was transferred to %(factor)s, subrogated to our rights. To be released, "
        "pay only to it%(account)s. Tell it as well of any claim about this invoice.",
        factor=", ".join(who),
        account=where,
    )


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
NEEDS_ACCOUNT = frozenset({TRANSFER})


class PaymentMapper:
    """How the invoices of one batch are paid.

    :param Batch batch:
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def _paid(self, move: Record) -> Any:
        return self._batch.payments.get(move.id, NOTHING_PAID)

    def prepaid(self, move: Record) -> Decimal:
        """BT-113: money received. A credit note applied to the invoice is not: it is sent on its own."""
        return self._paid(move).money

    def means(self, move: Record) -> terms.PaymentMeans:
        """BG-16. Chorus Pro refuses an invoice without BT-81, even a credit note."""
        method, code = move.preferred_payment_method_line_id, self._means_code(move)
        banks = _banks(move) if code in NEEDS_ACCOUNT else ()
        return terms.PaymentMeans(
            code=code,
            text=stripped(method.name) if method else None,
            accounts=tuple(self._batch.accounts[bank.id] for bank in banks),
        )

    def _means_code(self, move: Record) -> str | None:
        method = move.preferred_payment_method_line_id
        if move.chorus_process == "A2":
            journals = self._paid(move).journals
            # Paid already: an account number would only invite a second payment.
            return MEANS_OF_JOURNAL[next(iter(journals))] if len(journals) == 1 else TRANSFER
        if method:
            by_method = MEANS_OF_METHOD.get(method.code)
            return by_method or MEANS_OF_JOURNAL.get(method.journal_id.type, TRANSFER)
        # Nobody pays a credit note: it is set off against the invoices it corrects.
        return CLEARING if move.move_type == "out_refund" else TRANSFER

    def _dues(self, move: Record) -> Any:
        return read_dues(move, self._batch.of_kind(move, "payment_term"))

    def due_date(self, move: Record) -> date | None:
        """BT-9: the first net due date (EN 16931 usage note); BT-20 tells the others."""
        dues = [due for due in self._dues(move) if due.amount]
        return dues[0].date if dues else move.invoice_date_due or None

    def terms(self, move: Record) -> str | None:
        """BT-20: the sentence of the payment term, each instalment, the early-payment discount."""
        env, term = move.env, move.invoice_payment_term_id
        sentences = [self._batch.plain(term.note) or stripped(term.name)] if term else []
        sentences += due_sentences(move, self._dues(move))
        if term.early_discount and move.invoice_date:
            sentences.append(
                env._(
                    "Discount of %(percent)s %% when paid before %(date)s",
                    percent=f"{term.discount_percentage:g}",
                    date=format_date(env, term._get_last_discount_date(move.invoice_date)),
                )
            )
        return stripped("\n".join(sentence for sentence in sentences if sentence))


def _banks(move: Record) -> Record:
    """The accounts to pay to: the factor's first one and no other when there is a factor."""
    if move.chorus_factor_id:
        return move.chorus_factor_id.bank_ids[:1]
    return move.partner_bank_id | move.chorus_other_bank_ids
