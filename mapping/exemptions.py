"""Why a line bears no VAT: categories, their reason codes, and the French wording of each code.

Categories are UNTDID 5305; codes are the CEF's VATEX list, version 2024-05 (EN 16931 BT-121).
"""

# A category that has one possible cause needs no choice by the accountant (EN 16931 BR-AE-10, BR-IC-10,
# BR-G-10, BR-O-10). Category E has many causes: its code or text must be given on the tax.
DEFAULT_REASON_CODE = {
    "AE": "VATEX-EU-AE",
    "K": "VATEX-EU-IC",
    "G": "VATEX-EU-G",
    "O": "VATEX-EU-O",
}

CATEGORY_OF_REASON_CODE = {
    "VATEX-EU-AE": "AE",
    "VATEX-FR-AE": "AE",
    "VATEX-EU-IC": "K",
    "VATEX-EU-G": "G",
    "VATEX-EU-O": "O",
}

NEEDS_REASON = frozenset({"E", "AE", "K", "G", "O"})

# An invoice to a French public body is in French: the law's own words, whatever the user's language.
REASON_TEXT = {
    "VATEX-EU-AE": "Autoliquidation de la TVA par le preneur",
    "VATEX-EU-D": "Acquisition intracommunautaire de moyens de transport d'occasion",
    "VATEX-EU-F": "Acquisition intracommunautaire de biens d'occasion",
    "VATEX-EU-G": "Exonération de TVA, exportation hors de l'Union européenne (article 262 I du CGI)",
    "VATEX-EU-I": "Acquisition intracommunautaire d'œuvres d'art",
    "VATEX-EU-IC": "Exonération de TVA, livraison intracommunautaire (article 262 ter I du CGI)",
    "VATEX-EU-J": "Acquisition intracommunautaire d'objets de collection et d'antiquités",
    "VATEX-EU-O": "Opération hors du champ d'application de la TVA",
    "VATEX-FR-FRANCHISE": "TVA non applicable, article 293 B du CGI",
    "VATEX-FR-CNWVAT": "Avoir sans TVA, le fournisseur renonçant à la rectification (article 272 du CGI)",
    "VATEX-FR-298SEXDECIESA": "Exonération de TVA, article 298 sexdecies A du CGI",
    "VATEX-FR-AE": "Autoliquidation de la TVA, article 283-2 du CGI",
}

CGI_PREFIX = "VATEX-FR-CGI"
DIRECTIVE_PREFIX = "VATEX-EU-"


def reason_text(code: str) -> str:
    """The French wording of a VATEX code.

    >>> reason_text("VATEX-FR-CGI261-4")
    'Exonération de TVA, article 261-4 du CGI'
    """
    if code in REASON_TEXT:
        return REASON_TEXT[code]
    if code.startswith(CGI_PREFIX):
        return f"Exonération de TVA, article {code.removeprefix(CGI_PREFIX)} du CGI"
    return f"Exonération de TVA, article {code.removeprefix(DIRECTIVE_PREFIX)} de la directive 2006/112/CE"
