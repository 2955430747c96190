"""Exact amounts out of Odoo's floats, a line's price terms, and what Odoo's taxes mean in EN 16931.

VAT category, rate and reason, or a charge (BT-151, BT-120, BG-21). Categories are UNTDID 5305; codes are the
CEF's VATEX list, version 2024-05 (EN 16931 BT-121).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from ..einvoice import terms
from ..einvoice.codes import FRENCH_RATES
from .kinds import Record
from .texts import plain

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.000001")
# Closer than this, two decimals of a float are its noise.
NOISE = Decimal("0.0000000001")
QUANTITY_DIGITS = 10  # AIFE, Factur-X note
ZERO = Decimal(0)
HUNDRED = Decimal(100)
# Odoo spreads the rounding of a document's total over its lines, one cent at a time.
SPREAD_LIMIT = Decimal("0.02")


def to_cents(value: float) -> Decimal:
    """The monetary float ``value`` as a two-decimal ``Decimal``, never minus zero."""
    amount = Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)
    return amount if amount else ZERO.quantize(CENT)


def to_step(value: float, step: Decimal) -> Decimal:
    """``value`` rounded to ``step``, without the binary noise of a float or trailing zeros.

    >>> to_step(0.1 + 0.2, NOISE)
    Decimal('0.3')
    """
    return tidy(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def to_quantity(value: float) -> tuple[Decimal, bool]:
    """BT-129 as on the page, and whether it had to be rounded to the digits that Chorus Pro reads.

    >>> to_quantity(0.00004)
    (Decimal('0.00004'), False)
    >>> to_quantity(1234567.123456)
    (Decimal('1234567.123'), True)
    """
    quantity = to_step(value, NOISE)
    decimals = max(0, QUANTITY_DIGITS - max(1, quantity.adjusted() + 1))
    if decimals >= -_exponent(quantity):
        return quantity, False
    return tidy(quantity.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)), True


def tidy(value: Decimal) -> Decimal:
    """``value`` without trailing zeros nor exponent."""
    value = value.normalize()
    return value.quantize(Decimal(1)) if _exponent(value) > 0 else value + ZERO


def _exponent(value: Decimal) -> int:
    # A letter for what is not finite.
    return int(value.as_tuple().exponent)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """BT-129, BT-146 to BT-149 and the line's own allowance (BT-136) or charge (BT-141).

    ``quantity × net / (base_quantity or 1) − allowance + charge``, to the cent, is the line's amount.
    """

    quantity: Decimal
    net: Decimal
    gross: Decimal | None = None
    discount: Decimal | None = None
    base_quantity: Decimal | None = None
    allowance: Decimal = ZERO
    charge: Decimal = ZERO


def line_price(
    quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal, *, price_included: bool = False
) -> LinePrice:
    """The price terms that give ``amount`` exactly.

    :param Decimal quantity: as on the invoice, any sign
    :param Decimal price: unit price as on the invoice, any sign
    :param Decimal discount: percent
    :param Decimal amount: the line's amount without taxes, two decimals
    :param bool price_included: the unit price holds taxes, so that it only says the sign
    :rtype: LinePrice

    In this order: the invoice's own price; price and discount (BT-147/148); price and an allowance in
    euros; the price deduced from the amount; the amount as the price of the whole quantity. A price is
    never negative (EN 16931 BR-27): the sign goes to the quantity. A price of many decimals is said for ten
    units or more (BT-149), so that none of them is lost.
    """
    short = tidy(price.quantize(PRICE_STEP, ROUND_HALF_UP))
    if abs(short - price) <= abs(price) * PRICE_STEP:
        price = short
    return _scaled(_line_price(quantity, price, discount, amount, price_included))


def _line_price(
    quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal, price_included: bool
) -> LinePrice:
    if price < 0 or (not quantity and amount < 0):
        quantity, price = -quantity, -price
    if not quantity:
        # A line at quantity zero that carries an amount is a lump sum.
        return LinePrice(Decimal(1 if amount > 0 else -1), abs(amount)) if amount else LinePrice(ZERO, price)
    if amount and (amount < 0) != (quantity < 0):
        # A discount above 100 % turns the line's sign.
        quantity, price_included = -quantity, True
    if not price_included:
        as_printed = _as_printed(quantity, price, discount, amount)
        if as_printed:
            return as_printed
    net = tidy((amount / quantity).quantize(PRICE_STEP, ROUND_HALF_UP))
    if not _gives(quantity, net, amount):
        return LinePrice(quantity, abs(amount), base_quantity=abs(quantity))
    gross = reduction = None
    if 0 < discount < HUNDRED:
        gross = tidy((net * HUNDRED / (HUNDRED - discount)).quantize(PRICE_STEP, ROUND_HALF_UP))
        reduction = tidy(gross - net)
    return LinePrice(quantity, net, gross if reduction else None, reduction or None)


def _scaled(found: LinePrice) -> LinePrice:
    """The same price for so many units that it has the six decimals of AIFE's Factur-X note."""
    decimals = max(-_exponent(value) for value in (found.net, found.gross or ZERO))
    if decimals <= -_exponent(PRICE_STEP) or found.base_quantity:
        return found
    base = Decimal(10) ** (decimals + _exponent(PRICE_STEP))
    gross, discount = (value and tidy(value * base) for value in (found.gross, found.discount))
    return replace(found, net=tidy(found.net * base), gross=gross, discount=discount, base_quantity=base)


def _as_printed(quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal) -> LinePrice | None:
    if discount < 0:
        return None
    if not discount:
        if _gives(quantity, price, amount):
            return LinePrice(quantity, price)
        return _with_spread(quantity, price, amount)
    reduction = tidy((price * discount / HUNDRED).quantize(PRICE_STEP, ROUND_HALF_UP))
    net = tidy(price - reduction)
    if reduction and net >= 0 and _gives(quantity, net, amount):
        return LinePrice(quantity, net, price, reduction)
    allowance = (quantity * price).quantize(CENT, ROUND_HALF_UP) - amount
    if allowance > 0:
        return LinePrice(quantity, price, allowance=allowance)
    return None


def _with_spread(quantity: Decimal, price: Decimal, amount: Decimal) -> LinePrice | None:
    difference = amount - (quantity * price).quantize(CENT, ROUND_HALF_UP)
    if abs(difference) > SPREAD_LIMIT:
        return None
    if difference > 0:
        return LinePrice(quantity, price, charge=difference)
    return LinePrice(quantity, price, allowance=-difference)


def _gives(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    return (quantity * price).quantize(CENT, ROUND_HALF_UP) == amount


# A category that has one possible cause needs no choice by the accountant (EN 16931 BR-AE-10, BR-IC-10,
# BR-G-10, BR-O-10). Category E has many causes: its code or text must be given on the tax.
DEFAULT_REASON_CODE = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}

CATEGORY_OF_REASON_CODE = {
    "VATEX-EU-AE": "AE",
    "VATEX-FR-AE": "AE",
    "VATEX-EU-IC": "K",
    "VATEX-EU-G": "G",
    "VATEX-EU-O": "O",
}

NEEDS_REASON = frozenset({"E", "AE", "K", "G", "O"})

# An invoice to a French public body is in French: the law's own words, whatever the user's language.
REASON_TEXT = {
    "VATEX-EU-AE": "Autoliquidation de la TVA par le preneur",
    "VATEX-EU-D": "Acquisition intracommunautaire de moyens de transport d'occasion",
    "VATEX-EU-F": "Acquisition intracommunautaire de biens d'occasion",
    "VATEX-EU-G": "Exonération de TVA, exportation hors de l'Union européenne (article 262 I du CGI)",
    "VATEX-EU-I": "Acquisition intracommunautaire d'œuvres d'art",
    "VATEX-EU-IC": "Exonération de TVA, livraison intracommunautaire (article 262 ter I du CGI)",
    "VATEX-EU-J": "Acquisition intracommunautaire d'objets de collection et d'antiquités",
    "VATEX-EU-O": "Opération hors du champ d'application de la TVA",
    "VATEX-FR-FRANCHISE": "TVA non applicable, article 293 B du CGI",
    "VATEX-FR-CNWVAT": "Avoir sans TVA, le fournisseur renonçant à la rectification (article 272 du CGI)",
    "VATEX-FR-298SEXDECIESA": "Exonération de TVA, article 298 sexdecies A du CGI",
    "VATEX-FR-AE": "Autoliquidation de la TVA, article 283-2 du CGI",
}

CGI_PREFIX = "VATEX-FR-CGI"
DIRECTIVE_PREFIX = "VATEX-EU-"


def reason_text(code: str) -> str:
    """The French wording of a VATEX code.

    >>> reason_text("VATEX-FR-CGI261-4")
    'Exonération de TVA, article 261-4 du CGI'
    """
    if code in REASON_TEXT:
        return REASON_TEXT[code]
    if code.startswith(CGI_PREFIX):
        return f"Exonération de TVA, article {code.removeprefix(CGI_PREFIX)} du CGI"
    return f"Exonération de TVA, article {code.removeprefix(DIRECTIVE_PREFIX)} de la directive 2006/112/CE"


NO_VAT = terms.Vat(category=None)
VAT, CHARGE, STRANGER = "vat", "charge", "stranger"
# Rates of VAT in France and its territories (XP Z12-012 BR-FR-16).
VAT_RATES = frozenset(map(float, FRENCH_RATES))


@dataclass(frozen=True, slots=True)
class LineTaxes:
    """What the taxes of a line mean: one VAT, and amounts that are charges.

    ``charges`` holds (tax, belongs to the VAT base) of each tax that is one. ``problem`` is a finding's code,
    ``about`` the taxes that it is about.
    """

    vat: terms.Vat
    price_included: bool = False
    on_payment: bool = False
    charges: tuple = ()
    problem: str | None = None
    about: Record = ()


class TaxReader:
    """Reads taxes for the invoices of one company to the customers of one country, in one language.

    :param taxes: all account.tax of the batch, in the customer's language: they are read together
    :param company: of the invoices
    :param country: of the customers, possibly empty
    """

    def __init__(self, taxes: Record, company: Record, country: Record) -> None:
        self._taxes = taxes
        self._company = company
        self._country = country
        self._lines = {}
        self._vats = {}

    def tax(self, tax_id: int) -> Record:
        """The tax as a record."""
        return self.of_ids((tax_id,))

    def of_ids(self, tax_ids: Iterable[int]) -> Record:
        """These taxes as records."""
        return self._taxes.browse(tax_ids).with_prefetch(self._taxes._ids)

    def line(self, tax_ids: tuple[int, ...]) -> LineTaxes:
        """What the taxes with these ids mean on a line.

        :param tuple[int, ...] tax_ids: in Odoo's order
        :rtype: LineTaxes
        """
        found = self._lines.get(tax_ids)
        if found is None:
            found = self._lines[tax_ids] = self._read_line(self.of_ids(tax_ids))
        return found

    def vat(self, tax: Record) -> terms.Vat:
        """Category, rate and reason of one tax.

        :rtype: einvoice.terms.Vat
        """
        found = self._vats.get(tax.id)
        if found is None:
            # What a tax computes is computed for all of the batch at once.
            found = self._vats[tax.id] = self._read_vat(self.of_ids(tax._ids))
        return found

    def _read_line(self, taxes: Record) -> LineTaxes:
        flat = taxes.flatten_taxes_hierarchy()
        if "is_withholding_tax_on_payment" in flat._fields:
            flat = flat.filtered(lambda tax: not tax.is_withholding_tax_on_payment)
        vats = flat.filtered(lambda tax: self.kind(tax, flat) == VAT)
        charges = flat.filtered(lambda tax: self.kind(tax, flat) == CHARGE)
        strangers = flat - vats - charges
        stranger = self._stranger(strangers)
        if not vats:
            outside = tuple((tax, False) for tax in charges)
            return LineTaxes(NO_VAT, charges=outside, problem=stranger or "line_without_vat", about=strangers)
        vat_tax = vats[0]
        before = flat[: flat._ids.index(vat_tax.id)] if vat_tax.is_base_affected else flat.browse()
        about, problem = strangers, stranger
        if not problem and len({self.vat(tax) for tax in vats}) > 1:
            about, problem = vats, "line_several_vat"
        elif not problem and vat_tax.amount_type != "percent":
            about, problem = vat_tax, "tax_not_percent"
        return LineTaxes(
            vat=self.vat(vat_tax),
            price_included=any(flat.mapped("price_include")),
            on_payment=vat_tax.tax_exigibility == "on_payment",
            charges=tuple((tax, tax in before and tax.include_base_amount) for tax in charges),
            problem=problem,
            about=about,
        )

    @staticmethod
    def kind(tax: Record, others: Record) -> str:
        """What one tax among those of a line is: ``VAT``, a ``CHARGE``, or ``STRANGER``, which has no term.

        An amount for each piece, by formula or as a percentage that VAT is computed on, is a charge of the
        line (eco-contributions). A percentage that has no rate of VAT, beside one that has, is a stranger.
        """
        if tax.amount_type == "fixed" or (tax.amount_type == "code" and tax.ubl_cii_tax_category_code != "S"):
            return CHARGE
        if tax.amount < 0 and not tax.has_negative_factor:
            return STRANGER
        alone = len(others.filtered(lambda other: other.amount_type in ("percent", "division"))) < 2
        if alone or tax.ubl_cii_tax_category_code or tax.amount in VAT_RATES:
            return VAT
        return CHARGE if tax.include_base_amount else STRANGER

    @staticmethod
    def _stranger(strangers: Record) -> str | None:
        if not strangers:
            return None
        return "retention_as_tax" if strangers[0].amount < 0 else "tax_not_vat"

    def _read_vat(self, tax: Record) -> terms.Vat:
        code = tax.ubl_cii_tax_exemption_reason_code or None
        if tax.amount_type in ("fixed", "code") and tax.ubl_cii_tax_category_code not in NEEDS_REASON:
            # An amount outside the VAT base has no rate: only its owner knows why it bears no VAT.
            return NO_VAT
        category = tax.ubl_cii_tax_category_code or self._guess_category(tax, code)
        if category not in NEEDS_REASON:
            return terms.Vat(category, to_step(tax.amount, CENT))
        code = code or DEFAULT_REASON_CODE.get(category)
        reason = plain(tax.invoice_legal_notes) or (reason_text(code) if code else None)
        return terms.Vat(category, None if category == "O" else ZERO, reason, code)

    def _guess_category(self, tax: Record, reason_code: str | None) -> str | None:
        """The category of a tax on which the accountant gave none: its rate and the customer's country."""
        if tax.amount and not tax.has_negative_factor:
            return "S"
        if reason_code:
            return CATEGORY_OF_REASON_CODE.get(reason_code, "E")
        if tax.has_negative_factor:
            return "AE"
        country = self._country.code
        if not country or country in self._company._get_france_country_codes():
            return "E"
        if self._country not in tax.env.ref("base.europe").country_ids:
            return "G"
        return "AE" if tax.tax_scope == "service" else "K"
