"""Answers as they were published or seen, quirks included, and what is made of them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from api_canned import GOOD, Canned

from chorus_api import OFFICIAL, BadAnswer, ChorusClient, InvoiceSearch, OutcomeUnknown, Refused


def client_on(**fields):
    """A client whose server answers everything by success with these fields."""
    body = json.dumps({"codeRetour": 0, "libelle": "TRA_MSG_00.000", **fields}).encode()
    return ChorusClient(OFFICIAL["test"], "login", "password", "token", transport=Canned(200, body))


def refusing(code, label):
    body = json.dumps({"codeRetour": code, "libelle": label}).encode()
    return ChorusClient(OFFICIAL["test"], "login", "password", "token", transport=Canned(200, body))


def test_a_report_of_rejection():
    report = client_on(**GOOD["flow_report"]).flow_report("CPP1")
    assert report.state == "IN_REJETE"
    assert report.deposited_at == datetime(2019, 3, 27, 10, 12, 24, 777000, UTC)
    assert [error.number for error in report.invoice_errors] == ["F1"]
    assert [(error.code, error.nature) for error in report.technical_errors] == [("ERR_XSD_001", "B")]


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([{"numeroDP": "F1"}, {"numeroDP": "F2"}], ["F1", "F2"]),
        ({"numeroDP": "F1"}, ["F1"]),
        ([], []),
        (None, []),
        ("none", []),
        ([None, {"numeroDP": 5}], ["5"]),
    ],
)
def test_the_errors_of_a_report_come_in_any_shape(rows, numbers):
    report = client_on(etatCourantDepotFlux="IN_REJETE", listeErreurDP=rows).flow_report("CPP1")
    assert [error.number for error in report.invoice_errors] == numbers


@pytest.mark.parametrize("written", ["01234567800012", 1234567800012, "012 345 678 00012"])
def test_a_supplier_in_a_report_is_one_siret_however_it_is_written(written):
    rows = [{"numeroDP": "F1", "identifiantFournisseur": written}]
    (error,) = client_on(etatCourantFlux="IN_REJETE", listeErreurDP=rows).flow_report("CPP1").invoice_errors
    assert error.supplier == "01234567800012"


def test_the_state_of_the_older_report_is_read_too():
    assert client_on(etatCourantFlux="IN_INTEGRE").flow_report("CPP1").state == "IN_INTEGRE"


def test_a_found_invoice():
    (invoice,) = client_on(**GOOD["iter_invoices"]).iter_invoices(InvoiceSearch())
    assert (invoice.id, invoice.number, invoice.status) == (4242, "FAC-2026-0001", "MISE_A_DISPOSITION")
    assert invoice.status_at == datetime(2026, 9, 14, 20, 57, 2, 123000, UTC)
    assert (invoice.issued_on, invoice.total) == (date(2026, 9, 14), Decimal("120.5"))
    assert invoice.comment == "Il manque le bon de commande"
    assert invoice.rejection_handled is False


def test_markup_of_a_buyer_is_handed_on_as_text():
    row = {"identifiantFactureCPP": 1, "commentaireEtatCourant": "<script>\u202ealert(1)</script>\x00"}
    (invoice,) = client_on(listeFactures=[row], parametresRetour={"total": 1}).iter_invoices(InvoiceSearch())
    assert invoice.comment == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("parameters", "duties"),
    [
        ({"codeServiceDoitEtreRenseigne": True, "numeroEJDoitEtreRenseigne": False}, (True, False, False)),
        (
            {"codeServiceDoitEtreRenseigne": "false", "numeroEJDoitEtreRenseigne": "true"},
            (False, True, False),
        ),
        ({"gestionNumeroEJOuCodeService": 1}, (False, False, True)),
        ({"estMoaUniquement": None}, (False, False, False)),
    ],
)
def test_the_duties_of_a_structure(parameters, duties):
    detail = client_on(informationGenerales={"idStructureCPP": 5}, parametres=parameters).structure(5)
    assert (detail.needs_service, detail.needs_engagement, detail.needs_service_or_engagement) == duties


def test_a_structure_without_parameters_is_not_taken_for_one_without_duties():
    answer = {"informationGenerales": {"dateExpirationMotPasseCompteTech": "2027-01-01"}}
    with pytest.raises(BadAnswer) as caught:
        client_on(**answer).structure(5)
    assert (caught.value.code, caught.value.detail) == ("missing_field", "parametres")
    mine = client_on(**answer).structure(5, duties_needed=False)
    assert mine.technical_password_expires_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("status", "active"),
    [("ACTIVE", True), ("INACTIVE", False), ("Inactive", False), ("INACTIF", False), (None, True)],
)
def test_whether_a_structure_is_active(status, active):
    row = {"idStructureCPP": 5, "identifiantStructure": "12345678200051", "statut": status}
    (structure,) = client_on(listeStructures=[row]).search_structures("12345678200051").items
    assert structure.active is active


def test_a_siret_with_leading_zeros_may_be_a_number():
    """A JSON number carries no leading zero: read as it stands, such a structure would pass for unknown."""
    row = {"idStructureCPP": 5, "identifiantStructure": 542107651, "typeIdentifiantStructure": "SIRET"}
    client = client_on(
        listeStructures=[row],
        listeStructureRattachement=[{**row, "idStructure": 5}],
        informationGenerales=row,
        parametres={"estMoaUniquement": False},
        listeFactures=[{"identifiantFactureCPP": 1, "codeFournisseur": 542107651, "codeDestinataire": 7}],
        parametresRetour={"total": 1, "pages": 1},
    )
    siret = "00000542107651"
    assert client.search_structures(siret).items[0].identifier == siret
    assert next(client.my_structures()).identifier == siret
    assert client.structure(5).identifier == siret
    (invoice,) = client.iter_invoices(InvoiceSearch())
    assert (invoice.supplier, invoice.recipient) == (siret, "00000000000007")


@pytest.mark.parametrize("told", ["SUSPENDUE", "Suspendue", "suspendue"])
def test_a_status_may_be_told_by_its_label(told):
    row = {"identifiantFactureCPP": 1, "numeroFacture": "F1", "statut": told}
    (invoice,) = client_on(listeFactures=[row]).iter_invoices(InvoiceSearch())
    history = client_on(
        statutCourantCode=told, historiquesDesStatuts={"histoStatut": [{"histoStatutCode": told}]}
    ).invoice_history(1)
    receipt = client_on(statutFacture=told).recycle(1, "12345678200051")
    assert {invoice.status, history.status, history.events[0].code, receipt.status} == {"SUSPENDUE"}


def test_an_identifier_of_a_structure_may_be_a_number():
    (structure,) = client_on(**GOOD["search_structures"]).search_structures("12345678200051").items
    assert (structure.identifier, structure.active) == ("12345678200051", True)


@pytest.mark.parametrize(
    ("row", "active"),
    [
        ({"estActif": True}, True),
        ({"estActif": "false"}, False),
        ({"statutService": "INACTIF"}, False),
        ({"statutService": "ACTIF"}, True),
        ({"statutService": "INACTIVE"}, False),
        ({"statutService": "Inactif"}, False),
        ({}, True),
    ],
)
def test_whether_a_service_is_active(row, active):
    (service,) = client_on(listeServices=[{"idService": 7, **row}], parametresRetour={"total": 1}).services(5)
    assert service.active is active


def test_a_stored_file_has_an_id():
    assert client_on(pieceJointeId="99").add_file(b"x", "a.pdf", "application/pdf", "pdf") == 99
    with pytest.raises(BadAnswer):
        client_on().add_file(b"x", "a.pdf", "application/pdf", "pdf")


def test_a_download_is_decoded():
    assert client_on(fichierResultat="JVBERi0xLjcK").download_invoices([1]) == b"%PDF-1.7\n"
    for nothing in (None, "", "x", 5, []):
        with pytest.raises(BadAnswer):
            client_on(fichierResultat=nothing).download_invoices([1])


@pytest.mark.parametrize(
    ("code", "label", "expected"),
    [
        (20000, "GDP_MSG_11.008", "invoice_not_found"),
        (20001, "GDP_MSG_11.005", "no_right"),
        (20002, "GDP_MSG_11.033 - pas suspendue", "not_suspended"),
        (20003, "anything", "refused"),
    ],
)
def test_a_refusal_is_known_by_its_label(code, label, expected):
    with pytest.raises(Refused) as caught:
        refusing(code, label).complete(1, "comment")
    assert (caught.value.code, caught.value.remote_code, caught.value.remote_label) == (expected, code, label)


def test_the_same_number_means_another_thing_on_another_route():
    with pytest.raises(Refused) as caught:
        refusing(20003, "").add_file(b"x", "a.pdf", "application/pdf", "pdf")
    assert caught.value.code == "file_too_large"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.recycle(1, "12345678200051"),
        lambda client: client.complete(1, "x"),
        lambda client: client.acknowledge_rejections([1]),
    ],
)
def test_a_write_whose_answer_says_nothing_is_unknown(call):
    client = ChorusClient(OFFICIAL["test"], "login", "password", "token", transport=Canned(200, b"{}"))
    with pytest.raises(OutcomeUnknown) as caught:
        call(client)
    assert caught.value.code == "missing_field"
