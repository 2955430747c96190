"""Invoice lines, document allowances and charges (BG-25, BG-20, BG-21), from the journal items."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..einvoice import clean_text, split_text, terms
from .amounts import PRICE_STEP, QUANTITY_STEP, ZERO, line_price, to_cents, to_step
from .texts import LineTexts, stripped

GLOBAL_DISCOUNT = "global_discount,"
DISCOUNT_CODE = "95"  # UNTDID 5189
OUTSIDE_BASE = "Escompte conditionnel, hors base d'imposition (article 267 du CGI)"
ONE_UNIT = "C62"  # UN/ECE Recommendation 20
GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(slots=True)
class LineParts:
    """What the journal items of one invoice become.

    ``taxes`` holds (Vat, amount); ``vat_moments`` whether VAT is due on payment, over the lines that bear
    some; ``problems`` (finding's code, line, tax or unit) that the semantic invoice has no room for.
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

    def __init__(self, batch, move):
        self._batch = batch
        self._move = move
        self._env = move.env
        self._taxes = batch.tax_reader(move)
        self._parts = LineParts()

    def parts(self):
        """All that comes from the journal items.

        :rtype: LineParts
        """
        parts, texts, number = self._parts, LineTexts(), 0
        charges = self._fixed_charges(self._tax_items())
        for item in self._batch.of_kind(self._move, *texts.KINDS):
            if item.display_type != "product":
                texts.add(item.display_type, item.name)
                continue
            amount, taxes = self._amount(item), self._taxes.line(item.tax_ids)
            if amount < 0 and is_global_discount(item):
                reason = stripped(item.name)
                parts.document_level.append(
                    terms.AllowanceCharge(False, -amount, reason, DISCOUNT_CODE, vat=taxes.vat)
                )
                continue
            number += 1
            texts.open_line(number)
            parts.lines.append(self._line(str(number), item, amount, taxes, charges.get(item.id, ())))
        self._early_payment()
        _attach_texts(parts, texts)
        return parts

    def _amount(self, item):
        return to_cents(self._move.direction_sign * item.amount_currency)

    def _line(self, number, item, amount, taxes, charges):
        """BG-25.

        :param LineTaxes taxes: of the line
        :param charges: its fixed taxes, from _fixed_charges
        """
        parts, env = self._parts, self._env
        allowances = self._charges(charges)
        if taxes.problem:
            parts.problems.append((taxes.problem, env["account.move.line"].browse(item.id)))
        if taxes.vat.rate:
            parts.vat_moments.add(taxes.on_payment)
        discount = to_step(item.discount, PRICE_STEP)
        price = line_price(
            to_step(item.quantity, QUANTITY_STEP),
            to_step(item.price_unit, PRICE_STEP),
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
            parts.problems.append(("unit_unknown", env["uom.uom"].browse(item.product_uom_id)))
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

    def _charges(self, charges):
        """The fixed taxes of a line: those in the VAT base belong to it, the others to the document.

        :param charges: from _fixed_charges
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
                self._parts.problems.append(("fixed_tax_without_category", tax))
            self._parts.document_level.append(terms.AllowanceCharge(*what, vat=vat))
        return own

    def _tax_items(self):
        """Share the tax and rounding items between VAT, fixed taxes and the cash rounding.

        :return: what was posted for each fixed tax
        :rtype: dict[account.tax, Decimal]
        """
        fixed = defaultdict(Decimal)
        for item in self._batch.of_kind(self._move, "tax", "rounding"):
            if not item.tax_line_id:
                self._parts.rounding += self._amount(item)
                continue
            tax = self._taxes.tax(item.tax_line_id)
            if tax.amount_type == "fixed":
                fixed[tax] += self._amount(item)
            else:
                self._parts.taxes.append((self._taxes.vat(tax), self._amount(item)))
        return fixed

    def _fixed_charges(self, posted):
        """The fixed taxes of each line, adding up to what was posted for each tax.

        :param dict posted: from _tax_items
        :rtype: dict[int, list[tuple[account.tax, Decimal, bool]]]
        """
        if not posted:
            return {}
        found = defaultdict(list)
        for item in self._batch.of_kind(self._move, "product"):
            for tax, in_base in self._taxes.line(item.tax_ids).charges:
                price_sign = -1 if item.price_unit < 0 else 1
                value = to_cents(price_sign * tax.amount * item.quantity)
                found[tax].append([item.id, value, in_base])
        charges = defaultdict(list)
        for tax, shares in found.items():
            largest = max(shares, key=lambda share: abs(share[1]))
            largest[1] += posted[tax] - sum(share[1] for share in shares)
            for line_id, value, in_base in shares:
                charges[line_id].append((tax, value, in_base))
        return charges

    def _early_payment(self):
        """A "mixed" early-payment discount: VAT on the reduced amount, the whole price still due."""
        for item in self._batch.of_kind(self._move, "epd"):
            amount = self._amount(item)
            outside = terms.Vat("E", ZERO, OUTSIDE_BASE)
            vat = self._taxes.line(item.tax_ids).vat if item.tax_ids else outside
            if amount:
                reason = self._env._("Early payment discount")
                self._parts.document_level.append(
                    terms.AllowanceCharge(amount > 0, abs(amount), reason, vat=vat)
                )


def is_global_discount(line):
    """Whether the sales app made this line as a discount on the whole order.

    :param line: record of account.move.line, or ``Item``
    """
    return ((line.extra_tax_data or {}).get("computation_key") or "").startswith(GLOBAL_DISCOUNT)


def period(start, end):
    """BG-14 or BG-26, None without any day."""
    return terms.Period(start or None, end or None) if start or end else None


def _name_and_description(item, product):
    """BT-153 is the first line of the label, BT-154 the rest: nothing is said twice, nothing is lost."""
    name, _newline, rest = (item.name or "").strip().partition("\n")
    if product and product.default_code:
        name = name.removeprefix(f"[{product.default_code}]").strip()
    return name or (stripped(product.name) if product else None), stripped(rest)


def _line_period(item):
    if item.chorus_period_start or item.chorus_period_end:
        return period(item.chorus_period_start, item.chorus_period_end)
    return period(item.deferred_start_date, item.deferred_end_date)


def _gtin(barcode):
    digits = stripped(barcode)
    return digits if digits and digits.isdigit() and len(digits) in GTIN_LENGTHS else None


def _attach_texts(parts, texts):
    """Put section titles and notes on their lines, and what is too long for a line on the document."""
    for position, line in enumerate(parts.lines):
        description, notes = line.description, texts.of_line(position + 1)
        if not notes and len(clean_text(description, multiline=True)) <= LineTexts.LIMIT:
            continue
        first, *overflow = split_text(description or "", LineTexts.LIMIT) or [None]
        note, *more = split_text("\n".join([*overflow, *notes]), LineTexts.LIMIT) or [None]
        parts.lines[position] = replace(line, description=first, note=note)
        parts.notes += [terms.Note(text) for text in more]
    for rest in texts.left_over():
        parts.notes += [terms.Note(text) for text in split_text(rest, LineTexts.LIMIT)]
