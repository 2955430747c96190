"""The VAT breakdown and the document totals (BG-22, BG-23).

Amounts are those of the journal items, so that they are Odoo's to the cent whatever rounding method,
price-included tax or manual correction made them: BT-131 comes from product lines, BT-117 from tax lines.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ..einvoice import terms
from .amounts import CENT, ZERO
from .lines import LineParts

# UNTDID 2475, as EN 16931 BT-8 takes it: VAT due at the invoice's date, or when it is paid.
DUE_AT_INVOICE, DUE_AT_PAYMENT = "5", "72"


def totals(parts: LineParts, prepaid: Decimal) -> tuple[tuple[terms.VatBreakdown, ...], terms.Totals]:
    """The VAT breakdown and the totals.

    :param LineParts parts: the lines of this invoice
    :param Decimal prepaid: BT-113
    :rtype: tuple[tuple[einvoice.terms.VatBreakdown, ...], einvoice.terms.Totals]
    """
    charges = sum((part.amount for part in parts.document_level if part.is_charge), ZERO)
    allowances = sum((part.amount for part in parts.document_level if not part.is_charge), ZERO)
    lines = sum((line.net_amount for line in parts.lines), ZERO)
    breakdown = _breakdown(parts)
    basis = lines - allowances + charges
    tax = sum((group.amount for group in breakdown), ZERO)
    grand = basis + tax
    amounts: tuple[Decimal, ...] = (lines, allowances, charges, basis, tax, grand, prepaid, parts.rounding)
    payable = grand - prepaid + parts.rounding
    return breakdown, terms.Totals(*(amount.quantize(CENT) for amount in (*amounts, payable)))


def _breakdown(parts: LineParts) -> Any:
    bases, taxes, reasons = defaultdict(Decimal), defaultdict(Decimal), defaultdict(dict)

    def add(amounts: Any, vat: terms.Vat, amount: Decimal) -> None:
        key = (vat.category, vat.rate)
        amounts[key] += amount
        reasons[key].setdefault((vat.reason, vat.reason_code), vat)

    for line in parts.lines:
        add(bases, line.vat, line.net_amount)
    for part in parts.document_level:
        add(bases, part.vat, part.amount if part.is_charge else -part.amount)
    for vat, amount in parts.taxes:
        add(taxes, vat, amount)
    return tuple(
        terms.VatBreakdown(_merge_reasons(list(found.values())), bases[key], taxes[key].quantize(CENT))
        for key, found in reasons.items()
    )


def vat_point(parts: LineParts) -> str | None:
    """BT-8: when VAT is due, said only when it is the same for all that bears VAT."""
    moments = parts.vat_moments
    if len(moments) != 1:
        return None
    return DUE_AT_PAYMENT if True in moments else DUE_AT_INVOICE


def _merge_reasons(vats: Sequence[terms.Vat]) -> terms.Vat:
    """One breakdown group takes one reason (EN 16931 BR-E-01): several texts become one.

    :param list[einvoice.terms.Vat] vats: same category, same rate
    """
    if len(vats) == 1:
        return vats[0]
    codes = {vat.reason_code for vat in vats}
    texts = dict.fromkeys(vat.reason for vat in vats if vat.reason)
    return terms.Vat(
        vats[0].category, vats[0].rate, "\n".join(texts) or None, codes.pop() if len(codes) == 1 else None
    )
