"""What the texts of a rejection report mean, and which field of the invoice to correct.

Chorus Pro packs several messages into one text, joined by ``|``, and cuts it at about 200 characters: what
is behind the cut shows only after the first errors are corrected. The messages name the *tree* the file was
read into, not the screen: e.g. the text about the missing service speaks of an engagement.
"""

import re
import unicodedata
from dataclasses import dataclass

from .flows import LIMITS
from .statuses import _


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

    pattern: re.Pattern[str]
    code: str
    term: str
    field: str
    message_en: str
    source: str


def _row(pattern: str, *rest: str) -> Meaning:
    return Meaning(re.compile(pattern), *rest)


_MANDATORY = r"obligatoire"
_MISSING = (
    r"(obligatoire|requis|doit etre (renseigne|saisi|indique|precise)|manquante?|absente?|non renseignee?|"
    r"pas renseignee?|mandatory|required|missing)"
)
_UNKNOWN = (
    r"(inconnue?|inexistante?|introuvable|non (trouvee?|referencee?|reconnue?)|n'existe (pas|plus)|"
    r"n'est (pas|plus) (referencee?|connue?|reconnue?)|n'a pas ete trouvee?|not found|unknown|does not exist)"
)
_ENGAGEMENT = r"(engagement|bon de commande|commitment|purchase order)"
_CLOSED = (
    r"(inacti(f|ve)|fermee?|close?|cloturee?|desactivee?|supprimee?|n'est (pas|plus) (acti(f|ve)|ouverte?)|"
    r"n'accepte (pas|plus)|closed|inactive|deactivated)"
)
_WRONG = (
    r"(invalide|incorrecte?|erronee?|non valide|n'est pas valide|incoherente?|non conforme|invalid|wrong)"
)
# The first row that matches wins, so the particular comes before the general. Texts: reference §5.2.
MEANINGS = (
    _row(
        r"balise : accountingsupplierparty.*(n'est pas|non) reference|"
        rf"^(?!.*(facture|numero|service)).*(fournisseur|emetteur|supplier).*{_UNKNOWN}",
        "seller_unknown",
        "BT-30",
        "company.siret",
        _(
            "Chorus Pro does not know the supplier's SIRET. Check it in the company's settings, and that the "
            "structure is active on the portal."
        ),
        "seen in reports; AIFE",
    ),
    _row(
        r"accountingcustomerparty.*n'est pas reference|"
        rf"^(?!.*(service|engagement|commande|marche)).*(destinataire|client|acheteur|recipient|structure).*"
        rf"({_UNKNOWN}|(?<!pas ){_WRONG})",
        "buyer_unknown",
        "BT-47",
        "customer.siret",
        _("Chorus Pro does not know the customer's SIRET. Check the customer."),
        "by analogy",
    ),
    _row(
        r"la structure .*n'utilise pa",
        "buyer_not_on_chorus",
        "BT-47",
        "customer.siret",
        _("The recipient does not use Chorus Pro. Check the customer's SIRET."),
        "seen in reports; AIFE",
    ),
    _row(
        r"paymentmeans.*typecode.*" + _MANDATORY,
        "payment_means_missing",
        "BT-81",
        "invoice.payment_means",
        _("The payment means is missing. Choose how the invoice is paid."),
        "seen live 2026",
    ),
    _row(
        r"businessprocessspecifieddocumentcontextparameter",
        "cadre_invalid",
        "BT-23",
        "invoice.process",
        _("The billing framework (cadre de facturation) is missing or not one of A1 to A25."),
        "seen live 2026",
    ),
    _row(
        r"exchangeddocument\.id\.value.*ne doit pas depasser",
        "number_too_long",
        "BT-1",
        "invoice.number",
        _("The invoice number is longer than 20 characters."),
        "seen live 2026; AIFE G1.05",
    ),
    _row(
        rf"service.*\b(ou|or)\b.*(engagement|commande).*{_MISSING}|"
        rf"(engagement|commande).*\b(ou|or)\b.*service.*{_MISSING}",
        "service_or_engagement_missing",
        "BT-10",
        "invoice.service",
        _("This recipient requires a service code or an engagement number."),
        "help pages of editors",
    ),
    _row(
        rf"buyerorderreferenceddocument.*{_MANDATORY}|^(?!.*(service|buyerreference)).*{_ENGAGEMENT}.*{_MISSING}",
        "engagement_missing",
        "BT-13",
        "invoice.engagement",
        _("This recipient requires an engagement number."),
        "help page of an editor",
    ),
    _row(
        rf"buyerreference.*{_MANDATORY}|service.*{_MISSING}",
        "service_missing",
        "BT-10",
        "invoice.service",
        _("This recipient requires a service code. (Chorus Pro's own text speaks of an engagement.)"),
        "help page of an editor",
    ),
    _row(
        r"attachmentbinaryobject.*additionalreferenceddocument",
        "attachment_content_missing",
        "BG-24",
        "invoice.attachments",
        _("A supporting document is named but its file is not enclosed."),
        "public issue",
    ),
    _row(
        r"appliedtradeallowancecharge.*grosspriceproducttradeprice",
        "gross_price_without_discount",
        "BT-148",
        "line.price",
        _("A line gives a gross price without the discount that leads to the net price."),
        "public issue",
    ),
    _row(
        r"cvc-|irrecevabilite",
        "schema_violation",
        "",
        "",
        _(
            "The file does not follow the published schema. This is a defect of the file, not of the "
            "invoice's data: report it to whoever maintains the program."
        ),
        "public issue",
    ),
    _row(
        r"pdf/?a-?3",
        "not_pdfa3",
        "",
        "",
        _("Chorus Pro did not recognise the file as PDF/A-3."),
        "public issues",
    ),
    _row(
        r"(deja|double|doublon).*(existe|depose|integre|numero|facture)|existe deja",
        "number_already_used",
        "BT-1",
        "invoice.number",
        _("Chorus Pro already holds an invoice of this number from this supplier."),
        "claims; text not published",
    ),
    _row(
        rf"service.*({_UNKNOWN}|{_CLOSED}|{_WRONG})",
        "service_unknown",
        "BT-10",
        "invoice.service",
        _("The recipient has no active service of this code. Choose another one."),
        "known cause; text not published",
    ),
    _row(
        rf"{_ENGAGEMENT}.*({_UNKNOWN}|{_CLOSED}|{_WRONG})",
        "engagement_unknown",
        "BT-13",
        "invoice.engagement",
        _("The recipient has no open engagement of this number."),
        "known cause; text not published",
    ),
    _row(
        rf"^(?!.*(fournisseur|service|supplier)).*(structure|destinataire|recipient).*{_CLOSED}",
        "buyer_inactive",
        "BT-47",
        "customer.siret",
        _(
            "The recipient's structure is not active on Chorus Pro any more. "
            "Ask the customer for its new SIRET."
        ),
        "known cause; text not published",
    ),
    _row(
        rf"(fournisseur|emetteur|supplier).*{_CLOSED}",
        "seller_inactive",
        "BT-30",
        "company.siret",
        _(
            "Your structure is not active on Chorus Pro, or it was replaced by one with another "
            "SIRET. Look on the portal, then correct the company's SIRET."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(pas|non) (rattachee?|habilitee?|autorisee?).*(structure|fournisseur|emetteur)|"
        r"(structure|fournisseur|emetteur).*(pas|non) (rattachee?|habilitee?)",
        "seller_not_attached",
        "BT-30",
        "company.siret",
        _(
            "The technical account may not send for your structure. Have its manager attach the "
            "account to it on the portal."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        r"destinataire.*(privee?|pas.*publi(c|que))",
        "buyer_not_public",
        "BT-47",
        "customer.siret",
        _("The recipient is no public structure. Check the customer's SIRET."),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(numero de (la )?facture|invoice number).*(caractere|format|{_WRONG}|character)",
        "number_invalid",
        "BT-1",
        "invoice.number",
        _(
            "The invoice number has signs that Chorus Pro does not take, or is a date. Correct the "
            "sequence of the journal, then send the invoice with a new number."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        r"date.*(future|posterieure|superieure|future date)",
        "date_in_future",
        "BT-2",
        "invoice.date",
        _(
            "The date of the invoice is later than the deposit. Correct the date, or send it from that day "
            "on."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        r"devise|currency",
        "currency_refused",
        "BT-5",
        "invoice.currency",
        _("Chorus Pro takes invoices in euros. Make the invoice in EUR."),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(iban|bic\b|coordonnees? bancaires?|compte bancaire|bank account).*"
        rf"({_UNKNOWN}|{_WRONG}|{_MISSING})",
        "bank_account_wrong",
        "BT-84",
        "invoice.bank",
        _(
            "Chorus Pro does not take the bank account of the invoice. Check the IBAN, and that the "
            "account is among those of your structure on the portal."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"exoneration.*({_MISSING}|{_WRONG})",
        "exemption_missing",
        "BT-120",
        "tax.exemption",
        _("A line without VAT must say why. Set the exemption reason on the tax."),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(tva|vat)\\b.*({_WRONG}|{_MISSING}|{_UNKNOWN}|ne correspond)|(taux|rate).*(tva|vat)",
        "vat_wrong",
        "BT-151",
        "line.taxes",
        _("The VAT of a line or its rate is not one that Chorus Pro takes. Check the taxes of the lines."),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(montant|total|somme|amount).*(negati|positi)",
        "amount_negative",
        "BT-112",
        "invoice.lines",
        _(
            "An amount is negative where Chorus Pro takes positive ones only. Make a credit note, or "
            "put the minus sign on the quantity."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(montant|total|somme|amount).*({_WRONG}|ne correspond|different|pas egal|does not match)",
        "amounts_differ",
        "BT-112",
        "invoice.total",
        _("The amounts of the invoice do not add up for Chorus Pro. Check lines, discounts and VAT."),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(facture (d'origine|initiale|rectifiee|referencee)|original invoice).*"
        rf"({_UNKNOWN}|{_MISSING}|{_WRONG})",
        "original_unknown",
        "BT-25",
        "invoice.preceding",
        _(
            "Chorus Pro does not know the invoice that this one corrects, or wants it named. Choose "
            "the original invoice."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(numero de )?marche.*({_UNKNOWN}|{_MISSING}|{_WRONG}|{_CLOSED})",
        "contract_wrong",
        "BT-12",
        "invoice.contract",
        _("The public contract of the invoice is missing or not known. Ask the customer for its number."),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(piece|fichier|attachment|file).*(taille|volum|depass|trop (gros|volumineu)|too large|size)",
        "file_too_large",
        "BG-24",
        "invoice.attachments",
        _("A file is larger than Chorus Pro takes. Make the attachments smaller, or leave some out."),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(piece|fichier|attachment|file).*(extension|format|type).*|extension.*(piece|fichier|file)",
        "attachment_type",
        "BG-24",
        "invoice.attachments",
        _(
            "Chorus Pro does not take files of this kind. Attach PDF, images or office documents "
            "with their extension."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(valideur|titulaire|mandataire|validator).*({_UNKNOWN}|{_MISSING}|{_CLOSED})",
        "validator_missing",
        "BT-23",
        "invoice.process",
        _(
            "The framework of the invoice needs a main contractor whom Chorus Pro knows. Check the "
            "framework; A1 needs none."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        rf"(affactur|factor|beneficiaire|cessionnaire|payee).*({_UNKNOWN}|{_MISSING}|{_WRONG}|{_CLOSED})",
        "payee_wrong",
        "BT-61",
        "payee.siret",
        _(
            "Chorus Pro does not take the factor of the invoice. Check its SIRET, and that it is "
            "among those of your structure."
        ),
        "help pages of editors and public bodies",
    ),
    _row(
        r"(mot de passe|protegee?|chiffree?|password|encrypted)",
        "file_protected",
        "",
        "invoice.pdf",
        _("The PDF is protected. Have it made anew without a password."),
        "help pages of editors and public bodies",
    ),
)

_CUT_MARK = re.compile(r"\s*(\[\.\.\.\]|\[…\]|…|\.\.\.)\s*$")
_SPACES = re.compile(r"\s+")


def explain(text: str) -> list[Explained]:
    """The messages of one report text, in its order.

    :param str text: ``InvoiceError.text`` or ``TechnicalError.text``
    :rtype: list[Explained]
    """
    cut = bool(_CUT_MARK.search(text)) or len(text) >= LIMITS["error_text_length"].value - 1
    messages = [part.strip() for part in _CUT_MARK.sub("", text).split("|")]
    messages = [message for message in messages if message]
    last = len(messages) - 1
    return [_explain(message, cut and index == last) for index, message in enumerate(messages)]


def _explain(message: str, cut: bool) -> Explained:
    letters = unicodedata.normalize("NFKD", message.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    plain = _SPACES.sub(" ", letters.encode("ascii", "ignore").decode("ascii")).lower()
    for meaning in MEANINGS:
        if meaning.pattern.search(plain):
            return Explained(meaning.code, meaning.term, meaning.field, meaning.message_en, message, cut)
    return Explained("unknown", "", "", "", message, cut)
