"""What Chorus Pro refuses in an invoice, as one table.

Each rule: id, certainty, source, text, function, default. Certainty: LIVE (somebody published the real
answer), AIFE (official page), SPEC2 (official annex quoted by somebody), CLIENT (only in client code),
GUESS (inferred). Only the first three reject by default. A text marked "SIMULATEUR" is a placeholder: the
refusal is known, its wording is not.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from . import rule_checks as checks

LIVE, AIFE, SPEC2, CLIENT, GUESS = "LIVE", "AIFE", "SPEC2", "CLIENT", "GUESS"
SURE = (LIVE, AIFE, SPEC2)

_TREE = "FichierXml.SupplyChainTradeTransaction."
_AGREEMENT = _TREE + "ApplicableHeaderTradeAgreement."
_SETTLEMENT = _TREE + "ApplicableHeaderTradeSettlement."


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
    return joined if len(joined) <= length else joined[: max(length - len(mark), 0)] + mark


def plain(text):
    """Accents stripped, as in the reports seen."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


RULES = (
    Rule(
        "payment_code_missing",
        LIVE,
        "BT-81; invoicerr 2026, OCA issues 414 and 612",
        f"L'element {_SETTLEMENT}SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.",
        checks.no_payment_code,
    ),
    Rule(
        "process_not_a_cadre",
        LIVE,
        "BT-23, AIFE G1.02; invoicerr 2026 (the text's end is not known)",
        "L'element FichierXml.ExchangedDocumentContext.BusinessProcessSpecifiedDocumentContextParameter.ID"
        ".value n'est pas une valeur admise",
        checks.process_unknown,
    ),
    Rule(
        "number_too_long",
        LIVE,
        "BT-1, AIFE G1.05; invoicerr 2026",
        "Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) ne doit pas depasser "
        "20 caracteres",
        checks.longer(("number",), 20),
    ),
    Rule(
        "number_charset",
        SPEC2,
        "BT-1, AIFE G1.05",
        "SIMULATEUR - Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) contient "
        "un caractere non admis",
        checks.number_charset,
    ),
    Rule(
        "seller_not_siret",
        LIVE,
        "BT-29/BT-30; invoicerr 2026 (a SIREN was refused)",
        f"SIMULATEUR - L'identifiant fournisseur ({_AGREEMENT}SellerTradeParty) {{value}} n'est pas un SIRET",
        checks.seller_not_siret,
    ),
    Rule(
        "buyer_not_siret",
        LIVE,
        "BT-47; invoicerr 2026 (a SIREN was refused)",
        f"SIMULATEUR - L'identifiant destinataire ({_AGREEMENT}BuyerTradeParty) {{value}} n'est pas un SIRET",
        checks.buyer_not_siret,
    ),
    Rule(
        "seller_unknown",
        LIVE,
        "recorded answer, .NET client's tests",
        "L'identifiant fournisseur de la demande de paiement (balise : AccountingSupplierParty.Party."
        "PartyIdentification.ID.value) n'est pas référencé dans notre système.",
        checks.seller_unknown,
    ),
    Rule(
        "seller_inactive",
        AIFE,
        "rejected-invoice guide: inactive structure",
        "SIMULATEUR - La structure fournisseur est inactive",
        lambda case: bool(case.seller) and not case.seller["active"],
    ),
    Rule(
        "buyer_unknown",
        LIVE,
        "recorded answer, .NET client's tests (the text's end is not known)",
        "La structure (balise : AccountingCustomerParty.Party.PartyIdentification.ID.value) n'utilise pas "
        "Chorus Pro",
        checks.buyer_unknown,
    ),
    Rule(
        "buyer_inactive",
        AIFE,
        "rejected-invoice guide: inactive structure",
        "SIMULATEUR - La structure destinataire est inactive",
        lambda case: bool(case.buyer) and not case.buyer["active"],
    ),
    Rule(
        "service_missing",
        AIFE,
        "duty from structures/v1/consulter; text reported by Tempolia",
        f"L'engagement juridique ({_AGREEMENT}BuyerReference.value) est obligatoire",
        checks.service_missing,
    ),
    Rule(
        "engagement_missing",
        AIFE,
        "duty from structures/v1/consulter and consulter/service; Tempolia",
        f"L'engagement juridique ({_AGREEMENT}BuyerOrderReferencedDocument.IssuerAssignedID.value) est "
        "obligatoire",
        checks.engagement_missing,
    ),
    Rule(
        "service_or_engagement_missing",
        AIFE,
        "gestionNumeroEJOuCodeService",
        "SIMULATEUR - Le code service ou le numero d'engagement est obligatoire",
        checks.both_missing,
    ),
    Rule(
        "service_unknown",
        AIFE,
        "rejected-invoice guide: unknown service",
        "SIMULATEUR - Le code service {value} n'est pas connu pour ce destinataire",
        checks.service_unknown,
    ),
    Rule(
        "service_inactive",
        AIFE,
        "rejected-invoice guide: inactive service",
        "SIMULATEUR - Le service {value} est inactif",
        checks.service_inactive,
    ),
    Rule(
        "service_forbidden",
        AIFE,
        "FACTURES_PUBLIQUES must not be targeted",
        "SIMULATEUR - Le service FACTURES_PUBLIQUES ne peut pas etre destinataire",
        checks.service_forbidden,
    ),
    Rule(
        "engagement_closed",
        AIFE,
        "rejected-invoice guide: closed engagement",
        "SIMULATEUR - L'engagement juridique {value} est clos",
        checks.engagement_closed,
    ),
    Rule(
        "document_without_binary",
        LIVE,
        "BG-24; reported by a Dolibarr user",
        "L'element (AttachmentBinaryObject.value) est obligatoire si l'element "
        f"({_AGREEMENT}AdditionalReferencedDocument) est renseigne.",
        checks.document_without_binary,
    ),
    Rule(
        "gross_price_alone",
        LIVE,
        "BT-148 without BT-147; OCA issues 504 and 536",
        "L'element (AppliedTradeAllowanceCharge.ActualAmount.value) est obligatoire si l'element "
        f"({_TREE}IncludedSupplyChainTradeLineItem.SpecifiedLineTradeAgreement.GrossPriceProductTradePrice) "
        "est renseigne.",
        checks.gross_price_alone,
    ),
    Rule(
        "payment_code_refused",
        SPEC2,
        "BT-81, AIFE S2.05",
        "SIMULATEUR - Le code de moyen de paiement {value} n'est pas admis",
        checks.payment_code_refused,
    ),
    Rule(
        "iban_missing",
        SPEC2,
        "BT-84, AIFE G1.16 to G1.19",
        "SIMULATEUR - Le compte bancaire (IBANID) est obligatoire pour un virement",
        checks.iban_missing,
    ),
    Rule(
        "iban_wrong",
        SPEC2,
        "BT-84, IBAN syntax control",
        "SIMULATEUR - L'IBAN est incorrect",
        checks.iban_wrong,
    ),
    Rule(
        "type_refused",
        SPEC2,
        "BT-3, Factur-X 1.0 Chorus notes (261 and 751 refused)",
        "SIMULATEUR - Le type de facture {value} n'est pas admis",
        checks.type_refused,
    ),
    Rule(
        "date_in_future",
        SPEC2,
        "BT-2, Factur-X 1.0 Chorus notes",
        "SIMULATEUR - La date de facture est posterieure a la date de depot",
        checks.future,
    ),
    Rule(
        "mixed_currencies",
        SPEC2,
        "BT-5/BT-6, Factur-X 1.0 Chorus notes (one currency)",
        "SIMULATEUR - Une facture n'admet qu'une devise",
        checks.mixed_currencies,
    ),
    Rule(
        "amount_too_precise",
        SPEC2,
        "at most 2 decimals and 19 digits",
        "SIMULATEUR - Un montant a plus de 2 decimales ou de 19 chiffres",
        checks.amount_too_precise,
    ),
    Rule(
        "quantity_too_long",
        SPEC2,
        "BT-129, at most 10 digits",
        "SIMULATEUR - Une quantite a plus de 10 chiffres",
        checks.quantity_too_long,
    ),
    Rule(
        "service_too_long",
        SPEC2,
        "BT-10, at most 100",
        "SIMULATEUR - Code service trop long",
        checks.longer(("service",), 100),
    ),
    Rule(
        "engagement_too_long",
        SPEC2,
        "BT-13, at most 50",
        "SIMULATEUR - Numero d'engagement trop long",
        checks.longer(("engagement",), 50),
    ),
    Rule(
        "contract_too_long",
        SPEC2,
        "BT-12, at most 50",
        "SIMULATEUR - Numero de marche trop long",
        checks.longer(("contract",), 50),
    ),
    Rule(
        "buyer_name_too_long",
        SPEC2,
        "BT-44, Factur-X 1.0 Chorus notes, at most 99",
        "SIMULATEUR - Nom du destinataire trop long",
        checks.longer(("buyer", "name"), 99),
    ),
    Rule(
        "item_id_too_long",
        SPEC2,
        "BT-157, Factur-X 1.0 Chorus notes, at most 40",
        "SIMULATEUR - Identifiant d'article trop long",
        checks.item_id_too_long,
    ),
    # Uncertain: off unless switched on.
    Rule(
        "process_missing",
        GUESS,
        "BT-23 absent: one rejection where it was not the only fault",
        "SIMULATEUR - Cadre de facturation absent",
        lambda case: case.facts["process"] is None,
    ),
    Rule(
        "preceding_too_long",
        GUESS,
        "BT-25, BR-FR-CPRO-02 (reform)",
        "SIMULATEUR - Numero de facture d'origine trop long",
        checks.longer(("preceding",), 20),
    ),
    Rule(
        "seller_name_too_long",
        GUESS,
        "BT-27, BR-FR-CPRO-43 (reform)",
        "SIMULATEUR - Nom du fournisseur trop long",
        checks.longer(("seller", "name"), 99),
    ),
    Rule(
        "credit_without_original",
        GUESS,
        "BT-25 on a credit note (reform BR-FR-CO-05)",
        "SIMULATEUR - Avoir sans facture d'origine",
        checks.credit_without_original,
    ),
    Rule(
        "negative_total",
        CLIENT,
        "a credit is 381 with positive amounts (production emitters)",
        "SIMULATEUR - Montant total negatif",
        checks.negative_total,
    ),
    Rule(
        "arithmetic",
        GUESS,
        "EN 16931 BR-CO-10, 13, 14, 15, 16",
        "SIMULATEUR - Controle arithmetique {value}",
        checks.bad_arithmetic,
    ),
    Rule(
        "currency_not_eur",
        GUESS,
        "not found confirmed",
        "SIMULATEUR - Devise autre que EUR",
        lambda case: case.facts["currency"] != "EUR",
    ),
    Rule(
        "iban_not_declared",
        GUESS,
        "BT-84 must be an account declared by the structure",
        "SIMULATEUR - Compte bancaire non declare dans Chorus Pro",
        checks.iban_unknown,
    ),
    Rule(
        "engagement_unknown",
        GUESS,
        "an engagement the State does not know",
        "SIMULATEUR - Engagement juridique inconnu",
        checks.engagement_unknown,
    ),
    Rule(
        "buyer_moa_only",
        GUESS,
        "estMoaUniquement",
        "SIMULATEUR - Destinataire MOA uniquement",
        lambda case: bool(case.buyer) and case.buyer["moa_only"],
    ),
    Rule(
        "account_not_attached",
        GUESS,
        "depositing for a structure the account is not attached to",
        "SIMULATEUR - Compte technique non rattache au fournisseur",
        checks.account_not_attached,
    ),
    Rule(
        "not_pdfa3",
        GUESS,
        "whether Chorus Pro checks PDF/A-3 is not known",
        "Le fichier depose n'est pas au format PDF/A3",
        checks.not_pdfa3,
    ),
    Rule(
        "level_differs",
        GUESS,
        "XMP level against BT-24",
        "SIMULATEUR - Profil declare different de celui du XML",
        checks.level_differs,
    ),
    Rule(
        "attachment_refused",
        CLIENT,
        "limits of complementary files inside the PDF",
        "SIMULATEUR - Piece jointe refusee : {value}",
        checks.bad_attachments,
    ),
)

# Found before any rule; these make listeErreurTechnique. code → (certainty, source, codeErreur, text)
TECHNICAL = {
    "xsd": (LIVE, "public issue", "ERR_XSD_001", "IRRECEVABILITE: {detail}"),
    "extension": (
        AIFE,
        "monitoring-flows: accepted extensions",
        "SIMULATEUR_EXTENSION",
        "SIMULATEUR - Extension de fichier non admise : {detail}",
    ),
    "archive": (AIFE, "monitoring-flows", "SIMULATEUR_ARCHIVE", "SIMULATEUR - Archive illisible"),
    "archive_empty": (GUESS, "an archive without files", "SIMULATEUR_ARCHIVE", "SIMULATEUR - Archive vide"),
    "file_too_big": (
        SPEC2,
        "annex V5.00: 10 MB a file",
        "SIMULATEUR_TAILLE",
        "SIMULATEUR - Fichier de plus de 10 Mo : {detail}",
    ),
    "pdf": (
        LIVE,
        "an unreadable Factur-X is rejected whole (August 2026)",
        "SIMULATEUR_PDF",
        "SIMULATEUR - PDF illisible : {detail}",
    ),
    "pdf_encrypted": (
        SPEC2,
        "portal guide: no password",
        "SIMULATEUR_PDF",
        "SIMULATEUR - PDF chiffre : {detail}",
    ),
    "pdf_without_xml": (
        LIVE,
        "an unreadable Factur-X is rejected whole (August 2026)",
        "SIMULATEUR_PDF",
        "SIMULATEUR - Aucun factur-x.xml dans le PDF : {detail}",
    ),
    "not_cii": (
        LIVE,
        "XSD control",
        "ERR_XSD_001",
        "IRRECEVABILITE: cvc-elt.1: Cannot find the declaration of element '{detail}'.",
    ),
}
# AIFE, good practice of 28 March 2023.
DUPLICATE_TEXT = (
    "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure"
)


def technical_error(code, detail=""):
    _, _, remote_code, text = TECHNICAL[code]
    return {
        "codeErreur": remote_code,
        "libelleErreur": plain(text.format(detail=detail)),
        "natureErreur": "FONCTIONNELLE" if code == "xsd" else "TECHNIQUE",
    }
