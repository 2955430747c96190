"""The one Hypothesis strategy of correct invoices: everything that an accountant may send."""

import os
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from einvoice.terms import (
    Address,
    BankAccount,
    Contact,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
)
from lib.samples import invoices as make

# dev/test --all takes 2,000.
EXAMPLES = int(os.environ.get("EINVOICE_EXAMPLES", "400"))
full_run = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
middle_run = settings(full_run, max_examples=max(EXAMPLES // 4, 1))
short_run = settings(full_run, max_examples=min(EXAMPLES, 150))

RATES = (make.S20, make.S10, make.S55, make.S21, make.S85)
EXEMPTIONS = (
    make.FRANCHISE,
    make.TRAINING,
    make.REVERSE_CHARGE,
    make.EXPORT,
    make.INTRA_COMMUNITY,
    make.ZERO_RATED,
)
UNITS = ("C62", "HUR", "DAY", "KGM", "MTR", "LTR", "MON", "KWH", "XBX")
ODD_TEXTS = (
    "Été à Œuvre — « cœur »",
    "A & B <C> \"D\" 'E' ]]>",
    "العربية שלום",
    "漢字 😀 👩‍🔧",
    "ligne 1\nligne 2\r\nligne 3",
    "blanc\u00a0insécable\tet\x0btabulation",
    "contrôle\x00\x1b fin",
    "=1+1;@SUM",
)

_text = st.one_of(
    st.sampled_from(ODD_TEXTS),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=0, max_size=30).map(lambda text: "t" + text),
)
_long_text = st.one_of(_text, st.just("mot " * 255))
_cents = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
_day = st.integers(0, 700).map(lambda days: make.TODAY - timedelta(days))
_number = st.text("ABCXYZabc0123456789-_/+ ", min_size=1, max_size=18).map(lambda text: f"F{text.strip()}9")
_reference = st.one_of(st.none(), st.text("ABC0123456789-/", min_size=1, max_size=50))


@st.composite
def _quantities(draw):
    places = draw(st.integers(0, 4))
    value = Decimal(draw(st.integers(1, 999_999))).scaleb(-places)
    return -value if draw(st.integers(0, 7)) == 0 else value


@st.composite
def _prices(draw):
    places = draw(st.integers(0, 6))
    return Decimal(draw(st.integers(0, 9_999_999))).scaleb(-places)


@st.composite
def _periods(draw):
    start = draw(_day)
    return draw(
        st.sampled_from(
            (None, None, Period(start, start + timedelta(30)), Period(start), Period(None, start))
        )
    )


@st.composite
def lines(draw, vat):
    """One correct line with the given VAT."""
    quantity, price = draw(_quantities()), draw(_prices())
    terms = {
        "unit": draw(st.sampled_from(UNITS)),
        "description": draw(st.one_of(st.none(), _long_text)),
        "note": draw(st.one_of(st.none(), st.none(), _text)),
        "period": draw(_periods()),
        "seller_item_id": draw(st.sampled_from((None, "REF-1", "É/2"))),
        "standard_item_id": draw(st.sampled_from((None, None, "3017620422003"))),
        "order_line": draw(st.sampled_from((None, None, "10"))),
        "buyer_accounting": draw(st.sampled_from((None, None, "60611"))),
    }
    kind = draw(st.integers(0, 9))
    name = draw(_text)
    if kind == 0:
        percent = draw(st.integers(1, 100))
        return make.discounted(name, quantity, price.quantize(Decimal("0.0001")), percent, vat, **terms)
    if kind == 1:
        return make.line(name, quantity, price, vat, (make.charge(draw(_cents)),), **terms)
    if kind == 2:
        return make.line(
            name, quantity, price, vat, (make.discount(draw(_cents), reason_code=None),), **terms
        )
    if kind == 3:
        return make.line(
            name, quantity, price, vat, base_quantity=Decimal(draw(st.sampled_from((10, 100)))), **terms
        )
    return make.line(name, quantity, price, vat, **terms)


@st.composite
def _addresses(draw):
    return Address(
        draw(st.sampled_from(("FR", "FR", "RE", "GP", "BE"))),
        draw(_text),
        draw(st.one_of(st.none(), _text)),
        draw(st.one_of(st.none(), _text)),
        draw(_text),
        draw(st.sampled_from(("75001", "97400"))),
        draw(st.sampled_from((None, "Bretagne"))),
    )


@st.composite
def _references(draw, type_code):
    count = 1 if type_code in ("381", "384") else draw(st.integers(0, 2))
    return {
        "buyer_reference": draw(_reference),
        "order_reference": draw(_reference),
        "contract_reference": draw(_reference),
        "sales_order_reference": draw(_reference),
        "buyer_accounting": draw(_reference),
        "payment_reference": draw(st.one_of(st.none(), _text)),
        "preceding": tuple(
            Preceding(f"P{place}", draw(st.one_of(st.none(), st.just(date(2024, 1, 31)))))
            for place in range(count)
        ),
    }


@st.composite
def invoices(draw):
    """A correct ``Invoice``, of any kind that the addon offers."""
    type_code = draw(st.sampled_from(("380", "380", "380", "381", "384", "386", "389")))
    families = draw(st.sampled_from(("taxed", "taxed", "taxed", "mixed", "exempt", "out")))
    if families == "out":
        vats = (make.OUT_OF_SCOPE,)
    elif families == "exempt":
        vats = (draw(st.sampled_from(EXEMPTIONS)),)
    else:
        vats = tuple(draw(st.lists(st.sampled_from(RATES), min_size=1, max_size=3, unique=True)))
        if families == "mixed":
            vats += (draw(st.sampled_from(EXEMPTIONS)),)
    items = [draw(lines(draw(st.sampled_from(vats)))) for _place in range(draw(st.integers(1, 6)))]
    used = {item.vat.category for item in items}
    allowances = [
        (make.charge if draw(st.booleans()) else make.discount)(draw(_cents), draw(_text), vat=items[0].vat)
        for _place in range(draw(st.integers(0, 2)))
    ]
    number, issued = draw(_number), draw(_day)
    terms = {
        "type_code": type_code,
        "issue_date": issued,
        "seller": _seller(draw),
        "buyer": _buyer(draw, "K" in used),
        "payment": _payment(draw),
        "notes": (
            *draw(st.sampled_from(((), make.MENTIONS))),
            *(Note(text) for text in draw(st.lists(_long_text, max_size=2))),
        ),
        "vat_point_code": draw(st.sampled_from((None, "5", "29", "72"))),
        "ship_to": draw(st.sampled_from((None, make.DELIVERY))),
        "delivery_date": draw(st.one_of(st.none(), st.just(issued))),
        "period": draw(_periods()),
        "payee": draw(st.sampled_from((None, None, Party("Affacturage Réuni", siret="55203253400646")))),
        "due_date": draw(st.one_of(st.none(), st.just(issued + timedelta(30)))),
        "payment_terms": draw(_text),
        **draw(_references(type_code)),
    }
    if "K" in used:
        terms |= {"ship_to": make.DELIVERY, "delivery_date": issued}
    return _with_sums(draw, items, allowances, vats, number, terms)


def _with_sums(draw, items, allowances, vats, number, terms):
    build = lambda **sums: make.invoice(items, number, vats=vats, allowances=allowances, **terms, **sums)  # noqa: E731
    invoice = build()
    if invoice.totals.grand <= 0:
        items.append(make.line("Complément", 1, 1 - invoice.totals.grand, items[0].vat))
        invoice = build()
    process = draw(st.sampled_from(("A1", "A1", "A2", "A9", "A12")))
    terms["process"] = process
    if process == "A2":
        return build(prepaid=invoice.totals.grand)
    return build(
        prepaid=draw(st.sampled_from((Decimal(0), invoice.totals.grand / 2))).quantize(make.CENT),
        rounding=Decimal(draw(st.integers(-2, 2))) / 100 if invoice.totals.grand > 1 else 0,
    )


def _seller(draw):
    contact = Contact(draw(_text), draw(st.sampled_from((None, "+33 1 02 03 04 05"))), "a@example.org")
    return Party(
        draw(_text),
        siret=make.SELLER_SIRET,
        vat_number="FR11332540215",
        trading_name=draw(st.one_of(st.none(), _text)),
        tax_id=draw(st.sampled_from((None, None, "332540215"))),
        legal_info=draw(st.one_of(st.none(), _text)),
        address=draw(_addresses()),
        contact=draw(st.sampled_from((None, contact))),
    )


def _buyer(draw, with_vat_number):
    contact = Contact(draw(_text))
    return Party(
        draw(_text),
        siret=draw(st.sampled_from((make.BUYER_SIRET, "12345678200036"))),
        vat_number="FR40123456782" if with_vat_number else draw(st.sampled_from((None, "BE0123456749"))),
        address=draw(_addresses()),
        contact=draw(st.sampled_from((None, contact))),
    )


def _payment(draw):
    code = draw(st.sampled_from(("30", "30", "58", "42", "31", "10", "20", "48", "97", "49", "59")))
    account = BankAccount(
        make.IBAN, draw(st.sampled_from((None, make.BIC))), draw(st.one_of(st.none(), _text))
    )
    other = BankAccount("DE89370400440532013000")
    accounts = (
        draw(st.sampled_from(((account,), (account, other)))) if code in ("30", "58", "42", "31") else ()
    )
    return PaymentMeans(code, draw(st.one_of(st.none(), _text)), accounts)
