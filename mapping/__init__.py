"""From customer invoices of the ERP to semantic invoices: plain classes that read records, and write none.

``InvoiceMapper(Batch(moves, environment)).map_all()``; the terms are those of ``einvoice.terms``.
"""

from .batch import Batch
from .invoice import InvoiceMapper
