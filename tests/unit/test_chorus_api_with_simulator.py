"""The client and the simulator, which share no code, understand each other; faults end as they should."""

from datetime import UTC, datetime, timedelta

import pytest
from simulator_kit import BOTH, FREE, SELLER, SERVICE, facturx, running

import chorus_api
from chorus_api import ChorusClient, Endpoints, InvoiceSearch, Settings, fetch_token

ENOUGH = Settings(read_timeout=60)


@pytest.fixture
def simulator(tmp_path):
    with running(tmp_path) as simulator:
        simulator.control("clock", {"now": "2026-09-15T10:00:00+02:00"})
        yield simulator


@pytest.fixture
def endpoints(simulator):
    return Endpoints(f"{simulator.address}/api/oauth/token", simulator.address)


@pytest.fixture
def client(simulator, endpoints):
    def renew(_old):
        return fetch_token(endpoints, "simulator-client", "simulator-secret").value

    with ChorusClient(
        endpoints, "TECH_1_1@cpro.fr", "simulator-password", "", renew=renew, settings=ENOUGH
    ) as client:
        yield client


def deposit(client, simulator, seconds=3600, **terms):
    """The flow number of an invoice deposited some time ago."""
    receipt = client.deposit_flow(facturx(**terms), "facture.pdf")
    simulator.advance(seconds)
    return receipt.flow_number


def only(client, **criteria):
    (invoice,) = client.iter_invoices(InvoiceSearch(**criteria))
    return invoice


def test_the_life_of_an_invoice(client, simulator):
    flow = deposit(client, simulator, number="F2026-001", service="SERVICE_DEST_SERV_OBL", buyer=SERVICE)
    report = client.flow_report(flow)
    assert (report.state, report.invoice_errors, report.technical_errors) == ("IN_INTEGRE", (), ())
    assert report.state_at.utcoffset() == timedelta(0)
    assert report.filename == f"FSO1117A_CPP001_{flow}"

    invoice = only(client, flow_number=flow)
    assert (invoice.number, invoice.supplier, invoice.recipient) == ("F2026-001", SELLER, SERVICE)
    assert (str(invoice.total), str(invoice.issued_on), invoice.currency) == ("120.0", "2026-09-14", "EUR")
    assert (invoice.flow_number, invoice.service) == (flow, "SERVICE_DEST_SERV_OBL")

    simulator.set_status({"identifiantFactureCPP": invoice.id}, "SUSPENDUE", "Il manque le bon de livraison")
    suspended = only(client, number="F2026-001")
    assert (suspended.status, suspended.comment) == ("SUSPENDUE", "Il manque le bon de livraison")

    file_id = client.add_file(b"%PDF", "bon.pdf", "application/pdf", "PDF")
    done = client.complete(invoice.id, "Voici", [(file_id, "Bon de livraison", "02")])
    assert done.number == "F2026-001"
    assert only(client, number="F2026-001").status == "COMPLETEE"

    simulator.set_status({"identifiantFactureCPP": invoice.id}, "MISE_EN_PAIEMENT")
    history = client.invoice_history(invoice.id)
    assert history.status == "MISE_EN_PAIEMENT"
    codes = [event.code for event in history.events]
    assert codes[0] == "DEPOSEE"
    assert codes[-3:] == ["SUSPENDUE", "COMPLETEE", "MISE_EN_PAIEMENT"]
    assert client.supplier_invoice(invoice.id)["numeroFacture"] == "F2026-001"
    assert client.download_invoices([invoice.id]).startswith(b"%PDF")


def test_an_invoice_is_recycled_under_its_number(client, simulator):
    flow = deposit(client, simulator, number="F2026-002")
    invoice = only(client, flow_number=flow)
    simulator.set_status({"identifiantFactureCPP": invoice.id}, "A_RECYCLER", "Mauvais service")
    receipt = client.recycle(invoice.id, SERVICE, "SERVICE_DEST_SERV_OBL", comment="Corrige")
    assert (receipt.invoice_id, receipt.number) == (invoice.id, "F2026-002")
    assert only(client, number="F2026-002").recipient == SERVICE


def test_a_rejected_invoice_is_acknowledged(client, simulator):
    invoice = only(client, flow_number=deposit(client, simulator, number="F2026-003"))
    simulator.set_status({"identifiantFactureCPP": invoice.id}, "REJETEE", "Doublon de commande")
    client.acknowledge_rejections([invoice.id])
    assert only(client, number="F2026-003").rejection_handled is True


def test_completing_what_is_not_suspended_is_refused(client, simulator):
    invoice = only(client, flow_number=deposit(client, simulator))
    with pytest.raises(chorus_api.Refused) as caught:
        client.complete(invoice.id, "Voici")
    assert (caught.value.code, caught.value.outcome) == ("not_suspended", "nothing_done")


def test_a_rejected_flow_is_explained(client, simulator):
    flow = deposit(client, simulator, number="F" * 25, payment=None)
    report = client.flow_report(flow)
    assert report.state == "IN_REJETE"
    (error,) = report.invoice_errors
    assert error.number == "F" * 25
    codes = [part.code for part in chorus_api.explain(error.text)]
    assert "payment_means_missing" in codes or "number_too_long" in codes


def test_an_unknown_flow_is_not_found(client):
    with pytest.raises(chorus_api.FlowNotFound) as caught:
        client.flow_report("CPP0011117000000000000000")
    assert caught.value.retryable


def test_nothing_found_is_an_empty_list(client):
    assert list(client.iter_invoices(InvoiceSearch(number="NONE"))) == []


def test_what_changed_since(client, simulator):
    first = only(client, flow_number=deposit(client, simulator, number="F1"))
    deposit(client, simulator, number="F2")
    simulator.advance(86400)
    since = datetime.fromisoformat(simulator.control("state")["clock"]["now"]) - timedelta(minutes=1)
    simulator.set_status({"identifiantFactureCPP": first.id}, "MANDATEE")
    changed = list(client.iter_invoices(InvoiceSearch(status_changed_from=since.astimezone(UTC))))
    assert [(invoice.number, invoice.status) for invoice in changed] == [("F1", "MANDATEE")]


def test_pages_are_read_to_the_end_even_if_capped(client, simulator):
    for number in range(12):
        client.deposit_flow(facturx(number=f"F{number}"), "facture.pdf")
    simulator.advance(3600)
    simulator.control("faults", {"route": "*", "kind": "page_cap", "n": 5})
    found = list(client.iter_invoices(InvoiceSearch(), page_size=100))
    assert sorted(invoice.number for invoice in found) == sorted(f"F{number}" for number in range(12))


def test_an_archive_is_taken(client, simulator):
    files = [(f"F{number}.pdf", facturx(number=f"F{number}")) for number in range(3)]
    name, content = chorus_api.pack(files)
    receipt = client.deposit_flow(content, name)
    simulator.advance(3600)
    assert client.flow_report(receipt.flow_number).state == "IN_INTEGRE"
    assert len(list(client.iter_invoices(InvoiceSearch(flow_number=receipt.flow_number)))) == 3


def test_the_directory(client):
    page = client.search_structures(BOTH)
    (summary,) = page.items
    assert (summary.identifier, summary.active) == (BOTH, True)
    detail = client.structure(summary.id)
    duties = (detail.needs_service, detail.needs_engagement, detail.needs_service_or_engagement)
    assert duties == (True, True, False)
    free = client.structure(client.search_structures(FREE).items[0].id)
    assert (free.needs_service, free.needs_engagement) == (False, False)
    services = list(client.services(summary.id))
    assert services
    assert client.service(summary.id, services[0].id).code == services[0].code
    assert client.search_structures("99999999999999").items == ()


def test_ones_own_structures(client):
    mine = list(client.my_structures())
    assert SELLER in [affiliation.identifier for affiliation in mine]
    supplier = next(row for row in client.active_supplier_structures() if row.identifier == SELLER)
    assert isinstance(client.bank_accounts(supplier.id), tuple)
    assert client.search_engagements(supplier.id).page == 1
    assert client.health() is True


def test_wrong_client_secret(endpoints):
    with pytest.raises(chorus_api.InvalidCredentials) as caught:
        fetch_token(endpoints, "simulator-client", "wrong")
    assert caught.value.code == "invalid_client"


def test_wrong_technical_account(endpoints):
    token = fetch_token(endpoints, "simulator-client", "simulator-secret").value
    client = ChorusClient(endpoints, "TECH_1_1@cpro.fr", "wrong", token)
    with client, pytest.raises(chorus_api.TokenRejected):
        list(client.my_structures())


FAULTS = {
    "http_500": (chorus_api.OutcomeUnknown, chorus_api.Unavailable),
    "http_502_no_type": (chorus_api.OutcomeUnknown, chorus_api.Unavailable),
    "http_503": (chorus_api.OutcomeUnknown, chorus_api.Unavailable),
    "http_429": (chorus_api.RateLimited, chorus_api.RateLimited),
    "html": (chorus_api.OutcomeUnknown, chorus_api.BadAnswer),
    "empty_403": (chorus_api.AccessDenied, chorus_api.AccessDenied),
    "bad_account": (chorus_api.TokenRejected, chorus_api.TokenRejected),
    "drop_after_accept": (chorus_api.OutcomeUnknown, chorus_api.Unavailable),
    "truncated_json": (chorus_api.OutcomeUnknown, chorus_api.BadAnswer),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_ends_as_it_should(kind, client, simulator):
    flow = deposit(client, simulator)
    on_write, on_read = FAULTS[kind]
    for call, expected in (
        (lambda: client.deposit_flow(facturx(number="F9"), "f.pdf"), on_write),
        (lambda: client.flow_report(flow), on_read),
    ):
        simulator.control("faults", {"route": "*", "kind": kind, "count": None})
        with pytest.raises(chorus_api.ChorusError) as caught:
            call()
        assert type(caught.value) is expected
        simulator.control("faults", {}, "DELETE")


@pytest.mark.parametrize("kind", ["wrong_length", "object_for_array", "huge_answer", "expired_token"])
def test_a_fault_that_does_not_matter(kind, client, simulator):
    flow = deposit(client, simulator)
    simulator.control("faults", {"route": "*", "kind": kind, "count": 1})
    assert client.flow_report(flow).state == "IN_INTEGRE"


def test_an_unknown_status_is_handed_on(client, simulator):
    flow = deposit(client, simulator)
    simulator.control("faults", {"route": "*", "kind": "unknown_status", "code": "TOUT_NOUVEAU"})
    state = client.flow_report(flow).state
    assert state == "TOUT_NOUVEAU"
    assert chorus_api.flow_state(state).kind == "pending"
    assert only(client, flow_number=flow).status == "TOUT_NOUVEAU"


@pytest.mark.parametrize("form", ["xml", "csv", "windows"])
def test_the_list_of_recipients_says_what_the_structures_say(client, simulator, form):
    simulator.control("settings", {"recipients_file": form})
    simulator.control("structures/" + FREE, {"name": "Lycée d'été; annexe", "active": False})
    found = chorus_api.read_recipients(client.recipients_file(), {SERVICE, BOTH, FREE, SELLER})
    assert set(found.structures) == {SERVICE, BOTH, FREE}, "the seller is no recipient"
    assert str(found.written_at) == "2026-09-15 03:00:00"
    for siret, listed in found.structures.items():
        (summary,) = client.search_structures(siret).items
        detail = client.structure(summary.id)
        for name in ("name", "needs_service", "needs_engagement", "needs_service_or_engagement"):
            assert getattr(listed, name) == getattr(detail, name), name
        assert (listed.active, listed.works_owner_only) == (summary.active, detail.works_owner_only)
        assert listed.reports_payment is not detail.payment_not_reported
        told = {service.code: service.active for service in listed.services.values()}
        assert told == {service.code: service.active for service in client.services(summary.id)}


@pytest.mark.parametrize(
    ("form", "code"),
    [("unknown", "unknown_form"), ("no_zip", "broken"), ("damaged", "broken"), ("huge", "too_large")],
)
def test_a_list_of_recipients_that_is_none(client, simulator, monkeypatch, form, code):
    # Of that many unpacked bytes the first tell as much.
    monkeypatch.setattr(chorus_api.recipients, "MAX_BYTES", 20 * 2**20)
    simulator.control("settings", {"recipients_file": form})
    with pytest.raises(chorus_api.RecipientsUnreadable) as caught:
        chorus_api.read_recipients(client.recipients_file(), {FREE})
    assert caught.value.code == code
