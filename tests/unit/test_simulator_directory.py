"""Structures, their duties and services, the State's commitments."""

import pytest
from simulator_kit import BOTH, EITHER, ENGAGEMENT, FREE, SELLER, SERVICE, STATE, TOWN


def find(client, siret):
    return client.ok(
        "structures/v1/rechercher",
        {"structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"}},
    )["listeStructures"]


def structure(client, siret):
    return client.ok("structures/v1/consulter", {"idStructureCPP": find(client, siret)[0]["idStructureCPP"]})


@pytest.mark.parametrize(
    ("siret", "service", "engagement", "either"),
    [
        (FREE, False, False, False),
        (SERVICE, True, False, False),
        (ENGAGEMENT, False, True, False),
        (BOTH, True, True, False),
        (EITHER, False, False, True),
        (STATE, True, False, False),
    ],
)
def test_the_data_set_and_its_duties(simulator, siret, service, engagement, either):
    (brief,) = find(simulator, siret)
    assert (brief["identifiantStructure"], brief["statut"]) == (siret, "ACTIVE")
    duties = structure(simulator, siret)["parametres"]
    assert (
        duties["codeServiceDoitEtreRenseigne"],
        duties["numeroEJDoitEtreRenseigne"],
        duties["gestionNumeroEJOuCodeService"],
    ) == (service, engagement, either)


def test_special_structures(simulator):
    assert find(simulator, "21999998100015")[0]["statut"] == "INACTIVE"
    assert structure(simulator, "20999999900011")["parametres"]["estMoaUniquement"] is True
    assert structure(simulator, "26999999900018")["parametres"]["statutMiseEnPaiementNestPasRemonte"] is True
    assert structure(simulator, SELLER)["informationGenerales"]["structurePriveePublique"] == "PRIVEE"
    assert (
        simulator.call("structures/v1/rechercher", {"structure": {"identifiantStructure": "00000000000000"}})[
            "codeRetour"
        ]
        == 20000
    )


def test_search_by_kind_name_and_status(simulator):
    def names(**wanted):
        answer = simulator.ok(
            "structures/v1/rechercher", {"structure": wanted, "parametres": {"nbResultatsParPage": 100}}
        )
        return [item["designationStructure"] for item in answer["listeStructures"]]

    assert names(raisonSocialeStructure="simville", estMOA=False) == [
        "Commune de Simville",
        "Centre hospitalier de Simville",
    ]
    assert names(typeStructure="PRIVEE")[0] == "Fournisseur 33254021516357"
    assert names(statutStructure="INACTIVE") == ["Commune déléguée de Fermeville"]


def test_ten_services_a_page(simulator):
    town = find(simulator, TOWN)[0]["idStructureCPP"]

    def page(number):
        return simulator.ok(
            "structures/v1/rechercher/services",
            {"idStructure": town, "parametresRechercherServicesStructure": {"pageResultatDemandee": number}},
        )

    assert page(1)["parametresRetour"] == {
        "pageCourante": 1,
        "pages": 2,
        "nbResultatsParPage": 10,
        "total": 16,
    }
    services = page(1)["listeServices"] + page(2)["listeServices"]
    assert len({service["idService"] for service in services}) == 16
    closed = [service["codeService"] for service in services if not service["estActif"]]
    assert closed == ["SIM015"]
    assert "FACTURES_PUBLIQUES" in [service["codeService"] for service in services]


def test_a_service_may_require_an_engagement_by_itself(simulator):
    town = find(simulator, TOWN)[0]["idStructureCPP"]
    services = simulator.ok(
        "structures/v1/rechercher/services",
        {"idStructure": town, "parametresRechercherServicesStructure": {"nbResultatsParPage": 100}},
    )
    wanted = {service["codeService"]: service["idService"] for service in services["listeServices"]}
    for code, expected in (("SIM001", False), ("SIM014", True)):
        detail = simulator.ok(
            "structures/v1/consulter/service", {"idStructure": town, "idService": wanted[code]}
        )
        assert detail["parametres"]["numeroEngagement"] is expected


def test_the_identifier_as_a_number(simulator):
    simulator.control("settings", {"structure_identifier_as_number": True})
    assert find(simulator, FREE)[0]["identifiantStructure"] == int(FREE)


def test_changing_a_structure_keeps_the_ids_of_its_services(simulator):
    before = simulator.control(f"structures/{SERVICE}", {})
    after = simulator.control(
        f"structures/{SERVICE}",
        {"services": [{"code": "NEW"}, {"code": "SERVICE_DEST_SERV_OBL", "active": False}]},
    )
    assert after["id"] == before["id"]
    assert after["services"][1]["id"] == before["services"][0]["id"]


def test_engagements_by_number_state_and_receiver(simulator):
    supplier = find(simulator, SELLER)[0]["idStructureCPP"]

    def search(**wanted):
        return simulator.call("engagementsJuridiques/v1/rechercher", wanted)

    for receiver in (str(supplier), SELLER):
        answer = search(
            structureReceptriceEngagementJuridique=receiver,
            numeroEngagementJuridique="1300000001",
            etatCourantEngagementJuridique="COMMANDE",
        )
        assert [item["numeroEngagementJuridique"] for item in answer["listeEngagementJuridique"]] == [
            "1300000001"
        ]
    assert (
        search(numeroEngagementJuridique="1300000099", etatCourantEngagementJuridique="COMMANDE")[
            "codeRetour"
        ]
        == 20000
    )
    assert search(structureReceptriceEngagementJuridique="1")["codeRetour"] == 20000
    detail = simulator.ok("engagementsJuridiques/v1/consulterDetail", {"idEngagementJuridique": 1300000001})
    assert detail["engagementJuridique"]["codeServiceExecutant"] == "SFACETAT"
    simulator.control("engagements", {"engagements": []})
    assert search(numeroEngagementJuridique="1300000001")["codeRetour"] == 20000


def test_attached_structures_are_paged(simulator):
    for number in range(12):
        simulator.control(f"structures/{40000000000000 + number}", {"public": False})
    answer = simulator.ok("utilisateurs/v1/monCompte/recuperer/rattachements")
    assert (len(answer["listeStructureRattachement"]), answer["parametresRetour"]["total"]) == (10, 15)
