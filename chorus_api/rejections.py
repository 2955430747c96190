"""What the texts of a rejection report mean, and which field of the invoice to correct.

Chorus Pro packs several messages into one text, joined by ``|``, and cuts it at about 200 characters: what
is behind the cut shows only after the first errors are corrected. The messages name the *tree* the file was
read into, not the screen: e.g. the text about the missing service speaks of an engagement.
"""

import re
import unicodedata
from dataclasses import dataclass

from .limits import LIMITS


@dataclass(frozen=True, slots=True)
class Explained:
    """One message of a report.

    ``code`` is stable, ``unknown`` when the text is not known; ``term`` the business term of EN 16931 or "";
    ``field`` a neutral key of what to correct or ""; ``message_en`` a sentence for an accountant, "" for
    ``unknown``: show ``raw`` then. ``cut``: the server cut the text here, more errors may follow.
    """

    code: str
    term: str
    field: str
    message_en: str
    raw: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """``pattern`` is matched in the message without accents, in lower case."""

    pattern: re.Pattern
    code: str
    term: str
    field: str
    message_en: str
    source: str


def _row(pattern, *rest):
    return Meaning(re.compile(pattern), *rest)


_MANDATORY = r"obligatoire"

# The first row that matches wins, so the particular comes before the general. Texts: reference §5.2.
MEANINGS = (
    _row(
        r"balise : accountingsupplierparty.*(n'est pas|non) reference|"
        r"identifiant (du )?fournisseur.*(n'est pas reference|inconnu)",
        "seller_unknown",
        "BT-30",
        "company.siret",
        "Chorus Pro does not know the supplier's SIRET. Check it in the company's settings, and that the "
        "structure is active on the portal.",
        "seen in reports; AIFE",
    ),
    _row(
        r"accountingcustomerparty.*n'est pas reference|"
        r"identifiant (du )?destinataire.*(n'est pas reference|inconnu)",
        "buyer_unknown",
        "BT-47",
        "customer.siret",
        "Chorus Pro does not know the customer's SIRET. Check the customer.",
        "by analogy",
    ),
    _row(
        r"la structure .*n'utilise pa",
        "buyer_not_on_chorus",
        "BT-47",
        "customer.siret",
        "The recipient does not use Chorus Pro. Check the customer's SIRET.",
        "seen in reports; AIFE",
    ),
    _row(
        r"paymentmeans.*typecode.*" + _MANDATORY,
        "payment_means_missing",
        "BT-81",
        "invoice.payment_means",
        "The payment means is missing. Choose how the invoice is paid.",
        "seen live 2026",
    ),
    _row(
        r"businessprocessspecifieddocumentcontextparameter",
        "cadre_invalid",
        "BT-23",
        "invoice.process",
        "The billing framework (cadre de facturation) is missing or not one of A1 to A25.",
        "seen live 2026",
    ),
    _row(
        r"exchangeddocument\.id\.value.*ne doit pas depasser",
        "number_too_long",
        "BT-1",
        "invoice.number",
        "The invoice number is longer than 20 characters.",
        "seen live 2026; AIFE G1.05",
    ),
    _row(
        r"buyerorderreferenceddocument.*" + _MANDATORY,
        "engagement_missing",
        "BT-13",
        "invoice.engagement",
        "This recipient requires an engagement number.",
        "help page of an editor",
    ),
    _row(
        r"buyerreference.*" + _MANDATORY,
        "service_missing",
        "BT-10",
        "invoice.service",
        "This recipient requires a service code. (Chorus Pro's own text speaks of an engagement.)",
        "help page of an editor",
    ),
    _row(
        r"attachmentbinaryobject.*additionalreferenceddocument",
        "attachment_content_missing",
        "BG-24",
        "invoice.attachments",
        "A supporting document is named but its file is not enclosed.",
        "public issue",
    ),
    _row(
        r"appliedtradeallowancecharge.*grosspriceproducttradeprice",
        "gross_price_without_discount",
        "BT-148",
        "line.price",
        "A line gives a gross price without the discount that leads to the net price.",
        "public issue",
    ),
    _row(
        r"cvc-|irrecevabilite",
        "schema_violation",
        "",
        "",
        "The file does not follow the published schema. This is a defect of the file, not of the invoice's "
        "data: report it to whoever maintains the program.",
        "public issue",
    ),
    _row(
        r"pdf/?a-?3",
        "not_pdfa3",
        "",
        "",
        "Chorus Pro did not recognise the file as PDF/A-3.",
        "public issues",
    ),
    _row(
        r"(deja|double|doublon).*(existe|depose|integre|numero|facture)|existe deja",
        "number_already_used",
        "BT-1",
        "invoice.number",
        "Chorus Pro already holds an invoice of this number from this supplier.",
        "claims; text not published",
    ),
    _row(
        r"service.*(inconnu|inexistant|inactif|n'existe pas|n'est pas (reference|actif|connu))",
        "service_unknown",
        "BT-10",
        "invoice.service",
        "The recipient has no active service of this code. Choose another one.",
        "known cause; text not published",
    ),
    _row(
        r"(engagement|bon de commande).*"
        r"(inconnu|inexistant|clos|ferme|n'existe pas|n'est pas (reference|connu))",
        "engagement_unknown",
        "BT-13",
        "invoice.engagement",
        "The recipient has no open engagement of this number.",
        "known cause; text not published",
    ),
    _row(
        r"^(?!.*fournisseur).*(structure|destinataire).*(inactive?|n'est pas active?|fermee?)",
        "buyer_inactive",
        "BT-47",
        "customer.siret",
        "The recipient's structure is not active on Chorus Pro any more. Ask the customer for its new SIRET.",
        "known cause; text not published",
    ),
)

_CUT_MARK = re.compile(r"\s*(\[\.\.\.\]|\[…\]|…|\.\.\.)\s*$")
_SPACES = re.compile(r"\s+")


def explain(text):
    """The messages of one report text, in its order.

    :param str text: ``InvoiceError.text`` or ``TechnicalError.text``
    :rtype: list[Explained]
    """
    cut = bool(_CUT_MARK.search(text)) or len(text) >= LIMITS["error_text_length"].value - 1
    messages = [part.strip() for part in _CUT_MARK.sub("", text).split("|")]
    messages = [message for message in messages if message]
    last = len(messages) - 1
    return [_explain(message, cut and index == last) for index, message in enumerate(messages)]


def _explain(message, cut):
    letters = unicodedata.normalize("NFKD", message.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    plain = _SPACES.sub(" ", letters.encode("ascii", "ignore").decode("ascii")).lower()
    for meaning in MEANINGS:
        if meaning.pattern.search(plain):
            return Explained(meaning.code, meaning.term, meaning.field, meaning.message_en, message, cut)
    return Explained("unknown", "", "", "", message, cut)
