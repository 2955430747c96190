"""BG-25 to BG-31 in CII: lines, prices, discounts, and the groups that lines share with the header."""

from .cii_elements import (
    add_date,
    add_group,
    add_indicator,
    add_text,
    add_wrapped,
    amount_text,
    number_text,
    rate_text,
)
from .codes import SCHEME_GTIN

_GTIN_LENGTHS = (8, 12, 13, 14)


def add_line(parent, line):
    """Fill the group of a ``terms.Line``."""
    document = add_group(parent, "AssociatedDocumentLineDocument")
    add_text(document, "LineID", line.number)
    add_wrapped(document, "IncludedNote", "Content", line.note, multiline=True)
    product = add_group(parent, "SpecifiedTradeProduct")
    if is_gtin(line.standard_item_id):
        add_text(product, "GlobalID", line.standard_item_id, schemeID=SCHEME_GTIN)
    add_text(product, "SellerAssignedID", line.seller_item_id)
    add_text(product, "Name", line.name)
    add_text(product, "Description", line.description, multiline=True)
    agreement = add_group(parent, "SpecifiedLineTradeAgreement")
    add_wrapped(agreement, "BuyerOrderReferencedDocument", "LineID", line.order_line)
    _prices(agreement, line)
    delivery = add_group(parent, "SpecifiedLineTradeDelivery")
    add_text(delivery, "BilledQuantity", number_text(line.quantity), unitCode=line.unit)
    settlement = add_group(parent, "SpecifiedLineTradeSettlement")
    add_category(add_group(settlement, "ApplicableTradeTax"), line.vat)
    add_period(settlement, line.period)
    for allowance in line.allowances:
        add_allowance(settlement, allowance)
    summation = add_group(settlement, "SpecifiedTradeSettlementLineMonetarySummation")
    add_text(summation, "LineTotalAmount", amount_text(line.net_amount))
    add_wrapped(settlement, "ReceivableSpecifiedTradeAccountingAccount", "ID", line.buyer_accounting)


def _prices(agreement, line):
    # Chorus Pro refuses a gross price without its discount amount (seen live).
    if line.gross_price is not None and line.price_discount is not None:
        gross = add_group(agreement, "GrossPriceProductTradePrice")
        add_text(gross, "ChargeAmount", number_text(line.gross_price))
        _basis_quantity(gross, line)
        discount = add_group(gross, "AppliedTradeAllowanceCharge")
        add_indicator(discount, False)
        add_text(discount, "ActualAmount", number_text(line.price_discount))
    net = add_group(agreement, "NetPriceProductTradePrice")
    add_text(net, "ChargeAmount", number_text(line.net_price))
    _basis_quantity(net, line)


def _basis_quantity(price, line):
    if line.base_quantity is not None and line.base_quantity != 1:
        add_text(price, "BasisQuantity", number_text(line.base_quantity), unitCode=line.unit)


def add_allowance(parent, item):
    """Append a ``terms.AllowanceCharge`` without its VAT, and return its group."""
    group = add_group(parent, "SpecifiedTradeAllowanceCharge")
    add_indicator(group, item.is_charge)
    add_text(group, "CalculationPercent", number_text(item.percent))
    add_text(group, "BasisAmount", amount_text(item.base))
    add_text(group, "ActualAmount", amount_text(item.amount))
    add_text(group, "ReasonCode", item.reason_code)
    add_text(group, "Reason", item.reason)
    return group


def add_category(parent, vat):
    """Fill a tax group with the category and rate of a ``terms.Vat``."""
    add_text(parent, "TypeCode", "VAT")
    add_text(parent, "CategoryCode", vat.category)
    add_text(parent, "RateApplicablePercent", rate_text(vat))


def add_period(parent, period):
    """Append a ``terms.Period``, or nothing at all."""
    if period and (period.start or period.end):
        group = add_group(parent, "BillingSpecifiedPeriod")
        add_date(group, "StartDateTime", period.start)
        add_date(group, "EndDateTime", period.end)


def is_gtin(code):
    """Tell whether a standard item number (BT-157) can be sent under scheme 0160."""
    return bool(code) and code.isascii() and code.isdigit() and len(code) in _GTIN_LENGTHS
