"""The life of an integrated invoice: statuses, who moved it, what it says."""

import json

from . import rule_checks
from .directory import service_of

LABELS = {  # codes of a plain supplier invoice, in the order of its life
    "DEPOSEE": "Déposée",
    "EN_COURS_ACHEMINEMENT": "En cours d'acheminement",
    "MISE_A_DISPOSITION": "Mise à disposition",
    "A_VALIDER_1": "À valider",
    "VALIDEE_1": "Validée",
    "REFUSEE_1": "Refusée",
    "ABSENCE_VALIDATION_1_HORS_DELAI": "Absence de validation hors délai",
    "A_VALIDER_2": "À valider",
    "VALIDEE_2": "Validée",
    "REFUSEE_2": "Refusée",
    "ABSENCE_VALIDATION_2_HORS_DELAI": "Absence de validation hors délai",
    "PRISE_EN_COMPTE_DESTINATAIRE": "Prise en compte par le destinataire",
    "A_RECYCLER": "À recycler",
    "SUSPENDUE": "Suspendue",
    "COMPLETEE": "Complétée",
    "SERVICE_FAIT": "Service fait",
    "MANDATEE": "Mandatée",
    "MISE_A_DISPOSITION_COMPTABLE": "Mise à disposition du comptable",
    "COMPTABILISEE": "Comptabilisée",
    "MISE_EN_PAIEMENT": "Mise en paiement",
    "REJETEE": "Rejetée",
}
# What the clock does next to an invoice in a status.
_BY_CLOCK = {
    "DEPOSEE": "EN_COURS_ACHEMINEMENT",
    "A_VALIDER_1": "ABSENCE_VALIDATION_1_HORS_DELAI",
    "A_VALIDER_2": "ABSENCE_VALIDATION_2_HORS_DELAI",
    "ABSENCE_VALIDATION_1_HORS_DELAI": "EN_COURS_ACHEMINEMENT",
    "ABSENCE_VALIDATION_2_HORS_DELAI": "EN_COURS_ACHEMINEMENT",
    "VALIDEE_1": "EN_COURS_ACHEMINEMENT",
    "VALIDEE_2": "EN_COURS_ACHEMINEMENT",
    "EN_COURS_ACHEMINEMENT": "MISE_A_DISPOSITION",
}
# AIFE, etats/traitement: what the recipient may choose.
BUYER_CHOICES = (
    "MISE_A_DISPOSITION",
    "SUSPENDUE",
    "REJETEE",
    "MANDATEE",
    "MISE_EN_PAIEMENT",
    "COMPTABILISEE",
    "MISE_A_DISPOSITION_COMPTABLE",
    "A_RECYCLER",
)
BUYER_MAY_ACT_ON = (
    "MISE_A_DISPOSITION",
    "PRISE_EN_COMPTE_DESTINATAIRE",
    "COMPLETEE",
    "SERVICE_FAIT",
    "MANDATEE",
    "COMPTABILISEE",
    "MISE_A_DISPOSITION_COMPTABLE",
)
NEEDS_REASON = ("SUSPENDUE", "REJETEE")
REFUSED = ("REJETEE", "REFUSEE_1", "REFUSEE_2")

CADRES = {
    "A1": "A1_FACTURE_FOURNISSEUR",
    "A2": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE",
    "A3": "A3_MEMOIRE_JUSTICE",
    "A4": "A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR",
    "A5": "A5_ETAT_ACOMPTE_FOURNISSEUR",
    "A6": "A6_ETAT_ACOMPTE_VALIDE_FOURNISSEUR",
    "A7": "A7_PROJET_DECOMPTE_FINAL_FOURNISSEUR",
    "A8": "A8_DECOMPTE_GENERAL_DEFINITIF_FOURNISSEUR",
    "A9": "A9_FACTURE_SOUSTRAITANT",
    "A10": "A10_PROJET_DECOMPTE_MENSUEL_SOUSTRAITANT",
    "A11": "A11_PROJET_DECOMPTE_FINAL_SOUSTRAITANT",
    "A12": "A12_FACTURE_COTRAITANT",
    "A13": "A13_PROJET_DECOMPTE_MENSUEL_COTRAITANT",
    "A14": "A14_PROJET_DECOMPTE_FINAL_COTRAITANT",
    "A15": "A15_ETAT_ACOMPTE_MOE",
    "A16": "A16_ETAT_ACOMPTE_VALIDE_MOE",
    "A17": "A17_PROJET_DECOMPTE_GENERAL_MOE",
    "A18": "A18_DECOMPTE_GENERAL_MOE",
    "A19": "A19_ETAT_ACOMPTE_VALIDE_MOA",
    "A20": "A20_DECOMPTE_GENERAL_MOA",
    "A21": "A21_DEMANDE_REMBOURSEMENT_TIC",
    "A22": "A22_PROJET_DECOMPTE_GENERAL_FOURNISSEUR_PROCEDURE_TACITE",
    "A23": "A23_DECOMPTE_GENERAL_DEFINITIF_TACITE_FOURNISSEUR",
    "A24": "A24_DECOMPTE_GENERAL_DEFINITIF_TACITE_MOE",
    "A25": "A25_DECOMPTE_GENERAL_DEFINITIF_MOE_PROCEDURE_TACITE",
}
FIRST_ID = 12000001


def get(chorus, invoice_id):
    return chorus.store.one("SELECT * FROM invoice WHERE id = ?", invoice_id)


def exists(chorus, seller, number, issue_date):
    """Tells whether an issuer has an invoice of this number already in the same year."""
    found = chorus.store.one(
        "SELECT 1 FROM invoice WHERE seller = ? AND number = ? AND substr(issue_date, 1, 4) = ?",
        seller,
        number,
        (issue_date or "")[:4],
    )
    return found is not None


def integrate(chorus, deposit, facts):
    """Creates the invoice of an accepted file; returns its id."""
    seller = chorus.directory.get(rule_checks.seller_identifier(facts))
    buyer = chorus.directory.get(rule_checks.buyer_identifier(facts))
    ibans = {mean["iban"] for mean in facts["payment_means"]}
    bank = next((item for item in seller["banks"] if item["iban"] in ibans), None) if seller else None
    totals = facts["totals"]
    invoice_id = create(
        chorus,
        {
            "flow_number": deposit["flow_number"],
            "number": facts["number"],
            "kind": {"381": "AVOIR", "386": "ACOMPTE"}.get(facts["type_code"], "FACTURE"),
            "issue_date": facts["issue_date"],
            "deposited_at": deposit["received_at"],
            "cadre": CADRES[facts["process"] or "A1"],
            "net": _amount(totals["net"]),
            "gross": _amount(totals["gross"]),
            "payable": _amount(totals["payable"]),
            "currency": facts["currency"] or "EUR",
            "contract": facts["contract"],
            "purchase_order": facts["engagement"],
            "original": facts["preceding"],
            "bank_id": bank and bank["id"],
            "mode": "EDI_MIXTE" if deposit["syntax"].startswith("IN_DP_E2") else "EDI_XML_STRUCT",
            "creator": deposit["account"],
            "facts": json.dumps(facts),
        },
        seller or {"identifier": rule_checks.seller_identifier(facts), "id": None},
        buyer or {"identifier": rule_checks.buyer_identifier(facts), "id": None, "services": []},
        facts["service"],
        at=deposit["verdict_at"],
    )
    for name, size in facts["attachments"]:
        chorus.store.insert(
            "attachment",
            {
                "account": deposit["account"],
                "name": name,
                "extension": name.rpartition(".")[2].upper(),
                "designation": name,
                "kind": "02",
                "invoice_id": invoice_id,
                "at": deposit["verdict_at"],
                "bytes": b"\0" * min(size, 1),
            },
        )
    return invoice_id


def create(chorus, values, seller, buyer, service_code, *, at, status=None):
    """Inserts an invoice and its first event; returns its id. ``status`` None: where a new one starts."""
    service = service_of(buyer, service_code) if service_code else None
    if status is None:
        waits = chorus.settings["validator_required"] and values["cadre"].startswith(("A9_", "A12_"))
        status = "A_VALIDER_1" if waits else "DEPOSEE"
    next_status, next_at = _scheduled(chorus, status, at)
    row = {
        "id": chorus.store.next_number("invoice_id", FIRST_ID),
        **values,
        "seller": seller["identifier"],
        "seller_id": seller["id"],
        "buyer": buyer["identifier"],
        "buyer_id": buyer["id"],
        "service_code": service_code,
        "service_id": service and service["id"],
        "status": status,
        "status_at": at,
        "next_status": next_status,
        "next_at": next_at,
    }
    chorus.store.insert("invoice", row)
    chorus.store.insert("event", {"invoice_id": row["id"], "code": status, "at": at, "who": "CHORUS"})
    return row["id"]


def move(chorus, invoice_id, status, comment=None, *, who="CHORUS", at=None):
    """Puts an invoice in a status, whatever it was in."""
    at = chorus.clock.now() if at is None else at
    next_status, next_at = _scheduled(chorus, status, at)
    with chorus.store.transaction() as store:
        store.insert(
            "event", {"invoice_id": invoice_id, "code": status, "at": at, "comment": comment, "who": who}
        )
        store.update(
            "invoice",
            {"id": invoice_id},
            {
                "status": status,
                "status_at": at,
                "comment": comment,
                "next_status": next_status,
                "next_at": next_at,
            },
        )


def act(chorus, invoice_id, code, who):
    """Notes a person's action (TRAITEMENT_REJET…) in the history."""
    chorus.store.insert(
        "action", {"invoice_id": invoice_id, "code": code, "at": chorus.clock.now(), "who": who}
    )


def advance(chorus):
    """Moves every invoice whose next status is due, as often as it is."""
    now = chorus.clock.now()
    while due := chorus.store.all("SELECT id, next_status, next_at FROM invoice WHERE next_at <= ?", now):
        for row in due:
            move(chorus, row["id"], row["next_status"], at=row["next_at"])


def _scheduled(chorus, status, at):
    following = _BY_CLOCK.get(status)
    delay = chorus.settings["invoice_delays"].get(following) if following else None
    return (None, None) if delay is None else (following, at + delay)


def _amount(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0
