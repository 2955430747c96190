"""From the semantic invoice to CII D22B, Factur-X profile EN 16931, in the layout of a direct deposit.

Element order is that of the Factur-X 1.09 schema. What Chorus Pro asks beyond EN 16931 and what it
refuses although EN 16931 allows it is marked at its place.
"""

from dataclasses import replace

from lxml import etree

from .cii_elements import (
    DATE_FORMAT,
    NAMESPACES,
    QDT,
    RSM,
    add_date,
    add_group,
    add_reference,
    add_text,
    add_wrapped,
    amount_text,
    rate_text,
)
from .cii_lines import add_allowance, add_category, add_line, add_period
from .cii_parties import add_address, add_buyer, add_payee, add_seller
from .codes import PAYMENT_CODE_SENT
from .text import clean_text


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
        add_line(add_group(transaction, "IncludedSupplyChainTradeLineItem"), line)
    _agreement(add_group(transaction, "ApplicableHeaderTradeAgreement"), invoice)
    _delivery(add_group(transaction, "ApplicableHeaderTradeDelivery"), invoice)
    _settlement(add_group(transaction, "ApplicableHeaderTradeSettlement"), invoice)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _context(parent, invoice):
    add_wrapped(parent, "BusinessProcessSpecifiedDocumentContextParameter", "ID", invoice.process)
    add_wrapped(parent, "GuidelineSpecifiedDocumentContextParameter", "ID", invoice.guideline)


def _document(parent, invoice):
    add_text(parent, "ID", invoice.number)
    add_text(parent, "TypeCode", invoice.type_code)
    add_date(parent, "IssueDateTime", invoice.issue_date)
    for note in invoice.notes:
        group = add_group(parent, "IncludedNote")
        add_text(group, "Content", note.text, multiline=True)
        add_text(group, "SubjectCode", note.subject)


def _agreement(parent, invoice):
    # EN 16931 BR-O-02: an invoice "not subject to VAT" carries no VAT number at all.
    with_vat_number = not any(group.vat.category == "O" for group in invoice.breakdown)
    add_text(parent, "BuyerReference", invoice.buyer_reference)
    add_seller(add_group(parent, "SellerTradeParty"), invoice.seller, with_vat_number)
    add_buyer(add_group(parent, "BuyerTradeParty"), invoice.buyer, with_vat_number)
    add_reference(parent, "SellerOrderReferencedDocument", invoice.sales_order_reference)
    add_reference(parent, "BuyerOrderReferencedDocument", invoice.order_reference)
    add_reference(parent, "ContractReferencedDocument", invoice.contract_reference)
    # Never an AdditionalReferencedDocument: Chorus Pro demands a file in each (seen live), and
    # complementary files travel as attachments of the PDF.


def _delivery(parent, invoice):
    ship_to = invoice.ship_to
    if not (ship_to and (clean_text(ship_to.name) or ship_to.address)) and not invoice.delivery_date:
        # The group is mandatory and may not be empty; without another place, goods go to the buyer.
        ship_to = replace(invoice.buyer, location_id=None)
    if ship_to:
        group = add_group(parent, "ShipToTradeParty")
        add_text(group, "ID", ship_to.location_id)
        add_text(group, "Name", ship_to.name)
        add_address(group, ship_to.address)
    if invoice.delivery_date:
        add_date(
            add_group(parent, "ActualDeliverySupplyChainEvent"), "OccurrenceDateTime", invoice.delivery_date
        )


def _settlement(parent, invoice):
    add_text(parent, "PaymentReference", invoice.payment_reference)
    add_text(parent, "InvoiceCurrencyCode", invoice.currency)
    if invoice.payee:
        add_payee(add_group(parent, "PayeeTradeParty"), invoice.payee)
    _payment_means(parent, invoice.payment)
    for breakdown in invoice.breakdown:
        _breakdown(add_group(parent, "ApplicableTradeTax"), breakdown, invoice.vat_point_code)
    add_period(parent, invoice.period)
    for allowance in invoice.allowances:
        group = add_allowance(parent, allowance)
        if allowance.vat:
            add_category(add_group(group, "CategoryTradeTax"), allowance.vat)
    if clean_text(invoice.payment_terms) or invoice.due_date:
        group = add_group(parent, "SpecifiedTradePaymentTerms")
        add_text(group, "Description", invoice.payment_terms, multiline=True)
        add_date(group, "DueDateDateTime", invoice.due_date)
    _totals(add_group(parent, "SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
    for preceding in invoice.preceding:
        group = add_reference(parent, "InvoiceReferencedDocument", preceding.number)
        if group is not None and preceding.issue_date:
            date_group = add_group(group, "FormattedIssueDateTime")
            string = etree.SubElement(date_group, f"{{{QDT}}}DateTimeString", format=DATE_FORMAT)
            string.text = preceding.issue_date.strftime("%Y%m%d")
    add_wrapped(parent, "ReceivableSpecifiedTradeAccountingAccount", "ID", invoice.buyer_accounting)


def _payment_means(parent, payment):
    # Chorus Pro wants BT-81 on every invoice (seen live). CII repeats the group for each account.
    code = PAYMENT_CODE_SENT.get(payment.code, payment.code)
    accounts = [account for account in payment.accounts if clean_text(account.number)]
    for account in accounts or (None,):
        group = add_group(parent, "SpecifiedTradeSettlementPaymentMeans")
        add_text(group, "TypeCode", code)
        add_text(group, "Information", payment.text)
        if account:
            creditor = add_group(group, "PayeePartyCreditorFinancialAccount")
            add_text(creditor, "IBANID", account.number if account.iban else None)
            add_text(creditor, "AccountName", account.holder)
            add_text(creditor, "ProprietaryID", None if account.iban else account.number)
            add_wrapped(group, "PayeeSpecifiedCreditorFinancialInstitution", "BICID", account.bic)


def _breakdown(parent, breakdown, vat_point_code):
    vat = breakdown.vat
    add_text(parent, "CalculatedAmount", amount_text(breakdown.amount))
    add_text(parent, "TypeCode", "VAT")
    add_text(parent, "ExemptionReason", vat.reason)
    add_text(parent, "BasisAmount", amount_text(breakdown.base))
    add_text(parent, "CategoryCode", vat.category)
    add_text(parent, "ExemptionReasonCode", vat.reason_code)
    add_text(parent, "DueDateTypeCode", vat_point_code)
    add_text(parent, "RateApplicablePercent", rate_text(vat))


def _totals(parent, invoice):
    totals = invoice.totals
    add_text(parent, "LineTotalAmount", amount_text(totals.lines))
    if totals.charges or any(item.is_charge for item in invoice.allowances):
        add_text(parent, "ChargeTotalAmount", amount_text(totals.charges))
    if totals.allowances or any(not item.is_charge for item in invoice.allowances):
        add_text(parent, "AllowanceTotalAmount", amount_text(totals.allowances))
    add_text(parent, "TaxBasisTotalAmount", amount_text(totals.tax_basis))
    add_text(parent, "TaxTotalAmount", amount_text(totals.tax), currencyID=invoice.currency)
    if totals.rounding:
        add_text(parent, "RoundingAmount", amount_text(totals.rounding))
    add_text(parent, "GrandTotalAmount", amount_text(totals.grand))
    if totals.prepaid:
        add_text(parent, "TotalPrepaidAmount", amount_text(totals.prepaid))
    add_text(parent, "DuePayableAmount", amount_text(totals.payable))
