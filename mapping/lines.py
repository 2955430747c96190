"""Lines, document allowances and charges (BG-25, BG-20, BG-21), VAT breakdown and totals (BG-22, BG-23).

Amounts are those of the journal items, so that they are Odoo's to the cent whatever rounding method, price-
included tax or manual correction made them: BT-131 comes from product lines, BT-117 from tax lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from odoo.tools import format_date

from ..einvoice import clean_text, split_text, terms
from .amounts import CENT, NOISE, PRICE_STEP, ZERO, LineTaxes, line_price, to_cents, to_quantity, to_step
from .batch import Batch, Item
from .kinds import Record
from .texts import ONE_UNIT, Joined, LineTexts, Sections, first_piece, stripped

GLOBAL_DISCOUNT = "global_discount,"
DISCOUNT_CODE = "95"  # UNTDID 5189
OUTSIDE_BASE = "Escompte conditionnel, hors base d'imposition (article 267 du CGI)"
# Problems with taxes that no term of the invoice can hold: their amounts are in none.
WITHOUT_TERM = frozenset({"tax_not_vat", "retention_as_tax"})
GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(slots=True)
class LineParts:
    """What the journal items of one invoice become.

    ``taxes`` holds (Vat, amount); ``vat_moments`` whether VAT is due on payment, over the lines that bear
    some; ``problems`` (finding's code, record, parameters) that the semantic invoice has no room for.
    """

    lines: list = field(default_factory=list)
    document_level: list = field(default_factory=list)
    taxes: list = field(default_factory=list)
    rounding: Decimal = ZERO
    vat_moments: set = field(default_factory=set)
    notes: list = field(default_factory=list)
    problems: list = field(default_factory=list)


class LineMapper:
    """Reads the journal items of one invoice.

    :param Batch batch:
    :param move: record of account.move, in its customer's language
    """

    def __init__(self, batch: Batch, move: Record) -> None:
        self._batch = batch
        self._move = move
        self._env = move.env
        self._taxes = batch.tax_reader(move)
        self._parts = LineParts()

    def parts(self) -> LineParts:
        """All that comes from the journal items.

        :rtype: LineParts
        """
        parts, texts, sections, joined, number = self._parts, LineTexts(), Sections(), {}, 0
        charges = self._line_charges(self._tax_items())
        for item in self._batch.of_kind(self._move, *texts.KINDS):
            if item.display_type != "product":
                sections.enter(item)
                if not sections.hiding():
                    texts.add(item.display_type, item.name)
                continue
            amount, taxes = self._amount(item), self._taxes_of(item)
            if amount < 0 and is_global_discount(item):
                reason = stripped(item.name)
                parts.document_level.append(
                    terms.AllowanceCharge(False, -amount, reason, DISCOUNT_CODE, vat=taxes.vat)
                )
                continue
            key = sections.key(item)
            if not key or key not in joined:
                number += 1
                texts.open_line(number)
            own = self._charges(charges.get(item.id, ()))
            line = self._line(str(number), item, amount, taxes, own)
            if key:
                joined.setdefault(key, (number, Joined(sections.hiding())))[1].add(line, amount, own)
            if len(parts.lines) < number:
                parts.lines.append(line)
        for number, lines in joined.values():
            parts.lines[number - 1] = lines.line()
        self._early_payment()
        _attach_texts(parts, texts)
        return parts

    def _taxes_of(self, item: Item) -> LineTaxes:
        """What the taxes of a line mean; the VAT of a retention was charged by the invoice it was kept of."""
        move = self._move
        first = move.chorus_retention_of_id or move.reversed_entry_id.chorus_retention_of_id
        if item.tax_ids or not first:
            return self._taxes.line(item.tax_ids)
        reason = self._env._(
            "VAT already charged by invoice %(number)s of %(date)s",
            number=first.name,
            date=format_date(self._env, first.invoice_date),
        )
        return LineTaxes(terms.Vat("E", ZERO, reason))

    def _amount(self, item: Item) -> Decimal:
        return to_cents(self._move.direction_sign * item.amount_currency)

    def _line(
        self,
        number: str,
        item: Item,
        amount: Decimal,
        taxes: LineTaxes,
        charges: Iterable[terms.AllowanceCharge],
    ) -> terms.Line:
        """BG-25.

        :param LineTaxes taxes: of the line
        :param list charges: its contributions, from _charges
        """
        parts, env = self._parts, self._env
        allowances = list(charges)
        if taxes.problem:
            about = taxes.about
            record = about if taxes.problem == "tax_not_percent" else None
            self._tell(taxes.problem, item, record, name=", ".join(about.mapped("name")))
        if taxes.vat.rate:
            parts.vat_moments.add(taxes.on_payment)
        discount = to_step(item.discount, PRICE_STEP)
        quantity, rounded = to_quantity(item.quantity)
        if rounded:
            self._tell("quantity_rounded", item, quantity=to_step(item.quantity, NOISE), value=quantity)
        price = line_price(
            quantity,
            to_step(item.price_unit, NOISE),
            discount,
            amount,
            price_included=taxes.price_included,
        )
        for charge in allowances:
            amount += charge.amount if charge.is_charge else -charge.amount
        if price.allowance:
            reason = env._("Discount") if discount else env._("Rounding")
            allowances.append(
                terms.AllowanceCharge(False, price.allowance, reason, DISCOUNT_CODE if discount else None)
            )
        if price.charge:
            allowances.append(terms.AllowanceCharge(True, price.charge, env._("Rounding")))
        unit = self._batch.units.get(item.product_uom_id) if item.product_uom_id else ONE_UNIT
        if not unit:
            unit_record = env["uom.uom"].browse(item.product_uom_id)
            parts.problems.append(("unit_unknown", unit_record, {"name": unit_record.name}))
        product = self._batch.product(item.product_id, env.lang) if item.product_id else None
        name, description = _name_and_description(item, product)
        return terms.Line(
            number=number,
            name=name,
            description=description,
            quantity=price.quantity,
            unit=unit,
            net_price=price.net,
            net_amount=amount,
            vat=taxes.vat,
            gross_price=price.gross,
            price_discount=price.discount,
            base_quantity=price.base_quantity,
            allowances=tuple(allowances),
            period=_line_period(item),
            seller_item_id=product and stripped(product.default_code),
            standard_item_id=product and _gtin(product.barcode),
        )

    def _tell(self, code: str, item: Item, record: Record = None, **params: Any) -> None:
        params["line_name"] = (item.name or "").partition("\n")[0]
        record = record or self._env["account.move.line"].browse(item.id)
        self._parts.problems.append((code, record, params))

    def _charges(self, charges: Any) -> list[terms.AllowanceCharge]:
        """The contributions of a line: those in the VAT base belong to it, the others to the document.

        :param charges: from _line_charges
        :rtype: list[einvoice.terms.AllowanceCharge]
        """
        own = []
        for tax, value, in_base in charges:
            if not value:
                continue
            # On a returned article, the contribution is given back: a negative charge is an allowance.
            what = value > 0, abs(value), tax.invoice_label or tax.name
            if in_base:
                own.append(terms.AllowanceCharge(*what))
                continue
            vat = self._taxes.vat(tax)
            if not vat.category:
                self._parts.problems.append(("fixed_tax_without_category", tax, {"name": tax.name}))
            self._parts.document_level.append(terms.AllowanceCharge(*what, vat=vat))
        return own

    def _tax_items(self) -> Any:
        """Share the tax and rounding items between VAT, contributions and the cash rounding.

        :return: what was posted for each tax that is a charge
        :rtype: dict[account.tax, Decimal]
        """
        lines = [self._taxes.line(item.tax_ids) for item in self._batch.of_kind(self._move, "product")]
        charges = {tax for line in lines for tax, _in_base in line.charges}
        strangers = {tax for line in lines if line.problem in WITHOUT_TERM for tax in line.about}
        posted = defaultdict(Decimal)
        for item in self._batch.of_kind(self._move, "tax", "rounding"):
            amount = self._amount(item)
            if not item.tax_line_id:
                self._parts.rounding += amount
                continue
            tax = self._taxes.tax(item.tax_line_id)
            if tax in charges or tax.amount_type == "fixed":
                posted[tax] += amount
            elif tax not in strangers:
                self._parts.taxes.append((self._taxes.vat(tax), amount))
        return posted

    def _line_charges(self, posted: Any) -> Any:
        """The contributions of each line, adding up to what was posted for each tax.

        :param dict posted: from _tax_items
        :rtype: dict[int, list[tuple[account.tax, Decimal, bool]]]
        """
        if not posted:
            return {}
        found = defaultdict(list)
        for item in self._batch.of_kind(self._move, "product"):
            for tax, in_base in self._taxes.line(item.tax_ids).charges:
                found[tax].append([item.id, self._charge(item, tax), in_base])
        charges = defaultdict(list)
        for tax, shares in found.items():
            largest = max(shares, key=lambda share: abs(share[1]))
            largest[1] += posted[tax] - sum(share[1] for share in shares)
            for line_id, value, in_base in shares:
                charges[line_id].append((tax, value, in_base))
        return charges

    def _charge(self, item: Any, tax: Record) -> Any:
        """What one tax adds to one line: Odoo's own arithmetic, save for the plainest kind."""
        if tax.amount_type == "fixed":
            return to_cents((-1 if item.price_unit < 0 else 1) * tax.amount * item.quantity)
        computed = self._taxes.of_ids(item.tax_ids).compute_all(
            item.price_unit * (1 - item.discount / 100),
            currency=self._move.currency_id,
            quantity=item.quantity,
            product=self._batch.product(item.product_id, self._env.lang) if item.product_id else None,
            partner=self._move.partner_id,
        )
        return to_cents(sum(part["amount"] for part in computed["taxes"] if part["id"] == tax.id))

    def _early_payment(self) -> None:
        """A "mixed" early-payment discount: VAT on the reduced amount, the whole price still due.

        What bears no VAT has no such discount: nothing would be less.
        """
        env, items = self._env, self._batch.of_kind(self._move, "epd")
        outside = ZERO
        for item in items:
            vat = self._taxes.line(item.tax_ids).vat if item.tax_ids else None
            if vat and vat.rate:
                self._discount(self._amount(item), env._("Early payment discount"), vat)
            else:
                outside += self._amount(item)
        self._discount(outside, env._("Early payment discount"), terms.Vat("E", ZERO, OUTSIDE_BASE))

    def _discount(self, amount: Decimal, reason: str, vat: Any) -> Any:
        if amount:
            self._parts.document_level.append(terms.AllowanceCharge(amount > 0, abs(amount), reason, vat=vat))


def is_global_discount(line: Any) -> bool:
    """Whether the sales app made this line as a discount on the whole order.

    :param line: record of account.move.line, or ``Item``
    """
    return ((line.extra_tax_data or {}).get("computation_key") or "").startswith(GLOBAL_DISCOUNT)


def period(start: date | None, end: date | None) -> terms.Period | None:
    """BG-14 or BG-26, None without any day."""
    return terms.Period(start or None, end or None) if start or end else None


def _name_and_description(item: Item, product: Record) -> tuple[str | None, str | None]:
    """BT-153 is the first line of the label, BT-154 the rest: nothing is said twice, nothing is lost."""
    name, _newline, rest = (item.name or "").strip().partition("\n")
    if product and product.default_code:
        name = name.removeprefix(f"[{product.default_code}]").strip()
    return name or (stripped(product.name) if product else None), stripped(rest)


def _line_period(item: Item) -> terms.Period | None:
    if item.chorus_period_start or item.chorus_period_end:
        return period(item.chorus_period_start, item.chorus_period_end)
    return period(item.deferred_start_date, item.deferred_end_date)


def _gtin(barcode: str | None) -> str | None:
    digits = stripped(barcode)
    return digits if digits and digits.isdigit() and len(digits) in GTIN_LENGTHS else None


def _attach_texts(parts: LineParts, texts: LineTexts) -> None:
    """Put section titles and notes on their lines, and what is too long for a line on the document."""
    for position, line in enumerate(parts.lines):
        description, notes = line.description, texts.of_line(position + 1)
        if not notes and len(clean_text(description, multiline=True)) <= LineTexts.LIMIT:
            continue
        first, overflow = first_piece(description or "", LineTexts.LIMIT)
        note, more = first_piece("\n".join([*overflow, *notes]), LineTexts.LIMIT)
        parts.lines[position] = replace(line, description=first, note=note)
        parts.notes += [terms.Note(text) for text in more]
    for rest in texts.left_over():
        parts.notes += [terms.Note(text) for text in split_text(rest, LineTexts.LIMIT)]


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
