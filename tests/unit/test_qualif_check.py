"""`dev/qualif-check` against the simulator: silent where it answers by the reference, telling where not."""

import io
import json
from pathlib import Path

import pytest
from simulator_kit import SELLER, SERVICE, running

import chorus_api
from lib import cmd_qualif_check as command
from lib import console
from lib.qualification.qualif_check import Check
from lib.qualification.qualif_reference import OTHER_DOMAINS, deviations
from simulator.__main__ import DEFAULTS

PAGE = (Path(__file__).parent / "data" / "page_patched_qt.pdf").read_bytes()
KEYS = {**DEFAULTS, "client_secret": "s3cret-of-piste", "password": "p4ss-of-chorus"}


@pytest.fixture
def qualif(tmp_path, monkeypatch):
    """A simulator at the present day, whose keys are found nowhere but here."""
    for name in KEYS:
        monkeypatch.delenv(f"CHORUS_{name.upper()}", raising=False)
    with running(tmp_path / "simulator") as simulator:
        simulator.control("clients", {"client_id": KEYS["client_id"], "secret": KEYS["client_secret"]})
        simulator.control("accounts", {"login": KEYS["login"], "password": KEYS["password"]})
        yield simulator


def urls(simulator):
    return [f"{simulator.address}/api/oauth/token", simulator.address]


def check(simulator, **options):
    def wait(seconds):
        simulator.control("clock", {"advance": seconds})

    options = {"patience": 600, "say": lambda _line: None, **options}
    return Check(
        chorus_api.Endpoints(*urls(simulator)), KEYS, render=lambda _invoice: PAGE, wait=wait, **options
    ).run()


def test_the_simulator_deviates_in_nothing(qualif):
    record = check(qualif)
    assert record.deviations == []
    assert record.facts["flow_states"][-1][0] == "IN_INTEGRE"
    assert record.facts["invoice_statuses"][0] == "DEPOSEE"
    routes = {route for route, _seconds in record.times}
    assert set(OTHER_DOMAINS) | {"factures/v1/deposer/flux", "factures/v1/consulter/historique"} <= routes
    deposits = qualif.control("ledger")["deposits"]
    assert record.facts["flow_number"] == deposits[0]["flow_number"]
    assert [deposit["files"][0]["seller_siret"] for deposit in deposits] == [SELLER, SELLER]
    assert record.facts["verdicts"] == {"0002": "IN_INTEGRE", "0009": "IN_INTEGRE"}


def test_an_unknown_state_is_told(qualif):
    fault = {"kind": "unknown_status", "code": "TOUT_NEUF", "skip": 1}
    qualif.control("faults", {"route": "transverses/v1/consulterCRDetaille", **fault})
    assert ("flow states", "unknown state TOUT_NEUF") in check(qualif).deviations


def test_a_rejection_is_told(qualif):
    deviations = check(qualif, recipient=SERVICE).deviations
    assert [where for where, _what in deviations] == ["rejection", "rejection"]
    assert "est obligatoire" in deviations[0][1]


def test_a_duty_that_differs_is_told(qualif):
    qualif.control(f"structures/{SERVICE}", {"needs_service": False})
    told = ("data set", f"{SERVICE} requires (service, engagement) (False, False)")
    assert told in check(qualif).deviations


def test_patience_has_an_end(qualif):
    qualif.control("settings", {"not_found_period": 1e6})
    record = check(qualif, patience=60)
    assert record.deviations == [("flow states", "no verdict after 75 s")]


def test_a_refused_key_ends_the_check_with_what_was_seen(qualif):
    qualif.control("accounts", {"login": KEYS["login"], "password": "another"})
    record = check(qualif)
    assert "token_rejected" in record.deviations[-1][1]
    assert record.facts["token_length"] > 20


# ------------------------------------------------------------ the command


def test_the_whole_command_shows_and_writes_no_secret(qualif, tmp_path, monkeypatch, capsys):
    def wait(seconds):
        qualif.control("clock", {"advance": seconds})

    monkeypatch.setattr("lib.qualification.qualif_check.sleep", wait)
    config, record = tmp_path / "keys.json", tmp_path / "record.json"
    config.write_text(json.dumps({name: KEYS[name] for name in ("client_id", "client_secret", "login")}))
    monkeypatch.setenv("CHORUS_PASSWORD", KEYS["password"])
    options = ["--config", str(config), "--json", str(record), "--base-urls", *urls(qualif)]
    assert command.main(None, options) == 0
    shown = capsys.readouterr()
    told = shown.out + shown.err + record.read_text()
    assert "0 deviations" in shown.out
    assert json.loads(record.read_text())["deviations"] == []
    for name in KEYS:
        assert KEYS[name] not in told

    qualif.control("faults", {"route": "structures/v1/consulter", "kind": "http_500"})
    assert command.main(None, options) == 1
    assert "DEVIATES structures/v1/consulter: the check ended here" in capsys.readouterr().out


def test_keys_of_an_ini_file(tmp_path):
    path = tmp_path / "keys.ini"
    rows = "".join(f"{name} = {KEYS[name]}%\n" for name in KEYS)
    path.write_text(f"[chorus]\n{rows}", encoding="utf-8-sig")
    assert command._read(path) == {name: f"{KEYS[name]}%" for name in KEYS}


def test_without_keys_nobody_is_asked_where_nobody_sits(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(console.Stop, match="CHORUS_CLIENT_ID"):
        command.main(None, ["--base-urls", "http://127.0.0.1:9/api/oauth/token", "http://127.0.0.1:9"])


@pytest.mark.parametrize(
    "addresses",
    [
        ("https://oauth.piste.gouv.fr/api/oauth/token", "https://api.piste.gouv.fr"),
        ("https://sandbox-oauth.piste.gouv.fr/api/oauth/token", "https://example.org"),
        ("http://sandbox-oauth.piste.gouv.fr/api/oauth/token", "https://sandbox-api.piste.gouv.fr"),
    ],
)
def test_keys_go_to_the_qualification_space_only(addresses):
    with pytest.raises(console.Stop):
        command.main(None, ["--base-urls", *addresses])


def test_never_in_ci(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(console.Stop, match="CI"):
        command.main(None, [])


# ------------------------------------------------------------ the reference


ENGAGEMENTS = "engagementsJuridiques/v1/rechercher"
GOOD = {
    "codeRetour": 0, "libelle": "TRA_MSG_00.000", "listeEngagementJuridique": [],
    "parametresRetour": {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 0},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"libelle": None}, ["libelle: null where string is expected"]),
        ({"nouveau": {}}, ["nouveau: not in the reference (object)"]),
        ({"listeEngagementJuridique": {}}, ["listeEngagementJuridique: object where array is expected"]),
        ({"parametresRetour": {**GOOD["parametresRetour"], "pages": "1"}},
         ["parametresRetour.pages: string where integer is expected"]),
        ({"parametresRetour": {"pageCourante": 1, "pages": 1, "total": 0}},
         ["parametresRetour.nbResultatsParPage: missing"]),
    ],
)  # fmt: skip
def test_deviations_of_the_other_domains(changes, told):
    assert deviations(ENGAGEMENTS, {**GOOD, **changes}) == told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, []),
        ({"dateDepot": "2026-11-20T10:00:00.000+01:00"}, []),
        ({"dateDepot": "20/11/2026"}, ["dateDepot: string where instant is expected"]),
        ({"numeroFluxDepot": 12}, ["numeroFluxDepot: integer where string is expected"]),
        ({"syntaxeFlux": "NEW"}, ["syntaxeFlux: a value that is not in the enumeration"]),
        ({"statut": "X"}, ["statut: not in the reference (string)"]),
    ],
)
def test_deviations_of_the_official_file(changes, told):
    answer = {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "numeroFluxDepot": "CPP1",
        "dateDepot": "2026-11-20",
        "syntaxeFlux": "IN_DP_E2_CII_FACTURX",
        **changes,
    }
    assert deviations("factures/v1/deposer/flux", answer) == told
