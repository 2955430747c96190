"""Which invoice is which: the five facts that make one, and how they are compared.

This comparison is what keeps an invoice from being deposited twice, and from being taken for another one: all
five must agree; texts, flow numbers and identifiers never count.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .invoices import InvoiceSummary

# Half of the smallest coin: amounts come as floats from one side and as decimals from the other.
_TOLERANCE = 0.005


def plain_registration(text: str | None) -> str:
    """A SIRET as its digits, whatever blanks or invisible signs were typed or pasted between them.

    >>> plain_registration("123 456\N{ZERO WIDTH SPACE}78900012")
    '12345678900012'
    """
    return "".join(sign for sign in text or "" if unicodedata.category(sign)[0] not in "ZC").upper()


class Difference(NamedTuple):
    """In what two invoices differ: ``name`` of the attribute, its value here and on Chorus Pro."""

    name: str
    here: object
    there: object


@dataclass(frozen=True, slots=True)
class InvoiceIdentity:
    """What identifies an invoice: SIRETs of seller and buyer, number, date, and total including tax.

    The total's sign is left out: a credit note is positive on one side and negative on the other.
    """

    seller: str
    buyer: str
    number: str
    date: date | None
    total: float

    def differences(self, summary: "InvoiceSummary") -> tuple[Difference, ...]:
        """In what a result of a search is another invoice; nothing when it is this one.

        :param summary: :class:`invoices.InvoiceSummary`
        :rtype: tuple[Difference, ...]
        """
        total = None if summary.total is None else round(abs(float(summary.total)), 2)
        pairs = (
            ("number", self.number, summary.number),
            ("seller", plain_registration(self.seller), plain_registration(summary.supplier)),
            ("buyer", plain_registration(self.buyer), plain_registration(summary.recipient)),
            ("date", self.date or None, summary.issued_on),
        )
        found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
        own = round(abs(float(self.total or 0)), 2)
        if total is None or abs(own - total) >= _TOLERANCE:
            found.append(Difference("total", own, total))
        return tuple(found)

    def is_same(self, summary: "InvoiceSummary") -> bool:
        """Whether a result of a search is this invoice."""
        return bool(self.number) and not self.differences(summary)
