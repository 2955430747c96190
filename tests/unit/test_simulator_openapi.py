"""The simulator's contract as OpenAPI, and the page that tries it."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from simulator.operations import GET_ROUTES, OPERATIONS


@pytest.fixture
def contract(simulator):
    answer = simulator.http.get(f"{simulator.address}/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


def test_every_operation_served_is_described(simulator, contract):
    assert contract["openapi"].startswith("3.0")
    assert contract["servers"] == [{"url": simulator.address}]
    described = {path.removeprefix("/cpro/") for path in contract["paths"] if path.startswith("/cpro/")}
    assert described == set(OPERATIONS)
    for route in OPERATIONS:
        (method,) = contract["paths"][f"/cpro/{route}"]
        assert method == ("get" if route in GET_ROUTES else "post")
    names = [operation["operationId"] for path in contract["paths"].values() for operation in path.values()
             if "operationId" in operation]  # fmt: skip
    assert len(names) == len(set(names))


def test_the_document_is_openapi(contract):
    assert not [error.message for error in OpenAPIV30SpecValidator(contract).iter_errors()]


def test_each_domain_says_what_its_requests_hold(contract):
    """But lists of codes, all of which are answered whatever is asked."""
    domains, untyped = set(), set()
    for path, methods in contract["paths"].items():
        if "post" not in methods or not path.startswith("/cpro/"):
            continue
        domain, _version, action, *_rest = path.removeprefix("/cpro/").split("/")
        domains.add(domain)
        schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        if not ("$ref" in schema or schema.get("properties")):
            untyped.add((domain, action))
    assert domains == {"engagementsJuridiques", "factures", "structures", "transverses", "utilisateurs"}
    assert untyped == {("transverses", action) for action in ("rechercher", "recuperer", "telecharger")}


def test_every_reference_leads_somewhere(contract):
    references = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(contract)))
    assert len(references) > 50
    assert references <= set(contract["components"]["schemas"])


def test_a_typed_field_is_what_the_simulator_checks(simulator, contract):
    search = contract["components"]["schemas"]["RechercherFactureParFournisseurParam"]["properties"]
    assert search["numeroFluxDepot"] == {"type": "string"}
    wrong = simulator.post("factures/v1/rechercher/fournisseur", {"numeroFluxDepot": []})
    assert wrong.status_code == 400


def test_the_page_to_try_a_call_names_every_operation_and_no_secret(simulator):
    page = simulator.http.get(f"{simulator.address}/try")
    assert page.status_code == 200
    assert all(f"<option>/cpro/{route}</option>" in page.text for route in OPERATIONS)
    assert "simulator-secret" not in page.text
    assert "simulator-password" not in page.text
