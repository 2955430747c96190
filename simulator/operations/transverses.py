"""transverses/v1: flow reports, files, bank accounts, lists of codes."""

import base64

from .. import flows, invoices, rule_checks
from ..clock import plain_date, timestamp
from ..reading import SYNTAXES
from ..tiny_pdf import tiny_pdf
from .call import Refusal, bad_request, nothing_found, page
from .deposit import decoded
from .recipients import recipients_file


def _flow(call):
    """The deposit a request names, if the caller may see it."""
    wanted = call.required_text("numeroFluxDepot")
    row = call.chorus.store.one("SELECT * FROM deposit WHERE flow_number = ?", wanted)
    shared = row is not None and (row["account"] == call.account or _share_structure(call, row["account"]))
    report = flows.report(call.chorus, row) if shared else None
    if report is None:
        raise Refusal(20001, "POQ_MSG_01.003 - Flux introuvable.")
    call.untold = flows.note_report(call.chorus, row)
    return row, report


def _share_structure(call, other):
    chorus = call.chorus
    if other not in chorus.gateway.accounts:
        return False
    return bool(set(chorus.attached_structures(call.account)) & set(chorus.attached_structures(other)))


def detailed_report(call):
    return _flow(call)[1]


def report(call):
    row, detailed = _flow(call)
    lines = [f"Compte rendu du flux {row['flow_number']}", f"Etat : {detailed['etatCourantDepotFlux']}"]
    lines += [f"{item['numeroDP']} : {item['libelleErreurDP']}" for item in detailed["listeErreurDP"]]
    lines += [item["libelleErreur"] for item in detailed["listeErreurTechnique"]]
    return {
        "numeroFluxDepot": row["flow_number"],
        "etatCourantFlux": detailed["etatCourantDepotFlux"],
        "dateDepotFlux": detailed["dateDepotFlux"],
        "dateHeureEtatCourantFlux": detailed["dateHeureEtatCourantFlux"],
        "codeInterfaceFlux": detailed["codeInterfaceDepotFlux"],
        "codeAppliPartenaire": "CPP001",
        "designationPartenaire": "SIMULATEUR",
        "nomFichierFlux": detailed["nomFichier"],
        "fichierCR": base64.b64encode(tiny_pdf(lines)).decode(),
    }


# Files


def add_file(call):
    content, name = decoded(call, "pieceJointeFichier"), call.required_text("pieceJointeNom")
    if len(content) > rule_checks.MAX_ATTACHMENT:
        raise Refusal(20003, "SIMULATEUR - piece jointe de plus de 10 Mo")
    if problem := rule_checks.attachment_problem(name, len(content)):
        raise bad_request(f"pieceJointeNom ({problem})")
    piece = call.chorus.store.insert(
        "attachment",
        {
            "account": call.account,
            "name": name,
            "mime": call.body.get("pieceJointeTypeMime"),
            "extension": call.body.get("pieceJointeExtension"),
            "designation": name,
            "at": call.chorus.clock.now(),
            "bytes": content,
        },
    )
    return {"pieceJointeId": piece}


def download_file(call):
    wanted = call.integer("pieceJointeId") or call.integer("idPieceJointe")
    piece = call.chorus.store.one("SELECT * FROM attachment WHERE id = ?", wanted)
    if piece is None:
        raise Refusal(20001, "SIMULATEUR - piece jointe inconnue")
    return {
        "pieceJointeId": piece["id"],
        "pieceJointeNom": piece["name"],
        "pieceJointeFichier": base64.b64encode(piece["bytes"]).decode(),
    }


def list_files(call):
    pieces = call.chorus.store.all("SELECT * FROM attachment WHERE account = ? ORDER BY id", call.account)
    wanted = page(call, call.body.get("parametresRecherche"), len(pieces))
    return {
        "listePieceJointe": [
            {
                "pieceJointeId": piece["id"],
                "pieceJointeDesignation": piece["designation"],
                "pieceJointeExtension": piece["extension"] or "",
                "pieceJointeDateAjout": timestamp(piece["at"]),
            }
            for piece in wanted.cut(pieces)
        ],
        "parametresRetour": wanted.as_answer(),
    }


# Structures of the account


def bank_accounts(call):
    structure = call.chorus.directory.by_id(call.required_integer("idStructure"))
    if structure is None:
        raise nothing_found()
    banks = structure["banks"]
    return {
        "listeCoordonneeBancaire": [
            {"idCoordonneeBancaire": bank["id"], "nomCoordonneeBancaire": bank["name"]} for bank in banks
        ]
    }


def supplier_structures(call):
    return _structures(
        call, [call.chorus.directory.get(name) for name in call.chorus.attached_structures(call.account)]
    )


def recipient_structures(call):
    return _structures(call, [item for item in call.chorus.directory.all() if item["public"]])


def _structures(_call, found):
    return {
        "listeStructures": [
            {
                "idStructureCPP": item["id"],
                "identifiant": item["identifier"],
                "designationStructure": item["name"],
            }
            for item in found
            if item is not None and item["active"]
        ]
    }


def company(call):
    structure = call.chorus.directory.get(call.required_text("siretStructure"))
    if structure is None:
        raise nothing_found()
    return {
        "siret": structure["identifier"],
        "siren": structure["identifier"][:9],
        "raisonSociale": structure["name"],
        "estActif": structure["active"],
    }


def possible_treatments(call):
    current = call.body.get("statutCourant")
    possible = invoices.BUYER_CHOICES if current in invoices.BUYER_MAY_ACT_ON else ()
    return {
        "listeStatutsPossiblesPourTraitement": [{"statutPossiblePourTraitement": code} for code in possible]
    }


# Lists of codes: route → (name of the list, items)
_VAT_RATES = (
    ("TVA4", "20 %", 20.0),
    ("TVA3", "10 %", 10.0),
    ("TVA2", "5,5 %", 5.5),
    ("TVA1", "2,1 %", 2.1),
    ("TVA0", "0 %", 0.0),
)
CODE_LISTS = {
    "tauxtva": (
        "listeTauxTva",
        [
            {"codeTauxTva": code, "libelleTauxTva": label, "valeurTauxTva": rate}
            for code, label, rate in _VAT_RATES
        ],
    ),
    "devises": ("listeDevises", [{"codeDevise": "EUR", "libelleDevise": "Euro"}]),
    "pays": ("listePays", [{"codePays": "FR", "libellePays": "FRANCE"}]),
    "modedepot": (
        "listeModeDepot",
        [{"codeModeDepot": code} for code in ("SAISIE_API", "DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API")],
    ),
    "modereglements": (
        "listeModeReglement",
        [
            {"codeModeReglement": code}
            for code in ("CHEQUE", "PRELEVEMENT", "VIREMENT", "ESPECE", "AUTRE", "REPORT")
        ],
    ),
    "motifs/exonerationtva": (
        "listeMotifsExonerationTva",
        [{"codeMotif": "VATEX-FR-FRANCHISE", "libelleMotif": "Franchise en base"}],
    ),
    "typedp": (
        "listeTypeDemandePaiement",
        [
            {"typeDemandePaiement": code}
            for code in ("FACTURE", "FACTURE_TRAVAUX", "MEMOIRE_JUSTICE", "DEMANDE_REMBOURSEMENT")
        ],
    ),
    "typefacturetravaux": ("listeTypeFactureTravaux", [{"typeFactureTravaux": "PROJET_DECOMPTE_MENSUEL"}]),
    "typespj": (
        "listeTypesPieceJointe",
        [
            {"typePieceJointe": "01", "libelleTypePieceJointe": "Facture"},
            {"typePieceJointe": "02", "libelleTypePieceJointe": "Pièce complémentaire"},
        ],
    ),
    "typeidentifiant/structure": (
        "listeTypeIdentifiant",
        [
            {"typeIdentifiant": code}
            for code in ("SIRET", "UE_HORS_FRANCE", "HORS_UE", "RIDET", "TAHITI", "AUTRE", "PARTICULIER")
        ],
    ),
    "cadrefacturation": (
        "listeCadreFacturation",
        [{"codeCadreFacturation": code} for code in invoices.CADRES.values()],
    ),
    "formatflux": (
        "listeFormatFlux",
        [{"formatFlux": code} for code in ("IN_DP_E1_STRUCT", "IN_DP_E2_MIXTE", "IN_DP_E2_FACTURX")],
    ),
    "etat/typedp": ("listeEtatDemandePaiement", [{"etatDemandePaiement": code} for code in invoices.LABELS]),
}


def _code_list(name):
    list_name, items = CODE_LISTS[name]
    return lambda call: {list_name: items}


_FORMATS = {
    "IN_DP_E1_STRUCT": ("IN_DP_E1_",),
    "IN_DP_E2_FACTURX": ("IN_DP_E2_CII_FACTURX",),
    "IN_DP_E2_MIXTE": ("IN_DP_E2_", "IN_DP_PDFARCHIVE"),
}


def flow_syntaxes(call):
    prefixes = _FORMATS.get(call.body.get("formatFlux"), ("IN_DP",))
    return {"listeSyntaxeFlux": [{"syntaxeFlux": code} for code in SYNTAXES if code.startswith(prefixes)]}


def health(call):
    return {
        "body": "UP",
        "statusCodeValue": 200,
        "statusCode": "OK",
        "date": plain_date(call.chorus.clock.now()),
    }


_RECUPERER = "transverses/v1/recuperer/"
LOOK_UPS = {
    "transverses/v1/consulterCRDetaille": detailed_report,
    "transverses/v1/consulterCR": report,
    "transverses/v1/telecharger/pieceJointe": download_file,
    "transverses/v1/rechercher/pj/structure": list_files,
    "transverses/v1/rechercher/pj/moncompte": list_files,
    "transverses/v1/rechercher/destinataire": recipient_structures,
    "transverses/v1/consulter/information/siret": company,
    "transverses/v1/telecharger/annuaire/destinataire": recipients_file,
    "transverses/v1/health-check": health,
    _RECUPERER + "coordbanc/valides": bank_accounts,
    _RECUPERER + "structures/actives/fournisseur": supplier_structures,
    _RECUPERER + "structures/actives/destinataire": recipient_structures,
    _RECUPERER + "structures/actives/facturetravaux": recipient_structures,
    _RECUPERER + "etats/traitement": possible_treatments,
    _RECUPERER + "syntaxeflux": flow_syntaxes,
    **{_RECUPERER + name: _code_list(name) for name in CODE_LISTS},
}
WRITES = {"transverses/v1/ajouter/fichier": add_file}
