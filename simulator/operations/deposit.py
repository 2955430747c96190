"""deposer/flux, deposer/pdf, soumettre."""

import base64
import binascii
import json
import random
from contextlib import suppress

from .. import flows, invoices
from ..clock import plain_date, timestamp
from ..reading import ARCHIVES, MAX_ARCHIVE, MAX_FILE, SYNTAXES
from ..server import ClientGone
from .call import Refusal, bad_request


def deposit_flow(call):
    """Says only that the file was taken: its content is looked at later."""
    content = decoded(call, "fichierFlux")
    filename = call.required_text("nomFichier")
    syntax = call.required_text("syntaxeFlux")
    if syntax not in SYNTAXES:
        raise bad_request("syntaxeFlux")
    limit = MAX_ARCHIVE if filename.lower().endswith(ARCHIVES) else MAX_FILE
    if len(content) > limit:
        raise Refusal(20001, "GDP_MSG_11.022")
    let_go, hold = call.chorus.settings.let_go, _hold(call.chorus)
    # The whole file has arrived: it is taken even when its sender dies before.
    with suppress(ClientGone):
        call.request.wait(hold / 2, until=let_go)
    taken = flows.take(
        call.chorus,
        call.client,
        call.account,
        content,
        filename,
        syntax,
        bool(call.body.get("avecSignature")),
    )
    call.request.flight["flow_number"] = taken["flow_number"]
    call.request.wait(hold / 2, until=let_go)
    # dateDepot is declared date-time but really is a plain date (seen live).
    return {
        "numeroFluxDepot": taken["flow_number"],
        "dateDepot": plain_date(taken["received_at"]),
        "syntaxeFlux": syntax,
    }


def _hold(chorus):
    hold = chorus.settings["deposit_hold"]
    if not hold["max"]:
        return 0.0
    sequence = chorus.store.next_number("hold")
    return random.Random(f"{hold['seed']}:{sequence}").uniform(hold["min"], hold["max"])


def decoded(call, name):
    """The bytes of a base64 field, which must not be empty."""
    try:
        content = base64.b64decode(call.required_text(name), validate=True)
    except (binascii.Error, ValueError):
        raise bad_request(name) from None
    if not content:
        raise bad_request(name)
    return content


def deposit_pdf(call):
    """Keeps the PDF and answers what a reading by OCR might have found: nothing useful is simulated."""
    content = decoded(call, "fichierFacture")
    name = call.required_text("nomFichier")
    now = call.chorus.clock.now()
    piece = call.chorus.store.insert(
        "attachment",
        {
            "account": call.account,
            "name": name,
            "mime": "application/pdf",
            "extension": "PDF",
            "designation": name,
            "kind": "01",
            "at": now,
            "bytes": content,
        },
    )
    return {
        "numeroFacture": "",
        "dateFacture": timestamp(now),
        "codeDestinataire": "",
        "codeServiceExecutant": "",
        "codeFournisseur": "",
        "codeDeviseFacture": "EUR",
        "typeFacture": "FACTURE",
        "typeTva": "TVA_SUR_DEBIT",
        "numeroBonCommande": "",
        "montantTtcAvantRemiseGlobalTTC": 0,
        "montantAPayer": 0,
        "montantHtTotal": 0,
        "montantTVA": 0,
        "pieceJointeId": piece,
    }


def submit(call):
    """Creates the invoice at once, from the form's fields."""
    chorus, body = call.chorus, call.body
    recipient = body.get("destinataire") or {}
    supplier = body.get("fournisseur") or {}
    cadre = (body.get("cadreDeFacturation") or {}).get("codeCadreFacturation")
    references, totals = body.get("references") or {}, body.get("montantTotal") or {}
    buyer = chorus.directory.get(recipient.get("codeDestinataire"))
    seller = chorus.directory.by_id(call.integer("idFournisseur", supplier))
    now = chorus.clock.now()
    number = body.get("numeroFactureSaisi") or f"API-{chorus.store.next_number('typed_number')}"
    issue_date = (body.get("dateFacture") or plain_date(now))[:10]
    _check_submission(call, buyer, seller, cadre, number, issue_date)
    with chorus.store.transaction():
        invoice_id = invoices.create(
            chorus,
            {
                "flow_number": None,
                "number": number,
                "kind": references.get("typeFacture") or "FACTURE",
                "issue_date": issue_date,
                "deposited_at": now,
                "cadre": cadre,
                "net": float(totals.get("montantHtTotal") or 0),
                "gross": float(totals.get("montantTtcTotal") or 0),
                "payable": float(totals.get("montantAPayer") or 0),
                "currency": references.get("deviseFacture") or "EUR",
                "contract": references.get("numeroMarche"),
                "purchase_order": references.get("numeroBonCommande"),
                "original": references.get("numeroFactureOrigine"),
                "bank_id": call.integer("codeCoordonneesBancairesFournisseur", supplier),
                "mode": body.get("modeDepot") or "SAISIE_API",
                "creator": call.account,
                "facts": json.dumps({"typed": True}),
            },
            seller,
            buyer,
            recipient.get("codeServiceExecutant"),
            at=now,
        )
    return {
        "identifiantFactureCPP": invoice_id,
        "numeroFacture": number,
        "statutFacture": invoices.get(chorus, invoice_id)["status"],
        "dateDepot": timestamp(now),
        "identifiantStructure": seller["identifier"],
        "empreinteCertificatDepot": "",
    }


def _check_submission(call, buyer, seller, cadre, number, issue_date):
    """The range 203xx is published, its numbers and texts are not: these are the simulator's own."""
    problems = (
        (buyer is None or not buyer["active"], 20301, "destinataire"),
        (seller is None, 20302, "fournisseur"),
        (not cadre, 20303, "cadre de facturation"),
        (len(number) > 20, 20304, "numero de facture"),
        (
            seller
            and call.chorus.settings["duplicate_check"]
            and invoices.exists(call.chorus, seller["identifier"], number, issue_date),
            20305,
            "numero deja utilise",
        ),
        (
            buyer
            and buyer["needs_service"]
            and not (call.body.get("destinataire") or {}).get("codeServiceExecutant"),
            20306,
            "code service",
        ),
        (
            buyer
            and buyer["needs_engagement"]
            and not (call.body.get("references") or {}).get("numeroBonCommande"),
            20307,
            "numero d'engagement",
        ),
    )
    for wrong, code, what in problems:
        if wrong:
            raise Refusal(code, f"SIMULATEUR - {what} refuse")


WRITES = {
    "factures/v1/deposer/flux": deposit_flow,
    "factures/v1/deposer/pdf": deposit_pdf,
    "factures/v1/soumettre": submit,
}
