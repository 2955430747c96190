"""One invoice told in full: consulter/*, its history, its files."""

import base64
import io
import json
import zipfile

from .. import invoices
from ..clock import timestamp
from ..tiny_pdf import tiny_pdf
from .call import Refusal, bad_request, page, without_none
from .views import View, day, deposit_day


def visible_invoice(call, name):
    """The invoice row a request names, or the refusal of an unknown one."""
    row = invoices.get(call.chorus, call.required_integer(name))
    if row is None:
        raise Refusal(20000, "GDP_MSG_11.008")
    return row


def as_supplier(call):
    row = visible_invoice(call, "identifiantFactureCPP")
    return {"facture": _issued(call, row, ("getpLigneRecapTva", "getpListePiecesJointes", "getpLignesPoste"))}


def as_validator(call):
    row = visible_invoice(call, "identifiantFactureCPP")
    return {"facture": _issued(call, row, ("rechercheLigneTvaRecap", "recherchePj", "rechercheLignePoste"))}


def as_recipient(call):
    row = visible_invoice(call, "identifiantFactureCPP")
    view = View(call.chorus, row)
    recipient = {**_recipient(view), "destinataireEtat": "OUI" if view.buyer["state"] else "NON"}
    supplier = without_none({**_supplier(view), "designationFournisseur": view.seller["name"]})
    return {
        "facture": {
            **_body(call, view, ("rechercheligneTvaRecap", "recherchePj", "rechercheLignePoste")),
            "destinataire": recipient,
            "fournisseur": supplier,
        }
    }


def _issued(call, row, asked):
    """FactureCppEmise."""
    view = View(call.chorus, row)
    return {
        **_body(call, view, asked),
        "rejetTraite": bool(row["rejection_handled"]),
        "destinataire": {
            **_recipient(view),
            "designationDestinataire": view.buyer["name"],
            "miseEnPaiementDestinataire": view.buyer["reports_payment"],
        },
        "fournisseur": without_none(
            {
                **_supplier(view),
                "raisonSocialeFournisseur": view.seller["name"],
                "designationFournisseur": view.seller["name"],
            }
        ),
    }


def _body(call, view, asked):
    row, facts = view.row, view.facts
    vat_asked, pieces_asked, lines_asked = (call.body.get(name) for name in asked)
    return without_none(
        {
            "identifiantFactureCPP": row["id"],
            "numeroFacture": row["number"],
            "statutFacture": row["status"],
            "modeDepot": row["mode"],
            "cadreDeFacturation": {"codeCadreFacturation": row["cadre"]},
            "references": _references(call.chorus, row, facts),
            "recapitulatifDeTva": _vat(call, facts, vat_asked),
            "montantTotal": {
                "montantHtTotal": row["net"],
                "montantTVA": round(row["gross"] - row["net"], 2),
                "montantTtcAvantRemiseGlobalTTC": row["gross"],
                "montantTtcTotal": row["gross"],
                "montantAPayer": row["payable"],
            },
            "listeDesPiecesJointes": _pieces(call, row, pieces_asked),
            "lignesDePoste": _lines(call, facts, lines_asked),
            "commentaire": row["comment"],
        }
    )


def _references(chorus, row, facts):
    return without_none(
        {
            "dateFacture": day(chorus, row["issue_date"]),
            "dateDepot": deposit_day(chorus, row),
            "codeDeviseFacture": row["currency"],
            "typeFacture": row["kind"],
            "typeTva": "TVA_SUR_DEBIT",
            "numeroMarche": row["contract"],
            "numeroBonCommande": row["purchase_order"],
            "numeroFactureOrigine": row["original"],
            "modePaiement": "VIREMENT",
            "dateCreationFacture": timestamp(row["deposited_at"]),
            "dateEcheancePaiement": day(chorus, facts.get("due_date")),
        }
    )


def _recipient(view):
    service, address = view.service, view.buyer["address"]
    return without_none(
        {
            "idDestinataire": view.buyer["id"],
            "codeDestinataire": view.row["buyer"],
            "libelleDestinataire": view.buyer["name"],
            "idServiceExecutant": view.row["service_id"],
            "codeServiceExecutant": view.row["service_code"],
            "libelleServiceExecutant": service and service["name"],
            "adresseDestinataireDetail": address.get("line"),
            "adresseDestinataireCodePostal": address.get("postcode"),
            "adresseDestinataireVille": address.get("city"),
            "adresseDestinataireCodePays": "FR",
            "adresseDestinataireLibellePays": "FRANCE",
        }
    )


def _supplier(view):
    bank, address = view.bank, view.seller["address"]
    return {
        "idFournisseur": view.seller["id"],
        "typeIdentifiantFournisseur": view.seller["type"],
        "codeFournisseur": view.row["seller"],
        "adresseFournisseurDetail": address.get("line"),
        "adresseFournisseurCodePostal": address.get("postcode"),
        "adresseFournisseurVille": address.get("city"),
        "adresseFournisseurCodePays": "FR",
        "adresseFournisseurLibellePays": "FRANCE",
        "coordBancairesFournisseurId": bank and bank["id"],
        "coordBancairesFournisseurLibelle": bank and bank["name"],
        "coordBancairesFournisseurType": bank and "IBAN",
        "coordBancairesFournisseurCompteBancaire": bank and bank["iban"],
        "coordBancairesBicSwift": bank and (bank["bic"] or None),
    }


def _paged(call, asked, total, size_name, page_name, suffix):
    """(page, its four fields), for the lists inside an invoice, which each name their paging anew."""
    wanted = page(call, asked, total, (page_name, size_name))
    return wanted, {
        f"pageCourante{suffix}": wanted.number,
        f"pages{suffix}": wanted.pages,
        f"nbResultatsParPage{suffix}": wanted.size,
        f"total{suffix}": wanted.total,
    }


def _vat(call, facts, asked):
    vat = facts.get("vat", [])
    wanted, paging = _paged(
        call,
        asked,
        len(vat),
        "nbResultatsParPageListeListeRecapitulatifTVA",
        "pageResultatDemandeeListeRecapitulatifTVA",
        "LignesRecapitulativesTVA",
    )
    return {
        "ligneTva": [
            without_none(
                {
                    "ligneTvaTauxManuel": _number(line["rate"]),
                    "ligneTvaMontantBaseHtParTaux": _number(line["base"]),
                    "ligneTvaMontantTvaParTaux": _number(line["amount"]),
                }
            )
            for line in wanted.cut(vat)
        ],
        **paging,
    }


def _pieces(call, row, asked):
    pieces = call.chorus.store.all("SELECT * FROM attachment WHERE invoice_id = ? ORDER BY id", row["id"])
    wanted, paging = _paged(
        call,
        asked,
        len(pieces),
        "nbResultatsParPageListePieceJointe",
        "pageResultatDemandeeListePieceJointe",
        "ListePiecesJointe",
    )
    return {
        "pieceJointe": [
            without_none(
                {
                    "pieceJointeTypeCode": piece["kind"],
                    "pieceJointeDesignation": piece["designation"],
                    "pieceJointeId": piece["id"],
                    "pieceJointeIdLiaison": piece["id"],
                    "pieceJointeExtension": piece["extension"],
                }
            )
            for piece in wanted.cut(pieces)
        ],
        **paging,
    }


def _lines(call, facts, asked):
    lines = list(enumerate(facts.get("lines", []), 1))
    wanted, paging = _paged(
        call,
        asked,
        len(lines),
        "nbResultatsParPageLignesPoste",
        "pageResultatDemandeeLignesPoste",
        "LignesPoste",
    )
    return {
        "lignePoste": [
            without_none(
                {
                    "lignePosteNumero": position,
                    "lignePosteReference": line["reference"],
                    "lignePosteDenomination": line["name"],
                    "lignePosteQuantite": _number(line["quantity"]),
                    "lignePosteUniteLibelle": line["unit"],
                    "lignePosteMontantUnitaireHT": _number(line["net_price"]),
                    "lignePosteTauxTvaManuel": _number(line["rate"]),
                    "lignePosteMontantHtApresRemise": _number(line["amount"]),
                }
            )
            for position, line in wanted.cut(lines)
        ],
        **paging,
    }


def _number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def history(call):
    row = visible_invoice(call, "idFacture")
    store = call.chorus.store
    ceiling = call.integer("nbResultatsMaximum")
    events = store.all("SELECT * FROM event WHERE invoice_id = ? ORDER BY id", row["id"])
    actions = store.all("SELECT * FROM action WHERE invoice_id = ? ORDER BY id", row["id"])
    last = actions[-1] if actions else None
    asked_statuses = call.body.get("paramRechercheHistoStatuts") or {}
    if asked_statuses.get("triSensListeHistoStatut") == "Descendant":
        events = events[::-1]
    events, actions = events[:ceiling], actions[:ceiling]
    statuses, status_paging = _paged(
        call,
        asked_statuses,
        len(events),
        "nbResultatsParPageListeHistoStatut",
        "pageResultatDemandeeListeHistoStatut",
        "HistoStatut",
    )
    _, event_paging = _paged(
        call,
        call.body.get("paramRechercheHistoEvenementsComplementaires"),
        0,
        "nbResultatsParPageListeHistoEvenement",
        "pageResultatDemandeeListeHistoEvenement",
        "Evenement",
    )
    done, action_paging = _paged(
        call,
        call.body.get("paramRechercheHistoActionsUtilisateurs"),
        len(actions),
        "nbResultatsParPageListeHistoAction",
        "pageResultatDemandeeListeHistoAction",
        "HistoAction",
    )
    return without_none(
        {
            "idFacture": row["id"],
            "numeroFacture": row["number"],
            "modeDepot": row["mode"],
            "statutCourantCode": row["status"],
            "historiquesDesStatuts": {
                "histoStatut": [
                    without_none(
                        {
                            "histoStatutId": event["id"],
                            "histoStatutCode": event["code"],
                            "histoStatutDatePassage": timestamp(event["at"]),
                            "histoStatutCommentaire": event["comment"],
                            "histoStatutUtilisateurPrenom": "",
                            "histoStatutUtilisateurNom": event["who"],
                            "histoStatutUtilisateurEmail": "",
                            "histoStatutUtilisateurTelephone": "",
                        }
                    )
                    for event in statuses.cut(events)
                ],
                **status_paging,
            },
            "historiquesDesEvenementsComplementaires": {"evenement": [], **event_paging},
            "historiquesDesActionsUtilisateurs": {
                "histoAction": [
                    {
                        "histoActionId": action["id"],
                        "histoActionCode": action["code"],
                        "histoActionDateHeure": timestamp(action["at"]),
                        "histoActionUtilisateurPrenom": "",
                        "histoActionUtilisateurNom": action["who"],
                        "histoActionUtilisateurEmail": "",
                        "histoActionUtilisateurTelephone": "",
                    }
                    for action in done.cut(actions)
                ],
                **action_paging,
            },
            "derniereAction": last and {"derniereActionId": last["id"], "derniereActionCode": last["code"]},
        }
    )


# telecharger/groupe


def download(call):
    wanted = [int(item["idFacture"]) for item in call.body.get("listeFacture") or [] if item.get("idFacture")]
    form = call.body.get("format")
    if not wanted or form not in ("PDF", "PIVOT", "ZIP"):
        raise bad_request("listeFacture" if form else "format")
    files = []
    for invoice_id in wanted:
        row = invoices.get(call.chorus, invoice_id)
        if row is None:
            raise Refusal(20000, "GDP_MSG_11.008")
        files += _files_of(call, row, form)
        call.chorus.store.update("invoice", {"id": invoice_id}, {"downloaded": 1})
    content = files[0][1] if len(files) == 1 and form != "ZIP" else _zip(files)
    return {"fichierResultat": base64.b64encode(content).decode()}


def _files_of(call, row, form):
    """[(name, bytes)] of one invoice: what was deposited where that is a PDF, a plain rendering else."""
    name = f"{row['id']}_{row['number'].replace('/', '_')}"
    found = []
    if form != "PDF":
        found.append((f"{name}.xml", _pivot(call.chorus, row)))
    if form != "PIVOT":
        file = call.chorus.store.one("SELECT * FROM file WHERE invoice_id = ?", row["id"])
        deposited = file and file["name"].lower().endswith(".pdf") and _deposited(call.chorus, file)
        found.append((f"{name}.pdf", deposited or tiny_pdf(_summary(row))))
    if call.body.get("avecPiecesJointesComplementaires") == "OUI":
        found += [
            (piece["name"], piece["bytes"])
            for piece in call.chorus.store.all(
                "SELECT * FROM attachment WHERE invoice_id = ? ORDER BY id", row["id"]
            )
        ]
    return found


def _deposited(chorus, file):
    from ..reading import open_deposit  # late: brings the archive modules

    row = chorus.store.one(
        "SELECT d.*, c.bytes FROM deposit d JOIN content c USING (flow_number) WHERE d.flow_number = ?",
        file["flow_number"],
    )
    opened = open_deposit(row["bytes"], row["filename"], row["syntax"])
    return next(item.content for item in opened if item.name == file["name"])


def _summary(row):
    return [
        f"Facture {row['number']}",
        f"Fournisseur {row['seller']}",
        f"Destinataire {row['buyer']}",
        f"Date {row['issue_date']}",
        f"Montant TTC {row['gross']:.2f} {row['currency']}",
        f"Statut {row['status']}",
        "(rendu du simulateur)",
    ]


def _pivot(chorus, row):
    """Not the real pivot format, which is not public: a small XML with the same story."""
    from lxml import etree

    root = etree.Element("SimulateurPivot")
    for name in (
        "id",
        "number",
        "seller",
        "buyer",
        "issue_date",
        "kind",
        "net",
        "gross",
        "payable",
        "status",
    ):
        etree.SubElement(root, name).text = str(row[name])
    etree.SubElement(root, "facts").text = json.dumps(json.loads(row["facts"]), ensure_ascii=False)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _zip(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


LOOK_UPS = {
    "factures/v1/consulter/fournisseur": as_supplier,
    "factures/v1/consulter/valideur": as_validator,
    "factures/v1/consulter/recipiendaire": as_recipient,
    "factures/v1/consulter/historique": history,
    "factures/v1/telecharger/groupe": download,
}
