"""What our reference says that Chorus Pro answers, and how an answer deviates from it.

The operations of factures/v1 are judged by the official Swagger file; the other domains have none, their
fields are written down from AIFE's pages and from logged answers. Deviations name fields and kinds, never
values, so that a report can be shown.
"""

import json
import re
from decimal import Decimal
from functools import cache

from .. import paths

_SWAGGER = paths.ROOT / "tests" / "unit" / "data" / "chorus_factures.swagger.json"
# Declared date-time in the Swagger file; seen live, or in most logged answers, as a plain date.
_PLAIN_DATES = {"dateDepot", "dateFacture", "dateFournisseur", "dateEcheancePaiement"}
_KINDS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "minute": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"),
    "instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)"),
}

_PAGING = {"pageCourante": "integer", "pages": "integer", "nbResultatsParPage": "integer", "total": "integer"}
_ADDRESS = dict.fromkeys(
    (
        "adresse?", "complementAdresse1?", "complementAdresse2?", "codePostal?", "ville?", "pays?",
        "telephone?", "indicatifTelephone?", "fax?", "indicatifFax?",
    ),
    "string",
)  # fmt: skip
_SERVICE = {
    "idService": "integer", "codeService": "string", "libelleService": "string", "statutService": "string",
    "estActif": "boolean", "dateDbtService?": "minute", "dateFinService?": "minute",
}  # fmt: skip

# Route → its fields; a name that ends with "?" may be missing or null, "|" separates kinds that were seen.
OTHER_DOMAINS = {
    "transverses/v1/consulterCRDetaille": {
        "etatCourantDepotFlux": "string", "dateDepotFlux": "instant", "dateHeureEtatCourantFlux": "instant",
        "codeInterfaceDepotFlux": "string", "nomFichier": "string",
        "listeErreurDP?": [
            {"identifiantFournisseur": "string", "identifiantDestinataire": "string", "numeroDP": "string",
             "libelleErreurDP": "string"}
        ],
        "listeErreurTechnique?": [
            {"codeErreur": "string", "libelleErreur": "string", "natureErreur": "string"}
        ],
    },
    "transverses/v1/recuperer/coordbanc/valides": {
        "listeCoordonneeBancaire": [
            {"idCoordonneeBancaire": "integer", "nomCoordonneeBancaire": "string"}
        ],
    },
    "structures/v1/rechercher": {
        "listeStructures": [
            {"idStructureCPP": "integer", "identifiantStructure": "string|integer",
             "typeIdentifiantStructure": "string", "designationStructure": "string", "statut": "string"}
        ],
        "parametresRetour": _PAGING,
    },
    "structures/v1/consulter": {
        "informationGenerales": {
            "idStructureCPP": "integer", "identifiantStructure": "string|integer",
            "typeIdentifiantStructure?": "string", "libelleStructure?": "string",
            "raisonSocialeStructure": "string", "emailStructure?": "string", "numeroTVA?": "string",
            "structurePriveePublique": "string", "dateExpirationMotPasseCompteTech?": "instant|date|minute",
        },
        "adressePostaleDuSiege?": _ADDRESS,
        "parametres": {
            "codeServiceDoitEtreRenseigne": "boolean", "numeroEJDoitEtreRenseigne": "boolean",
            "gestionNumeroEJOuCodeService": "boolean", "statutMiseEnPaiementNestPasRemonte": "boolean",
            "estMoaUniquement": "boolean", "getaMoa?": "boolean", "connexionEDI?": "boolean",
            "recevoirDonneesViaEDI?": "boolean", "nonDiffusibleInsee?": "boolean",
            "estValideurDelegue?": "boolean",
        },
    },
    "structures/v1/rechercher/services": {"listeServices": [_SERVICE], "parametresRetour": _PAGING},
    "structures/v1/consulter/service": {
        "informationsGenerales": {
            "codeService": "string", "nomService": "string", "descriptionService?": "string",
        },
        "adressePostale?": _ADDRESS,
        "parametres": {
            "miseEnPaiement": "boolean", "numeroEngagement": "boolean", "dateCreation?": "minute",
            "dateDebutValidite?": "minute", "dateFinValidite?": "minute", "dateModification?": "minute",
        },
    },
    "utilisateurs/v1/monCompte/recuperer/rattachements": {
        "listeStructureRattachement": [
            {"idStructure": "integer", "identifiantStructure": "string|integer",
             "designationStructure": "string", "typeIdentifiantStructure": "string",
             "idRattachementStructure": "integer", "statutRattachementStructure": "string",
             "roleUtilisateur": "string", "statutUtilisateur": "string",
             "listeServicesRattache?": [
                 {**_SERVICE, "idRattachementService?": "integer", "statutRattachementService?": "string"}
             ]}
        ],
        "parametresRetour": _PAGING,
    },
    "engagementsJuridiques/v1/rechercher": {
        "listeEngagementJuridique": [
            {"idEngagementJuridique": "integer", "numeroEngagementJuridique": "string",
             "libelleTypeEngagementJuridique": "string", "structureReceptrice": "string",
             "codeServiceExecutant": "string", "libelleEtatCourantEJ": "string",
             "montantTotalTtc": "number", "dateNotification?": "date"}
        ],
        "parametresRetour": _PAGING,
    },
}  # fmt: skip


def deviations(route, answer):
    """How an answer (a dict) of a route differs from the reference.

    :return: sentences without values, each once, in the order of the answer
    :rtype: list[str]
    """
    if route.startswith("factures/"):
        found = _against_swagger(_schema(route), answer, "")
    elif route in OTHER_DOMAINS:
        shape = {"codeRetour": "integer", "libelle": "string", **OTHER_DOMAINS[route]}
        found = _against(shape, answer, "")
    else:
        found = ["the reference does not describe this route"]
    return list(dict.fromkeys(found))


def _kind(value):
    """The kind of a JSON value, in the words of the tables above."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, str):
        return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(value)), "string")
    return "array" if isinstance(value, list) else "object"


def _fits(kind, expected):
    return (
        kind == expected
        or (expected, kind) == ("number", "integer")
        or (expected == "string" and kind in _KINDS)
    )


def _against(shape, value, where):
    if isinstance(shape, str):
        if not any(_fits(_kind(value), kind) for kind in shape.split("|")):
            yield f"{where}: {_kind(value)} where {shape.replace('|', ' or ')} is expected"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where}: {_kind(value)} where array is expected"
            return
        for item in value:
            yield from _against(shape[0], item, f"{where}[]")
    elif not isinstance(value, dict):
        yield f"{where}: {_kind(value)} where object is expected"
    else:
        yield from _fields(shape, value, where)


def _fields(shape, value, where):
    prefix = f"{where}." if where else ""
    known = {name.rstrip("?"): (kind, name.endswith("?")) for name, kind in shape.items()}
    for name, (kind, optional) in known.items():
        if name not in value:
            if not optional:
                yield f"{prefix}{name}: missing"
        elif value[name] is not None or not optional:
            yield from _against(kind, value[name], f"{prefix}{name}")
    for name in value:
        if name not in known:
            yield f"{prefix}{name}: not in the reference ({_kind(value[name])})"


# ------------------------------------------------------------ the official file


@cache
def _swagger():
    return json.loads(_SWAGGER.read_text(encoding="utf-8"))


def _schema(route):
    operation = _swagger()["paths"][route.removeprefix("factures")]["post"]
    return operation["responses"]["200"]["schema"]


def _against_swagger(schema, value, where):
    if "$ref" in schema:
        schema = _swagger()["definitions"][schema["$ref"].rpartition("/")[2]]
    expected, kind = schema.get("type", "object"), _kind(value)
    if value is None:
        return
    if expected == "object" and kind == "object":
        yield from _swagger_fields(schema, value, f"{where}." if where else "")
    elif expected == "array" and kind == "array":
        for item in value:
            yield from _against_swagger(schema["items"], item, f"{where}[]")
    elif not _fits(kind, expected):
        yield f"{where}: {kind} where {expected} is expected"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: a value that is not in the enumeration"
    elif schema.get("format") == "date-time" and not (
        kind == "instant" or (kind == "date" and where.rpartition(".")[2] in _PLAIN_DATES)
    ):
        yield f"{where}: {kind} where instant is expected"


def _swagger_fields(schema, value, prefix):
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{prefix}{name}: missing"
    for name, item in value.items():
        if name in known:
            yield from _against_swagger(known[name], item, f"{prefix}{name}")
        elif known and name not in ("codeRetour", "libelle"):
            yield f"{prefix}{name}: not in the reference ({_kind(item)})"
