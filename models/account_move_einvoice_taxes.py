"""VAT categories, the VAT breakdown and the document totals (BG-22, BG-23).

Amounts are those of the journal items, so that they are Odoo's to the cent whatever rounding method,
price-included tax or manual correction made them: BT-131 comes from product lines, BT-117 from tax lines.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from odoo import models

from ..einvoice import terms
from .account_move_einvoice import _plain
from .chorus_vat_exemptions import CATEGORY_OF_REASON_CODE, DEFAULT_REASON_CODE, NEEDS_REASON, reason_text
from .einvoice_amounts import CENT, ZERO, to_step

# UNTDID 2475, as EN 16931 BT-8 takes it: VAT due at the invoice's date, or when it is paid.
DUE_AT_INVOICE, DUE_AT_PAYMENT = "5", "72"


@dataclass(frozen=True, slots=True)
class LineTaxes:
    """What the taxes of a line mean: one VAT, and fixed amounts that are charges.

    ``charges`` holds (tax, belongs to the VAT base) of each fixed tax. ``problem`` is a finding's code.
    """

    vat: terms.Vat
    price_included: bool = False
    on_payment: bool = False
    charges: tuple = ()
    problem: str | None = None


NO_VAT = terms.Vat(category=None)


class AccountMove(models.Model):
    _inherit = "account.move"

    # ------------------------------------------------------------------ one line

    def _chorus_line_taxes(self, taxes, common):
        """What ``taxes`` mean on an invoice to this customer.

        :param taxes: recordset of account.tax
        :rtype: LineTaxes
        """
        key = ("taxes", taxes._ids, self.commercial_partner_id.country_id.id, self.env.lang)
        return common.once(key, partial(self._chorus_read_taxes, taxes, common))

    def _chorus_read_taxes(self, taxes, common):
        flat = taxes.flatten_taxes_hierarchy()
        if "is_withholding_tax_on_payment" in flat._fields:
            flat = flat.filtered(lambda tax: not tax.is_withholding_tax_on_payment)
        vats = flat.filtered(lambda tax: tax.amount_type != "fixed")
        fixed = flat - vats
        if not vats:
            return LineTaxes(NO_VAT, charges=tuple((tax, False) for tax in fixed), problem="line_without_vat")
        vat_tax = vats[0]
        before = flat[: flat._ids.index(vat_tax.id)] if vat_tax.is_base_affected else flat.browse()
        charges = tuple((tax, tax in before and tax.include_base_amount) for tax in fixed)
        problem = None
        if len({self._chorus_vat(tax, common) for tax in vats}) > 1:
            problem = "line_several_vat"
        elif vat_tax.amount_type != "percent":
            problem = "tax_not_percent"
        return LineTaxes(
            vat=self._chorus_vat(vat_tax, common),
            price_included=any(flat.mapped("price_include")),
            on_payment=vat_tax.tax_exigibility == "on_payment",
            charges=charges,
            problem=problem,
        )

    def _chorus_vat(self, tax, common):
        """Category, rate and reason of one tax for this customer.

        :rtype: einvoice.terms.Vat
        """
        key = ("vat", tax.id, self.commercial_partner_id.country_id.id, self.env.lang)
        return common.once(key, partial(self._chorus_make_vat, tax, common))

    def _chorus_make_vat(self, tax, common):
        code = tax.ubl_cii_tax_exemption_reason_code or None
        if tax.amount_type == "fixed" and tax.ubl_cii_tax_category_code not in NEEDS_REASON:
            # An amount outside the VAT base has no rate: only its owner knows why it bears no VAT.
            return NO_VAT
        category = tax.ubl_cii_tax_category_code or self._chorus_guess_category(tax, code, common)
        if category not in NEEDS_REASON:
            return terms.Vat(category, to_step(tax.amount, CENT))
        code = code or DEFAULT_REASON_CODE.get(category)
        reason = _plain(tax.with_env(self.env).invoice_legal_notes) or (reason_text(code) if code else None)
        return terms.Vat(category, None if category == "O" else ZERO, reason, code)

    def _chorus_guess_category(self, tax, reason_code, common):
        """The category of a tax on which the accountant gave none: its rate and the customer's country."""
        if tax.amount and not tax.has_negative_factor:
            return "S"
        if reason_code:
            return CATEGORY_OF_REASON_CODE.get(reason_code, "E")
        if tax.has_negative_factor:
            return "AE"
        country = self.commercial_partner_id.country_id.code
        if not country or country in self.company_id._get_france_country_codes():
            return "E"
        if country not in common.once("eu", partial(self._chorus_eu_countries, common)):
            return "G"
        return "AE" if tax.tax_scope == "service" else "K"

    def _chorus_eu_countries(self, common):
        return frozenset(common.env.ref("base.europe").country_ids.mapped("code"))

    # ------------------------------------------------------------------ the document

    def _chorus_totals(self, common, parts):
        """The VAT breakdown and the totals.

        :param LineParts parts: the lines of this invoice
        :rtype: tuple[tuple[einvoice.terms.VatBreakdown, ...], einvoice.terms.Totals]
        """
        bases, reasons = defaultdict(Decimal), defaultdict(dict)

        def add(vat, amount):
            key = (vat.category, vat.rate)
            bases[key] += amount
            reasons[key].setdefault((vat.reason, vat.reason_code), vat)

        for line in parts.lines:
            add(line.vat, line.net_amount)
        for part in parts.document_level:
            add(part.vat, part.amount if part.is_charge else -part.amount)
        taxes = defaultdict(Decimal)
        for vat, amount in parts.taxes:
            key = (vat.category, vat.rate)
            taxes[key] += amount
            reasons[key].setdefault((vat.reason, vat.reason_code), vat)
        breakdown = tuple(
            terms.VatBreakdown(_merge_reasons(list(found.values())), bases[key], taxes[key].quantize(CENT))
            for key, found in reasons.items()
        )
        allowances = sum((part.amount for part in parts.document_level if not part.is_charge), ZERO)
        charges = sum((part.amount for part in parts.document_level if part.is_charge), ZERO)
        lines = sum((line.net_amount for line in parts.lines), ZERO)
        basis = lines - allowances + charges
        tax = sum((group.amount for group in breakdown), ZERO)
        grand = basis + tax
        prepaid = self._chorus_prepaid(common)
        amounts = (lines, allowances, charges, basis, tax, grand, prepaid, parts.rounding)
        return breakdown, terms.Totals(
            *(amount.quantize(CENT) for amount in amounts),
            payable=(grand - prepaid + parts.rounding).quantize(CENT),
        )

    def _chorus_vat_point(self, common, parts):
        """BT-8: when VAT is due, said only when it is the same for all that bears VAT."""
        moments = parts.vat_moments
        if len(moments) != 1:
            return None
        return DUE_AT_PAYMENT if True in moments else DUE_AT_INVOICE


def _merge_reasons(vats):
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

