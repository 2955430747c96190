"""Checks a request against the published contract.

``contract.json`` holds the types of the 22 factures operations, taken from the official Swagger file. The
other domains have no public Swagger; their fields are written down here from AIFE's pages and from working
clients. Notation: ``int32``, ``int64``, ``number``, ``boolean``, ``string``, ``date-time``, ``A|B`` for an
enumeration, ``[T]`` for a list, otherwise an object's name.
"""

import json
import re
from functools import lru_cache
from pathlib import Path

from .clock import parse_instant

_PAGING = {
    "pageResultatDemandee": "int64",
    "nbResultatsParPage": "int64",
    "triColonne": "string",
    "triSens": "string",
    "nbResultatsMaximum": "int64",
}
_LANGUAGE = {"codeLangue": "string"}

OTHER_DOMAINS = {
    "transverses/v1/consulterCR": {
        "numeroFluxDepot": "string",
        "dateDepot": "string",
        "syntaxeFlux": "string",
    },
    "transverses/v1/consulterCRDetaille": {"numeroFluxDepot": "string", "syntaxeFlux": "string"},
    "transverses/v1/ajouter/fichier": {
        "pieceJointeFichier": "string",
        "pieceJointeNom": "string",
        "pieceJointeTypeMime": "string",
        "pieceJointeExtension": "string",
    },
    "transverses/v1/telecharger/pieceJointe": {
        "pieceJointeId": "int64",
        "idPieceJointe": "int64",
        "objetPieceJointe": "string",
    },
    "transverses/v1/rechercher/pj/structure": {"parametresRecherche": _PAGING},
    "transverses/v1/rechercher/pj/moncompte": {"parametresRecherche": _PAGING},
    "transverses/v1/consulter/information/siret": {"siretStructure": "string"},
    "transverses/v1/recuperer/coordbanc/valides": {"idStructure": "int64"},
    "transverses/v1/recuperer/etat/typedp": {"typeDemandePaiement": "string"},
    "transverses/v1/recuperer/cadrefacturation": {"typeDemandePaiement": "string"},
    "transverses/v1/recuperer/syntaxeflux": {"formatFlux": "string"},
    "transverses/v1/recuperer/etats/traitement": {"statutCourant": "string"},
    "structures/v1/rechercher": {
        "parametres": _PAGING,
        "restreindreStructuresPrivees": "boolean",
        "structure": {
            "identifiantStructure": "string",
            "typeIdentifiantStructure": "string",
            "typeStructure": "string",
            "raisonSocialeStructure": "string",
            "libelleStructure": "string",
            "nomStructure": "string",
            "prenomStructure": "string",
            "statutStructure": "string",
            "estMOA": "boolean",
        },
    },
    "structures/v1/consulter": {"idStructureCPP": "int64", **_LANGUAGE},
    # "parametres" is refused here, although other searches call it so (told by one client).
    "structures/v1/rechercher/services": {
        "idStructure": "int64",
        "parametresRechercherServicesStructure": _PAGING,
        "parametres": "refused",
    },
    "structures/v1/consulter/service": {"idStructure": "int64", "idService": "int64", **_LANGUAGE},
    "utilisateurs/v1/monCompte/recuperer/rattachements": {"parametresRecherche": _PAGING},
    "engagementsJuridiques/v1/rechercher": {
        "structureReceptriceEngagementJuridique": "string",
        "numeroEngagementJuridique": "string",
        "etatCourantEngagementJuridique": "string",
        "codeEngagementJuridique": "string",
        "numeroMarche": "string",
        "parametresRecherche": _PAGING,
    },
    "engagementsJuridiques/v1/consulterDetail": {"idEngagementJuridique": "int64"},
}

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INTEGER = re.compile(r"[+-]?\d+")
_RANGES = {"int32": 2**31, "int64": 2**63}


class Breach(Exception):
    """The request does not fit the contract; the message names the field."""


@lru_cache(maxsize=1)
def published():
    return json.loads((Path(__file__).parent / "contract.json").read_text())


def check(route, body, *, strict):
    """Returns the fields of ``body`` that the contract does not have, as dotted paths.

    A client is read as leniently as a Java server usually does (numbers as strings, unknown fields
    ignored), unless ``strict``. Raises :class:`Breach`.
    """
    if not isinstance(body, dict):
        raise Breach("un objet JSON est attendu")
    shape = OTHER_DOMAINS.get(route)
    if shape is None:
        name = published()["operations"].get(route)
        shape = published()["objects"][name] if name else None
    unknown = []
    if shape is not None:
        _check_object(shape, body, "", strict, unknown)
    if strict and unknown:
        raise Breach(f"champ inconnu : {', '.join(unknown)}")
    return unknown


def _check_object(shape, body, path, strict, unknown):
    for name, value in body.items():
        where = f"{path}{name}"
        if name not in shape:
            unknown.append(where)
        elif value is not None:
            _check_value(shape[name], value, where, strict, unknown)


def _check_value(kind, value, where, strict, unknown):
    if isinstance(kind, list):
        if not isinstance(value, list):
            raise Breach(f"{where} : liste attendue")
        for index, item in enumerate(value):
            _check_value(kind[0], item, f"{where}[{index}]", strict, unknown)
    elif isinstance(kind, dict) or kind in published()["objects"]:
        if not isinstance(value, dict):
            raise Breach(f"{where} : objet attendu")
        shape = kind if isinstance(kind, dict) else published()["objects"][kind]
        _check_object(shape, value, f"{where}.", strict, unknown)
    elif "|" in kind:
        if value not in kind.split("|"):
            raise Breach(f"{where} : valeur non admise")
    elif not _SCALARS[kind](value, strict):
        raise Breach(f"{where} : type {kind} attendu")


def _integer(kind):
    def fits(value, strict):
        if isinstance(value, str) and not strict and _INTEGER.fullmatch(value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return -_RANGES[kind] <= value < _RANGES[kind]

    return fits


def _number(value, strict):
    if isinstance(value, str) and not strict:
        try:
            float(value)
        except ValueError:
            return False
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _date_time(value, _strict):
    if not isinstance(value, str) or not _DATE.match(value):
        return False
    try:
        parse_instant(value)
    except ValueError:
        return False
    return True


_SCALARS = {
    "int32": _integer("int32"),
    "int64": _integer("int64"),
    "number": _number,
    "boolean": lambda value, strict: (
        value is True or value is False or (not strict and value in ("true", "false"))
    ),
    "string": lambda value, strict: (
        isinstance(value, str)
        or (not strict and isinstance(value, int | float) and not isinstance(value, bool))
    ),
    "date-time": _date_time,
    "object": lambda value, strict: True,
    "refused": lambda value, strict: False,
}
