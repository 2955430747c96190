"""Lists are read to their end, whatever the server makes of the page size."""

import pytest
from api_server import reply, serving

from chorus_api import BadAnswer, ChorusClient, Endpoints, InvoiceSearch

NOTHING = {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}


def lister(
    count,
    *,
    cap=None,
    counters=("pages", "total", "pageCourante"),
    pages_by_asked_size=False,
    past_end="empty",
    ignore_page=False,
    per_page=None,
):
    """A step that serves ``count`` invoices as a server with these habits would."""

    def step(connection, request):
        asked = request.json["rechercheFactureParFournisseur"]
        size = min(asked["nbResultatsParPage"], cap or 10**6)
        page = 1 if ignore_page else asked["pageResultatDemandee"]
        counted = asked["nbResultatsParPage"] if pages_by_asked_size else size
        last = max(1, -(-count // size))
        if page > last and past_end == "last":
            page = last
        rows = [
            {"identifiantFactureCPP": number, "numeroFacture": f"F{number}", "statut": "DEPOSEE"}
            for number in range(1, count + 1)
        ][(page - 1) * size : page * size]
        told = {"pages": max(1, -(-count // counted)), "total": count, "pageCourante": page}
        body = {
            "codeRetour": 0,
            "libelle": "",
            "listeFactures": rows,
            "parametresRetour": {key: told[key] for key in counters} or None,
        }
        if not rows and past_end == "nothing":
            body = NOTHING
        return reply(200, body)(connection, request)

    return step


def read(step, **options):
    """Numbers of all invoices and how many calls they took."""
    with serving(step) as server, client_on(server) as client:
        numbers = [invoice.id for invoice in client.iter_invoices(InvoiceSearch(), **options)]
        return numbers, len(client.calls)


def client_on(server):
    return ChorusClient(Endpoints(server.url + "/t", server.url), "login", "password", "token")


@pytest.mark.parametrize(
    ("habits", "calls"),
    [
        ({}, 3),
        ({"cap": 7}, 4),
        ({"cap": 7, "pages_by_asked_size": True}, 4),
        ({"cap": 7, "counters": ()}, 5),
        ({"cap": 7, "counters": (), "past_end": "nothing"}, 5),
        ({"cap": 7, "counters": (), "past_end": "last"}, 5),
        ({"cap": 7, "counters": ("total",)}, 4),
        ({"cap": 7, "counters": ("pages", "pageCourante")}, 4),
    ],
    ids=str,
)
def test_every_page_is_read(habits, calls):
    assert read(lister(25, **habits), page_size=10) == (list(range(1, 26)), calls)


def test_counters_that_contradict_the_list_are_ignored():
    def wrong(connection, request):
        page = request.json["rechercheFactureParFournisseur"]["pageResultatDemandee"]
        rows = [{"identifiantFactureCPP": number} for number in range(page * 10 - 9, min(page * 10, 25) + 1)]
        body = {"codeRetour": 0, "listeFactures": rows, "parametresRetour": {"total": 0, "pages": 1}}
        return reply(200, body)(connection, request)

    assert read(wrong, page_size=10) == (list(range(1, 26)), 4)


def test_an_empty_result_takes_one_call():
    assert read(lister(0)) == ([], 1)
    assert read(reply(200, NOTHING)) == ([], 1)
    assert read(reply(200, {"codeRetour": 0, "listeFactures": None})) == ([], 1)
    assert read(reply(200, {"codeRetour": 0, "parametresRetour": {"total": 0}})) == ([], 1)


def test_a_lone_object_is_a_list_of_one():
    step = reply(200, {"codeRetour": 0, "listeFactures": {"identifiantFactureCPP": "7"}})
    assert read(step) == ([7], 2)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (lister(25, cap=10, ignore_page=True), "pages_repeat"),
        (
            reply(200, {"codeRetour": 0, "listeFactures": None, "parametresRetour": {"total": 3}}),
            "missing_field",
        ),
        (reply(200, {"codeRetour": 0}), "missing_field"),
        (reply(200, {"codeRetour": 0, "listeFactures": "none"}), "missing_field"),
        (reply(200, {"codeRetour": 0, "listeFactures": [1, 2]}), "missing_field"),
        (
            reply(200, {"codeRetour": 0, "listeFactures": [], "parametresRetour": {"total": 3}}),
            "pages_incomplete",
        ),
    ],
)
def test_a_list_that_makes_no_sense_is_an_error(step, code):
    with pytest.raises(BadAnswer) as caught:
        read(step, page_size=10)
    error = caught.value
    assert (error.code, error.route, error.http_status) == (code, "factures/v1/rechercher/fournisseur", 200)
    assert error.correlation_id


def test_what_came_before_the_error_is_yielded():
    with serving(lister(25, cap=10, ignore_page=True)) as server, client_on(server) as client:
        walk = client.iter_invoices(InvoiceSearch(), page_size=10)
        assert [next(walk).id for _ in range(10)] == list(range(1, 11))
        with pytest.raises(BadAnswer):
            next(walk)


def test_the_walk_is_bounded():
    pages = iter(range(1, 1000))

    def endless(connection, request):
        rows = [{"identifiantFactureCPP": next(pages)}]
        return reply(200, {"codeRetour": 0, "listeFactures": rows})(connection, request)

    with pytest.raises(BadAnswer) as caught:
        read(endless, max_pages=4)
    assert caught.value.code == "too_many_pages"


def test_an_invoice_that_moves_during_the_walk_comes_once():
    pages = iter([[1, 2, 3], [3, 4, 5], [6]])

    def moving(connection, request):
        rows = [{"identifiantFactureCPP": number} for number in next(pages, [])]
        return reply(200, {"codeRetour": 0, "listeFactures": rows, "parametresRetour": {"total": 6}})(
            connection, request
        )

    assert read(moving) == ([1, 2, 3, 4, 5, 6], 3)


def test_one_page_says_what_is_left():
    with serving(lister(25)) as server, client_on(server) as client:
        page = client.search_invoices(InvoiceSearch(), page=3, page_size=10)
    assert ([invoice.id for invoice in page.items], page.page, page.pages, page.total) == (
        [21, 22, 23, 24, 25],
        3,
        3,
        25,
    )


def test_services_beyond_the_tenth_are_read():
    def step(connection, request):
        asked = request.json["parametresRechercherServicesStructure"]["pageResultatDemandee"]
        rows = [
            {"idService": number, "codeService": f"S{number}", "estActif": True} for number in range(1, 23)
        ][(asked - 1) * 10 : asked * 10]
        return reply(
            200,
            {
                "codeRetour": 0,
                "listeServices": rows,
                "parametresRetour": {"pageCourante": asked, "pages": 3, "total": 22},
            },
        )(connection, request)

    with serving(step) as server, client_on(server) as client:
        assert [service.code for service in client.services(1)] == [f"S{number}" for number in range(1, 23)]


def test_the_history_of_an_invoice_is_read_to_its_end():
    moments = [f"2026-09-{day}T10:00:00.000+02:00" for day in (14, 15, 16)]
    codes = ["DEPOSEE", "MISE_A_DISPOSITION", "SUSPENDUE"]

    def step(connection, request):
        page = request.json["paramRechercheHistoStatuts"]["pageResultatDemandeeListeHistoStatut"]
        rows = [
            {
                "histoStatutId": page,
                "histoStatutCode": codes[-page],
                "histoStatutDatePassage": moments[-page],
                "histoStatutCommentaire": "Il manque\x00 le bon",
                "histoStatutUtilisateurNom": "Martin",
            }
        ]
        return reply(
            200,
            {
                "codeRetour": 0,
                "idFacture": 5,
                "numeroFacture": "F5",
                "statutCourantCode": "SUSPENDUE",
                "historiquesDesStatuts": {"histoStatut": rows, "pagesHistoStatut": 3, "totalHistoStatut": 3},
            },
        )(connection, request)

    with serving(step) as server, client_on(server) as client:
        history = client.invoice_history(5)
    assert (history.invoice_id, history.number, history.status) == (5, "F5", "SUSPENDUE")
    assert [event.code for event in history.events] == codes
    assert history.events[0].at.isoformat() == "2026-09-14T08:00:00+00:00"
    assert (history.events[0].comment, history.events[0].by) == ("Il manque le bon", "Martin")
