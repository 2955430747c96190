"""What becomes of a deposit: taken, introuvable, pending, verdict."""

from simulator_kit import FREE, SELLER, facturx, simulator  # noqa: F401


def test_a_good_invoice_goes_its_way(simulator):
    deposit = simulator.ok("factures/v1/deposer/flux", {
        **__import__("simulator_kit").deposit_body(facturx())})
    assert deposit["dateDepot"] == "2026-09-15"
    flow = deposit["numeroFluxDepot"]
    assert (len(flow), flow[:10]) == (25, "CPP0011117")
    assert simulator.report(flow) == {"codeRetour": 20001, "libelle": "POQ_MSG_01.003 - Flux introuvable."}
    simulator.advance(3)
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
    simulator.advance(60)
    report = simulator.report(flow)
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert (report["listeErreurDP"], report["listeErreurTechnique"]) == ([], [])
    found = simulator.search(numeroFluxDepot=flow)
    invoice = found["listeFactures"][0]
    assert (invoice["numeroFacture"], invoice["codeFournisseur"], invoice["codeDestinataire"]) == (
        "F2026-001", SELLER, FREE)
