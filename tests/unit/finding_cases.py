"""Invoices with one mistake each, and the findings that must appear; the table of the tests beside it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import einvoice
from einvoice.terms import (
    Address,
    AllowanceCharge,
    Attachment,
    BankAccount,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    Recipient,
    Vat,
    VatBreakdown,
)
from lib.samples import invoices as make

WORK = make.line("Travaux", "3", "1250.00")
GOOD = make.invoice([WORK, make.line("Livre", "2", "10.00", make.S55)])
TODAY = make.TODAY
FREE = Recipient()


def codes(invoice, recipient=None, today=TODAY, severity=None, **options):
    found = einvoice.check(invoice, recipient, today, **options)
    return {item.code for item in found if severity in (None, item.severity)}


USUAL = codes(GOOD)


def new(invoice, recipient=None, **options):
    """The findings that the correct invoice does not have."""
    return codes(invoice, recipient, **options) - USUAL


def changed(**terms):
    return replace(GOOD, **terms)


def seller(**terms):
    return changed(seller=replace(GOOD.seller, **terms))


def buyer(**terms):
    return changed(buyer=replace(GOOD.buyer, **terms))


def totals(**terms):
    return changed(totals=replace(GOOD.totals, **terms))


def first_line(**terms):
    return changed(lines=(replace(GOOD.lines[0], **terms), *GOOD.lines[1:]))


def paying(code, *accounts):
    return changed(payment=PaymentMeans(code, None, accounts))


def account(number=make.IBAN, **terms):
    return paying("30", BankAccount(number, **terms))


def one(vat, reason_vat=None, **terms):
    return make.invoice([make.line("Prestation", "1", "100.00", vat)], vats=(reason_vat or vat,), **terms)


def notes(*items):
    return changed(notes=(*make.MENTIONS, *items))


def attached(*names, content=b"x"):
    return changed(attachments=tuple(Attachment(name, content) for name in names))


def global_discount(**terms):
    allowance = replace(make.discount("10.00", vat=make.S20), **terms)
    return make.invoice([WORK], allowances=[allowance])


def without_reason(vat):
    return replace(vat, reason=None, reason_code=None)


def breakdown(*groups):
    return changed(breakdown=groups)


G20, G55 = GOOD.breakdown

# name: (invoice, findings)
CASES = {
    # numbers and codes; the digits are the rows of the project's table of cases
    "04 number of 21 characters": (changed(number="FACTURE-2026-00000042"), {"number_too_long"}),
    "05 number of 20 characters": (changed(number="FACTURE-2026-0000042"), set()),
    "06 number with a space": (changed(number="FAC 2026 42"), {"number_spaces"}),
    "07 number with a dot": (changed(number="FAC.42"), {"number_characters"}),
    "07 number with a hash": (changed(number="FAC#42"), {"number_characters"}),
    "07 number with an accent": (changed(number="FÉV/42"), {"number_characters"}),
    "no number": (changed(number=None), {"number_missing"}),
    "number with two blanks": (changed(number="FA  42"), {"number_blanks"}),
    "number with a blank at its end": (changed(number="FA42 "), {"number_blanks"}),
    "number with a no-break space": (changed(number="FA\u00a042"), {"number_blanks"}),
    "number with an invisible sign": (changed(number="FA\u200b42"), {"number_blanks"}),
    "number of nothing but blanks": (changed(number=" \u200b "), {"number_missing"}),
    "a day as number": (changed(number="20261120"), {"number_is_date"}),
    "a day with signs as number": (changed(number="2026-11-20"), {"number_is_date"}),
    "a day of France as number": (changed(number="20/11/2026"), {"number_is_date"}),
    "a day behind letters": (changed(number="FA20261120"), set()),
    "eight digits that are no day": (changed(number="20269999"), set()),
    "engagement and a day": (changed(order_reference="EJ 1512345678 du 2026-11-20"), set()),
    "an order with its year": (changed(order_reference="BC 2026/123"), set()),
    "two engagements": (changed(order_reference="1512345678, 1512345679"), {"engagement_several"}),
    "number of blanks": (changed(number="   "), {"number_missing"}),
    "09 no process": (changed(process=None), {"process_unknown"}),
    "10 process M1 of the reform": (changed(process="M1"), {"process_of_reform"}),
    "10 process S1 of the reform": (changed(process="S1"), {"process_of_reform"}),
    "process of works": (changed(process="A4"), {"process_unknown"}),
    "11 A2 paid in full": (make.invoice([WORK], prepaid="4500.00", process="A2"), set()),
    "A2 with something due": (changed(process="A2"), {"process_paid_but_due"}),
    "A1 with nothing due": (make.invoice([WORK], prepaid="4500.00"), {"process_paid_not_said"}),
    "12 A9 of a subcontractor": (changed(process="A9"), {"process_needs_contractor"}),
    "28 type 261": (changed(type_code="261"), {"type_refused"}),
    "28 type 751": (changed(type_code="751"), {"type_refused"}),
    "type 325": (changed(type_code="325"), {"type_unknown"}),
    "43 dollars": (changed(currency="USD"), {"currency_not_euro"}),
    "46 profile EXTENDED": (
        changed(guideline="urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"),
        {"profile_unknown"},
    ),
    "VAT point 35": (changed(vat_point_code="35"), {"vat_point_unknown"}),
    # dates
    "no date": (changed(issue_date=None), {"date_missing"}),
    "40 tomorrow": (
        changed(issue_date=TODAY + timedelta(1), due_date=TODAY + timedelta(30)),
        {"date_in_future"},
    ),
    "41 due before issued": (changed(due_date=date(2026, 11, 1)), {"due_date_before_issue"}),
    "neither due date nor terms": (changed(due_date=None, payment_terms=None), {"due_date_missing"}),
    "period reversed": (changed(period=Period(date(2026, 2, 1), date(2026, 1, 1))), {"period_reversed"}),
    # identities
    "03 seller by SIREN": (seller(siret="332540215"), {"seller_siret_is_siren"}),
    "03 buyer by SIREN": (buyer(siret="123456782"), {"buyer_siret_is_siren"}),
    "seller without SIRET": (seller(siret=None), {"seller_siret_missing"}),
    "buyer without SIRET": (buyer(siret=""), {"buyer_siret_missing"}),
    "SIRET of 13 digits": (buyer(siret="1234567820005"), {"buyer_siret_wrong"}),
    "buyer's SIRET without its first zero": (buyer(siret="5680003000001"), {"buyer_siret_lost_zero"}),
    "seller's SIRET without its first zero": (seller(siret="5680003000001"), {"seller_siret_lost_zero"}),
    "seller's SIRET of 15 digits": (seller(siret="332540215163571"), {"seller_siret_wrong"}),
    "SIRET with letters": (buyer(siret="1234567820005A"), {"buyer_siret_wrong"}),
    "SIRET in Arabic digits": (buyer(siret="١٢٣٤٥٦٧٨٢٠٠٠٥١"), {"buyer_siret_wrong"}),
    "SIRET failing Luhn": (buyer(siret="12345678200052"), {"buyer_siret_checksum"}),
    "a post office": (buyer(siret="35600000049837"), set()),
    "foreign seller": (
        seller(siret=None, address=Address("BE", "Rue Haute 1", city="Bruxelles", postcode="1000")),
        {"seller_foreign"},
    ),
    "buyer is the seller": (
        buyer(siret=make.SELLER_SIRET),
        {"buyer_is_seller", "buyer_siret_checksum"},
    ),
    "seller without name": (seller(name=""), {"seller_name_missing"}),
    "buyer without name": (buyer(name=None), {"buyer_name_missing"}),
    "buyer's name of 100 characters": (buyer(name="x" * 100), {"buyer_name_too_long"}),
    "seller's name of 100 characters": (seller(name="x" * 100), {"seller_name_too_long"}),
    "trading name of 100 characters": (seller(trading_name="x" * 100), {"seller_trading_name_too_long"}),
    "legal information of 1,025 characters": (seller(legal_info="x" * 1025), {"seller_legal_info_too_long"}),
    "seller without country": (
        seller(address=replace(GOOD.seller.address, country=None)),
        {"seller_country_missing"},
    ),
    "buyer without address": (buyer(address=None), {"buyer_country_missing"}),
    "seller in an unknown country": (
        seller(address=replace(GOOD.seller.address, country="ZQ")),
        {"seller_country_unknown"},
    ),
    "buyer in an unknown country": (
        buyer(address=replace(GOOD.buyer.address, country="France")),
        {"buyer_country_unknown"},
    ),
    "seller without street": (
        seller(address=replace(GOOD.seller.address, line_one=None)),
        {"seller_address_incomplete"},
    ),
    "street of 401 characters": (
        buyer(address=replace(GOOD.buyer.address, line_one="x" * 401)),
        {"address_line_too_long"},
    ),
    "VAT number of another company": (seller(vat_number="FR40123456782"), {"seller_vat_other_siren"}),
    "VAT number without country": (seller(vat_number="40123456782"), {"seller_vat_wrong"}),
    "buyer's VAT number without country": (buyer(vat_number="40123456782"), {"buyer_vat_wrong"}),
    "33 standard rate, no VAT number": (seller(vat_number=None), {"seller_vat_missing"}),
    "33 standard rate, a tax number instead": (
        seller(vat_number=None, tax_id="332540215"),
        {"seller_vat_missing"},
    ),
    "exempt, a tax number instead": (
        one(make.FRANCHISE, seller=replace(GOOD.seller, vat_number=None, tax_id="332540215")),
        set(),
    ),
    "payee without name": (changed(payee=Party(None)), {"payee_name_missing"}),
    "payee is the seller": (changed(payee=Party(GOOD.seller.name)), {"payee_is_seller"}),
    "payee's name of 100 characters": (changed(payee=Party("x" * 100)), {"payee_name_too_long"}),
    "payee by SIREN": (changed(payee=Party("Factor", siret="552032534")), {"payee_siret_wrong"}),
    "delivery without country": (
        changed(ship_to=Party("Dépôt", address=Address(None, city="Lyon"))),
        {"delivery_country_missing"},
    ),
    "delivery in an unknown country": (
        changed(ship_to=Party("Dépôt", address=Address("ZQ"))),
        {"delivery_country_unknown"},
    ),
    "delivery place of 21 characters": (
        changed(ship_to=replace(make.DELIVERY, location_id="x" * 21)),
        {"delivery_id_too_long"},
    ),
    # references
    "service of 101 characters": (changed(buyer_reference="x" * 101), {"service_too_long"}),
    "service of public invoices": (
        changed(buyer_reference="FACTURES_PUBLIQUES"),
        {"service_public_invoices"},
    ),
    "engagement of 51 characters": (changed(order_reference="x" * 51), {"engagement_too_long"}),
    "market of 51 characters": (changed(contract_reference="x" * 51), {"contract_too_long"}),
    "23 engagement is the invoice's number": (
        changed(order_reference=GOOD.number),
        {"engagement_is_own_number"},
    ),
    "26 credit note without original": (changed(type_code="381"), {"preceding_missing"}),
    "47d corrected invoice without original": (changed(type_code="384"), {"preceding_missing"}),
    "26 credit note with original": (
        changed(type_code="381", preceding=(Preceding("FAC/1", date(2026, 1, 1)),)),
        set(),
    ),
    "original of 21 characters": (changed(preceding=(Preceding("x" * 21),)), {"preceding_number_wrong"}),
    "original with a dot": (changed(preceding=(Preceding("FAC.1"),)), {"preceding_number_wrong"}),
    "two originals": (changed(preceding=(Preceding("F1"), Preceding("F2"))), {"preceding_several"}),
    "original later than the invoice": (
        changed(preceding=(Preceding("F1", date(2027, 1, 1)),)),
        {"preceding_is_later"},
    ),
    "its own original": (changed(preceding=(Preceding(GOOD.number),)), {"preceding_is_itself"}),
    # notes
    "42 no mentions": (changed(notes=()), {"reform_note_missing"}),
    "a mention twice": (notes(make.MENTIONS[0]), {"reform_note_twice"}),
    "note of 1,025 characters": (notes(Note("x" * 1025)), {"note_too_long"}),
    "empty note": (notes(Note(" ", "AAI")), {"note_empty"}),
    "unknown subject of a note": (notes(Note("x", "QQQ")), {"note_subject_unknown"}),
    # payment
    "13 no payment means": (changed(payment=PaymentMeans(None)), {"payment_missing"}),
    "14 paid by card 54": (paying("54"), {"payment_code_refused"}),
    "15 SEPA transfer": (paying("58", BankAccount(make.IBAN)), set()),
    "16 transfer without account": (paying("30"), {"payment_account_missing"}),
    "16 SEPA transfer without account": (paying("58"), {"payment_account_missing"}),
    "credit note by compensation": (paying("97"), set()),
    "17 wrong check digits": (account("FR7630006000011234567890188"), {"iban_checksum"}),
    "IBAN too short": (account("FR763000600001123456789018"), {"iban_length"}),
    "IBAN of no country": (account("ZZ7630006000011234567890189"), {"iban_country"}),
    "IBAN in lower case": (account(make.IBAN.lower()), {"iban_country"}),
    "IBAN of Malta": (account("MT84MALT011000012345MTLCAST001S"), {"iban_too_long"}),
    "account that is no IBAN": (account("30006000011234567890189", iban=False), {"account_not_iban"}),
    "BIC of 7 characters": (account(bic="AGRIFRP"), {"bic_wrong"}),
    "two accounts": (
        paying("30", BankAccount(make.IBAN), BankAccount("DE89370400440532013000")),
        {"accounts_several"},
    ),
    "terms of 1,025 characters": (changed(payment_terms="x" * 1025), {"payment_terms_too_long"}),
    # totals
    "29 due amount off by one": (totals(payable=GOOD.totals.payable + 1), {"total_payable_differ"}),
    "30 sum of lines differs": (
        totals(lines=GOOD.totals.lines + 1),
        {"total_lines_differ", "total_basis_differ"},
    ),
    "total discounts differ": (
        totals(allowances=D("1.00")),
        {"total_allowances_differ", "total_basis_differ"},
    ),
    "total charges differ": (totals(charges=D("1.00")), {"total_charges_differ", "total_basis_differ"}),
    "total without VAT differs": (
        totals(tax_basis=GOOD.totals.tax_basis + 1),
        {"total_basis_differ", "total_grand_differ"},
    ),
    "total with VAT differs": (
        totals(grand=GOOD.totals.grand + 1),
        {"total_grand_differ", "total_payable_differ"},
    ),
    "31 VAT of 751 for 20 % of 3750": (
        breakdown(replace(G20, amount=D("751.00")), G55),
        {"total_tax_differ", "vat_amount_differs"},
    ),
    "32 three decimals": (
        totals(grand=D("4521.101"), payable=D("4521.101")),
        {"amount_decimals", "total_grand_differ"},
    ),
    "amount of 20 characters": (totals(grand=D(10) ** 17), {"amount_too_long"}),
    "amount missing": (totals(prepaid=None), {"amount_missing"}),
    "amount is no number": (totals(tax=D("NaN")), {"amount_missing"}),
    "27 negative invoice": (
        make.invoice([make.line("Reprise", "-1", "100.00")]),
        {"total_negative"},
    ),
    "total of zero": (make.invoice([make.line("Gratuit", "1", "0")]), {"total_zero"}),
    "more paid than billed": (make.invoice([WORK], prepaid="5000.00"), {"prepaid_over_total"}),
    # lines
    "38 no line": (
        changed(lines=()),
        {"lines_missing", "total_lines_differ", "vat_breakdown_extra"},
    ),
    "line without number": (first_line(number=""), {"line_number_missing"}),
    "two lines of one number": (first_line(number="2"), {"line_number_twice"}),
    "47b line without name": (first_line(name=None), {"line_name_missing"}),
    "description of 1,025 characters": (
        first_line(description="x" * 1025),
        {"line_description_too_long"},
    ),
    "line note of 1,025 characters": (first_line(note="x" * 1025), {"line_note_too_long"}),
    "reference of 51 characters": (first_line(seller_item_id="x" * 51), {"line_reference_too_long"}),
    "barcode that is no GTIN": (first_line(standard_item_id="ABC"), {"line_item_id_not_gtin"}),
    "36 unit HOURS": (first_line(unit="HOURS"), {"line_unit_unknown"}),
    "no unit": (first_line(unit=None), {"line_unit_missing"}),
    "37 negative price": (first_line(quantity=D(-3), net_price=D("-1250.00")), {"line_price_negative"}),
    "negative gross price": (
        first_line(gross_price=D("-1"), price_discount=D("-1251.00")),
        {"line_gross_price_negative"},
    ),
    "47e gross price without discount": (
        first_line(gross_price=D("1250.00")),
        {"line_gross_without_discount"},
    ),
    "gross price and discount differ": (
        first_line(gross_price=D("1300.00"), price_discount=D("10.00")),
        {"line_gross_differs"},
    ),
    "quantity missing": (first_line(quantity=None), {"line_amount_missing"}),
    "quantity of 11 digits": (
        first_line(quantity=D("12345678901"), net_price=D(0)),
        {"line_quantity_too_long", "line_amount_differs"},
    ),
    "quantity of 11 digits, all decimals but one": (
        first_line(quantity=D("0.1234567891"), net_price=D(0), net_amount=D("0.00")),
        {"line_quantity_too_long", "total_lines_differ", "vat_base_differs"},
    ),
    "quantity of 5 decimals": (
        first_line(quantity=D("0.00001"), net_price=D(0), net_amount=D("0.00")),
        {"line_quantity_decimals", "total_lines_differ", "vat_base_differs"},
    ),
    "price of 7 decimals": (first_line(net_price=D("1250.0000001")), {"line_price_decimals"}),
    "line amount of 3 decimals": (
        first_line(net_amount=D("3750.001")),
        {"line_amount_decimals", "total_lines_differ", "vat_base_differs"},
    ),
    "infinite price": (first_line(net_price=D("Infinity")), {"line_amount_missing"}),
    "huge price": (first_line(net_price=D("1E+400")), {"line_amount_too_long"}),
    "price of nothing": (first_line(base_quantity=D(0)), {"line_base_quantity_wrong"}),
    "quantity × price differs": (first_line(net_price=D("1251.00")), {"line_amount_differs"}),
    "line period reversed": (
        first_line(period=Period(date(2026, 2, 1), date(2026, 1, 1))),
        {"line_period_reversed"},
    ),
    "discount without reason": (
        global_discount(reason=None, reason_code=None),
        {"allowance_reason_missing"},
    ),
    "unknown reason of a discount": (global_discount(reason_code="AEO"), {"allowance_reason_unknown"}),
    "reason of 1,025 characters": (global_discount(reason="x" * 1025), {"allowance_reason_too_long"}),
    "negative discount": (
        make.invoice([WORK], allowances=[AllowanceCharge(False, D("-5.00"), "x", vat=make.S20)]),
        {"allowance_negative"},
    ),
    "discount without VAT": (
        replace(global_discount(), allowances=(make.discount("10.00"),)),
        {"allowance_vat_missing", "vat_base_differs"},
    ),
    # VAT
    "34 exempt without reason": (one(without_reason(make.FRANCHISE)), {"vat_reason_missing"}),
    "47c reverse charge without reason": (one(without_reason(make.REVERSE_CHARGE)), {"vat_reason_missing"}),
    "standard rate with a reason": (
        breakdown(replace(G20, vat=replace(make.S20, reason="parce que")), G55),
        {"vat_reason_forbidden"},
    ),
    "unknown VATEX code": (
        one(make.FRANCHISE, replace(make.FRANCHISE, reason_code="VATEX-FR-42")),
        {"vat_reason_unknown"},
    ),
    "reason of 1,025 characters for VAT": (
        one(make.FRANCHISE, replace(make.FRANCHISE, reason="x" * 1025)),
        {"vat_reason_too_long"},
    ),
    "35 VAT of 21 %": (one(Vat("S", D(21))), {"vat_rate_not_french"}),
    "VAT of 5.555 %": (one(Vat("S", D("5.555"))), {"vat_rate_not_french", "vat_rate_decimals"}),
    "standard rate of 0 %": (one(Vat("S", D(0))), {"vat_rate_not_positive"}),
    "exempt at 20 %": (one(replace(make.FRANCHISE, rate=D(20))), {"vat_rate_not_zero"}),
    "exempt without rate": (one(replace(make.FRANCHISE, rate=None)), {"vat_rate_missing"}),
    "category L of the Canaries": (one(Vat("L", D(7))), {"vat_category_unknown"}),
    "line without VAT": (
        first_line(vat=Vat(None)),
        {"vat_missing", "vat_breakdown_extra"},
    ),
    "out of scope beside taxed": (
        make.invoice([WORK, make.line("Don", "1", "5.00", make.OUT_OF_SCOPE)], vats=(make.OUT_OF_SCOPE,)),
        {"vat_not_subject_mixed"},
    ),
    "intra-community without anything": (
        one(make.INTRA_COMMUNITY, ship_to=None, delivery_date=None),
        {"buyer_vat_missing", "delivery_date_missing", "delivery_place_missing"},
    ),
    "export without VAT number, with a tax number": (
        one(make.EXPORT, seller=replace(GOOD.seller, vat_number=None, tax_id="332540215")),
        {"seller_vat_missing"},
    ),
    "summary lacks a rate": (
        breakdown(G20),
        {"vat_breakdown_missing", "total_tax_differ"},
    ),
    "summary has a rate twice": (
        breakdown(G20, G55, VatBreakdown(make.S55, D("0.00"), D("0.00"))),
        {"vat_breakdown_twice"},
    ),
    "summary base differs": (breakdown(replace(G20, base=D("3749.99")), G55), {"vat_base_differs"}),
    "tax rounded line by line": (
        replace(
            GOOD,
            breakdown=(
                replace(G20, amount=G20.amount + D("0.05")),
                replace(G55, amount=G55.amount - D("0.05")),
            ),
        ),
        set(),
    ),
    # attachments
    "25 name of 51 characters": (attached("x" * 47 + ".pdf"), {"attachment_name_too_long"}),
    "name of 50 characters": (attached("x" * 46 + ".pdf"), set()),
    "25 a program": (attached("setup.exe"), {"attachment_extension"}),
    "25 an empty file": (attached("a.pdf", content=b""), {"attachment_empty"}),
    "25 a file of 10 MB": (attached("a.pdf", content=bytes(10_000_000)), {"attachment_too_large"}),
    "10 MB in two files": (attached("a.pdf", "b.pdf", content=bytes(5_000_000)), {"attachments_too_large"}),
    "no extension": (attached("README"), {"attachment_extension"}),
    "no name": (attached(""), {"attachment_name_missing"}),
    "one name twice": (attached("a.pdf", "A.PDF"), {"attachment_name_twice"}),
    "the name of the invoice's data": (attached("factur-x.xml"), {"attachment_name_reserved"}),
}  # fmt: skip


STATE = changed(buyer=replace(GOOD.buyer, siret="11000201100044"))
WITH_SERVICE = changed(buyer_reference="SERV_1")
SERVICES = Recipient(services={"SERV_1": (True, False), "OLD": (False, False), "ENG": (True, True)})

# name: (invoice, what the directory says, findings)
DIRECTORY_CASES = {
    "01 a recipient without duties": (GOOD, FREE, set()),
    "18 a service is required": (GOOD, Recipient(needs_service=True), {"service_required"}),
    "18 the required service is given": (WITH_SERVICE, replace(SERVICES, needs_service=True), set()),
    "19 an unknown service": (changed(buyer_reference="NO"), SERVICES, {"service_unknown"}),
    "19 a closed service": (changed(buyer_reference="OLD"), SERVICES, {"service_inactive"}),
    "a service when the list is not known": (WITH_SERVICE, FREE, set()),
    "20 an engagement is required": (GOOD, Recipient(needs_engagement=True), {"engagement_required"}),
    "20 the engagement is given": (changed(order_reference="1"), Recipient(needs_engagement=True), set()),
    "a service requires an engagement": (
        changed(buyer_reference="ENG"),
        SERVICES,
        {"engagement_required_by_service"},
    ),
    "21 both are required": (
        GOOD,
        Recipient(needs_service=True, needs_engagement=True),
        {"service_required", "engagement_required"},
    ),
    "one of both is required": (
        GOOD,
        Recipient(needs_service_or_engagement=True),
        {"service_or_engagement_required"},
    ),
    "one of both is given": (WITH_SERVICE, Recipient(needs_service_or_engagement=True), set()),
    "22 the State without a service": (STATE, None, {"service_required_by_state"}),
    "22 the State without a service, asked": (STATE, FREE, {"service_required_by_state"}),
    "44 an unknown structure": (GOOD, Recipient(known=False), {"structure_unknown"}),
    "an inactive structure": (GOOD, Recipient(active=False), {"structure_inactive"}),
    "a works owner only": (GOOD, Recipient(moa_only=True), {"structure_works_owner_only"}),
    "a private company": (GOOD, Recipient(private=True), {"structure_private"}),
}
