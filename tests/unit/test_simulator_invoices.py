"""The life of an integrated invoice, how it is found, and what each side may do to it."""

import base64

import pytest
from simulator_kit import BOTH, FREE, SELLER, SERVICE, facturx

SEARCH = "factures/v1/rechercher/fournisseur"


def history(client, invoice, **asked):
    answer = client.ok(
        "factures/v1/consulter/historique", {"idFacture": invoice["identifiantFactureCPP"], **asked}
    )
    return answer["historiquesDesStatuts"]


def codes(client, invoice):
    return [event["histoStatutCode"] for event in history(client, invoice)["histoStatut"]]


def test_statuses_move_with_the_clock(simulator):
    simulator.control(
        "settings", {"invoice_delays": {"EN_COURS_ACHEMINEMENT": 100, "MISE_A_DISPOSITION": 200}}
    )
    simulator.verdict(number="A")
    seen = []
    for seconds in (0, 60, 200):
        simulator.advance(seconds)
        seen.append(simulator.search(numeroFacture="A")["listeFactures"][0]["statut"])
    assert seen == ["DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"]
    simulator.control("settings", {"invoice_delays": {"EN_COURS_ACHEMINEMENT": None}})
    simulator.verdict(number="B")
    simulator.advance(86400)
    assert simulator.search(numeroFacture="B")["listeFactures"][0]["statut"] == "DEPOSEE"


def test_a_move_has_its_own_time_even_when_nobody_looked(simulator):
    simulator.deposit()
    simulator.advance(86400)
    invoice = simulator.search()["listeFactures"][0]
    assert invoice["dateHeureEtatCourant"] == "2026-09-15T10:00:22.000+02:00"


def test_the_buyers_word_is_in_the_search_and_in_the_history(simulator):
    invoice = simulator.integrated()
    simulator.set_status(invoice, "SUSPENDUE", "Il manque le bon de livraison n° 7")
    found = simulator.search()["listeFactures"][0]
    assert (found["statut"], found["commentaireEtatCourant"]) == (
        "SUSPENDUE",
        "Il manque le bon de livraison n° 7",
    )
    last = history(simulator, invoice)["histoStatut"][-1]
    assert (last["histoStatutCode"], last["histoStatutCommentaire"]) == (
        "SUSPENDUE",
        "Il manque le bon de livraison n° 7",
    )
    assert last["histoStatutDatePassage"] == "2026-09-15T11:00:00.000+02:00"
    assert codes(simulator, invoice) == [
        "DEPOSEE",
        "EN_COURS_ACHEMINEMENT",
        "MISE_A_DISPOSITION",
        "SUSPENDUE",
    ]


def test_a_long_history_is_paged(simulator):
    invoice = simulator.integrated()
    for _ in range(12):
        simulator.set_status(invoice, "SUSPENDUE", "encore")
    first = history(simulator, invoice)
    assert (len(first["histoStatut"]), first["pagesHistoStatut"], first["totalHistoStatut"]) == (10, 2, 15)
    second = history(
        simulator, invoice, paramRechercheHistoStatuts={"pageResultatDemandeeListeHistoStatut": 2}
    )
    assert len(second["histoStatut"]) == 5
    newest = history(
        simulator,
        invoice,
        paramRechercheHistoStatuts={
            "triSensListeHistoStatut": "Descendant",
            "nbResultatsParPageListeHistoStatut": 1,
        },
    )
    assert newest["histoStatut"][0]["histoStatutCode"] == "SUSPENDUE"


# Finding


@pytest.fixture
def three(simulator):
    """Three invoices, deposited on the 15th, 16th and 17th of September."""
    simulator.integrated(number="N1", engagement="E1", gross="120.00")
    simulator.at("2026-09-16T10:00:00+02:00")
    simulator.integrated(
        number="N2",
        buyer=SERVICE,
        service="SERVICE_DEST_SERV_OBL",
        date="20260916",
        contract="MARCHE",
        gross="240.00",
    )
    simulator.at("2026-09-17T10:00:00+02:00")
    simulator.integrated(
        number="N3", type_code="381", date="20260917", iban=None, preceding="N1", gross="60.00"
    )
    return simulator


@pytest.mark.parametrize(
    ("criteria", "numbers"),
    [
        ({}, ["N1", "N2", "N3"]),
        ({"numeroFacture": "N2"}, ["N2"]),
        ({"typeFacture": "AVOIR"}, ["N3"]),
        ({"statutCourant": ["MISE_A_DISPOSITION", "REJETEE"]}, ["N1", "N2", "N3"]),
        ({"periodeDateDepotDu": "2026-09-16"}, ["N2", "N3"]),
        ({"periodeDateDepotAu": "2026-09-16"}, ["N1", "N2"]),
        (
            {"periodeDateFactureDu": "2026-09-16T00:00:00.000+02:00", "periodeDateFactureAu": "2026-09-16"},
            ["N2"],
        ),
        ({"periodeDateHeureEtatCourantDu": "2026-09-16T10:00:22+02:00"}, ["N2", "N3"]),
        ({"periodeDateHeureEtatCourantDu": "2026-09-16T10:00:23+02:00"}, ["N3"]),
        (
            {"periodeDateHeureEtatCourantDu": "2026-09-16", "periodeDateHeureEtatCourantAu": "2026-09-16"},
            ["N2"],
        ),
        ({"montantTTCMin": 100, "montantTTCMax": 200}, ["N1"]),
        ({"numeroBonCommande": "E1"}, ["N1"]),
        ({"numeroMarche": "MARCHE"}, ["N2"]),
        ({"numeroFactureOrigine": "N1"}, ["N3"]),
        ({"cadreFacturation": "A1_FACTURE_FOURNISSEUR"}, ["N1", "N2", "N3"]),
        ({"modeDepot": "EDI_MIXTE", "rejetTraite": False}, ["N1", "N2", "N3"]),
    ],
)
def test_criteria(three, criteria, numbers):
    found = three.ok(SEARCH, criteria)["listeFactures"]
    assert [invoice["numeroFacture"] for invoice in found] == numbers


def test_by_recipient_and_service(three):
    invoices = {item["numeroFacture"]: item for item in three.search()["listeFactures"]}
    recipient = {
        "idDestinataire": invoices["N2"]["idDestinataire"],
        "listeIdServiceExecutant": [invoices["N2"]["idServiceExecutant"]],
    }
    found = three.search(listeDestinataire=[recipient])["listeFactures"]
    assert [item["numeroFacture"] for item in found] == ["N2"]
    found = three.search(listeDestinataire=[recipient], rechercheSirenDestinataire=True)
    assert found["parametresRetour"]["total"] == 1, "both recipients share the SIREN, one service matches"


def test_nothing_found_is_a_refusal_or_an_empty_list(simulator):
    assert simulator.search() == {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}
    simulator.control("settings", {"empty_list_instead_of_20000": True})
    assert simulator.ok(SEARCH)["listeFactures"] == []


def test_pages_of_ten_unless_asked(simulator):
    simulator.control("seed", {"count": 25})
    first = simulator.search()
    assert len(first["listeFactures"]) == 10
    assert first["parametresRetour"] == {"pageCourante": 1, "pages": 3, "nbResultatsParPage": 10, "total": 25}
    last = simulator.search(rechercheFactureParFournisseur={"pageResultatDemandee": 3})
    assert len(last["listeFactures"]) == 5
    beyond = simulator.search(rechercheFactureParFournisseur={"pageResultatDemandee": 4})
    assert (beyond["codeRetour"], beyond["listeFactures"]) == (0, [])
    whole = simulator.search(rechercheFactureParFournisseur={"nbResultatsParPage": 1000})
    assert len(whole["listeFactures"]) == 25
    limited = simulator.search(
        rechercheFactureParFournisseur={"nbResultatsMaximum": 12, "pageResultatDemandee": 2}
    )
    assert (len(limited["listeFactures"]), limited["parametresRetour"]["total"]) == (2, 12)


def test_sorting(three):
    def numbers(column, direction):
        return [
            item["numeroFacture"]
            for item in three.search(
                rechercheFactureParFournisseur={"triColonne": column, "triSens": direction}
            )["listeFactures"]
        ]

    assert numbers("MontantTTC", "Ascendant") == ["N3", "N1", "N2"]
    assert numbers("MontantTTC", "Descendant") == ["N2", "N1", "N3"]
    assert numbers("NumeroFacture", "Descendant") == ["N3", "N2", "N1"]


# Acting


def act(client, operation, **body):
    return client.call(f"factures/v1/{operation}", body)


def test_complete_only_when_suspended(simulator):
    invoice = simulator.integrated()["identifiantFactureCPP"]
    assert act(simulator, "completer", identifiantFactureCPP=1) == {
        "codeRetour": 20000,
        "libelle": "GDP_MSG_11.008",
    }
    assert act(simulator, "completer", identifiantFactureCPP=invoice) == {
        "codeRetour": 20002,
        "libelle": "GDP_MSG_11.033",
    }
    simulator.control("accounts", {"login": "TECH_2_2@cpro.fr", "password": "p", "structures": []})
    simulator.control(f"invoices/{invoice}/status", {"status": "SUSPENDUE", "comment": "x"})
    answer = simulator.post(
        "factures/v1/completer",
        {"identifiantFactureCPP": invoice},
        simulator.headers("TECH_2_2@cpro.fr", "p"),
    ).json()
    assert answer == {"codeRetour": 20001, "libelle": "GDP_MSG_11.005"}
    wrong = act(
        simulator,
        "completer",
        identifiantFactureCPP=invoice,
        pieceJointeComplementaire=[{"pieceJointeComplementaireId": 999}],
    )
    assert wrong["codeRetour"] != 0
    assert act(simulator, "completer", identifiantFactureCPP=invoice, commentaire="Voici")["codeRetour"] == 0
    found = simulator.search()["listeFactures"][0]
    assert (found["statut"], found["commentaireEtatCourant"]) == ("COMPLETEE", "Voici")


def test_recycle_changes_recipient_service_and_engagement_and_keeps_the_number(simulator):
    invoice = simulator.integrated(number="R1")
    wanted = invoice["identifiantFactureCPP"]
    assert act(simulator, "recycler", identifiantFactureCPP=wanted)["libelle"] == "GDP_MSG_11.033"
    simulator.set_status(invoice, "A_RECYCLER", "Mauvais destinataire")
    incomplete = act(
        simulator, "recycler", identifiantFactureCPP=wanted, destinataire={"codeDestinataire": BOTH}
    )
    assert incomplete["codeRetour"] != 0
    act(
        simulator,
        "recycler",
        identifiantFactureCPP=wanted,
        commentaire="Corrigé",
        destinataire={"codeDestinataire": BOTH, "codeServiceExecutant": "SERVICE_DEST_SERV_EJ_OBL"},
        reference={"numeroBonCommande": "ENG9"},
    )
    found = simulator.search()["listeFactures"][0]
    assert (
        found["numeroFacture"],
        found["codeDestinataire"],
        found["codeServiceExecutant"],
        found["numeroBonCommande"],
        found["statut"],
    ) == ("R1", BOTH, "SERVICE_DEST_SERV_EJ_OBL", "ENG9", "DEPOSEE")
    simulator.advance(60)
    assert simulator.search()["listeFactures"][0]["statut"] == "MISE_A_DISPOSITION"


def test_acknowledge_only_what_was_rejected(simulator):
    invoice = simulator.integrated()
    wanted = [{"idDemandePaiement": invoice["identifiantFactureCPP"]}]
    assert act(simulator, "traiterRejet", listeDemandePaiement=wanted)["codeRetour"] == 20002
    simulator.set_status(invoice, "REJETEE", "Non conforme")
    assert act(simulator, "traiterRejet", listeDemandePaiement=wanted)["codeRetour"] == 0
    assert simulator.search()["listeFactures"][0]["rejetTraite"] is True
    assert act(simulator, "rechercher/atraiter/fournisseur")["codeRetour"] == 20000


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("SUSPENDUE", None, None),
        ("REJETEE", None, None),
        ("SUSPENDUE", "Manque", "SUSPENDUE"),
        ("REJETEE", "Faux", "REJETEE"),
        ("MISE_EN_PAIEMENT", None, "MISE_EN_PAIEMENT"),
        ("A_RECYCLER", None, "A_RECYCLER"),
        ("SERVICE_FAIT", None, None),
    ],
)
def test_the_recipient_treats(simulator, status, reason, expected):
    invoice = simulator.integrated()
    body = {"idFacture": invoice["identifiantFactureCPP"], "nouveauStatut": status, "motif": reason}
    simulator.post("factures/v1/traiter/recue", body)
    assert simulator.search()["listeFactures"][0]["statut"] == (expected or "MISE_A_DISPOSITION")


def test_a_validator_refuses_with_a_reason(simulator):
    simulator.control("settings", {"validator_required": True})
    wanted = simulator.integrated(process="A12")["identifiantFactureCPP"]
    assert (
        simulator.post(
            "factures/v1/traiter/factureAValider", {"idFacture": wanted, "action": "REFUSER"}
        ).status_code
        == 400
    )
    act(
        simulator,
        "traiter/factureAValider",
        idFacture=wanted,
        action="REFUSER",
        motifRefus="Pas notre chantier",
    )
    found = simulator.search()["listeFactures"][0]
    assert (found["statut"], found["commentaireEtatCourant"]) == ("REFUSEE_1", "Pas notre chantier")


def test_the_control_panel_sets_any_status_by_id_or_number(simulator):
    simulator.integrated(number="Z1")
    simulator.control("invoices/Z1/status", {"status": "PRISE_EN_COMPTE_DESTINATAIRE"})
    simulator.control("invoices/Z1/status", {"status": "INVENTE", "comment": "mot inconnu"})
    assert simulator.search()["listeFactures"][0]["statut"] == "INVENTE"


def test_the_deposited_pdf_can_be_downloaded_again(simulator):
    flow = simulator.deposit(number="P1")
    simulator.advance(60)
    wanted = simulator.search(numeroFluxDepot=flow)["listeFactures"][0]["identifiantFactureCPP"]
    answer = act(simulator, "telecharger/groupe", listeFacture=[{"idFacture": wanted}], format="PDF")
    pdf = base64.b64decode(answer["fichierResultat"])
    assert simulator.control("ledger")["deposits"][0]["size"] == len(pdf)


def test_attachments_inside_the_pdf_are_listed(simulator):
    flow = simulator.deposit(facturx(number="PJ", attachments=[("bon.pdf", b"%PDF-1.4")]))
    simulator.advance(60)
    wanted = simulator.search(numeroFluxDepot=flow)["listeFactures"][0]["identifiantFactureCPP"]
    detail = act(simulator, "consulter/fournisseur", identifiantFactureCPP=wanted)["facture"]
    names = [piece["pieceJointeDesignation"] for piece in detail["listeDesPiecesJointes"]["pieceJointe"]]
    assert names == ["bon.pdf"]


def test_who_may_see(simulator):
    simulator.integrated()
    simulator.control(
        "accounts", {"login": "TECH_2_2@cpro.fr", "password": "p", "structures": ["35068473658377"]}
    )
    answer = simulator.post(SEARCH, {}, simulator.headers("TECH_2_2@cpro.fr", "p")).json()
    assert answer["codeRetour"] == 20000
    assert simulator.search()["listeFactures"][0]["codeFournisseur"] == SELLER
    assert simulator.search()["listeFactures"][0]["codeDestinataire"] == FREE
