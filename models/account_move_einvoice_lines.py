"""Invoice lines, document allowances and charges (BG-25, BG-20, BG-21), from the journal items."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from odoo import models

from ..einvoice import terms
from .account_move_einvoice import _period, _text
from .einvoice_amounts import PRICE_STEP, QUANTITY_STEP, ZERO, line_price, to_cents, to_step
from .einvoice_texts import LineTexts, split_text
from .uom_uom import ONE_UNIT

GLOBAL_DISCOUNT = "global_discount,"
DISCOUNT_CODE = "95"  # UNTDID 5189
OUTSIDE_BASE = "Escompte conditionnel, hors base d'imposition (article 267 du CGI)"
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


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_line_parts(self, common):
        """All that comes from the journal items.

        :rtype: LineParts
        """
        parts, texts = LineParts(), LineTexts()
        sign = self.direction_sign
        items = self.line_ids.grouped("display_type")
        fixed = self._chorus_tax_items(items, sign, parts, common)
        charges = self._chorus_fixed_charges(items.get("product", ()), sign, fixed, common)
        shown = [line for kind in texts.KINDS for line in items.get(kind, ())]
        number = 0
        for line in sorted(shown, key=lambda line: (line.sequence, line.id)):
            if line.display_type != "product":
                texts.add(line.display_type, line.name)
                continue
            amount = to_cents(sign * line.amount_currency)
            if amount < 0 and self._chorus_is_global_discount(line):
                taxes = self._chorus_line_taxes(line.tax_ids, common)
                parts.document_level.append(_allowance(-amount, line.name, taxes.vat))
                continue
            number += 1
            texts.open_line(number)
            own_charges = charges.get(line.id, ())
            parts.lines.append(self._chorus_invoice_line(number, line, amount, own_charges, parts, common))
        self._chorus_early_payment(items.get("epd", ()), sign, parts, common)
        _attach_texts(parts, texts)
        return parts

    def _chorus_invoice_line(self, number, line, amount, charges, parts, common):
        taxes = self._chorus_line_taxes(line.tax_ids, common)
        if taxes.problem:
            parts.problems.append((taxes.problem, line))
        if taxes.vat.rate:
            parts.vat_moments.add(taxes.on_payment)
        price = line_price(
            to_step(line.quantity, QUANTITY_STEP),
            to_step(line.price_unit, PRICE_STEP),
            to_step(line.discount, PRICE_STEP),
            amount,
            price_included=taxes.price_included,
        )
        allowances = [
            # On a returned article, the contribution is given back: a negative charge is an allowance.
            terms.AllowanceCharge(value > 0, abs(value), tax.invoice_label or tax.name)
            for tax, value, in_base in charges
            if in_base and value
        ]
        in_base = sum((value for tax, value, in_base in charges if in_base), ZERO)
        for tax, value, in_base_too in charges:
            if not in_base_too and value:
                vat = self._chorus_vat(tax, common)
                if not vat.category:
                    parts.problems.append(("fixed_tax_without_category", tax))
                parts.document_level.append(
                    terms.AllowanceCharge(value > 0, abs(value), tax.invoice_label or tax.name, vat=vat)
                )
        percent = to_step(line.discount, PRICE_STEP) if price.allowance and line.discount else None
        if price.allowance:
            reason = self.env._("Discount") if percent else self.env._("Rounding")
            allowances.append(
                terms.AllowanceCharge(False, price.allowance, reason, DISCOUNT_CODE if percent else None)
            )
        if price.charge:
            allowances.append(terms.AllowanceCharge(True, price.charge, self.env._("Rounding")))
        unit = line.product_uom_id
        code = common.units.get(unit.id) if unit else ONE_UNIT
        if not code:
            parts.problems.append(("unit_unknown", unit))
        name, description = _name_and_description(line)
        product = line.product_id
        start, end = _line_period(line)
        return terms.Line(
            number=str(number),
            name=name,
            description=description,
            quantity=price.quantity,
            unit=code,
            net_price=price.net,
            net_amount=amount + in_base,
            vat=taxes.vat,
            gross_price=price.gross,
            price_discount=price.discount,
            base_quantity=price.base_quantity,
            allowances=tuple(allowances),
            period=_period(start, end),
            seller_item_id=_text(product.default_code),
            standard_item_id=_gtin(product.barcode),
        )

    def _chorus_tax_items(self, items, sign, parts, common):
        """Share the tax and rounding items between VAT, fixed taxes and the cash rounding.

        :return: what was posted for each fixed tax
        :rtype: dict[account.tax, Decimal]
        """
        fixed = defaultdict(Decimal)
        for item in [*items.get("tax", ()), *items.get("rounding", ())]:
            amount = to_cents(sign * item.amount_currency)
            tax = item.tax_line_id
            if not tax:
                parts.rounding += amount
            elif tax.amount_type == "fixed":
                fixed[tax] += amount
            else:
                parts.taxes.append((self._chorus_vat(tax, common), amount))
        return fixed

    def _chorus_fixed_charges(self, lines, sign, posted, common):
        """The fixed taxes of each line, adding up to what was posted for each tax.

        :param dict posted: from _chorus_tax_items
        :rtype: dict[int, list[tuple[account.tax, Decimal, bool]]]
        """
        if not posted:
            return {}
        found = defaultdict(list)
        for line in lines:
            for tax, in_base in self._chorus_line_taxes(line.tax_ids, common).charges:
                price_sign = -1 if line.price_unit < 0 else 1
                value = to_cents(price_sign * tax.amount * line.quantity)
                found[tax].append([line.id, value, in_base])
        charges = defaultdict(list)
        for tax, shares in found.items():
            largest = max(shares, key=lambda share: abs(share[1]))
            largest[1] += posted[tax] - sum(share[1] for share in shares)
            for line_id, value, in_base in shares:
                charges[line_id].append((tax, value, in_base))
        return charges

    def _chorus_early_payment(self, items, sign, parts, common):
        """A "mixed" early-payment discount: VAT on the reduced amount, the whole price still due."""
        for item in items:
            amount = to_cents(sign * item.amount_currency)
            if item.tax_ids:
                vat = self._chorus_line_taxes(item.tax_ids, common).vat
            else:
                vat = terms.Vat("E", ZERO, OUTSIDE_BASE)
            if amount:
                reason = self.env._("Early payment discount")
                parts.document_level.append(
                    terms.AllowanceCharge(amount > 0, abs(amount), reason, vat=vat)
                )

    def _chorus_is_global_discount(self, line):
        """Whether the sales app made this line as a discount on the whole order."""
        key = (line.extra_tax_data or {}).get("computation_key") or ""
        return key.startswith(GLOBAL_DISCOUNT)


def _allowance(amount, name, vat):
    return terms.AllowanceCharge(False, amount, _text(name), DISCOUNT_CODE, vat=vat)


def _name_and_description(line):
    """BT-153 is the first line of the label, BT-154 the rest: nothing is said twice, nothing is lost."""
    name, _newline, rest = (line.name or "").strip().partition("\n")
    code = line.product_id.default_code
    if code:
        name = name.removeprefix(f"[{code}]").strip()
    return name or _text(line.product_id.name), _text(rest)


def _line_period(line):
    if line.chorus_period_start or line.chorus_period_end:
        return line.chorus_period_start, line.chorus_period_end
    if "deferred_start_date" in line._fields:
        return line.deferred_start_date, line.deferred_end_date
    return None, None


def _gtin(barcode):
    digits = _text(barcode)
    return digits if digits and digits.isdigit() and len(digits) in GTIN_LENGTHS else None


def _attach_texts(parts, texts):
    """Put section titles and notes on their lines, and what is too long for a line on the document."""
    for position, line in enumerate(parts.lines):
        description, notes = line.description, texts.of_line(position + 1)
        if not notes and len(description or "") <= LineTexts.LIMIT:
            continue
        first, *overflow = split_text(description or "", LineTexts.LIMIT)
        note, *more = split_text("\n".join([*overflow, *notes]), LineTexts.LIMIT)
        parts.lines[position] = _with(line, description=first or None, note=note or None)
        parts.notes += [terms.Note(text) for text in more]
    for rest in texts.left_over():
        parts.notes += [terms.Note(text) for text in split_text(rest, LineTexts.LIMIT)]


def _with(line, **changes):
    values = {name: getattr(line, name) for name in line.__dataclass_fields__}
    return terms.Line(**(values | changes))
