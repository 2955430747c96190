"""The semantic invoice of EN 16931, as plain immutable data.

Each attribute names its business term (BT) or group (BG). Amounts are ``decimal.Decimal`` in the
invoice's currency; quantities and prices are ``Decimal`` too; dates are ``datetime.date``. Texts are
plain ``str``. An absent term is ``None`` (or an empty tuple), never an empty string made up to fill it.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

EN16931_GUIDELINE = "urn:cen.eu:en16931:2017"


@dataclass(frozen=True, slots=True)
class Address:
    """BG-5, BG-8, BG-15. ``country`` is the ISO 3166-1 alpha-2 code."""

    country: str | None = None
    line_one: str | None = None
    line_two: str | None = None
    line_three: str | None = None
    city: str | None = None
    postcode: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """BG-6, BG-9."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """BG-4 seller, BG-7 buyer, BG-10 payee or BG-13 ship-to party.

    ``siret`` holds the 14 digits of BT-29/BT-30 (seller) or BT-46/BT-47 (buyer), as typed but without
    blanks. ``legal_id`` is only for parties without SIRET. ``tax_id`` is BT-32.
    """

    name: str | None
    siret: str | None = None
    legal_id: str | None = None
    trading_name: str | None = None
    vat_number: str | None = None
    tax_id: str | None = None
    legal_info: str | None = None
    location_id: str | None = None
    address: Address | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class BankAccount:
    """BG-17. ``number`` is BT-84 without blanks, ``iban`` says whether it claims to be an IBAN."""

    number: str
    bic: str | None = None
    holder: str | None = None
    iban: bool = True


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """BG-16: one UNTDID 4461 code (BT-81) and the accounts it goes to."""

    code: str | None
    text: str | None = None
    accounts: tuple[BankAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """BG-1: BT-22 with the UNTDID 4451 subject code BT-21."""

    text: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Vat:
    """VAT category (UNTDID 5305), rate in percent, and exemption reason (BT-120/BT-121)."""

    category: str | None
    rate: Decimal | None = None
    reason: str | None = None
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """BG-20/21 at document level, BG-27/28 on a line. ``amount`` is positive."""

    is_charge: bool
    amount: Decimal
    reason: str | None = None
    reason_code: str | None = None
    base: Decimal | None = None
    percent: Decimal | None = None
    vat: Vat | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """BG-14, BG-26."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """BG-25.

    ``net_price`` (BT-146) is never negative: a negative line has a negative ``quantity``.
    ``net_amount`` (BT-131) = quantity × net_price / base_quantity + charges − allowances, to the cent.
    ``gross_price``/``price_discount`` (BT-148/BT-147) go together or not at all (seen live).
    """

    number: str
    name: str | None
    quantity: Decimal
    unit: str | None
    net_price: Decimal
    net_amount: Decimal
    vat: Vat
    description: str | None = None
    note: str | None = None
    gross_price: Decimal | None = None
    price_discount: Decimal | None = None
    base_quantity: Decimal | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    period: Period | None = None
    seller_item_id: str | None = None
    standard_item_id: str | None = None
    order_line: str | None = None
    buyer_accounting: str | None = None


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """BG-23."""

    vat: Vat
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22, all in the invoice's currency, two decimals."""

    lines: Decimal
    allowances: Decimal
    charges: Decimal
    tax_basis: Decimal
    tax: Decimal
    grand: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal


@dataclass(frozen=True, slots=True)
class Preceding:
    """BG-3: the invoice that this one corrects or deducts (BT-25, BT-26)."""

    number: str
    issue_date: date | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A complementary file put inside the PDF (Chorus: name ≤ 50 characters with extension)."""

    name: str
    content: bytes = field(repr=False)
    mime: str = "application/octet-stream"
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice or credit note, positive amounts for a credit note (381)."""

    number: str
    issue_date: date
    type_code: str
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    breakdown: tuple[VatBreakdown, ...]
    totals: Totals
    payment: PaymentMeans
    process: str = "A1"
    guideline: str = EN16931_GUIDELINE
    notes: tuple[Note, ...] = ()
    vat_point_code: str | None = None
    buyer_reference: str | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    sales_order_reference: str | None = None
    buyer_accounting: str | None = None
    preceding: tuple[Preceding, ...] = ()
    payee: Party | None = None
    ship_to: Party | None = None
    delivery_date: date | None = None
    period: Period | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    payment_reference: str | None = None
    payment_terms: str | None = None
    due_date: date | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the directory says of the buyer's structure, in one environment.

    ``known`` is False when the directory was asked and has no such structure; a ``Recipient`` is not
    given at all when the directory was never asked. ``services`` maps each code to (active, engagement
    required); ``None`` means that the list is not known.
    """

    known: bool = True
    active: bool = True
    needs_service: bool = False
    needs_engagement: bool = False
    needs_service_or_engagement: bool = False
    moa_only: bool = False
    private: bool = False
    name: str | None = None
    services: dict[str, tuple[bool, bool]] | None = None
