"""Invoice lines, document allowances and charges (BG-25, BG-20, BG-21), from the journal items."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal

from odoo import models

from ..einvoice import clean_text, split_text, terms
from .account_move_einvoice import period
from .einvoice_amounts import PRICE_STEP, QUANTITY_STEP, ZERO, line_price, to_cents, to_step
from .einvoice_texts import LineTexts, stripped
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
        sign, taxes = self.direction_sign, common.tax_reader(self)
        fixed = self._chorus_tax_items(common, sign, taxes, parts)
        charges = self._chorus_fixed_charges(common, sign, taxes, fixed)
        number = 0
        for item in common.of_kind(self, *texts.KINDS):
            if item.display_type != "product":
                texts.add(item.display_type, item.name)
                continue
            amount = to_cents(sign * item.amount_currency)
            meaning = taxes.line(item.tax_ids)
            if amount < 0 and self._chorus_is_global_discount(item):
                parts.document_level.append(_allowance(-amount, item.name, meaning.vat))
                continue
            number += 1
            texts.open_line(number)
            allowances = self._chorus_charges(charges[item.id], taxes, parts) if item.id in charges else []
            parts.lines.append(
                self._chorus_invoice_line(common, parts, str(number), item, amount, meaning, allowances)
            )
        self._chorus_early_payment(common, sign, taxes, parts)
        _attach_texts(parts, texts)
        return parts

    def _chorus_invoice_line(self, common, parts, number, item, amount, taxes, allowances):
        """BG-25.

        :param LineTaxes taxes: of the line
        :param list allowances: the charges and allowances inside the VAT base that its fixed taxes are
        """
        if taxes.problem:
            parts.problems.append((taxes.problem, self.env["account.move.line"].browse(item.id)))
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
            reason = self.env._("Discount") if discount else self.env._("Rounding")
            allowances.append(
                terms.AllowanceCharge(False, price.allowance, reason, DISCOUNT_CODE if discount else None)
            )
        if price.charge:
            allowances.append(terms.AllowanceCharge(True, price.charge, self.env._("Rounding")))
        unit = common.units.get(item.product_uom_id) if item.product_uom_id else ONE_UNIT
        if not unit:
            parts.problems.append(("unit_unknown", self.env["uom.uom"].browse(item.product_uom_id)))
        product = common.product(item.product_id, self.env.lang) if item.product_id else None
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

    def _chorus_charges(self, charges, taxes, parts):
        """The fixed taxes of a line: those in the VAT base belong to it, the others to the document.

        :param list charges: from _chorus_fixed_charges
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
            vat = taxes.vat(tax)
            if not vat.category:
                parts.problems.append(("fixed_tax_without_category", tax))
            parts.document_level.append(terms.AllowanceCharge(*what, vat=vat))
        return own

    def _chorus_tax_items(self, common, sign, taxes, parts):
        """Share the tax and rounding items between VAT, fixed taxes and the cash rounding.

        :return: what was posted for each fixed tax
        :rtype: dict[account.tax, Decimal]
        """
        fixed = defaultdict(Decimal)
        for item in common.of_kind(self, "tax", "rounding"):
            amount = to_cents(sign * item.amount_currency)
            if not item.tax_line_id:
                parts.rounding += amount
                continue
            tax = taxes.tax(item.tax_line_id)
            if tax.amount_type == "fixed":
                fixed[tax] += amount
            else:
                parts.taxes.append((taxes.vat(tax), amount))
        return fixed

    def _chorus_fixed_charges(self, common, sign, taxes, posted):
        """The fixed taxes of each line, adding up to what was posted for each tax.

        :param dict posted: from _chorus_tax_items
        :rtype: dict[int, list[tuple[account.tax, Decimal, bool]]]
        """
        if not posted:
            return {}
        found = defaultdict(list)
        for item in common.of_kind(self, "product"):
            for tax, in_base in taxes.line(item.tax_ids).charges:
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

    def _chorus_early_payment(self, common, sign, taxes, parts):
        """A "mixed" early-payment discount: VAT on the reduced amount, the whole price still due."""
        for item in common.of_kind(self, "epd"):
            amount = to_cents(sign * item.amount_currency)
            vat = taxes.line(item.tax_ids).vat if item.tax_ids else terms.Vat("E", ZERO, OUTSIDE_BASE)
            if amount:
                reason = self.env._("Early payment discount")
                parts.document_level.append(terms.AllowanceCharge(amount > 0, abs(amount), reason, vat=vat))

    def _chorus_is_global_discount(self, line):
        """Whether the sales app made this line as a discount on the whole order.

        :param line: record or ``Item``
        """
        key = (line.extra_tax_data or {}).get("computation_key") or ""
        return key.startswith(GLOBAL_DISCOUNT)


def _allowance(amount, name, vat):
    return terms.AllowanceCharge(False, amount, stripped(name), DISCOUNT_CODE, vat=vat)


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
