"""From the semantic invoice to CII D22B, Factur-X profile EN 16931, in the layout of a direct deposit.

Element order is that of the Factur-X 1.09 schema. What Chorus Pro asks beyond EN 16931 and what it
refuses although EN 16931 allows it is marked at its place.
"""

from dataclasses import replace

from lxml import etree

from .codes import PAYMENT_CODE_SENT, SCHEME_GTIN, SCHEME_REGISTER, SCHEME_SIRET
from .text import clean_text

RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
QDT = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"
NAMESPACES = {"rsm": RSM, "qdt": QDT, "ram": RAM, "udt": UDT}
_DATE_FORMAT = "102"  # UNTDID 2379: CCYYMMDD
_GTIN_LENGTHS = (8, 12, 13, 14)


def build_xml(invoice):
    """Return the CII bytes (UTF-8, with declaration) of a ``terms.Invoice``.

    The same invoice gives the same bytes. Amounts are written as they are, to the cent at least: a
    third decimal is shown rather than rounded away, and ``check`` reports it.
    """
    root = etree.Element(f"{{{RSM}}}CrossIndustryInvoice", nsmap=NAMESPACES)
    _context(etree.SubElement(root, f"{{{RSM}}}ExchangedDocumentContext"), invoice)
    _document(etree.SubElement(root, f"{{{RSM}}}ExchangedDocument"), invoice)
    transaction = etree.SubElement(root, f"{{{RSM}}}SupplyChainTradeTransaction")
    for line in invoice.lines:
        _line(_group(transaction, "IncludedSupplyChainTradeLineItem"), line)
    _agreement(_group(transaction, "ApplicableHeaderTradeAgreement"), invoice)
    _delivery(_group(transaction, "ApplicableHeaderTradeDelivery"), invoice)
    _settlement(_group(transaction, "ApplicableHeaderTradeSettlement"), invoice)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# --- header ---------------------------------------------------------------------------------------


def _context(parent, invoice):
    _wrapped(parent, "BusinessProcessSpecifiedDocumentContextParameter", "ID", invoice.process)
    _wrapped(parent, "GuidelineSpecifiedDocumentContextParameter", "ID", invoice.guideline)


def _document(parent, invoice):
    _leaf(parent, "ID", invoice.number)
    _leaf(parent, "TypeCode", invoice.type_code)
    _date(parent, "IssueDateTime", invoice.issue_date)
    for note in invoice.notes:
        group = _group(parent, "IncludedNote")
        _leaf(group, "Content", note.text, multiline=True)
        _leaf(group, "SubjectCode", note.subject)


def _agreement(parent, invoice):
    # EN 16931 BR-O-02: an invoice "not subject to VAT" carries no VAT number at all.
    with_vat_number = not any(group.vat.category == "O" for group in invoice.breakdown)
    _leaf(parent, "BuyerReference", invoice.buyer_reference)
    _seller(_group(parent, "SellerTradeParty"), invoice.seller, with_vat_number)
    _buyer(_group(parent, "BuyerTradeParty"), invoice.buyer, with_vat_number)
    _reference(parent, "SellerOrderReferencedDocument", invoice.sales_order_reference)
    _reference(parent, "BuyerOrderReferencedDocument", invoice.order_reference)
    _reference(parent, "ContractReferencedDocument", invoice.contract_reference)
    # Never an AdditionalReferencedDocument: Chorus Pro demands a file in each (seen live), and
    # complementary files travel as attachments of the PDF.


def _delivery(parent, invoice):
    ship_to = invoice.ship_to
    if not (ship_to and (clean_text(ship_to.name) or ship_to.address)) and not invoice.delivery_date:
        # The group is mandatory and may not be empty; without another place, goods go to the buyer.
        ship_to = replace(invoice.buyer, location_id=None)
    if ship_to:
        group = _group(parent, "ShipToTradeParty")
        _leaf(group, "ID", ship_to.location_id)
        _leaf(group, "Name", ship_to.name)
        _address(group, ship_to.address)
    if invoice.delivery_date:
        _date(_group(parent, "ActualDeliverySupplyChainEvent"), "OccurrenceDateTime", invoice.delivery_date)


def _settlement(parent, invoice):
    _leaf(parent, "PaymentReference", invoice.payment_reference)
    _leaf(parent, "InvoiceCurrencyCode", invoice.currency)
    if invoice.payee:
        _payee(_group(parent, "PayeeTradeParty"), invoice.payee)
    _payment_means(parent, invoice.payment)
    for breakdown in invoice.breakdown:
        _breakdown(_group(parent, "ApplicableTradeTax"), breakdown, invoice.vat_point_code)
    _period(parent, invoice.period)
    for allowance in invoice.allowances:
        group = _allowance(parent, allowance)
        if allowance.vat:
            _category(_group(group, "CategoryTradeTax"), allowance.vat)
    if clean_text(invoice.payment_terms) or invoice.due_date:
        group = _group(parent, "SpecifiedTradePaymentTerms")
        _leaf(group, "Description", invoice.payment_terms, multiline=True)
        _date(group, "DueDateDateTime", invoice.due_date)
    _totals(_group(parent, "SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
    for preceding in invoice.preceding:
        group = _reference(parent, "InvoiceReferencedDocument", preceding.number)
        if group is not None and preceding.issue_date:
            date_group = _group(group, "FormattedIssueDateTime")
            string = etree.SubElement(date_group, f"{{{QDT}}}DateTimeString", format=_DATE_FORMAT)
            string.text = preceding.issue_date.strftime("%Y%m%d")
    _wrapped(parent, "ReceivableSpecifiedTradeAccountingAccount", "ID", invoice.buyer_accounting)


def _payment_means(parent, payment):
    # Chorus Pro wants BT-81 on every invoice (seen live). CII repeats the group for each account.
    code = PAYMENT_CODE_SENT.get(payment.code, payment.code)
    accounts = [account for account in payment.accounts if clean_text(account.number)]
    for account in accounts or (None,):
        group = _group(parent, "SpecifiedTradeSettlementPaymentMeans")
        _leaf(group, "TypeCode", code)
        _leaf(group, "Information", payment.text)
        if account:
            creditor = _group(group, "PayeePartyCreditorFinancialAccount")
            _leaf(creditor, "IBANID", account.number if account.iban else None)
            _leaf(creditor, "AccountName", account.holder)
            _leaf(creditor, "ProprietaryID", None if account.iban else account.number)
            _wrapped(group, "PayeeSpecifiedCreditorFinancialInstitution", "BICID", account.bic)


def _breakdown(parent, breakdown, vat_point_code):
    vat = breakdown.vat
    _leaf(parent, "CalculatedAmount", _amount(breakdown.amount))
    _leaf(parent, "TypeCode", "VAT")
    _leaf(parent, "ExemptionReason", vat.reason)
    _leaf(parent, "BasisAmount", _amount(breakdown.base))
    _leaf(parent, "CategoryCode", vat.category)
    _leaf(parent, "ExemptionReasonCode", vat.reason_code)
    _leaf(parent, "DueDateTypeCode", vat_point_code)
    _leaf(parent, "RateApplicablePercent", _rate(vat))


def _totals(parent, invoice):
    totals = invoice.totals
    _leaf(parent, "LineTotalAmount", _amount(totals.lines))
    if totals.charges or any(item.is_charge for item in invoice.allowances):
        _leaf(parent, "ChargeTotalAmount", _amount(totals.charges))
    if totals.allowances or any(not item.is_charge for item in invoice.allowances):
        _leaf(parent, "AllowanceTotalAmount", _amount(totals.allowances))
    _leaf(parent, "TaxBasisTotalAmount", _amount(totals.tax_basis))
    _leaf(parent, "TaxTotalAmount", _amount(totals.tax), currencyID=invoice.currency)
    if totals.rounding:
        _leaf(parent, "RoundingAmount", _amount(totals.rounding))
    _leaf(parent, "GrandTotalAmount", _amount(totals.grand))
    if totals.prepaid:
        _leaf(parent, "TotalPrepaidAmount", _amount(totals.prepaid))
    _leaf(parent, "DuePayableAmount", _amount(totals.payable))


# --- parties --------------------------------------------------------------------------------------


def _seller(parent, seller, with_vat_number):
    _identity(parent, seller)
    _leaf(parent, "Description", seller.legal_info, multiline=True)
    _contact_and_address(parent, seller)
    if with_vat_number:
        _wrapped(parent, "SpecifiedTaxRegistration", "ID", seller.vat_number, schemeID="VA")
    _wrapped(parent, "SpecifiedTaxRegistration", "ID", seller.tax_id, schemeID="FC")


def _buyer(parent, buyer, with_vat_number):
    _identity(parent, buyer)
    _contact_and_address(parent, buyer)
    if with_vat_number:
        _wrapped(parent, "SpecifiedTaxRegistration", "ID", buyer.vat_number, schemeID="VA")


def _identity(parent, party):
    # The SIRET stands in both places that accepted files used: GlobalID 0009 and the legal identifier.
    _leaf(parent, "GlobalID", party.siret, schemeID=SCHEME_SIRET)
    _leaf(parent, "Name", party.name)


def _contact_and_address(parent, party):
    _legal_organization(parent, party)
    contact = party.contact
    if contact and any(map(clean_text, (contact.name, contact.phone, contact.email))):
        group = _group(parent, "DefinedTradeContact")
        _leaf(group, "PersonName", contact.name)
        _wrapped(group, "TelephoneUniversalCommunication", "CompleteNumber", contact.phone)
        _wrapped(group, "EmailURIUniversalCommunication", "URIID", contact.email)
    _address(parent, party.address)


def _payee(parent, payee):
    _leaf(parent, "GlobalID", payee.siret, schemeID=SCHEME_SIRET)
    _leaf(parent, "Name", payee.name)
    _legal_organization(parent, payee, trading_name=False)


def _legal_organization(parent, party, trading_name=True):
    trading = party.trading_name if trading_name else None
    if not any(map(clean_text, (party.siret, party.legal_id, trading))):
        return
    group = _group(parent, "SpecifiedLegalOrganization")
    if clean_text(party.siret):
        _leaf(group, "ID", party.siret, schemeID=SCHEME_REGISTER)
    else:
        _leaf(group, "ID", party.legal_id)
    _leaf(group, "TradingBusinessName", trading)


def _address(parent, address):
    if not address:
        return
    group = _group(parent, "PostalTradeAddress")
    _leaf(group, "PostcodeCode", address.postcode)
    _leaf(group, "LineOne", address.line_one)
    _leaf(group, "LineTwo", address.line_two)
    _leaf(group, "LineThree", address.line_three)
    _leaf(group, "CityName", address.city)
    _leaf(group, "CountryID", address.country)
    _leaf(group, "CountrySubDivisionName", address.subdivision)


# --- lines ----------------------------------------------------------------------------------------


def _line(parent, line):
    document = _group(parent, "AssociatedDocumentLineDocument")
    _leaf(document, "LineID", line.number)
    _wrapped(document, "IncludedNote", "Content", line.note, multiline=True)
    product = _group(parent, "SpecifiedTradeProduct")
    if is_gtin(line.standard_item_id):
        _leaf(product, "GlobalID", line.standard_item_id, schemeID=SCHEME_GTIN)
    _leaf(product, "SellerAssignedID", line.seller_item_id)
    _leaf(product, "Name", line.name)
    _leaf(product, "Description", line.description, multiline=True)
    agreement = _group(parent, "SpecifiedLineTradeAgreement")
    _wrapped(agreement, "BuyerOrderReferencedDocument", "LineID", line.order_line)
    _prices(agreement, line)
    delivery = _group(parent, "SpecifiedLineTradeDelivery")
    _leaf(delivery, "BilledQuantity", _number(line.quantity), unitCode=line.unit)
    settlement = _group(parent, "SpecifiedLineTradeSettlement")
    _category(_group(settlement, "ApplicableTradeTax"), line.vat)
    _period(settlement, line.period)
    for allowance in line.allowances:
        _allowance(settlement, allowance)
    summation = _group(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    _leaf(summation, "LineTotalAmount", _amount(line.net_amount))
    _wrapped(settlement, "ReceivableSpecifiedTradeAccountingAccount", "ID", line.buyer_accounting)


def _prices(agreement, line):
    # Chorus Pro refuses a gross price without its discount amount (seen live).
    if line.gross_price is not None and line.price_discount is not None:
        gross = _group(agreement, "GrossPriceProductTradePrice")
        _leaf(gross, "ChargeAmount", _number(line.gross_price))
        _basis_quantity(gross, line)
        discount = _group(gross, "AppliedTradeAllowanceCharge")
        _indicator(discount, False)
        _leaf(discount, "ActualAmount", _number(line.price_discount))
    net = _group(agreement, "NetPriceProductTradePrice")
    _leaf(net, "ChargeAmount", _number(line.net_price))
    _basis_quantity(net, line)


def _basis_quantity(price, line):
    if line.base_quantity is not None and line.base_quantity != 1:
        _leaf(price, "BasisQuantity", _number(line.base_quantity), unitCode=line.unit)


def _allowance(parent, item):
    group = _group(parent, "SpecifiedTradeAllowanceCharge")
    _indicator(group, item.is_charge)
    _leaf(group, "CalculationPercent", _number(item.percent))
    _leaf(group, "BasisAmount", _amount(item.base))
    _leaf(group, "ActualAmount", _amount(item.amount))
    _leaf(group, "ReasonCode", item.reason_code)
    _leaf(group, "Reason", item.reason)
    return group


def _category(parent, vat):
    _leaf(parent, "TypeCode", "VAT")
    _leaf(parent, "CategoryCode", vat.category)
    _leaf(parent, "RateApplicablePercent", _rate(vat))


def _period(parent, period):
    if period and (period.start or period.end):
        group = _group(parent, "BillingSpecifiedPeriod")
        _date(group, "StartDateTime", period.start)
        _date(group, "EndDateTime", period.end)


def is_gtin(code):
    """Tell whether a standard item number (BT-157) can be sent under scheme 0160."""
    return bool(code) and code.isascii() and code.isdigit() and len(code) in _GTIN_LENGTHS


# --- leaves ---------------------------------------------------------------------------------------


def _group(parent, name):
    return etree.SubElement(parent, f"{{{RAM}}}{name}")


def _leaf(parent, name, value, multiline=False, **attributes):
    """Append a text element, or nothing at all when the cleaned value is empty."""
    text = clean_text(value, multiline)
    if not text:
        return None
    attributes = {key: clean_text(code) for key, code in attributes.items()}
    element = etree.SubElement(parent, f"{{{RAM}}}{name}", attributes)
    element.text = text
    return element


def _wrapped(parent, group_name, name, value, **options):
    """Append a group with one text element, or nothing at all; return the group."""
    if not clean_text(value):
        return None
    group = _group(parent, group_name)
    _leaf(group, name, value, **options)
    return group


def _reference(parent, name, value):
    return _wrapped(parent, name, "IssuerAssignedID", value)


def _date(parent, name, value):
    if value:
        string = etree.SubElement(_group(parent, name), f"{{{UDT}}}DateTimeString", format=_DATE_FORMAT)
        string.text = value.strftime("%Y%m%d")


def _indicator(parent, value):
    indicator = etree.SubElement(_group(parent, "ChargeIndicator"), f"{{{UDT}}}Indicator")
    indicator.text = "true" if value else "false"


def _amount(value):
    """Write an amount to the cent, with more decimals only when it has them."""
    if value is None:
        return None
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole, _, decimals = text.partition(".")
    return f"{'0' if whole == '-0' and not decimals else whole}.{decimals.ljust(2, '0')}"


def _number(value):
    """Write a price, quantity or percentage without trailing zeros."""
    if value is None:
        return None
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _rate(vat):
    # EN 16931 BR-O-05: "not subject to VAT" has no rate, not even zero.
    return None if vat.category == "O" else _amount(vat.rate)
