"""From the semantic invoice to CII D22B, Factur-X profile EN 16931, in the layout of a direct deposit.

Element order is that of the Factur-X 1.09 schema. What Chorus Pro asks beyond EN 16931 and what it
refuses although EN 16931 allows it is marked at its place.
"""

from dataclasses import replace

from .cii_groups import (
    NAMESPACES,
    address_group,
    allowance_group,
    amount_text,
    buyer_group,
    category,
    date,
    group,
    line_group,
    optional_group,
    payee_group,
    period_group,
    rate_text,
    reference,
    seller_group,
    text,
    wrapped,
)
from .codes import PAYMENT_CODE_SENT
from .terms import AllowanceCharge, BankAccount, Invoice, PaymentMeans, VatBreakdown
from .text import clean_text

_DECLARATION = "<?xml version='1.0' encoding='UTF-8'?>\n"
_SPACES = "".join(f' xmlns:{prefix}="{space}"' for prefix, space in NAMESPACES.items())


def build_xml(invoice: Invoice) -> bytes:
    """Return the CII bytes (UTF-8, with declaration) of a ``terms.Invoice``.

    The same invoice gives the same bytes. Amounts are written as they are, to the cent at least: a
    third decimal is shown rather than rounded away, and ``check`` reports it.
    """
    parts = (
        _DECLARATION,
        f"<rsm:CrossIndustryInvoice{_SPACES}>",
        "<rsm:ExchangedDocumentContext>",
        _context(invoice),
        "</rsm:ExchangedDocumentContext><rsm:ExchangedDocument>",
        _document(invoice),
        "</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>",
        *(line_group(line) for line in invoice.lines),
        _agreement(invoice),
        _delivery(invoice),
        _settlement(invoice),
        "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>",
    )
    return "".join(parts).encode()


def _context(invoice: Invoice) -> str:
    return wrapped("BusinessProcessSpecifiedDocumentContextParameter", "ID", invoice.process) + wrapped(
        "GuidelineSpecifiedDocumentContextParameter", "ID", invoice.guideline
    )


def _document(invoice: Invoice) -> str:
    notes = (
        group("IncludedNote", text("Content", note.text, multiline=True), text("SubjectCode", note.subject))
        for note in invoice.notes
    )
    return (
        text("ID", invoice.number)
        + text("TypeCode", invoice.type_code)
        + date("IssueDateTime", invoice.issue_date)
        + "".join(notes)
    )


def _agreement(invoice: Invoice) -> str:
    # EN 16931 BR-O-02: an invoice "not subject to VAT" carries no VAT number at all.
    with_vat_number = not any(item.vat.category == "O" for item in invoice.breakdown)
    return group(
        "ApplicableHeaderTradeAgreement",
        text("BuyerReference", invoice.buyer_reference),
        seller_group(invoice.seller, with_vat_number),
        buyer_group(invoice.buyer, with_vat_number),
        reference("SellerOrderReferencedDocument", invoice.sales_order_reference),
        reference("BuyerOrderReferencedDocument", invoice.order_reference),
        reference("ContractReferencedDocument", invoice.contract_reference),
        # Never an AdditionalReferencedDocument: Chorus Pro demands a file in each (seen live), and
        # complementary files travel as attachments of the PDF.
    )


def _delivery(invoice: Invoice) -> str:
    ship_to, place = invoice.ship_to, ""
    if not (ship_to and (clean_text(ship_to.name) or ship_to.address)) and not invoice.delivery_date:
        # The group is mandatory and may not be empty; without another place, goods go to the buyer.
        ship_to = replace(invoice.buyer, location_id=None)
    if ship_to:
        place = group(
            "ShipToTradeParty",
            text("ID", ship_to.location_id),
            text("Name", ship_to.name),
            address_group(ship_to.address),
        )
    event = optional_group(
        "ActualDeliverySupplyChainEvent", date("OccurrenceDateTime", invoice.delivery_date)
    )
    return group("ApplicableHeaderTradeDelivery", place, event)


def _settlement(invoice: Invoice) -> str:
    return group(
        "ApplicableHeaderTradeSettlement",
        text("PaymentReference", invoice.payment_reference),
        text("InvoiceCurrencyCode", invoice.currency),
        payee_group(invoice.payee) if invoice.payee else "",
        _payment_means(invoice.payment),
        *(_breakdown(item, invoice.vat_point_code) for item in invoice.breakdown),
        period_group(invoice.period),
        *(_document_allowance(item) for item in invoice.allowances),
        optional_group(
            "SpecifiedTradePaymentTerms",
            text("Description", invoice.payment_terms, multiline=True),
            date("DueDateDateTime", invoice.due_date),
        ),
        _totals(invoice),
        *(
            reference(
                "InvoiceReferencedDocument",
                item.number,
                date("FormattedIssueDateTime", item.issue_date, namespace="qdt"),
            )
            for item in invoice.preceding
        ),
        wrapped("ReceivableSpecifiedTradeAccountingAccount", "ID", invoice.buyer_accounting),
    )


def _document_allowance(item: AllowanceCharge) -> str:
    return allowance_group(item, group("CategoryTradeTax", category(item.vat)) if item.vat else "")


def _payment_means(payment: PaymentMeans) -> str:
    # Chorus Pro wants BT-81 on every invoice (seen live). CII repeats the group for each account.
    code = PAYMENT_CODE_SENT.get(payment.code or "", payment.code)
    accounts = [account for account in payment.accounts if clean_text(account.number)]
    return "".join(
        group(
            "SpecifiedTradeSettlementPaymentMeans",
            text("TypeCode", code),
            text("Information", payment.text),
            _account(account) if account else "",
        )
        for account in accounts or (None,)
    )


def _account(account: BankAccount) -> str:
    creditor = group(
        "PayeePartyCreditorFinancialAccount",
        text("IBANID", account.number if account.iban else None),
        text("AccountName", account.holder),
        text("ProprietaryID", None if account.iban else account.number),
    )
    return creditor + wrapped("PayeeSpecifiedCreditorFinancialInstitution", "BICID", account.bic)


def _breakdown(item: VatBreakdown, vat_point_code: str | None) -> str:
    vat = item.vat
    return group(
        "ApplicableTradeTax",
        text("CalculatedAmount", amount_text(item.amount)),
        text("TypeCode", "VAT"),
        text("ExemptionReason", vat.reason),
        text("BasisAmount", amount_text(item.base)),
        text("CategoryCode", vat.category),
        text("ExemptionReasonCode", vat.reason_code),
        text("DueDateTypeCode", vat_point_code),
        text("RateApplicablePercent", rate_text(vat)),
    )


def _totals(invoice: Invoice) -> str:
    totals, sides = invoice.totals, {item.is_charge for item in invoice.allowances}
    with_charges = totals.charges or True in sides
    with_allowances = totals.allowances or False in sides
    return group(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        text("LineTotalAmount", amount_text(totals.lines)),
        text("ChargeTotalAmount", amount_text(totals.charges)) if with_charges else "",
        text("AllowanceTotalAmount", amount_text(totals.allowances)) if with_allowances else "",
        text("TaxBasisTotalAmount", amount_text(totals.tax_basis)),
        text("TaxTotalAmount", amount_text(totals.tax), currencyID=invoice.currency),
        text("RoundingAmount", amount_text(totals.rounding)) if totals.rounding else "",
        text("GrandTotalAmount", amount_text(totals.grand)),
        text("TotalPrepaidAmount", amount_text(totals.prepaid)) if totals.prepaid else "",
        text("DuePayableAmount", amount_text(totals.payable)),
    )
