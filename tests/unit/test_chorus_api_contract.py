"""What we send fits the published contract (Factures Swagger) and the tables of the other domains."""

import json
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from api_server import ok, serving

from chorus_api import INVOICE_STATUSES, SYNTAXES, ChorusClient, ChorusError, Endpoints, InvoiceSearch
from chorus_api.invoices import CRITERIA

SWAGGER = json.loads(Path(__file__).with_name("data").joinpath("chorus_factures.swagger.json").read_text())
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
BITS = {"int32": 31, "int64": 63}

EVERYTHING = InvoiceSearch(
    flow_number="CPP1",
    number="F1",
    invoice_type="FACTURE",
    statuses=("DEPOSEE", "SUSPENDUE"),
    status_changed_from=datetime(2026, 7, 1, 8, 30, tzinfo=UTC),
    status_changed_to=datetime(2026, 12, 1, tzinfo=UTC),
    deposited_from=date(2026, 1, 1),
    deposited_to=date(2026, 1, 31),
    issued_from=date(2026, 1, 1),
    issued_to=date(2026, 1, 31),
    supplier_id=1,
    supplier_service_id=2,
    recipient_ids=(3, 4),
    cadre="A1_FACTURE_FOURNISSEUR",
    deposit_mode="UPLOAD_API",
    market="M",
    engagement="E",
    origin_number="O",
    total_min=Decimal("1.10"),
    total_max=Decimal("20"),
    rejection_handled=False,
)

# Every method that writes a body: route below /cpro/ -> call.
CALLS = {
    "factures/v1/deposer/flux": lambda client: client.deposit_flow(b"x", "a.pdf"),
    "factures/v1/rechercher/fournisseur": lambda client: client.search_invoices(EVERYTHING, 2, 50),
    "factures/v1/consulter/historique": lambda client: client.invoice_history(5),
    "factures/v1/consulter/fournisseur": lambda client: client.supplier_invoice(5),
    "factures/v1/telecharger/groupe": lambda client: client.download_invoices([5, 6], with_attachments=True),
    "factures/v1/recycler": lambda client: client.recycle(
        5, "12345678200051", "SERVICE", engagement="E", market="M", origin_number="O", comment="c"
    ),
    "factures/v1/completer": lambda client: client.complete(5, "c", [(9, "Bon de commande", "02")]),
    "factures/v1/traiterRejet": lambda client: client.acknowledge_rejections([5, 6]),
    "factures/v1/rechercher/aTraiter/valideur": lambda client: client.search_to_validate("12345678200051", 2),
    "factures/v1/rechercher/valideur": lambda client: client.search_validated("F1", 2),
    "factures/v1/consulter/valideur": lambda client: client.validator_invoice(5),
    "factures/v1/traiter/factureAValider": lambda client: client.validate_invoice(
        5, False, "why", rank=2, validator_id=7
    ),
    "factures/v1/corriger/valideur/facture": lambda client: client.correct_validator(5, "12345678200051"),
    "transverses/v1/consulterCRDetaille": lambda client: client.flow_report("CPP1"),
    "transverses/v1/ajouter/fichier": lambda client: client.add_file(b"x", "a.pdf", "application/pdf", "pdf"),
    "transverses/v1/recuperer/coordbanc/valides": lambda client: client.bank_accounts(5),
    "transverses/v1/recuperer/structures/actives/fournisseur": lambda client: (
        client.active_supplier_structures()
    ),
    "transverses/v1/telecharger/annuaire/destinataire": lambda client: client.recipients_file(),
    "structures/v1/rechercher": lambda client: client.search_structures(
        "12345678200051", name="x", public_only=True
    ),
    "structures/v1/consulter": lambda client: client.structure(5),
    "structures/v1/rechercher/services": lambda client: list(client.services(5)),
    "structures/v1/consulter/service": lambda client: client.service(5, 6),
    "utilisateurs/v1/monCompte/recuperer/rattachements": lambda client: list(client.my_structures()),
    "engagementsJuridiques/v1/rechercher": lambda client: client.search_engagements(5, "E1"),
}

# Reference §2.3 to 2.7: the fields AIFE's pages and working clients name, with their types.
PAGING = {"pageResultatDemandee": int, "nbResultatsParPage": int}
OTHER_DOMAINS = {
    "transverses/v1/consulterCRDetaille": {"numeroFluxDepot": str},
    "transverses/v1/ajouter/fichier": {
        "pieceJointeFichier": str,
        "pieceJointeNom": str,
        "pieceJointeTypeMime": str,
        "pieceJointeExtension": str,
    },
    "transverses/v1/recuperer/coordbanc/valides": {"idStructure": int},
    "transverses/v1/recuperer/structures/actives/fournisseur": {},
    "transverses/v1/telecharger/annuaire/destinataire": {},
    "structures/v1/rechercher": {
        "parametres": PAGING,
        "restreindreStructuresPrivees": bool,
        "structure": {
            "identifiantStructure": str,
            "typeIdentifiantStructure": str,
            "typeStructure": str,
            "raisonSocialeStructure": str,
        },
    },
    "structures/v1/consulter": {"idStructureCPP": int, "codeLangue": str},
    "structures/v1/rechercher/services": {
        "idStructure": int,
        "parametresRechercherServicesStructure": PAGING,
    },
    "structures/v1/consulter/service": {"idStructure": int, "idService": int},
    "utilisateurs/v1/monCompte/recuperer/rattachements": {
        "parametresRecherche": {**PAGING, "triColonne": str, "triSens": str}
    },
    "engagementsJuridiques/v1/rechercher": {
        "structureReceptriceEngagementJuridique": str,
        "numeroEngagementJuridique": str,
        "etatCourantEngagementJuridique": str,
        "parametresRecherche": PAGING,
    },
}


def sent(call):
    """The request a call makes; what it makes of the empty answer does not matter here."""
    with serving(ok()) as server:
        client = ChorusClient(Endpoints(server.url + "/t", server.url), "l", "p", "t")
        with client, suppress(ChorusError):
            call(client)
        return server.requests[0]


def breaches(value, schema, where="body"):
    """What in a value does not fit a schema of the Swagger."""
    if "$ref" in schema:
        schema = SWAGGER["definitions"][schema["$ref"].rpartition("/")[2]]
    kind, form = schema.get("type"), schema.get("format")
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not in the list"]
    if kind == "object" or "properties" in schema:
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        missing = [f"{where}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        known = schema.get("properties", {})
        unknown = [f"{where}.{name}: unknown" for name in value if name not in known]
        inner = [
            text
            for name in value
            if name in known
            for text in breaches(value[name], known[name], f"{where}.{name}")
        ]
        return missing + unknown + inner
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [text for item in value for text in breaches(item, schema["items"], where)]
    fits = {
        "string": lambda: isinstance(value, str) and (form != "date-time" or DATE_TIME.fullmatch(value)),
        "integer": lambda: type(value) is int and -(2 ** BITS[form]) <= value < 2 ** BITS[form],
        "number": lambda: type(value) in (int, float),
        "boolean": lambda: type(value) is bool,
    }[kind]
    return [] if fits() else [f"{where}: {value!r} is not a {kind} {form or ''}"]


def same_shape(value, table):
    if isinstance(table, dict):
        assert isinstance(value, dict) and set(value) == set(table)
        for name in table:
            same_shape(value[name], table[name])
    else:
        assert type(value) is table


@pytest.mark.parametrize("route", [route for route in CALLS if route.startswith("factures/")])
def test_a_request_fits_the_swagger(route):
    request = sent(CALLS[route])
    operation = SWAGGER["paths"][route.removeprefix("factures")]["post"]
    schema = next(parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "body")
    assert request.path == f"/cpro/{route}"
    assert request.json
    assert breaches(request.json, schema) == []


@pytest.mark.parametrize("route", OTHER_DOMAINS)
def test_a_request_of_another_domain_has_the_known_fields(route):
    request = sent(CALLS[route])
    assert request.path == f"/cpro/{route}"
    same_shape(request.json, OTHER_DOMAINS[route])


def test_the_checker_finds_breaches():
    schema = {"$ref": "#/definitions/DeposerFluxFactureParam"}
    assert breaches({"syntaxeFlux": "X", "nomFichier": 5, "unknown": 1, "avecSignature": "no"}, schema) == [
        "body.unknown: unknown",
        "body.syntaxeFlux: 'X' is not in the list",
        "body.nomFichier: 5 is not a string ",
        "body.avecSignature: 'no' is not a boolean ",
    ]


def test_every_criterion_is_written():
    body = sent(CALLS["factures/v1/rechercher/fournisseur"]).json
    assert set(body) == {field for field, _writer in CRITERIA.values()} | {"rechercheFactureParFournisseur"}
    # Paris time, summer and winter; the last day is included.
    assert body["periodeDateHeureEtatCourantDu"] == "2026-07-01T10:30:00.000+02:00"
    assert body["periodeDateHeureEtatCourantAu"] == "2026-12-01T01:00:00.000+01:00"
    assert body["periodeDateFactureDu"] == "2026-01-01T00:00:00.000+01:00"
    assert body["periodeDateFactureAu"] == "2026-01-31T23:59:59.999+01:00"
    assert body["listeDestinataire"] == [{"idDestinataire": 3}, {"idDestinataire": 4}]
    assert (body["montantTTCMin"], body["rejetTraite"]) == (1.1, False)


def test_no_criterion_is_written_by_itself():
    body = sent(lambda client: client.search_invoices(InvoiceSearch())).json
    assert list(body) == ["rechercheFactureParFournisseur"]


def test_what_is_not_given_is_not_sent():
    body = sent(lambda client: client.recycle(5, "12345678200051", "", engagement="E")).json
    assert body == {
        "identifiantFactureCPP": 5,
        "destinataire": {"codeDestinataire": "12345678200051"},
        "reference": {"numeroBonCommande": "E"},
    }
    body = sent(lambda client: client.complete(5, "c")).json
    assert body == {"identifiantFactureCPP": 5, "commentaire": "c"}


def test_the_tables_have_every_word_of_the_contract():
    definitions = SWAGGER["definitions"]
    statuses = definitions["WsRetourRecyclerFacture"]["properties"]["statutFacture"]["enum"]
    syntaxes = definitions["DeposerFluxFactureParam"]["properties"]["syntaxeFlux"]["enum"]
    assert len(statuses) == 56
    assert set(INVOICE_STATUSES) == set(statuses)
    assert set(SYNTAXES) == set(syntaxes)
