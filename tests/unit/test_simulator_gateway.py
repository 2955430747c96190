"""PISTE: tokens and who may call what; and the contract of requests."""

import base64

import pytest
import requests
from simulator_kit import SELLER, Client, deposit_body, facturx, running

from simulator.__main__ import DEFAULTS

ROUTE = "transverses/v1/consulterCRDetaille"
MISSING = 'error="invalid_request", error_description="Unable to find token in the message"'


def ask_token(client, **changes):
    form = {
        "grant_type": "client_credentials",
        "scope": "openid",
        "client_id": DEFAULTS["client_id"],
        "client_secret": DEFAULTS["client_secret"],
        **changes,
    }
    return requests.post(f"{client.address}/api/oauth/token", data=form, timeout=60)


def test_the_token_is_opaque_and_lasts_an_hour(simulator):
    answer = ask_token(simulator).json()
    assert len(answer.pop("access_token")) == 54
    assert answer == {"token_type": "Bearer", "expires_in": 3600, "scope": "openid"}
    simulator.advance(3599)
    token = simulator.token()
    simulator.control("clock", {"advance": 3599})
    assert simulator.post(ROUTE, {"numeroFluxDepot": "x"}).status_code == 200
    simulator.control("clock", {"advance": 2})
    assert (
        simulator.post(ROUTE, headers={**simulator.headers(), "Authorization": f"Bearer {token}"}).status_code
        == 401
    )


def test_unknown_client_and_wrong_secret_are_told_alike(simulator):
    unknown, wrong = ask_token(simulator, client_id="nobody"), ask_token(simulator, client_secret="no")
    assert (unknown.status_code, wrong.status_code) == (400, 400)
    assert unknown.content == wrong.content
    assert unknown.json()["error"] == "invalid_client"
    assert ask_token(simulator, grant_type="password").status_code == 400


def test_valid_credentials_refused_at_random(simulator):
    simulator.control("settings", {"oauth_refusal_one_in": 3})
    answers = [ask_token(simulator).status_code for _ in range(60)]
    assert 5 < answers.count(400) < 40


@pytest.mark.parametrize(("route", "realm"), [(ROUTE, "PISTE"), ("factures/v1/consulter/cr", "DefaultRealm")])
def test_without_token_the_realm_tells_known_routes_from_unknown(simulator, route, realm):
    answer = simulator.post(route, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.content) == (400, b"")
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{realm}", {MISSING}'


def test_a_dead_token_is_401_with_the_detail_in_the_header(simulator):
    answer = simulator.post(ROUTE, headers={**simulator.headers(), "Authorization": "Bearer gone"})
    assert (answer.status_code, answer.content) == (401, b"")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("account", ["", "rubbish", base64.b64encode(b"TECH_1_1@cpro.fr:wrong").decode()])
def test_a_wrong_account_is_401(simulator, account):
    assert simulator.post(ROUTE, headers={**simulator.headers(), "cpro-account": account}).status_code == 401


def test_an_unknown_route_is_403_before_the_account_is_looked_at(simulator):
    headers = {**simulator.headers(), "cpro-account": "rubbish"}
    for route in ("factures/v1/consulter/cr", "transverses/v1/consulterCR/Detaille", "nothing"):
        answer = simulator.post(route, headers=headers)
        assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize("reason", ["apis", "terms"])
@pytest.mark.parametrize(
    ("domain", "route"),
    [
        ("factures", "factures/v1/rechercher/fournisseur"),
        ("structures", "structures/v1/rechercher"),
        ("transverses", ROUTE),
        ("utilisateurs", "utilisateurs/v1/monCompte/recuperer/rattachements"),
        ("engagementsJuridiques", "engagementsJuridiques/v1/rechercher"),
    ],
)
def test_an_api_not_subscribed_or_its_terms_not_accepted_is_403(simulator, reason, domain, route):
    assert simulator.post(route).status_code in (200, 400)
    simulator.control("clients", {"client_id": DEFAULTS["client_id"], reason: {domain: False}})
    answer = simulator.post(route)
    assert (answer.status_code, answer.content) == (403, b"")
    simulator.control("clients", {"client_id": DEFAULTS["client_id"], reason: {domain: True}})
    assert simulator.post(route).status_code in (200, 400)


def test_the_technical_password_expires_and_its_date_can_be_read(simulator):
    attached = simulator.ok("utilisateurs/v1/monCompte/recuperer/rattachements")
    structure = attached["listeStructureRattachement"][0]
    assert structure["identifiantStructure"] == SELLER
    simulator.control("accounts", {"login": DEFAULTS["login"], "expires_at": "2026-10-01T00:00:00+02:00"})
    detail = simulator.ok("structures/v1/consulter", {"idStructureCPP": structure["idStructure"]})
    expiry = detail["informationGenerales"]["dateExpirationMotPasseCompteTech"]
    assert expiry == "2026-10-01T00:00:00.000+02:00"
    simulator.control("clock", {"now": "2026-10-01T00:00:01+02:00"})
    simulator.token()
    assert simulator.post(ROUTE).status_code == 401


def test_several_clients_and_accounts_see_their_own(simulator):
    simulator.control("structures/40000000000018", {"public": False})
    simulator.control("clients", {"client_id": "second", "secret": "éà"})
    simulator.control(
        "accounts",
        {"login": "TECH_2_2@cpro.fr", "password": "mot de passe é", "structures": ["40000000000018"]},
    )
    simulator.control("accounts", {"login": DEFAULTS["login"], "structures": [SELLER]})
    simulator.integrated(number="ONE")
    second = Client(simulator.address)
    second.token("second", "éà")
    headers = second.headers("TECH_2_2@cpro.fr", "mot de passe é")
    assert second.post("factures/v1/rechercher/fournisseur", {}, headers).json()["codeRetour"] == 20000
    attached = second.post("utilisateurs/v1/monCompte/recuperer/rattachements", {}, headers).json()
    sirets = [item["identifiantStructure"] for item in attached["listeStructureRattachement"]]
    assert sirets == ["40000000000018"]
    flow = simulator.control("ledger")["deposits"][0]["flow_number"]
    assert second.post(ROUTE, {"numeroFluxDepot": flow}, headers).json()["codeRetour"] == 20001


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("factures/v1/rechercher/fournisseur", {"idFournisseur": "abc"}),
        ("factures/v1/rechercher/fournisseur", {"idFournisseur": True}),
        ("factures/v1/rechercher/fournisseur", {"statutCourant": "DEPOSEE"}),
        ("factures/v1/rechercher/fournisseur", {"periodeDateDepotDu": "01/02/2026"}),
        ("factures/v1/rechercher/fournisseur", {"periodeDateDepotDu": "2026-02-31"}),
        ("factures/v1/rechercher/fournisseur", {"rechercheFactureParFournisseur": []}),
        ("factures/v1/rechercher/fournisseur", {"rechercheFactureParFournisseur": {"triSens": "UP"}}),
        ("factures/v1/rechercher/fournisseur", {"cadreFacturation": "A1"}),
        ("factures/v1/rechercher/fournisseur", {"montantHTMin": "many"}),
        ("factures/v1/consulter/historique", {"idFacture": 2**63}),
        ("factures/v1/consulter/historique", {}),
        ("factures/v1/deposer/flux", {**deposit_body(facturx()), "syntaxeFlux": "IN_DP_E3_FACTUR_X_10"}),
        ("factures/v1/deposer/flux", {**deposit_body(facturx()), "fichierFlux": "not base64!"}),
        ("factures/v1/deposer/flux", {**deposit_body(facturx()), "fichierFlux": ""}),
        ("factures/v1/deposer/flux", {"fichierFlux": "AAAA"}),
        ("structures/v1/rechercher/services", {"idStructure": 26300001, "parametres": {}}),
        ("structures/v1/consulter", {"idStructureCPP": [1]}),
        (ROUTE, {"numeroFluxDepot": {}}),
        (ROUTE, []),
    ],
)
def test_a_request_outside_the_contract_is_400(simulator, route, body):
    answer = simulator.post(route, body)
    assert answer.status_code == 400
    assert answer.json()["codeRetour"] != 0
    assert simulator.control("ledger")["deposits"] == []


def test_broken_json_is_400_and_another_content_type_415(simulator):
    address = f"{simulator.address}/cpro/{ROUTE}"
    assert requests.post(address, data="{", headers=simulator.headers(), timeout=60).status_code == 400
    headers = {**simulator.headers(), "Content-Type": "text/xml"}
    assert requests.post(address, data="{}", headers=headers, timeout=60).status_code == 415


def test_numbers_as_strings_and_unknown_fields_pass_unless_strict(simulator):
    body = {"idFournisseur": "26300011", "notInTheContract": 1}
    assert simulator.post("factures/v1/rechercher/fournisseur", body).status_code == 200
    assert simulator.control("calls")["calls"][-1]["unknown_fields"] == ["notInTheContract"]
    simulator.control("settings", {"strict_requests": True})
    for name in body:
        answer = simulator.post("factures/v1/rechercher/fournisseur", {name: body[name]})
        assert (answer.status_code, name in answer.json()["libelle"]) == (400, True)


def test_a_functional_refusal_may_come_with_400(simulator):
    simulator.control("settings", {"refusal_http_status": 400})
    answer = simulator.post(ROUTE, {"numeroFluxDepot": "unknown"})
    assert (answer.status_code, answer.json()["codeRetour"]) == (400, 20001)


def test_health_check_is_a_get(simulator):
    address = f"{simulator.address}/cpro/transverses/v1/health-check"
    answer = requests.get(address, headers=simulator.headers(), timeout=60)
    assert (answer.status_code, answer.json()["statusCodeValue"]) == (200, 200)
    assert (
        requests.get(f"{simulator.address}/cpro/{ROUTE}", headers=simulator.headers(), timeout=60).status_code
        == 403
    )


def test_credentials_and_changes_survive_a_restart(tmp_path):
    with running(tmp_path) as client:
        client.control("clients", {"client_id": "second", "secret": "s2", "apis": {"structures": False}})
        client.control("settings", {"page_size": 3})
        token = client.token("second", "s2")
        client.advance(100)
        before = client.control("state")["clock"]
    with running(tmp_path) as client:
        assert client.control("state")["clock"] == before
        assert client.control("settings")["page_size"]["value"] == 3
        headers = {**client.headers(), "Authorization": f"Bearer {token}"}
        assert client.post("structures/v1/rechercher", headers=headers).status_code == 403
        assert client.post(ROUTE, {"numeroFluxDepot": "x"}, headers=headers).status_code == 200
