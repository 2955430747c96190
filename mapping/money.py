"""What a batch reads about money: what was paid already, and the accounts that may be named."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..einvoice import terms
from .amounts import ZERO, to_cents
from .kinds import Env, Record
from .texts import compact, stripped

MONEY_JOURNALS = frozenset({"bank", "cash", "credit"})


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


def read_payments(env: Env, due: dict[int, int]) -> Any:
    """What settled each invoice. Those on which nothing was reconciled are absent.

    :param dict[int, int] due: the invoice of each receivable item, by ids
    :rtype: dict[int, Payments]
    """
    found = defaultdict(Payments)
    if not due:
        return found
    for side, other_side, amount in (
        ("debit_move_id", "credit_move_id", "debit_amount_currency"),
        ("credit_move_id", "debit_move_id", "credit_amount_currency"),
    ):
        partials = env["account.partial.reconcile"].search_fetch(
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


def read_accounts(moves: Record) -> dict[int, terms.BankAccount]:
    """All accounts that may be named on these invoices, read together.

    :rtype: dict[int, einvoice.terms.BankAccount]
    """
    banks = moves.partner_bank_id | moves.chorus_other_bank_ids | moves.chorus_factor_id.bank_ids
    return {bank.id: _account(bank) for bank in banks}


def _account(bank: Record) -> terms.BankAccount:
    return terms.BankAccount(
        number=compact(bank._chorus_account_number()) or "",
        bic=compact(bank.bank_bic),
        holder=stripped(bank.acc_holder_name),
        iban=bank.acc_type == "iban",
    )
