"""Code lists: which codes an invoice for Chorus Pro may carry, each with its source."""

from functools import cache
from importlib.resources import files

# BT-3. AIFE, Factur-X note for Chorus Pro: 261 and 751 are refused.
TYPE_CODES = {
    "380": "invoice",
    "381": "credit note",
    "384": "corrected invoice",
    "386": "prepayment invoice",
    "389": "self-billed invoice",
}
CREDIT_NOTE = "381"
CORRECTED_INVOICE = "384"
REFUSED_TYPE_CODES = ("261", "751")

# BT-23. AIFE G1.02; works documents (A4-A8, A10, A13-A25) left this flow in February 2024.
PROCESSES = {
    "A1": "invoice of a supplier",
    "A2": "invoice of a supplier, already paid",
    "A9": "invoice of a subcontractor",
    "A12": "invoice of a co-contractor",
}
PROCESS_PAID = "A2"

# BT-81. AIFE S2.05 for CII 16B and Factur-X, less 01, which the code list of EN 16931 writes 1.
PAYMENT_CODES = frozenset({"10", "20", "30", "31", "42", "48", "49", "58", "59", "97"})
# AIFE, Factur-X note: the SEPA codes of EN 16931 are sent as their general form.
PAYMENT_CODE_SENT = {"58": "30", "59": "49"}
# UNTDID 4461 codes that are transfers and so need an account (AIFE G1.16-G1.19, EN 16931 BR-61).
TRANSFER_CODES = frozenset({"30", "31", "42", "58"})

# BT-8, UNTDID 2475 as restricted by Factur-X: invoice date, delivery date, payment date.
VAT_POINT_CODES = frozenset({"5", "29", "72"})

# BT-151, BT-118. EN 16931 list without L and M (BR-FR-15: not used in France).
VAT_CATEGORIES = frozenset({"S", "Z", "E", "AE", "K", "G", "O"})
VAT_CATEGORIES_WITH_REASON = frozenset({"E", "AE", "K", "G", "O"})

# Rates once or now legal in France (XP Z12-012 BR-FR-16).
FRENCH_RATES = (
    "0", "0.9", "1.05", "1.75", "2.1", "5.5", "7", "8.5", "9.2", "9.6", "10", "13", "19.6", "20", "20.6",
)  # fmt: skip

# Notes that the reform asks for once each (XP Z12-012 BR-FR-05), with what each one says.
REFORM_NOTES = {"PMT": "recovery indemnity", "PMD": "late payment penalties", "AAB": "early payment discount"}

# Identifier schemes (ISO 6523 ICD): SIRET, French company register, GTIN. SCHEME_REGISTER is the one
# under which the SIRETs of BT-30 and BT-47 are sent, SCHEME_SIRET that of BT-29 and BT-46.
SCHEME_SIRET = "0009"
SCHEME_REGISTER = "0002"
SCHEME_GTIN = "0160"

# The State as a single buyer: it always needs a service code (AIFE data set, seen live).
STATE_SIRET = "11000201100044"
# The service that every structure has and that no invoice may be addressed to (AIFE).
NOT_A_SERVICE = "FACTURES_PUBLIQUES"

# AIFE: extensions of complementary attachments.
ATTACHMENT_EXTENSIONS = frozenset(
    [
        "bmp",
        "gif",
        "fax",
        "odt",
        "ppt",
        "tiff",
        "xls",
        "bz2",
        "gz",
        "jpeg",
        "p7s",
        "rtf",
        "txt",
        "xml",
        "csv",
        "gzip",
        "jpg",
        "pdf",
        "svg",
        "xhtml",
        "xlsx",
        "doc",
        "htm",
        "odp",
        "png",
        "tgz",
        "xlc",
        "zip",
        "docx",
        "html",
        "ods",
        "pps",
        "tif",
        "xlm",
        "pptx",
    ]
)

# Length of an IBAN by country (SWIFT IBAN registry).
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25,
    "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


@cache
def code_list(name: str) -> frozenset[str]:
    """Return a ``frozenset`` of codes: ``units``, ``countries``, ``exemption_reasons``,
    ``allowance_reasons``, ``charge_reasons`` or ``note_subjects`` (source in data/codelists.txt)."""
    return _code_lists()[name]


@cache
def _code_lists() -> dict[str, frozenset[str]]:
    text = (files(__package__) / "data" / "codelists.txt").read_text("ascii")
    rows = (line.split(":", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: frozenset(codes.split()) for name, codes in rows}
