"""Published limits of Chorus Pro, each with its source, and the checks made before a call."""

import re
from dataclasses import dataclass
from types import MappingProxyType

from .syntaxes import ARCHIVES, SYNTAXES

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limit:
    """``value`` in ``unit``; ``source`` says who published it."""

    value: int
    unit: str
    source: str


LIMITS = MappingProxyType(
    {
        "file_size": Limit(10 * MB, "bytes", "API annex V5.00: one file, uncompressed"),
        "flow_size": Limit(30 * MB, "bytes", "API annex V5.00: compressed flow"),
        "flow_invoices": Limit(500, "invoices", "third-party help on EDI flows; not published for the API"),
        "flow_uncompressed_size": Limit(1024 * MB, "bytes", "third-party help on EDI flows"),
        "filename_length": Limit(200, "characters", "specification of 2017"),
        "attachment_size": Limit(10 * MB, "bytes", "AIFE; code 20003 of ajouter/fichier"),
        "attachment_name_length": Limit(50, "characters", "AIFE; seen live (HTTP 400 beyond)"),
        "invoice_with_attachments_size": Limit(120 * MB, "bytes", "AIFE"),
        "download_invoices": Limit(10, "invoices", "AIFE download-invoice-group: advice"),
        "download_size": Limit(120 * MB, "bytes", "AIFE download-invoice-group: HTTP 413 beyond"),
        "technical_password_life": Limit(424, "days", "AIFE"),
        "technical_account_start": Limit(30, "minutes", "AIFE: until a new account works"),
        "page_size_default": Limit(10, "items", "seen live, when none is asked for"),
        "error_text_length": Limit(200, "characters", "seen live: libelleErreurDP is cut about there"),
    }
)

# AIFE's page on attachments.
ATTACHMENT_EXTENSIONS = frozenset(
    (
        "BMP",
        "BZ2",
        "CSV",
        "DOC",
        "DOCX",
        "FAX",
        "GIF",
        "GZ",
        "GZIP",
        "HTM",
        "HTML",
        "JPEG",
        "JPG",
        "ODP",
        "ODS",
        "ODT",
        "P7S",
        "PDF",
        "PNG",
        "PPS",
        "PPT",
        "PPTX",
        "RTF",
        "SVG",
        "TGZ",
        "TIF",
        "TIFF",
        "TXT",
        "XHTML",
        "XLC",
        "XLM",
        "XLS",
        "XLSX",
        "XML",
        "ZIP",
    )
)

# One client reports valid credentials refused about once in ten calls; not confirmed elsewhere.
INVALID_CLIENT_RETRIES = 2

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_ATTACHMENT_NAME = re.compile(r"[^\x00-\x1f\x7f/\\:*?\"<>|]+")


def check_flow(content: bytes, filename: str, syntax: str) -> str | None:
    """Why a file cannot be deposited: ``empty_file``, ``filename_invalid``, ``file_too_large``,
    ``flow_too_large``; or None.

    The name's extension matters (a wrong one has the flow rejected); its letters are kept to those no
    system stumbles over.
    """
    archive = filename.lower().endswith(ARCHIVES)
    fits = archive or filename.lower().endswith(SYNTAXES[syntax].extension)
    if not fits or not _FILENAME.fullmatch(filename) or len(filename) > LIMITS["filename_length"].value:
        return "filename_invalid"
    if not content:
        return "empty_file"
    if len(content) > LIMITS["flow_size" if archive else "file_size"].value:
        return "flow_too_large" if archive else "file_too_large"
    return None


def check_attachment(content: bytes, name: str, extension: str) -> str | None:
    """Why a file cannot be attached: ``empty_file``, ``file_too_large``, ``attachment_name_invalid``,
    ``attachment_name_too_long``, ``attachment_type_refused``; or None.

    :param str extension: upper case, without the dot; the name must end on it
    """
    if extension not in ATTACHMENT_EXTENSIONS:
        return "attachment_type_refused"
    if not _ATTACHMENT_NAME.fullmatch(name) or not name.upper().endswith("." + extension):
        return "attachment_name_invalid"
    if len(name) > LIMITS["attachment_name_length"].value:
        return "attachment_name_too_long"
    if not content:
        return "empty_file"
    if len(content) > LIMITS["attachment_size"].value:
        return "file_too_large"
    return None
