"""The identity of an invoice (``chorus_api.InvoiceIdentity``) between mapping, lines and searches."""

from ...chorus_api import InvoiceIdentity


def of_invoice(invoice):
    """
    :param invoice: ``einvoice.Invoice``, as it is or was sent
    """
    return InvoiceIdentity(
        seller=invoice.seller.siret,
        buyer=invoice.buyer.siret,
        number=invoice.number,
        date=invoice.issue_date,
        total=float(invoice.totals.grand),
    )


def of_line(line):
    """What was sent for a line, frozen when its file was made.

    :param line: ``chorus.deposit.line``
    """
    return InvoiceIdentity(
        seller=line.seller_siret,
        buyer=line.buyer_siret,
        number=line.number,
        date=line.invoice_date,
        total=line.amount_total,
    )


def to_values(identity):
    """The fields of ``chorus.deposit.line`` that keep an identity."""
    return {
        "number": identity.number,
        "seller_siret": identity.seller,
        "buyer_siret": identity.buyer,
        "invoice_date": identity.date,
        "amount_total": identity.total,
    }
