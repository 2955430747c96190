"""Statuses, limits, endpoints, rejection texts and archives: tables and pure functions."""

import re

import pytest

from chorus_api import (
    FLOW_STATES,
    INVOICE_STATUSES,
    LIMITS,
    SYNTAXES,
    ChorusError,
    Settings,
    errors,
    explain,
    flow_state,
    flows,
    invoice_status,
)
from chorus_api.rejections import MEANINGS
from chorus_api.statuses import status_code

TRANSACTION = "FichierXml.SupplyChainTradeTransaction"
AGREEMENT = f"{TRANSACTION}.ApplicableHeaderTradeAgreement"
SETTLEMENT = f"{TRANSACTION}.ApplicableHeaderTradeSettlement"
LINE = f"{TRANSACTION}.IncludedSupplyChainTradeLineItem"
CONTEXT = "FichierXml.ExchangedDocumentContext"
PARTY = "Party.PartyIdentification.ID.value"
ENCLOSED = "L'element (AttachmentBinaryObject.value) est obligatoire si l'element"
DISCOUNT = "L'element (AppliedTradeAllowanceCharge.ActualAmount.value) est obligatoire si l'element"

# Reference §5.2: the texts as reported, and what they are about.
REPORTED = {
    f"L'element {SETTLEMENT}.SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.": (
        "payment_means_missing"
    ),
    f"L'element {CONTEXT}.BusinessProcessSpecifiedDocumentContextParameter.ID": "cadre_invalid",
    "Le champ identifiant de la facture (FichierXml.ExchangedDocument.ID.value) ne doit pas depasser 20": (
        "number_too_long"
    ),
    f"L'engagement juridique ({AGREEMENT}.BuyerReference.value) est obligatoire": "service_missing",
    f"L'engagement ({AGREEMENT}.BuyerOrderReferencedDocument.IssuerAssignedID.value) est obligatoire": (
        "engagement_missing"
    ),
    f"{ENCLOSED} ({AGREEMENT}.AdditionalReferencedDocument) est renseigne.": "attachment_content_missing",
    f"{DISCOUNT} ({LINE}.SpecifiedLineTradeAgreement.GrossPriceProductTradePrice) est renseigne. ": (
        "gross_price_without_discount"
    ),
    "IRRECEVABILITE: cvc-datatype-valid.1.2.1: '-1 324,60' is not a valid value for 'decimal'.": (
        "schema_violation"
    ),
    "Le fichier déposé n’est pas au format PDF/A3": "not_pdfa3",
    f"L'identifiant fournisseur (balise : AccountingSupplierParty.{PARTY}) n'est pas reference": (
        "seller_unknown"
    ),
    f"La structure (balise : AccountingCustomerParty.{PARTY}) n'utilise pas": "buyer_not_on_chorus",
}


@pytest.mark.parametrize("text", REPORTED)
def test_a_reported_text_is_understood(text):
    (part,) = explain(text)
    assert part.code == REPORTED[text]
    assert part.raw == text.strip()
    assert part.message_en


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # Causes that are known, in words of ours: the real texts are not published.
        ("Le service X n'est pas connu pour ce destinataire", "service_unknown"),
        ("Le code service X est inexistant", "service_unknown"),
        ("L'engagement juridique 123 est clos", "engagement_unknown"),
        ("La structure destinataire est inactive", "buyer_inactive"),
        ("La structure fournisseur est inactive", "seller_inactive"),
        ("Le service exécutant est obligatoire pour ce destinataire", "service_missing"),
        ("Le numéro d'engagement juridique est obligatoire pour ce destinataire", "engagement_missing"),
        ("The legal commitment number is required for this recipient", "engagement_missing"),
        ("Le code service ou l'engagement doit être renseigné", "service_or_engagement_missing"),
        ("Destinataire introuvable ou inactif", "buyer_unknown"),
        ("Le service destinataire est fermé", "service_unknown"),
        ("Le service n'accepte plus de factures", "service_unknown"),
        ("L'identifiant du fournisseur n'est pas référencé", "seller_unknown"),
        ("Le compte n'est pas rattaché à la structure émettrice", "seller_not_attached"),
        ("Le destinataire n'est pas une structure publique", "buyer_not_public"),
        ("Le numéro de facture contient des caractères non autorisés", "number_invalid"),
        ("La date de facture est supérieure à la date du jour", "date_in_future"),
        ("La devise doit être l'euro", "currency_refused"),
        ("Les coordonnées bancaires sont invalides", "bank_account_wrong"),
        ("L'IBAN n'est pas référencé pour la structure", "bank_account_wrong"),
        ("Le motif d'exonération est obligatoire", "exemption_missing"),
        ("Le taux de TVA est incorrect", "vat_wrong"),
        ("Le montant doit être positif", "amount_negative"),
        ("Le montant TTC ne correspond pas à la somme des lignes", "amounts_differ"),
        ("La facture d'origine est introuvable", "original_unknown"),
        ("Le numéro de marché est inconnu", "contract_wrong"),
        ("La taille de la pièce jointe dépasse 10 Mo", "file_too_large"),
        ("L'extension du fichier n'est pas autorisée", "attachment_type"),
        ("Le valideur est obligatoire pour ce cadre", "validator_missing"),
        ("Le factor est inconnu", "payee_wrong"),
        ("Le fichier est protégé par un mot de passe", "file_protected"),
        (
            "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure",
            "number_already_used",
        ),
        ("Une facture de ce numero existe deja pour ce fournisseur", "number_already_used"),
    ],
)
def test_a_likely_text_is_understood(text, code):
    assert [part.code for part in explain(text)] == [code]


def test_several_messages_are_told_one_by_one():
    first, second = list(REPORTED)[:2]
    parts = explain(f" {first} |{second[:20]} [...]")
    assert [(part.code, part.cut) for part in parts] == [("payment_means_missing", False), ("unknown", True)]
    assert parts[1].raw == second[:20]


def test_a_text_of_200_characters_is_taken_for_cut():
    assert [part.cut for part in explain("x" * 200)] == [True]
    assert [part.cut for part in explain("x" * 100)] == [False]


def test_nothing_is_made_up():
    assert explain("") == explain(" | ") == []
    (part,) = explain("Erreur inattendue")
    assert (part.code, part.term, part.field, part.message_en, part.raw) == (
        "unknown",
        "",
        "",
        "",
        "Erreur inattendue",
    )


def test_each_meaning_has_a_stable_code_and_a_source():
    codes = [meaning.code for meaning in MEANINGS]
    assert len(set(codes)) == len(codes)
    for meaning in MEANINGS:
        assert re.fullmatch(r"[a-z0-9_]+", meaning.code)
        assert re.fullmatch(r"(B[TG]-\d+)?", meaning.term)
        assert meaning.message_en.endswith((".", ".)")) and meaning.source


def test_flow_states():
    assert {code for code, state in FLOW_STATES.items() if state.final} == {
        "IN_INTEGRE",
        "IN_INTEGRE_PARTIEL",
        "IN_REJETE",
        "QP_IRRECEVABLE",
        "IN_INCIDENTE",
        "IN_A_RELANCER",
        "IN_ERREUR_INTERNE",
    }
    for code, state in FLOW_STATES.items():
        assert state.code == code and state.label_fr and state.label_en and state.source


def test_an_unknown_flow_state_is_pending_and_shown_raw():
    state = flow_state("IN_TOUT_NOUVEAU")
    assert (state.kind, state.final, state.label_fr) == ("pending", False, "IN_TOUT_NOUVEAU")


def test_invoice_statuses():
    kinds = {
        "draft",
        "transit",
        "buyer",
        "validation",
        "approved",
        "paid",
        "suspended",
        "recycle",
        "returned",
        "rejected",
        "void",
        "unknown",
    }
    for code, status in INVOICE_STATUSES.items():
        assert status.code == code and status.label_fr and status.label_en
        assert status.kind in kinds and status.who in ("nobody", "supplier", "buyer")
        assert status.meaning_en.endswith(".")
        assert (status.who == "supplier") == bool(status.action_en) or status.kind == "unknown", code


def test_who_must_act():
    to_act = {code for code, status in INVOICE_STATUSES.items() if status.who == "supplier"}
    assert {"A_RECYCLER", "SUSPENDUE", "REJETEE", "REFUSEE_1", "REFUSEE_2"} <= to_act
    assert not to_act & {"DEPOSEE", "MISE_A_DISPOSITION", "MANDATEE", "MISE_EN_PAIEMENT", "COMPLETEE"}
    assert INVOICE_STATUSES["MISE_EN_PAIEMENT"].terminal and not INVOICE_STATUSES["MANDATEE"].terminal


@pytest.mark.parametrize("code", INVOICE_STATUSES)
def test_a_status_is_understood_by_its_code_in_any_case_and_by_its_label(code):
    label = INVOICE_STATUSES[code].label_fr
    written = (code, code.lower(), code.replace("_", " "), label, label.upper(), label.replace("'", "’"))
    assert {status_code(words) for words in written} == {code}


@pytest.mark.parametrize("words", ["", "TOUT_NOUVEAU", "Très nouveau", "REJETEE_2"])
def test_a_status_that_nobody_has_published_keeps_its_words(words):
    assert status_code(words) == words


def test_an_unknown_status_is_followed_and_shown_raw():
    status = invoice_status("TOUT_NOUVEAU")
    assert (status.kind, status.terminal, status.label_en, status.who) == (
        "unknown",
        False,
        "TOUT_NOUVEAU",
        "supplier",
    )


def test_every_error_says_what_to_do_next():
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ChorusError)
    ]
    assert len(kinds) == 14
    for kind in kinds:
        assert (
            kind.__doc__ and kind.outcome in ("nothing_done", "unknown") and isinstance(kind.retryable, bool)
        )
    # What may have been done is never repeated by itself.
    assert not errors.OutcomeUnknown.retryable


def test_an_error_reads_like_a_sentence():
    error = errors.Refused(
        "refused",
        route="r",
        http_status=200,
        remote_code=20001,
        remote_label="GDP",
        correlation_id="c1",
        detail="d",
    )
    assert str(error) == "refused, on r, HTTP 200, answered 20001 GDP, d, call c1"
    assert str(ChorusError("x")) == "x"


def test_limits_have_sources():
    for limit in LIMITS.values():
        assert limit.value > 0 and limit.unit and limit.source


def test_a_deposit_gets_time_by_its_size():
    settings = Settings()
    assert settings.deposit_time(0) == settings.deposit_base
    assert settings.deposit_time(5 * 1024 * 1024) == settings.deposit_base + 20
    assert settings.deposit_time(10**9) == settings.deposit_deadline < 120


@pytest.mark.parametrize(
    ("content", "name", "extension", "problem"),
    [
        (b"x", "bon.pdf", "PDF", None),
        (b"x", "Bon de commande n° 5 é.PDF", "PDF", None),
        (b"", "bon.pdf", "PDF", "empty_file"),
        (b"x", "bon.exe", "EXE", "attachment_type_refused"),
        (b"x", "bon.exe", "PDF", "attachment_name_invalid"),
        (b"x", "../bon.pdf", "PDF", "attachment_name_invalid"),
        (b"x", "a\\b.pdf", "PDF", "attachment_name_invalid"),
        (b"x", "a\x00.pdf", "PDF", "attachment_name_invalid"),
        (b"x", "", "PDF", "attachment_name_invalid"),
        (b"x", "a" * 46 + ".pdf", "PDF", None),
        (b"x", "a" * 47 + ".pdf", "PDF", "attachment_name_too_long"),
        (b"x" * (10 * 1024 * 1024 + 1), "bon.pdf", "PDF", "file_too_large"),
    ],
)
def test_attachments_are_checked(content, name, extension, problem):
    assert flows.check_attachment(content, name, extension) == problem


def test_syntaxes_name_their_evidence():
    for syntax in SYNTAXES.values():
        assert syntax.extension in (".pdf", ".xml") and syntax.evidence
