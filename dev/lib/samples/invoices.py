"""Semantic invoices that add up by construction: for tests, samples and measures. Pure, without Odoo."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from einvoice.terms import (
    Address,
    AllowanceCharge,
    BankAccount,
    Contact,
    Invoice,
    Line,
    Note,
    Party,
    PaymentMeans,
    Totals,
    Vat,
    VatBreakdown,
)

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
TODAY = date(2026, 11, 20)

# A supplier and recipients of AIFE's data set; the IBAN is the published example of a French bank.
SELLER_SIRET = "33254021516357"
BUYER_SIRET = "12345678200051"
IBAN, BIC = "FR7630006000011234567890189", "AGRIFRPPXXX"

S20 = Vat("S", Decimal("20"))
S10 = Vat("S", Decimal("10"))
S55 = Vat("S", Decimal("5.5"))
S21 = Vat("S", Decimal("2.1"))
S85 = Vat("S", Decimal("8.5"))
ZERO_RATED = Vat("Z", Decimal("0"))
FRANCHISE = Vat("E", Decimal("0"), "TVA non applicable, art. 293 B du CGI", "VATEX-FR-FRANCHISE")
TRAINING = Vat("E", Decimal("0"), "Exonération, art. 261-4-4° du CGI", "VATEX-FR-CGI261-4")
REVERSE_CHARGE = Vat("AE", Decimal("0"), "Autoliquidation, art. 283-2 nonies du CGI", "VATEX-EU-AE")
INTRA_COMMUNITY = Vat("K", Decimal("0"), "Livraison intracommunautaire, art. 262 ter I", "VATEX-EU-IC")
EXPORT = Vat("G", Decimal("0"), "Exportation, art. 262 I du CGI", "VATEX-EU-G")
OUT_OF_SCOPE = Vat("O", None, "Hors champ de la TVA", "VATEX-EU-O")

MENTIONS = (
    Note("Indemnité forfaitaire pour frais de recouvrement : 40 €.", "PMT"),
    Note("Pénalités de retard : trois fois le taux d'intérêt légal.", "PMD"),
    Note("Pas d'escompte pour paiement anticipé.", "AAB"),
)
SELLER = Party(
    "Atelier des Trois Rivières",
    siret=SELLER_SIRET,
    vat_number="FR11332540215",
    legal_info="SAS au capital de 10 000 €, RCS Lyon",
    address=Address("FR", "12 quai Saint-Vincent", city="Lyon", postcode="69001"),
    contact=Contact("Jeanne Moulin", "+33 4 72 00 00 00", "compta@example.org"),
)
BUYER = Party(
    "Commune de Saint-Aubin",
    siret=BUYER_SIRET,
    address=Address("FR", "1 place de la Mairie", "Service comptable", city="Saint-Aubin", postcode="35250"),
)
DELIVERY = Party(
    "École Jean-Moulin",
    address=Address("FR", "3 rue des Écoles", city="Saint-Aubin", postcode="35250"),
)


def to_cent(amount):
    """Round half up, as French invoices do."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def line(name, quantity, price, vat=S20, allowances=(), **terms):
    """Return a ``Line`` without number; quantity and price may be texts."""
    quantity, price = Decimal(quantity), Decimal(price)
    base = terms.get("base_quantity") or 1
    net = quantity * price / base
    net += sum(item.amount if item.is_charge else -item.amount for item in allowances)
    terms.setdefault("unit", "C62")
    return Line(
        number="0",
        name=name,
        quantity=quantity,
        net_price=price,
        net_amount=to_cent(net),
        vat=replace(vat, reason=None, reason_code=None),
        allowances=tuple(allowances),
        **terms,
    )


def discounted(name, quantity, gross, percent, vat=S20, **terms):
    """Return a line whose price is ``gross`` less ``percent``, both shown."""
    gross = Decimal(gross)
    discount = (gross * Decimal(percent) / 100).quantize(Decimal("0.000001")).normalize()
    discount = Decimal(format(discount, "f"))
    return line(name, quantity, gross - discount, vat, gross_price=gross, price_discount=discount, **terms)


def discount(amount, reason="Remise", vat=None, **terms):
    """Return an allowance, of a line or (with ``vat``) of the whole invoice."""
    terms.setdefault("reason_code", "95")
    return AllowanceCharge(False, Decimal(amount), reason, vat=vat, **terms)


def charge(amount, reason="Éco-contribution", vat=None, **terms):
    """Return a charge, of a line or (with ``vat``) of the whole invoice."""
    terms.setdefault("reason_code", "AEO")
    return AllowanceCharge(True, Decimal(amount), reason, vat=vat, **terms)


def invoice(lines, number="FAC/2026/00001", *, vats=(), allowances=(), prepaid=0, rounding=0, **terms):
    """Return an ``Invoice`` whose VAT summary and totals follow from its lines.

    ``vats`` are the ``Vat`` with reasons to use in the summary for the categories without VAT.
    """
    lines = tuple(replace(item, number=str(place)) for place, item in enumerate(lines, 1))
    allowances = tuple(allowances)
    breakdown = _breakdown(lines, allowances, vats)
    totals = _totals(lines, allowances, breakdown, Decimal(prepaid), Decimal(rounding))
    values = {
        "number": number,
        "issue_date": TODAY,
        "type_code": "380",
        "currency": "EUR",
        "seller": SELLER,
        "buyer": BUYER,
        "payment": PaymentMeans("30", "Virement", (BankAccount(IBAN, BIC, "Atelier des Trois Rivières"),)),
        "due_date": date(2026, 12, 20),
        "payment_terms": "30 jours",
        "payment_reference": number,
        "vat_point_code": "5",
        "notes": MENTIONS,
        "ship_to": DELIVERY,
        "delivery_date": TODAY,
    }
    values.update(terms)
    return Invoice(lines=lines, allowances=allowances, breakdown=breakdown, totals=totals, **values)


def _breakdown(lines, allowances, vats):
    with_reason = {vat.category: vat for vat in vats}
    bases = {}
    parts = [(item.vat, item.net_amount) for item in lines]
    parts += [(item.vat, item.amount if item.is_charge else -item.amount) for item in allowances]
    for vat, amount in parts:
        key = (vat.category, vat.rate if vat.category == "S" else None)
        bases[key] = bases.get(key, ZERO) + amount
    groups = []
    for (category, rate), base in bases.items():
        vat = Vat("S", rate) if category == "S" else with_reason.get(category, Vat(category, ZERO))
        tax = to_cent(base * rate / 100) if category == "S" else ZERO
        groups.append(VatBreakdown(vat, base, tax))
    return tuple(groups)


def _totals(lines, allowances, breakdown, prepaid, rounding):
    net = sum((item.net_amount for item in lines), ZERO)
    less = sum((item.amount for item in allowances if not item.is_charge), ZERO)
    more = sum((item.amount for item in allowances if item.is_charge), ZERO)
    tax = sum((group.amount for group in breakdown), ZERO)
    basis = net - less + more
    grand = basis + tax
    return Totals(net, less, more, basis, tax, grand, prepaid, rounding, grand - prepaid + rounding)
