"""engagementsJuridiques/v1: the State's commitments."""

from typing import Any

from ..clock import plain_date
from .call import Refusal, nothing_found, page


def search(call):
    """``structureReceptriceEngagementJuridique`` is the supplier: clients send its id or its SIRET."""
    body, directory = call.body, call.chorus.directory
    receiver = body.get("structureReceptriceEngagementJuridique")
    structure: Any = None
    if receiver:
        structure = directory.get(str(receiver)) or (
            directory.by_id(int(receiver)) if str(receiver).isdigit() else None
        )
        if structure is None or structure["identifier"] not in call.chorus.attached_structures(call.account):
            raise nothing_found()
    found = [
        item
        for item in directory.engagements
        if all(
            (
                not body.get("numeroEngagementJuridique")
                or item["number"] == body["numeroEngagementJuridique"],
                not body.get("etatCourantEngagementJuridique")
                or item["state"] == body["etatCourantEngagementJuridique"],
                not item.get("supplier") or not receiver or item["supplier"] == structure["identifier"],
            )
        )
    ]
    if not found and not call.chorus.settings["empty_list_instead_of_20000"]:
        raise nothing_found()
    wanted = page(call, body.get("parametresRecherche"), len(found))
    return {
        "listeEngagementJuridique": [_tell(call, item, receiver) for item in wanted.cut(found)],
        "parametresRetour": wanted.as_answer(),
    }


def detail(call):
    wanted = call.required_integer("idEngagementJuridique")
    found = next((item for item in call.chorus.directory.engagements if int(item["number"]) == wanted), None)
    if found is None:
        raise Refusal(20001, "SIMULATEUR - engagement inconnu")
    return {"engagementJuridique": _tell(call, found, None)}


def _tell(call, item, receiver):
    return {
        "idEngagementJuridique": int(item["number"]),
        "numeroEngagementJuridique": item["number"],
        "libelleTypeEngagementJuridique": item["label"],
        "structureReceptrice": receiver or "",
        "codeServiceExecutant": item["service"],
        "libelleEtatCourantEJ": item["state"],
        "montantTotalTtc": item["amount"],
        "dateNotification": plain_date(call.chorus.clock.now()),
    }


LOOK_UPS = {
    "engagementsJuridiques/v1/rechercher": search,
    "engagementsJuridiques/v1/consulterDetail": detail,
}
