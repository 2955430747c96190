"""structures/v1: who can be billed, and what each requires."""

from ..clock import minute, timestamp
from .call import Refusal, nothing_found, page


def search(call):
    wanted = call.body.get("structure") or {}
    found = [structure for structure in call.chorus.directory.all() if _matches(structure, wanted, call)]
    if not found and not call.chorus.settings["empty_list_instead_of_20000"]:
        raise nothing_found()
    asked = call.body.get("parametres")
    key = {"DesignationStructure": "name", "IdentifiantStructure": "identifier"}.get(
        (asked or {}).get("triColonne", ""), "id"
    )
    found.sort(key=lambda structure: structure[key], reverse=(asked or {}).get("triSens") == "Descendant")
    wanted_page = page(call, asked, len(found))
    return {
        "listeStructures": [brief(call, structure) for structure in wanted_page.cut(found)],
        "parametresRetour": wanted_page.as_answer(),
    }


def _matches(structure, wanted, call):
    kind = wanted.get("typeStructure")
    name = str(wanted.get("raisonSocialeStructure") or wanted.get("libelleStructure") or "")
    status = wanted.get("statutStructure")
    return all(
        (
            not wanted.get("identifiantStructure")
            or structure["identifier"] == str(wanted["identifiantStructure"]),
            not wanted.get("typeIdentifiantStructure")
            or structure["type"] == wanted["typeIdentifiantStructure"],
            kind not in ("PUBLIQUE", "PRIVEE") or structure["public"] == (kind == "PUBLIQUE"),
            name.casefold() in structure["name"].casefold(),
            status not in ("ACTIVE", "INACTIVE") or structure["active"] == (status == "ACTIVE"),
            wanted.get("estMOA") is None or structure["moa"] == wanted["estMOA"],
            structure["public"]
            or not call.body.get("restreindreStructuresPrivees")
            or structure["identifier"] in call.chorus.attached_structures(call.account),
        )
    )


def identifier(call, structure):
    """identifiantStructure was seen as a number and as a string."""
    as_number = call.chorus.settings["structure_identifier_as_number"] and structure["identifier"].isdigit()
    return int(structure["identifier"]) if as_number else structure["identifier"]


def brief(call, structure):
    return {
        "idStructureCPP": structure["id"],
        "identifiantStructure": identifier(call, structure),
        "typeIdentifiantStructure": structure["type"],
        "designationStructure": structure["name"],
        "statut": "ACTIVE" if structure["active"] else "INACTIVE",
    }


def _structure(call, name):
    found = call.chorus.directory.by_id(call.required_integer(name))
    if found is None:
        raise Refusal(20001, "SIMULATEUR - structure inconnue")
    return found


def consult(call):
    structure = _structure(call, "idStructureCPP")
    information = {
        "idStructureCPP": structure["id"],
        "identifiantStructure": identifier(call, structure),
        "typeIdentifiantStructure": structure["type"],
        "libelleStructure": structure["name"],
        "raisonSocialeStructure": structure["name"],
        "emailStructure": structure["email"],
        "numeroTVA": structure["vat"],
        "structurePriveePublique": "PUBLIQUE" if structure["public"] else "PRIVEE",
    }
    expires_at = call.chorus.gateway.accounts[call.account]["expires_at"]
    if expires_at is not None and structure["identifier"] in call.chorus.attached_structures(call.account):
        information["dateExpirationMotPasseCompteTech"] = timestamp(expires_at)
    return {
        "informationGenerales": information,
        "adressePostaleDuSiege": _address(structure),
        "parametres": {
            "codeServiceDoitEtreRenseigne": structure["needs_service"],
            "numeroEJDoitEtreRenseigne": structure["needs_engagement"],
            "gestionNumeroEJOuCodeService": structure["needs_either"],
            "statutMiseEnPaiementNestPasRemonte": not structure["reports_payment"],
            "estMoaUniquement": structure["moa_only"],
            "getaMoa": structure["moa"],
            "connexionEDI": False,
            "recevoirDonneesViaEDI": False,
            "nonDiffusibleInsee": False,
            "estValideurDelegue": False,
        },
    }


def _address(structure):
    address = structure["address"]
    return {
        "adresse": address.get("line", ""),
        "complementAdresse1": "",
        "complementAdresse2": "",
        "codePostal": address.get("postcode", ""),
        "ville": address.get("city", ""),
        "pays": "FR",
        "telephone": "",
        "indicatifTelephone": "",
        "fax": "",
        "indicatifFax": "",
    }


def search_services(call):
    structure = _structure(call, "idStructure")
    services = structure["services"]
    asked = call.body.get("parametresRechercherServicesStructure")
    wanted = page(call, asked, len(services))
    return {
        "listeServices": [service_brief(structure, service) for service in wanted.cut(services)],
        "parametresRetour": wanted.as_answer(),
    }


def service_brief(structure, service):
    return {
        "idService": service["id"],
        "codeService": service["code"],
        "libelleService": service["name"],
        "statutService": "ACTIF" if service["active"] else "INACTIF",
        "estActif": service["active"],
        "dateDbtService": structure["created_on"],
        "dateFinService": service["ends"],
    }


def consult_service(call):
    structure = _structure(call, "idStructure")
    wanted = call.required_integer("idService")
    service = next((item for item in structure["services"] if item["id"] == wanted), None)
    if service is None:
        raise Refusal(20002, "SIMULATEUR - service inconnu")
    return {
        "informationsGenerales": {
            "codeService": service["code"],
            "nomService": service["name"],
            "descriptionService": service["name"],
        },
        "adressePostale": _address(structure),
        "parametres": {
            "miseEnPaiement": structure["reports_payment"] and service["reports_payment"],
            "numeroEngagement": service["needs_engagement"],
            "dateCreation": structure["created_on"],
            "dateDebutValidite": structure["created_on"],
            "dateFinValidite": service["ends"],
            "dateModification": minute(call.chorus.clock.now()),
        },
    }


LOOK_UPS = {
    "structures/v1/rechercher": search,
    "structures/v1/consulter": consult,
    "structures/v1/rechercher/services": search_services,
    "structures/v1/consulter/service": consult_service,
}
