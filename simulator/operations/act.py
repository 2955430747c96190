"""What supplier, recipient and validator do to an invoice."""

from .. import invoices
from ..clock import timestamp
from ..directory import service_of
from .call import Refusal, bad_request
from .consult import visible_invoice

# Published for completer (annex of 2017); used for the sister operations too, whose codes are not known.
_NOT_ALLOWED = (20001, "GDP_MSG_11.005")
_WRONG_STATUS = (20002, "GDP_MSG_11.033")


def _owned(call, name):
    """The invoice, which must belong to a structure of the calling account."""
    row = visible_invoice(call, name)
    if row["seller"] not in call.chorus.attached_structures(call.account) and row["creator"] != call.account:
        raise Refusal(*_NOT_ALLOWED)
    return row


def recycle(call):
    """Supplier: other recipient, service or references under the same number."""
    row = _owned(call, "identifiantFactureCPP")
    if row["status"] != "A_RECYCLER":
        raise Refusal(*_WRONG_STATUS)
    recipient, reference = call.body.get("destinataire") or {}, call.body.get("reference") or {}
    identifier = recipient.get("codeDestinataire") or row["buyer"]
    buyer = call.chorus.directory.get(identifier)
    if buyer is None or not buyer["active"] or not buyer["public"]:
        raise Refusal(20003, "SIMULATEUR - destinataire inconnu ou inactif")
    same = identifier == row["buyer"]
    code = recipient.get("codeServiceExecutant") or (row["service_code"] if same else None)
    service = service_of(buyer, code) if code else None
    order = reference.get("numeroBonCommande") or row["purchase_order"]
    if code and (service is None or not service["active"]):
        raise Refusal(20004, "SIMULATEUR - service inconnu ou inactif")
    if (buyer["needs_service"] and not code) or (buyer["needs_engagement"] and not order):
        raise Refusal(20005, "SIMULATEUR - code service ou numero d'engagement obligatoire")
    call.chorus.store.update(
        "invoice",
        {"id": row["id"]},
        {
            "buyer": identifier,
            "buyer_id": buyer["id"],
            "service_code": code,
            "service_id": service and service["id"],
            "purchase_order": order,
            "contract": reference.get("numeroMarche") or row["contract"],
            "original": reference.get("numeroFactureOrigine") or row["original"],
        },
    )
    invoices.move(call.chorus, row["id"], "DEPOSEE", call.body.get("commentaire"), who=call.account)
    return {
        "identifiantFactureCPP": row["id"],
        "numeroFacture": row["number"],
        "statutFacture": "DEPOSEE",
        "dateDepot": timestamp(row["deposited_at"]),
    }


def complete(call):
    """Supplier: the documents a buyer asked for when suspending."""
    row = _owned(call, "identifiantFactureCPP")
    if row["status"] != "SUSPENDUE":
        raise Refusal(*_WRONG_STATUS)
    pieces = call.body.get("pieceJointeComplementaire") or []
    known = [call.integer("pieceJointeComplementaireId", piece) for piece in pieces]
    for piece_id in known:
        found = call.chorus.store.one("SELECT account FROM attachment WHERE id = ?", piece_id)
        if found is None or found["account"] != call.account:
            raise Refusal(20004, "SIMULATEUR - piece jointe inconnue")
    for piece, piece_id in zip(pieces, known, strict=True):
        call.chorus.store.update(
            "attachment",
            {"id": piece_id},
            {
                "invoice_id": row["id"],
                "kind": piece.get("pieceJointeComplementaireType"),
                "designation": piece.get("pieceJointeComplementaireDesignation"),
            },
        )
    invoices.act(call.chorus, row["id"], "ACQUITTEMENT_SUSPENSION", call.account)
    invoices.move(call.chorus, row["id"], "COMPLETEE", call.body.get("commentaire"), who=call.account)
    size = max(len(pieces), 1)
    return {
        "pageCourante": 1,
        "pages": 1,
        "nbResultatsParPage": size,
        "total": len(pieces),
        "identifiantFactureCPP": row["id"],
        "numeroFacture": row["number"],
        "dateTraitement": timestamp(call.chorus.clock.now()),
    }


def acknowledge_rejections(call):
    """Supplier: the rejections were seen; all or none."""
    wanted = [call.integer("idDemandePaiement", item) for item in call.body.get("listeDemandePaiement") or []]
    if not wanted or None in wanted:
        raise bad_request("listeDemandePaiement")
    for invoice_id in wanted:
        row = invoices.get(call.chorus, invoice_id)
        if row is None:
            raise Refusal(20000, "GDP_MSG_11.008")
        if row["status"] not in invoices.REFUSED:
            raise Refusal(*_WRONG_STATUS)
    for invoice_id in wanted:
        call.chorus.store.update("invoice", {"id": invoice_id}, {"rejection_handled": 1})
        invoices.act(call.chorus, invoice_id, "TRAITEMENT_REJET", call.account)
    return {}


def treat_received(call):
    """Recipient: the next status."""
    row = visible_invoice(call, "idFacture")
    status, reason = call.required_text("nouveauStatut"), call.body.get("motif")
    if status not in invoices.BUYER_CHOICES or row["status"] not in invoices.BUYER_MAY_ACT_ON:
        raise Refusal(*_WRONG_STATUS)
    if status in invoices.NEEDS_REASON and not reason:
        raise bad_request("motif")
    invoices.move(call.chorus, row["id"], status, reason, who=call.account)
    return {
        "idFacture": row["id"],
        "numeroFacture": row["number"],
        "dateTraitement": timestamp(call.chorus.clock.now()),
        "nouveauStatut": status,
    }


def validate(call):
    """Main contractor: accepts or refuses a subcontractor's invoice."""
    row = visible_invoice(call, "idFacture")
    action = call.required_text("action").upper()
    if row["status"] not in ("A_VALIDER_1", "A_VALIDER_2"):
        raise Refusal(*_WRONG_STATUS)
    rank = row["status"][-1]
    refused = action.startswith("REFUS")
    if refused and not call.body.get("motifRefus"):
        raise bad_request("motifRefus")
    status = f"REFUSEE_{rank}" if refused else f"VALIDEE_{rank}"
    comment = call.body.get("motifRefus") or call.body.get("complementInfo")
    invoices.move(call.chorus, row["id"], status, comment, who=call.account)
    return {
        "idFacture": row["id"],
        "numeroFacture": row["number"],
        "dateTraitement": timestamp(call.chorus.clock.now()),
        "statutFacture": status,
    }


def correct_validator(call):
    """Supplier: another validator for an invoice that waits for one or was refused by it."""
    row = visible_invoice(call, "idFacture")
    if row["status"] not in ("A_VALIDER_1", "REFUSEE_1", "ERREUR_FOURNISSEUR_SUR_VALIDEUR"):
        raise Refusal(*_WRONG_STATUS)
    directory = call.chorus.directory
    validator = directory.by_id(call.integer("idStructure")) or directory.get(
        call.body.get("identifiantStructure")
    )
    if validator is None:
        raise Refusal(20003, "SIMULATEUR - valideur inconnu")
    call.chorus.store.update("invoice", {"id": row["id"]}, {"validator_id": validator["id"]})
    invoices.move(call.chorus, row["id"], "A_VALIDER_1", who=call.account)
    return {"idFacture": row["id"]}


_VISIBLE_TO_VALIDATOR = (
    "A_VALIDER_1",
    "VALIDEE_1",
    "REFUSEE_1",
    "ABSENCE_VALIDATION_1_HORS_DELAI",
    "A_VALIDER_2",
    "VALIDEE_2",
    "REFUSEE_2",
    "ABSENCE_VALIDATION_2_HORS_DELAI",
)


def statuses_visible_to_validator(_call):
    return {"listeStatutFacture": [{"codeStatutFacture": code} for code in _VISIBLE_TO_VALIDATOR]}


WRITES = {
    "factures/v1/recycler": recycle,
    "factures/v1/completer": complete,
    "factures/v1/traiterRejet": acknowledge_rejections,
    "factures/v1/traiter/recue": treat_received,
    "factures/v1/traiter/factureAValider": validate,
    "factures/v1/corriger/valideur/facture": correct_validator,
    "factures/v1/recuperer/statutsFactureVisibles/valideur": statuses_visible_to_validator,
}
