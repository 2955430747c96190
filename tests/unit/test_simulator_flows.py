"""What becomes of a deposit: taken, introuvable, pending, verdict."""

import io
import tarfile
import zipfile

import pytest
from simulator_kit import (
    BOTH,
    EITHER,
    ENGAGEMENT,
    FREE,
    SELLER,
    SERVICE,
    STATE,
    TOWN,
    cii,
    deposit_body,
    facturx,
)

PENDING = [
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
    "IN_RECU",
    "IN_TRAITE_SE_CPP",
    "IN_EN_ATTENTE_TRAITEMENT_CPP",
    "IN_EN_COURS_TRAITEMENT_CPP",
]


def errors(report):
    """The texts of every refused invoice of a report, in one string."""
    return " ; ".join(item["libelleErreurDP"] for item in report["listeErreurDP"])


def technical(report):
    return " ; ".join(item["libelleErreur"] for item in report["listeErreurTechnique"])


def test_a_deposit_says_only_that_the_file_was_taken(simulator):
    answer = simulator.ok("factures/v1/deposer/flux", deposit_body(b"%PDF-rubbish"))
    assert answer["libelle"] == "GCU_MSG_01_000"
    assert answer["dateDepot"] == "2026-09-15"
    assert answer["syntaxeFlux"] == "IN_DP_E2_CII_FACTURX"
    assert (len(answer["numeroFluxDepot"]), answer["numeroFluxDepot"][:10]) == (25, "CPP0011117")


def test_a_flow_is_introuvable_then_pending_then_integrated(simulator):
    simulator.control("settings", {"not_found_period": 2, "flow_delays": dict.fromkeys(PENDING, 4)})
    flow = simulator.deposit()
    assert simulator.report(flow) == {"codeRetour": 20001, "libelle": "POQ_MSG_01.003 - Flux introuvable."}
    simulator.advance(3)
    seen = []
    for _ in range(6):
        seen.append(simulator.report(flow)["etatCourantDepotFlux"])
        simulator.advance(4)
    assert seen == [*PENDING, "IN_INTEGRE"]


def test_the_report_carries_the_servers_file_name_and_never_the_flow_number(simulator):
    flow = simulator.deposit(filename="mine.pdf")
    simulator.advance(60)
    report = simulator.report(flow)
    assert report["nomFichier"] == f"FSO1117A_CPP001_{flow}"
    assert report["codeInterfaceDepotFlux"] == "FSO1117A"
    assert report["dateDepotFlux"] == "2026-09-15T10:00:00.000+02:00"
    assert "numeroFluxDepot" not in report
    assert (report["listeErreurDP"], report["listeErreurTechnique"]) == ([], [])


def test_skipped_states_and_no_introuvable_period(simulator):
    simulator.control("settings", {"not_found_period": 0, "flow_delays": dict.fromkeys(PENDING, 0)})
    assert simulator.report(simulator.deposit())["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_an_integrated_invoice_is_found_by_its_flow(simulator):
    flow = simulator.deposit(number="FAC/2026/0042", date="20260914")
    assert simulator.search(numeroFluxDepot=flow) == {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}
    simulator.advance(12)
    invoice = simulator.search(numeroFluxDepot=flow)["listeFactures"][0]
    assert invoice["numeroFacture"] == "FAC/2026/0042"
    assert (invoice["codeFournisseur"], invoice["codeDestinataire"]) == (SELLER, FREE)
    assert (invoice["montantHT"], invoice["montantTTC"], invoice["devise"]) == (100.0, 120.0, "EUR")
    assert (invoice["dateFacture"], invoice["dateDepot"]) == ("2026-09-14", "2026-09-15")
    assert invoice["statut"] == "DEPOSEE"


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ({"payment": None}, "SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire."),
        ({"process": "M1"}, "BusinessProcessSpecifiedDocumentContextParameter.ID"),
        ({"process": "A26"}, "BusinessProcessSpecifiedDocumentContextParameter.ID"),
        ({"number": "F" * 21}, "ne doit pas depasser 20 caracteres"),
        ({"number": "F.2026"}, "caractere non admis"),
        ({"seller_legal": "332540215"}, "n'est pas un SIRET"),
        ({"buyer_legal": "123456782"}, "n'est pas un SIRET"),
        (
            {"seller": "99999999999999"},
            "L'identifiant fournisseur de la demande de paiement (balise : "
            "AccountingSupplierParty.Party.PartyIdentification.ID.value) n'est pas "
            "reference dans notre systeme.",
        ),
        ({"buyer": "99999999999999"}, "n'utilise pa"),
        ({"buyer": SELLER}, "n'utilise pa"),
        ({"buyer": "21999998100015"}, "inactive"),
        (
            {"buyer": SERVICE},
            "(FichierXml.SupplyChainTradeTransaction.ApplicableHeaderTradeAgreement."
            "BuyerReference.value) est obligatoire",
        ),
        ({"buyer": ENGAGEMENT}, "BuyerOrderReferencedDocument.IssuerAssignedID.value) est obligatoire"),
        ({"buyer": BOTH, "service": "SERVICE_DEST_SERV_EJ_OBL"}, "IssuerAssignedID.value) est obligatoire"),
        ({"buyer": EITHER}, "code service ou le numero d'engagement"),
        ({"buyer": EITHER, "service": "SERVICE_EJ_OBL"}, "IssuerAssignedID.value) est obligatoire"),
        ({"buyer": STATE}, "BuyerReference.value) est obligatoire"),
        ({"buyer": STATE, "service": "SFACETAT", "engagement": "1300000099"}, "clos"),
        ({"buyer": SERVICE, "service": "NOWHERE"}, "n'est pas connu"),
        ({"buyer": SERVICE, "service": "SERVICE_DEST_INACTIF"}, "inactif"),
        ({"buyer": TOWN, "service": "FACTURES_PUBLIQUES"}, "FACTURES_PUBLIQUES"),
        (
            {
                "extra_agreement": "<ram:AdditionalReferencedDocument>"
                "<ram:IssuerAssignedID>X</ram:IssuerAssignedID>"
                "<ram:TypeCode>130</ram:TypeCode></ram:AdditionalReferencedDocument>"
            },
            "L'element (AttachmentBinaryObject.value) est obligatoire",
        ),
        (
            {
                "gross_price": "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>100</ram:ChargeAmount>"
                "</ram:GrossPriceProductTradePrice>"
            },
            "L'element (AppliedTradeAllowanceCharge.ActualAmount.value) est obligatoire",
        ),
        ({"payment": "54"}, "54 n'est pas admis"),
        ({"iban": None}, "IBANID"),
        ({"iban": "FR7630006000011234567890188"}, "IBAN est incorrect"),
        ({"type_code": "261"}, "261 n'est pas admis"),
        ({"date": "20260916"}, "posterieure"),
        ({"gross": "120.001"}, "2 decimales"),
        ({"quantity": "12345678901"}, "10 chiffres"),
        ({"service": "S" * 101}, "service trop long"),
        ({"engagement": "E" * 51}, "engagement trop long"),
        ({"contract": "M" * 51}, "marche trop long"),
    ],
)
def test_refused_with_the_known_text(simulator, terms, text):
    simulator.control("settings", {"report_cut": 2000})
    report = simulator.verdict(**terms)
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert text in errors(report)


@pytest.mark.parametrize(
    "terms",
    [
        {"process": None},
        {"process": "A25"},
        {"number": "F" * 20},
        {"number": "F 2026-1+_/"},
        {"date": "20260915"},
        {"buyer": SERVICE, "service": "SERVICE_DEST_SERV_OBL"},
        {"buyer": ENGAGEMENT, "engagement": "ENG1"},
        {"buyer": BOTH, "service": "SERVICE_DEST_SERV_EJ_OBL", "engagement": "ENG1"},
        {"buyer": EITHER, "engagement": "ENG1"},
        {"buyer": EITHER, "service": "SERVICE_DEST_AU_CHOIX"},
        {"buyer": STATE, "service": "SFACETAT"},
        {"type_code": "381", "iban": None},
        {"payable": "0.00", "process": "A2", "iban": None},
        {"payment": "10", "iban": None},
        {"gross": "120.000"},
        {"gross": "999.99"},  # arithmetic is not known to be checked
    ],
)
def test_accepted(simulator, terms):
    report = simulator.verdict(**terms)
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE", report


def test_uncertain_rules_can_be_switched_on_one_by_one_or_all(simulator):
    simulator.control("settings", {"rules": {"arithmetic": True}})
    assert "BR-CO-15" in errors(simulator.verdict(gross="999.99"))
    simulator.control("settings", {"rules": {"arithmetic": False, "number_too_long": False}, "strict": True})
    report = simulator.verdict(process=None, number="F" * 21)
    assert "Cadre de facturation absent" in errors(report)
    assert "20 caracteres" not in errors(report)


def test_only_rows_sure_enough_reject_by_default(simulator):
    for rule in simulator.control("rules")["rules"]:
        assert rule["default"] == (rule["certainty"] in ("LIVE", "AIFE", "SPEC2")), rule["id"]


def test_several_messages_are_joined_and_cut_so_that_one_fix_reveals_the_next(simulator):
    report = simulator.verdict(payment=None, process="M1", number="F" * 21, seller="99999999999999")
    (entry,) = report["listeErreurDP"]
    assert len(entry["libelleErreurDP"]) == 200
    assert entry["libelleErreurDP"].endswith("[...]")
    assert "|" in entry["libelleErreurDP"]
    assert entry["numeroDP"] == "F" * 21
    assert (entry["identifiantFournisseur"], entry["identifiantDestinataire"]) == ("99999999999999", FREE)
    simulator.control("settings", {"report_cut": 2000})
    flow = simulator.deposit(payment=None, process="M1", number="G" * 21)
    simulator.advance(60)
    assert errors(simulator.report(flow)).count("|") == 2


def test_same_number_again_is_rejected_only_while_the_first_is_integrated(simulator):
    assert simulator.verdict(number="D1", payment=None)["etatCourantDepotFlux"] == "IN_REJETE"
    assert simulator.verdict(number="D1")["etatCourantDepotFlux"] == "IN_INTEGRE"
    report = simulator.verdict(number="D1")
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert "déjà déposé" in errors(report)
    assert simulator.verdict(number="D1", date="20250301")["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert simulator.verdict(number="D1", seller="35068473658377")["etatCourantDepotFlux"] == "IN_INTEGRE"
    simulator.control("settings", {"duplicate_check": False})
    assert simulator.verdict(number="D1")["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert simulator.search(numeroFacture="D1")["parametresRetour"]["total"] == 4


@pytest.mark.parametrize(
    ("content", "filename", "text"),
    [
        (facturx(b""), "f.pdf", "Aucun factur-x.xml"),
        (facturx(password="secret"), "f.pdf", "chiffre"),
        (b"not a pdf", "f.pdf", "PDF illisible"),
        (b"%PDF-1.4 cut", "f.pdf", "PDF illisible"),
        (facturx(), "f", "Extension"),
        (facturx(), "f.txt", "Extension"),
        (facturx(b"<not closed>"), "f.pdf", "IRRECEVABILITE"),
        (facturx(b"<invoice/>"), "f.pdf", "Cannot find the declaration of element 'invoice'"),
        (
            facturx(gross="-1 324,60"),
            "f.pdf",
            "IRRECEVABILITE: cvc-datatype-valid.1.2.1: '-1 324,60' is not a valid value for 'decimal'. "
            "- ligne: ",
        ),
        (
            facturx(cii().replace(b"<ram:TypeCode>380</ram:TypeCode>", b"")),
            "f.pdf",
            "'{TypeCode}' is expected",
        ),
        (facturx(cii(lines=0)), "f.pdf", "cvc-complex-type.2.4"),
        (b"PK rubbish", "f.zip", "Archive illisible"),
        (b"\x1f\x8b rubbish", "f.tar.gz", "Archive illisible"),
    ],
)
def test_unreadable_files_are_rejected_with_a_technical_error(simulator, content, filename, text):
    report = simulator.verdict(content, filename)
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert report["listeErreurDP"] == []
    assert text in technical(report)


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(("pack", "filename"), [(zipped, "lot.zip"), (tarred, "lot.tar.gz")])
def test_an_archive_with_one_refused_invoice_is_partly_integrated(simulator, pack, filename):
    content = pack({"a.pdf": facturx(number="B1"), "b.pdf": facturx(number="B2", payment=None)})
    report = simulator.verdict(content, filename)
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert [entry["numeroDP"] for entry in report["listeErreurDP"]] == ["B2"]
    assert [item["number"] for item in simulator.control("ledger")["invoices"]] == ["B1"]


def test_an_unreadable_file_rejects_its_whole_archive_unless_told_otherwise(simulator):
    content = zipped({"a.pdf": facturx(number="C1"), "b.pdf": b"rubbish"})
    report = simulator.verdict(content, "lot.zip")
    assert (report["etatCourantDepotFlux"], report["listeErreurDP"]) == ("IN_REJETE", [])
    simulator.control("settings", {"archive_technical_error": "file"})
    assert simulator.verdict(content, "lot.zip")["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"


def test_the_same_number_twice_in_one_archive(simulator):
    content = zipped({"a.pdf": facturx(number="E1"), "b.pdf": facturx(number="E1")})
    assert simulator.verdict(content, "lot.zip")["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert [pair["number"] for pair in simulator.control("ledger")["doubled"]] == ["E1"]


def test_cii_alone_and_in_an_archive(simulator):
    report = simulator.verdict(cii(number="X1"), "x.xml", "IN_DP_E1_CII_16B")
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"
    content = tarred({"a.xml": cii(number="X2"), "b.xml": cii(number="X3")})
    report = simulator.verdict(content, "x.tar.gz", "IN_DP_E1_CII_16B")
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert report["codeInterfaceDepotFlux"] == "FSO1106A"


@pytest.mark.parametrize(
    ("syntax", "filename"),
    [
        ("IN_DP_E1_UBL_INVOICE", "u.xml"),
        ("IN_DP_E1_CII", "c.xml"),
        ("IN_DP_E1_PES_FACTURE", "p.xml"),
        ("IN_DP_E1_XCBL", "x.xml"),
        ("IN_DP_E2_UBL_INVOICE_MIN", "u.xml"),
        ("IN_DP_E2_CII_MIN", "c.xml"),
        ("IN_DP_E2_PES_FACTURE_MIN", "p.xml"),
        ("IN_DP_E2_CPP_FACTURE_MIN", "c.xml"),
        ("IN_DP_PDFARCHIVE_UBL_INVOICE_MUG", "u.pdf"),
        ("IN_DP_PDFARCHIVE_CII_MUG", "c.pdf"),
        ("IN_DP_E2_CII_MIN_16B", "c.xml"),
    ],
)
def test_other_syntaxes_are_kept_and_told_as_unchecked(simulator, syntax, filename):
    report = simulator.verdict(b"<anything/>", filename, syntax)
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert "sans controle" in technical(report)
    (deposit,) = simulator.control("ledger")["deposits"]
    assert [file["verdict"] for file in deposit["files"]] == ["unchecked"]


@pytest.mark.parametrize(("filename", "size"), [("big.pdf", 10 * 2**20 + 1), ("big.tar.gz", 30 * 2**20 + 1)])
def test_too_big_is_refused_at_once(simulator, filename, size):
    answer = simulator.call("factures/v1/deposer/flux", deposit_body(b"0" * size, filename))
    assert answer == {"codeRetour": 20001, "libelle": "GDP_MSG_11.022"}
    assert simulator.control("ledger")["deposits"] == []


def test_a_closed_structure_between_deposit_and_verdict(simulator):
    flow = simulator.deposit()
    simulator.control(f"structures/{FREE}", {"active": False})
    simulator.advance(60)
    assert "inactive" in errors(simulator.report(flow))


@pytest.mark.parametrize("state", ["IN_INCIDENTE", "IN_REJETE", "QP_IRRECEVABLE"])
def test_a_final_state_can_be_ordered_for_one_flow(simulator, state):
    flow = simulator.deposit()
    simulator.control(f"deposits/{flow}", {"state": state})
    simulator.advance(60)
    assert simulator.report(flow)["etatCourantDepotFlux"] == state
    assert simulator.control("ledger")["invoices"] == []


def test_a_flow_can_be_stuck_and_set_free(simulator):
    flow = simulator.deposit()
    simulator.control(f"deposits/{flow}", {"state": "IN_EN_ATTENTE_RETRAITEMENT_CPP"})
    simulator.advance(3600)
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_EN_ATTENTE_RETRAITEMENT_CPP"
    simulator.control(f"deposits/{flow}", {"state": None})
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_suppliers_and_recipients_can_be_added(simulator):
    simulator.control("structures/40000000000018", {"name": "Mine", "public": False})
    simulator.control(
        "structures/21111111100019", {"name": "Theirs", "needs_service": True, "services": [{"code": "S1"}]}
    )
    report = simulator.verdict(seller="40000000000018", buyer="21111111100019", service="S1")
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_unknown_suppliers_are_accepted_once_the_rule_is_off(simulator):
    simulator.control("settings", {"rules": {"seller_unknown": False}})
    flow = simulator.deposit(seller="40000000000018")
    simulator.advance(60)
    assert simulator.report(flow)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert simulator.search()["listeFactures"][0]["codeFournisseur"] == "40000000000018"


def test_incidents_at_random_with_a_seed(simulator):
    simulator.control("settings", {"incident_one_in": 3})
    flows = [simulator.deposit(number=f"I{number}") for number in range(20)]
    simulator.advance(60)
    states = [simulator.report(flow)["etatCourantDepotFlux"] for flow in flows]
    assert 1 < states.count("IN_INCIDENTE") < 15
    assert states.count("IN_INTEGRE") == 20 - states.count("IN_INCIDENTE")
    assert simulator.control("ledger")["doubled"] == []


def test_delays_vary_with_the_jitter(simulator):
    simulator.control("settings", {"delay_jitter": 0.5})
    for number in range(12):
        simulator.deposit(number=f"J{number}")
    simulator.advance(12)
    verdicts = [deposit["verdict"] for deposit in simulator.control("ledger")["deposits"]]
    assert {"IN_INTEGRE", None} == set(verdicts)
