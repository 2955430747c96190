"""Makes and checks the Factur-X of an invoice for Chorus Pro. Knows nothing of any ERP.

The journey: ``terms.Invoice`` → ``check`` → ``build_xml`` → ``build_pdf`` → ``verify``.
"""

from .checks import check
from .cii import build_xml
from .findings import CATALOGUE, Finding, Rule, blocking
from .gate import verify
from .page_data import about_pages, is_printed_here, lost
from .pdf import build_pdf, read_xml
from .pdf_common import PdfError
from .text import clean_code, clean_text, compact_code, split_text

__all__ = [
    "CATALOGUE",
    "Finding",
    "PdfError",
    "Rule",
    "about_pages",
    "blocking",
    "build_pdf",
    "build_xml",
    "check",
    "clean_code",
    "clean_text",
    "compact_code",
    "is_printed_here",
    "lost",
    "read_xml",
    "split_text",
    "verify",
]
