"""What Chorus Pro refuses in an invoice, as one table.

Each rule: id, certainty, source, default, text, function. Certainty: LIVE (somebody published the real
answer), AIFE (official page), SPEC2 (official annex quoted by somebody), CLIENT (only in client code),
GUESS (inferred). Only the first three reject by default. A text marked "SIMULATEUR" is a placeholder: the
refusal is known, its wording is not.

A rule's function gets a :class:`Case` and returns a false value when all is well, else True or a dict for
the text's placeholders, or a list of such dicts (one text each).
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from .directory import FORBIDDEN_SERVICE, service_of

LIVE, AIFE, SPEC2, CLIENT, GUESS = "LIVE", "AIFE", "SPEC2", "CLIENT", "GUESS"
SURE = (LIVE, AIFE, SPEC2)

_TREE = "FichierXml.SupplyChainTradeTransaction."
_AGREEMENT = _TREE + "ApplicableHeaderTradeAgreement."
_SETTLEMENT = _TREE + "ApplicableHeaderTradeSettlement."


@dataclass(frozen=True)
class Case:
    """One invoice to judge: its facts, the directory's word on both parties, the day of the deposit."""

    facts: dict
    seller: dict | None
    buyer: dict | None
    day: datetime.date
    engagements: list
    opened: object = None
    account_structures: list | None = None  # identifiers attached to the depositing account; None: all

    @property
    def service(self):
        code = self.facts["service"]
        return service_of(self.buyer, code) if self.buyer and code else None


@dataclass(frozen=True)
class Rule:
    id: str
    certainty: str
    source: str
    text: str
    breach: Callable
    default: bool | None = None

    @property
    def on(self):
        return self.certainty in SURE if self.default is None else self.default


def seller_identifier(facts):
    return _identifier(facts["seller"])


def buyer_identifier(facts):
    return _identifier(facts["buyer"])


def judge(case, enabled):
    """Texts of every breached rule that ``enabled(rule)`` accepts, in the order of the table."""
    texts = []
    for rule in RULES:
        if enabled(rule):
            found = rule.breach(case)
            for values in found if isinstance(found, list) else [found] if found else []:
                texts.append(plain(rule.text.format(**(values if isinstance(values, dict) else {}))))
    return texts


def report_text(texts, length, mark):
    """Several messages packed as Chorus Pro packs them: joined with ``|``, cut."""
    joined = "|".join(texts)
    return joined if len(joined) <= length else joined[:max(length - len(mark), 0)] + mark


def plain(text):
    """Accents stripped, as in the reports seen."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


# Functions of the table

def _identifier(party):
    """SIRET of the legal organisation (BT-30, BT-47), else the first 14-digit party identifier."""
    legal = party["legal_id"]
    if legal:
        return legal
    return next((value for value in party["ids"] if _siret(value)), next(iter(party["ids"]), None))


def _siret(value):
    return bool(value) and re.fullmatch(r"\d{14}", value) is not None


def _number(text):
    try:
        return Decimal(text)
    except (InvalidOperation, TypeError):
        return None


def _longer(path, limit):
    def breach(case):
        value = case.facts
        for name in path:
            value = value[name]
        return bool(value) and len(value) > limit
    return breach


def _seller_not_siret(case):
    party = case.facts["seller"]
    if party["country"] not in (None, "FR"):
        return False
    return not _siret(_identifier(party)) and {"value": _identifier(party) or ""}


def _buyer_not_siret(case):
    legal = case.facts["buyer"]["legal_id"]
    return not _siret(legal) and {"value": legal or ""}


def _seller_unknown(case):
    return case.seller is None


def _buyer_unknown(case):
    return case.buyer is None or not case.buyer["public"]


def _process_unknown(case):
    process = case.facts["process"]
    return process is not None and re.fullmatch(r"A([1-9]|1\d|2[0-5])", process) is None


def _number_charset(case):
    number = case.facts["number"]
    return bool(number) and re.fullmatch(r"[A-Za-z0-9 +_/-]+", number) is None


def _no_payment_code(case):
    means = case.facts["payment_means"]
    return not means or any(mean["code"] is None for mean in means)


PAYMENT_CODES = ("01", "1", "10", "20", "30", "31", "42", "48", "49", "58", "59", "97")
_TRANSFER_CODES = ("30", "31", "42", "58")


def _payment_code_refused(case):
    return [{"value": mean["code"]} for mean in case.facts["payment_means"]
            if mean["code"] and mean["code"] not in PAYMENT_CODES]


def _transfers(case):
    """The transfers that move money: not on a credit note, nor when nothing is left to pay."""
    payable = _number(case.facts["totals"]["payable"])
    if case.facts["type_code"] == "381" or payable == 0:
        return []
    return [mean for mean in case.facts["payment_means"] if mean["code"] in _TRANSFER_CODES]


def _iban_missing(case):
    return any(not mean["iban"] for mean in _transfers(case))


def _iban_wrong(case):
    return any(mean["iban"] and not _good_iban(mean["iban"]) for mean in case.facts["payment_means"])


def _good_iban(iban):
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", iban) is None:
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def _iban_unknown(case):
    known = {bank["iban"] for bank in case.seller["banks"]} if case.seller else set()
    return bool(known) and any(mean["iban"] and mean["iban"] not in known
                               for mean in case.facts["payment_means"])


def _service_missing(case):
    return bool(case.buyer) and case.buyer["needs_service"] and not case.buyer["needs_either"] \
        and not case.facts["service"]


def _engagement_missing(case):
    if not case.buyer or case.facts["engagement"]:
        return False
    by_structure = case.buyer["needs_engagement"] and not case.buyer["needs_either"]
    return by_structure or bool(case.service and case.service["needs_engagement"])


def _both_missing(case):
    return bool(case.buyer) and case.buyer["needs_either"] \
        and not case.facts["service"] and not case.facts["engagement"]


def _service_unknown(case):
    known = bool(case.buyer) and bool(case.facts["service"]) and case.service is None
    return known and {"value": case.facts["service"]}


def _service_inactive(case):
    return bool(case.service) and not case.service["active"] and {"value": case.service["code"]}


def _service_forbidden(case):
    return bool(case.service) and FORBIDDEN_SERVICE in (case.service["code"], case.service["name"])


def _engagement(case):
    return next((item for item in case.engagements if item["number"] == case.facts["engagement"]), None)


def _engagement_closed(case):
    if not (case.buyer and case.buyer["state"] and case.facts["engagement"]):
        return False
    found = _engagement(case)
    return found is not None and found["state"] != "COMMANDE" and {"value": found["number"]}


def _engagement_unknown(case):
    return bool(case.buyer and case.buyer["state"] and case.facts["engagement"]) and _engagement(case) is None


def _document_without_binary(case):
    return any(not document["binary"] for document in case.facts["documents"])


def _gross_price_alone(case):
    return any(line["gross_price_group"] and line["price_discount"] is None for line in case.facts["lines"])


def _type_refused(case):
    return case.facts["type_code"] not in ("380", "381", "384", "386", "389") \
        and {"value": case.facts["type_code"]}


def _future(case):
    issued = case.facts["issue_date"]
    return bool(issued) and issued > case.day.isoformat()


def _mixed_currencies(case):
    used = {case.facts["currency"], *case.facts["currencies"]}
    if case.facts["tax_currency"]:
        used.add(case.facts["tax_currency"])
    return len(used) > 1


def _amounts(case):
    yield from (value for value in case.facts["totals"].values() if value)
    yield from (value for vat in case.facts["vat"] for value in (vat["amount"], vat["base"]) if value)
    yield from (line["amount"] for line in case.facts["lines"] if line["amount"])


def _amount_too_precise(case):
    return any((number := _number(text)) is not None
               and (number.normalize().as_tuple().exponent < -2 or len(number.as_tuple().digits) > 19)
               for text in _amounts(case))


def _quantity_too_long(case):
    return any(line["quantity"] and len(re.sub(r"\D", "", line["quantity"])) > 10
               for line in case.facts["lines"])


def _item_id_too_long(case):
    return any(line["standard_id"] and len(line["standard_id"]) > 40 for line in case.facts["lines"])


def _sum(values):
    return sum((_number(value) or Decimal(0) for value in values), Decimal(0))


def _bad_arithmetic(case):
    totals = {name: _number(text) or Decimal(0) for name, text in case.facts["totals"].items()}
    checks = {
        "BR-CO-10": totals["lines"] == _sum(line["amount"] for line in case.facts["lines"]),
        "BR-CO-13": totals["net"] == totals["lines"] - totals["allowances"] + totals["charges"],
        "BR-CO-14": totals["vat"] == _sum(vat["amount"] for vat in case.facts["vat"]),
        "BR-CO-15": totals["gross"] == totals["net"] + totals["vat"],
        "BR-CO-16": totals["payable"] == totals["gross"] - totals["prepaid"] + totals["rounding"],
    }
    return [{"value": name} for name, holds in checks.items() if not holds]


def _negative_total(case):
    return (_number(case.facts["totals"]["gross"]) or 0) < 0


def _credit_without_original(case):
    return case.facts["type_code"] == "381" and not case.facts["preceding"]


def _not_pdfa3(case):
    declared = getattr(case.opened, "declared", None)
    return declared is not None and case.opened.name.lower().endswith(".pdf") and declared.get("part") != "3"


def _level_differs(case):
    levels = {"EN 16931": "urn:cen.eu:en16931:2017"}
    declared = getattr(case.opened, "declared", {}).get("level")
    return declared in levels and levels[declared] != case.facts["guideline"]


ATTACHMENT_EXTENSIONS = frozenset(
    ["BMP", "GIF", "FAX", "ODT", "PPT", "TIFF", "XLS", "BZ2", "GZ", "JPEG", "P7S", "RTF", "TXT", "XML", "CSV", "GZIP", "JPG", "PDF", "SVG", "XHTML", "XLSX", "DOC", "HTM", "ODP", "PNG", "TGZ", "XLC", "ZIP", "DOCX", "HTML", "ODS", "PPS", "TIF", "XLM", "PPTX"])
MAX_ATTACHMENT = 10 * 1024 * 1024
MAX_ATTACHMENT_NAME = 50


def attachment_problem(name, size):
    """The limits AIFE publishes for attachments; None when all is well."""
    if len(name) > MAX_ATTACHMENT_NAME:
        return "nom de plus de 50 caracteres"
    if name.rpartition(".")[2].upper() not in ATTACHMENT_EXTENSIONS:
        return "extension non admise"
    if not 0 < size <= MAX_ATTACHMENT:
        return "taille nulle ou superieure a 10 Mo"
    return None


def _bad_attachments(case):
    return [{"value": f"{name} : {problem}"} for name, size in getattr(case.opened, "attachments", ())
            if (problem := attachment_problem(name, size))]


def _account_not_attached(case):
    return case.account_structures is not None and seller_identifier(case.facts) not in case.account_structures


RULES = (
    Rule("payment_code_missing", LIVE, "BT-81; invoicerr 2026, OCA issues 414 and 612",
         f"L'element {_SETTLEMENT}SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.",
         _no_payment_code),
    Rule("process_not_a_cadre", LIVE, "BT-23, AIFE G1.02; invoicerr 2026 (the text's end is not known)",
         "L'element FichierXml.ExchangedDocumentContext.BusinessProcessSpecifiedDocumentContextParameter.ID"
         ".value n'est pas une valeur admise", _process_unknown),
    Rule("number_too_long", LIVE, "BT-1, AIFE G1.05; invoicerr 2026",
         "Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) ne doit pas depasser "
         "20 caracteres", _longer(("number",), 20)),
    Rule("number_charset", SPEC2, "BT-1, AIFE G1.05",
         "SIMULATEUR - Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) contient "
         "un caractere non admis", _number_charset),
    Rule("seller_not_siret", LIVE, "BT-29/BT-30; invoicerr 2026 (a SIREN was refused)",
         f"SIMULATEUR - L'identifiant fournisseur ({_AGREEMENT}SellerTradeParty) {{value}} n'est pas un SIRET",
         _seller_not_siret),
    Rule("buyer_not_siret", LIVE, "BT-47; invoicerr 2026 (a SIREN was refused)",
         f"SIMULATEUR - L'identifiant destinataire ({_AGREEMENT}BuyerTradeParty) {{value}} n'est pas un SIRET",
         _buyer_not_siret),
    Rule("seller_unknown", LIVE, "recorded answer, .NET client's tests",
         "L'identifiant fournisseur de la demande de paiement (balise : AccountingSupplierParty.Party."
         "PartyIdentification.ID.value) n'est pas référencé dans notre système.", _seller_unknown),
    Rule("seller_inactive", AIFE, "rejected-invoice guide: inactive structure",
         "SIMULATEUR - La structure fournisseur est inactive",
         lambda case: bool(case.seller) and not case.seller["active"]),
    Rule("buyer_unknown", LIVE, "recorded answer, .NET client's tests (the text's end is not known)",
         "La structure (balise : AccountingCustomerParty.Party.PartyIdentification.ID.value) n'utilise pas "
         "Chorus Pro", _buyer_unknown),
    Rule("buyer_inactive", AIFE, "rejected-invoice guide: inactive structure",
         "SIMULATEUR - La structure destinataire est inactive",
         lambda case: bool(case.buyer) and not case.buyer["active"]),
    Rule("service_missing", AIFE, "duty from structures/v1/consulter; text reported by Tempolia",
         f"L'engagement juridique ({_AGREEMENT}BuyerReference.value) est obligatoire", _service_missing),
    Rule("engagement_missing", AIFE, "duty from structures/v1/consulter and consulter/service; Tempolia",
         f"L'engagement juridique ({_AGREEMENT}BuyerOrderReferencedDocument.IssuerAssignedID.value) est "
         "obligatoire", _engagement_missing),
    Rule("service_or_engagement_missing", AIFE, "gestionNumeroEJOuCodeService",
         "SIMULATEUR - Le code service ou le numero d'engagement est obligatoire", _both_missing),
    Rule("service_unknown", AIFE, "rejected-invoice guide: unknown service",
         "SIMULATEUR - Le code service {value} n'est pas connu pour ce destinataire", _service_unknown),
    Rule("service_inactive", AIFE, "rejected-invoice guide: inactive service",
         "SIMULATEUR - Le service {value} est inactif", _service_inactive),
    Rule("service_forbidden", AIFE, "FACTURES_PUBLIQUES must not be targeted",
         "SIMULATEUR - Le service FACTURES_PUBLIQUES ne peut pas etre destinataire", _service_forbidden),
    Rule("engagement_closed", AIFE, "rejected-invoice guide: closed engagement",
         "SIMULATEUR - L'engagement juridique {value} est clos", _engagement_closed),
    Rule("document_without_binary", LIVE, "BG-24; reported by a Dolibarr user",
         "L'element (AttachmentBinaryObject.value) est obligatoire si l'element "
         f"({_AGREEMENT}AdditionalReferencedDocument) est renseigne.", _document_without_binary),
    Rule("gross_price_alone", LIVE, "BT-148 without BT-147; OCA issues 504 and 536",
         "L'element (AppliedTradeAllowanceCharge.ActualAmount.value) est obligatoire si l'element "
         f"({_TREE}IncludedSupplyChainTradeLineItem.SpecifiedLineTradeAgreement.GrossPriceProductTradePrice) "
         "est renseigne.", _gross_price_alone),
    Rule("payment_code_refused", SPEC2, "BT-81, AIFE S2.05",
         "SIMULATEUR - Le code de moyen de paiement {value} n'est pas admis", _payment_code_refused),
    Rule("iban_missing", SPEC2, "BT-84, AIFE G1.16 to G1.19",
         "SIMULATEUR - Le compte bancaire (IBANID) est obligatoire pour un virement", _iban_missing),
    Rule("iban_wrong", SPEC2, "BT-84, IBAN syntax control",
         "SIMULATEUR - L'IBAN est incorrect", _iban_wrong),
    Rule("type_refused", SPEC2, "BT-3, Factur-X 1.0 Chorus notes (261 and 751 refused)",
         "SIMULATEUR - Le type de facture {value} n'est pas admis", _type_refused),
    Rule("date_in_future", SPEC2, "BT-2, Factur-X 1.0 Chorus notes",
         "SIMULATEUR - La date de facture est posterieure a la date de depot", _future),
    Rule("mixed_currencies", SPEC2, "BT-5/BT-6, Factur-X 1.0 Chorus notes (one currency)",
         "SIMULATEUR - Une facture n'admet qu'une devise", _mixed_currencies),
    Rule("amount_too_precise", SPEC2, "at most 2 decimals and 19 digits",
         "SIMULATEUR - Un montant a plus de 2 decimales ou de 19 chiffres", _amount_too_precise),
    Rule("quantity_too_long", SPEC2, "BT-129, at most 10 digits",
         "SIMULATEUR - Une quantite a plus de 10 chiffres", _quantity_too_long),
    Rule("service_too_long", SPEC2, "BT-10, at most 100", "SIMULATEUR - Code service trop long",
         _longer(("service",), 100)),
    Rule("engagement_too_long", SPEC2, "BT-13, at most 50", "SIMULATEUR - Numero d'engagement trop long",
         _longer(("engagement",), 50)),
    Rule("contract_too_long", SPEC2, "BT-12, at most 50", "SIMULATEUR - Numero de marche trop long",
         _longer(("contract",), 50)),
    Rule("buyer_name_too_long", SPEC2, "BT-44, Factur-X 1.0 Chorus notes, at most 99",
         "SIMULATEUR - Nom du destinataire trop long", _longer(("buyer", "name"), 99)),
    Rule("item_id_too_long", SPEC2, "BT-157, Factur-X 1.0 Chorus notes, at most 40",
         "SIMULATEUR - Identifiant d'article trop long", _item_id_too_long),
    # Uncertain: off unless switched on.
    Rule("process_missing", GUESS, "BT-23 absent: one rejection where it was not the only fault",
         "SIMULATEUR - Cadre de facturation absent", lambda case: case.facts["process"] is None),
    Rule("preceding_too_long", GUESS, "BT-25, BR-FR-CPRO-02 (reform)",
         "SIMULATEUR - Numero de facture d'origine trop long", _longer(("preceding",), 20)),
    Rule("seller_name_too_long", GUESS, "BT-27, BR-FR-CPRO-43 (reform)",
         "SIMULATEUR - Nom du fournisseur trop long", _longer(("seller", "name"), 99)),
    Rule("credit_without_original", GUESS, "BT-25 on a credit note (reform BR-FR-CO-05)",
         "SIMULATEUR - Avoir sans facture d'origine", _credit_without_original),
    Rule("negative_total", CLIENT, "a credit is 381 with positive amounts (production emitters)",
         "SIMULATEUR - Montant total negatif", _negative_total),
    Rule("arithmetic", GUESS, "EN 16931 BR-CO-10, 13, 14, 15, 16",
         "SIMULATEUR - Controle arithmetique {value}", _bad_arithmetic),
    Rule("currency_not_eur", GUESS, "not found confirmed", "SIMULATEUR - Devise autre que EUR",
         lambda case: case.facts["currency"] != "EUR"),
    Rule("iban_not_declared", GUESS, "BT-84 must be an account declared by the structure",
         "SIMULATEUR - Compte bancaire non declare dans Chorus Pro", _iban_unknown),
    Rule("engagement_unknown", GUESS, "an engagement the State does not know",
         "SIMULATEUR - Engagement juridique inconnu", _engagement_unknown),
    Rule("buyer_moa_only", GUESS, "estMoaUniquement", "SIMULATEUR - Destinataire MOA uniquement",
         lambda case: bool(case.buyer) and case.buyer["moa_only"]),
    Rule("account_not_attached", GUESS, "depositing for a structure the account is not attached to",
         "SIMULATEUR - Compte technique non rattache au fournisseur", _account_not_attached),
    Rule("not_pdfa3", GUESS, "whether Chorus Pro checks PDF/A-3 is not known",
         "Le fichier depose n'est pas au format PDF/A3", _not_pdfa3),
    Rule("level_differs", GUESS, "XMP level against BT-24",
         "SIMULATEUR - Profil declare different de celui du XML", _level_differs),
    Rule("attachment_refused", CLIENT, "limits of complementary files inside the PDF",
         "SIMULATEUR - Piece jointe refusee : {value}", _bad_attachments),
)

# Found before any rule; these make listeErreurTechnique. code → (certainty, source, codeErreur, text)
TECHNICAL = {
    "xsd": (LIVE, "public issue", "ERR_XSD_001", "IRRECEVABILITE: {detail}"),
    "extension": (AIFE, "monitoring-flows: accepted extensions", "SIMULATEUR_EXTENSION",
                  "SIMULATEUR - Extension de fichier non admise : {detail}"),
    "archive": (AIFE, "monitoring-flows", "SIMULATEUR_ARCHIVE", "SIMULATEUR - Archive illisible"),
    "archive_empty": (GUESS, "an archive without files", "SIMULATEUR_ARCHIVE", "SIMULATEUR - Archive vide"),
    "file_too_big": (SPEC2, "annex V5.00: 10 MB a file", "SIMULATEUR_TAILLE",
                     "SIMULATEUR - Fichier de plus de 10 Mo : {detail}"),
    "pdf": (LIVE, "an unreadable Factur-X is rejected whole (August 2026)", "SIMULATEUR_PDF",
            "SIMULATEUR - PDF illisible : {detail}"),
    "pdf_encrypted": (SPEC2, "portal guide: no password", "SIMULATEUR_PDF", "SIMULATEUR - PDF chiffre : {detail}"),
    "pdf_without_xml": (LIVE, "an unreadable Factur-X is rejected whole (August 2026)", "SIMULATEUR_PDF",
                        "SIMULATEUR - Aucun factur-x.xml dans le PDF : {detail}"),
    "not_cii": (LIVE, "XSD control", "ERR_XSD_001",
                "IRRECEVABILITE: cvc-elt.1: Cannot find the declaration of element '{detail}'."),
}
DUPLICATE_TEXT = "SIMULATEUR - Facture deja deposee pour ce fournisseur (texte reel inconnu)"


def technical_error(code, detail=""):
    _, _, remote_code, text = TECHNICAL[code]
    return {"codeErreur": remote_code, "libelleErreur": plain(text.format(detail=detail)),
            "natureErreur": "FONCTIONNELLE" if code == "xsd" else "TECHNIQUE"}
