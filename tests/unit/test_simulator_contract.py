"""Every answer of the 22 factures operations against the official Swagger file, and the rest against the
tables of the reference."""

import base64
import json
from datetime import datetime
from pathlib import Path

import pytest
from simulator_kit import FREE, SELLER, TOWN, deposit_body, facturx

from simulator.contract import published

SWAGGER = json.loads((Path(__file__).parent / "data" / "chorus_factures.swagger.json").read_text())
OPERATIONS = {path: operation["post"] for path, operation in SWAGGER["paths"].items()}

# Declared date-time, but told without time: seen live for dateDepot of deposer/flux, usual elsewhere.
PLAIN_DATES = {"dateDepot", "dateFacture", "dateFournisseur", "dateEcheancePaiement"}


def breaches(schema, value, where=""):
    """Every place where ``value`` does not fit the Swagger ``schema``."""
    if "$ref" in schema:
        schema = SWAGGER["definitions"][schema["$ref"].rpartition("/")[2]]
    kind = schema.get("type", "object")
    if kind == "object":
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        known = schema.get("properties", {})
        found = [
            f"{where}.{name}: not in the contract"
            for name in value
            if known and name not in known and name not in ("codeRetour", "libelle")
        ]
        found += [f"{where}.{name}: missing" for name in schema.get("required", ()) if name not in value]
        return found + [
            breach
            for name, item in value.items()
            if name in known
            for breach in breaches(known[name], item, f"{where}.{name}")
        ]
    if kind == "array":
        if not isinstance(value, list):
            return [f"{where}: not an array"]
        return [
            breach
            for index, item in enumerate(value)
            for breach in breaches(schema["items"], item, f"{where}[{index}]")
        ]
    if not _SCALARS[kind](value):
        return [f"{where}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} not in the enumeration"]
    if schema.get("format") == "date-time" and not _is_date(value, where):
        return [f"{where}: {value!r} is no date-time"]
    return []


_SCALARS = {
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
}


def _is_date(value, where):
    if len(value) == 10:
        return where.rpartition(".")[2] in PLAIN_DATES
    return datetime.fromisoformat(value).tzinfo is not None


def check(client, path, body):
    answer = client.ok(f"factures{path}", body)
    schema = OPERATIONS[path]["responses"]["200"]["schema"]
    assert breaches(schema, answer, path) == []
    return answer


def test_the_request_types_are_those_of_the_official_file():
    def kind(schema):
        if "$ref" in schema:
            return schema["$ref"].rpartition("/")[2]
        if schema["type"] == "array":
            return [kind(schema["items"])]
        if schema.get("enum"):
            return "|".join(schema["enum"])
        if schema["type"] == "string":
            return schema.get("format", "string")
        return {"integer": schema.get("format", "int64")}.get(schema["type"], schema["type"])

    operations = {
        f"factures{path}": next(
            kind(part["schema"]) for part in operation["parameters"] if part["in"] == "body"
        )
        for path, operation in OPERATIONS.items()
    }
    assert published()["operations"] == operations
    assert len(operations) == 22
    for name, fields in published()["objects"].items():
        properties = SWAGGER["definitions"][name].get("properties", {})
        assert fields == {field: kind(schema) for field, schema in properties.items()}, name


@pytest.fixture(params=[True, False], ids=["plain dates", "date-times"])
def client(request, simulator):
    simulator.control("settings", {"plain_dates": request.param})
    return simulator


def test_deposit(client):
    answer = check(client, "/v1/deposer/flux", deposit_body(facturx()))
    assert answer["dateDepot"] == "2026-09-15"


def test_deposit_pdf_and_submit(client):
    pdf = check(
        client,
        "/v1/deposer/pdf",
        {
            "fichierFacture": base64.b64encode(b"%PDF-1.4").decode(),
            "nomFichier": "f.pdf",
            "formatDepot": "PDF_NON_SIGNE",
        },
    )
    supplier = client.control("structures/" + SELLER, {})
    answer = check(
        client,
        "/v1/soumettre",
        {
            "modeDepot": "SAISIE_API",
            "numeroFactureSaisi": "API-7",
            "dateFacture": "2026-09-15",
            "destinataire": {"codeDestinataire": FREE},
            "fournisseur": {
                "idFournisseur": supplier["id"],
                "codeCoordonneesBancairesFournisseur": supplier["banks"][0]["id"],
            },
            "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
            "references": {
                "deviseFacture": "EUR",
                "typeFacture": "FACTURE",
                "typeTva": "TVA_SUR_DEBIT",
                "modePaiement": "VIREMENT",
            },
            "montantTotal": {
                "montantHtTotal": 10,
                "montantTVA": 2,
                "montantTtcTotal": 12,
                "montantAPayer": 12,
            },
            "pieceJointePrincipale": {"pieceJointePrincipaleId": pdf["pieceJointeId"]},
        },
    )
    assert (answer["statutFacture"], answer["numeroFacture"]) == ("DEPOSEE", "API-7")
    refused = client.call("factures/v1/soumettre", {"numeroFactureSaisi": "API-8"})
    assert 20300 <= refused["codeRetour"] < 20400


def test_searches_and_consultations_of_a_supplier(client):
    invoice = client.integrated(
        number="S1", engagement="ENG", contract="M1", preceding="OLD", iban="FR7630006000011234567890189"
    )
    invoice_id = {"identifiantFactureCPP": invoice["identifiantFactureCPP"], "codeLangue": "fr"}
    found = check(client, "/v1/rechercher/fournisseur", {"recupererTaille": True})
    assert found["parametresRetour"] == {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 1}
    detail = check(client, "/v1/consulter/fournisseur", invoice_id)["facture"]
    assert detail["references"]["numeroBonCommande"] == "ENG"
    assert detail["fournisseur"]["coordBancairesFournisseurCompteBancaire"] == "FR7630006000011234567890189"
    assert len(detail["lignesDePoste"]["lignePoste"]) == 1
    history = check(client, "/v1/consulter/historique", {"idFacture": invoice["identifiantFactureCPP"]})
    assert history["statutCourantCode"] == "MISE_A_DISPOSITION"
    client.set_status(invoice, "SUSPENDUE", "Manque une pièce")
    waiting = check(client, "/v1/rechercher/atraiter/fournisseur", {})
    assert [item["numeroFacture"] for item in waiting["listeFactures"]] == ["S1"]
    check(client, "/v1/rechercher/demandePaiement", {"roleUtilisateur": "FOURNISSEUR", "numeroFacture": "S1"})


@pytest.mark.parametrize("form", ["PDF", "PIVOT", "ZIP"])
def test_download(client, form):
    invoice = client.integrated(number="T/1")
    answer = check(
        client,
        "/v1/telecharger/groupe",
        {
            "listeFacture": [{"idFacture": invoice["identifiantFactureCPP"]}],
            "format": form,
            "avecPiecesJointesComplementaires": "NON",
        },
    )
    start = {"PDF": b"%PDF-", "PIVOT": b"<?xml", "ZIP": b"PK"}[form]
    assert base64.b64decode(answer["fichierResultat"]).startswith(start)


def test_what_a_supplier_does(client):
    invoice = client.integrated(number="U1")
    wanted = {"identifiantFactureCPP": invoice["identifiantFactureCPP"]}
    client.set_status(invoice, "SUSPENDUE", "Manque une pièce")
    file_id = client.ok(
        "transverses/v1/ajouter/fichier",
        {
            "pieceJointeFichier": base64.b64encode(b"text").decode(),
            "pieceJointeNom": "note.txt",
            "pieceJointeTypeMime": "text/plain",
            "pieceJointeExtension": "TXT",
        },
    )["pieceJointeId"]
    check(
        client,
        "/v1/completer",
        {
            **wanted,
            "commentaire": "Voilà",
            "pieceJointeComplementaire": [
                {
                    "pieceJointeComplementaireId": file_id,
                    "pieceJointeComplementaireDesignation": "note",
                    "pieceJointeComplementaireType": "02",
                }
            ],
        },
    )
    detail = check(client, "/v1/consulter/fournisseur", wanted)["facture"]
    assert detail["statutFacture"] == "COMPLETEE"
    assert [piece["pieceJointeId"] for piece in detail["listeDesPiecesJointes"]["pieceJointe"]] == [file_id]
    client.set_status(invoice, "A_RECYCLER", "Mauvais service")
    answer = check(
        client,
        "/v1/recycler",
        {
            **wanted,
            "destinataire": {"codeDestinataire": FREE},
            "reference": {"numeroBonCommande": "NEW"},
            "commentaire": "Corrigé",
        },
    )
    assert (answer["numeroFacture"], answer["statutFacture"]) == ("U1", "DEPOSEE")
    client.set_status(invoice, "REJETEE", "Non conforme")
    check(
        client,
        "/v1/traiterRejet",
        {"listeDemandePaiement": [{"idDemandePaiement": invoice["identifiantFactureCPP"]}]},
    )
    history = check(client, "/v1/consulter/historique", {"idFacture": invoice["identifiantFactureCPP"]})
    assert history["derniereAction"]["derniereActionCode"] == "TRAITEMENT_REJET"
    assert client.search(rejetTraite=True)["parametresRetour"]["total"] == 1


def test_what_a_recipient_sees_and_does(client):
    invoice = client.integrated(number="V1")
    wanted = invoice["identifiantFactureCPP"]
    found = check(client, "/v1/rechercher/recipiendaire", {"idDestinataire": invoice["idDestinataire"]})
    assert found["total"] == 1
    check(client, "/v1/rechercher/atraiter/recipiendaire", {})
    detail = check(client, "/v1/consulter/recipiendaire", {"identifiantFactureCPP": wanted})["facture"]
    assert detail["numeroFacture"] == "V1"
    answer = check(client, "/v1/traiter/recue", {"idFacture": wanted, "nouveauStatut": "MANDATEE"})
    assert answer["nouveauStatut"] == "MANDATEE"


def test_what_a_validator_sees_and_does(client):
    client.control("settings", {"validator_required": True})
    invoice = client.integrated(number="W1", process="A9")
    wanted = invoice["identifiantFactureCPP"]
    assert invoice["statut"] == "A_VALIDER_1"
    found = check(client, "/v1/rechercher/valideur", {})
    assert [item["idFacture"] for item in found["listeFactures"]] == [wanted]
    check(client, "/v1/rechercher/aTraiter/valideur", {})
    check(client, "/v1/consulter/valideur", {"identifiantFactureCPP": wanted})
    check(client, "/v1/recuperer/statutsFactureVisibles/valideur", {})
    check(client, "/v1/corriger/valideur/facture", {"idFacture": wanted, "identifiantStructure": SELLER})
    answer = check(client, "/v1/traiter/factureAValider", {"idFacture": wanted, "action": "VALIDER"})
    assert answer["statutFacture"] == "VALIDEE_1"


def test_all_22_operations_are_answered(simulator):
    for path in OPERATIONS:
        assert simulator.post(f"factures{path}").status_code in (200, 400), path


# The domains without a Swagger file: the fields and types of the reference's tables, {field: type}.

RETURN = {"codeRetour": int, "libelle": str}
PAGING = {"pageCourante": int, "pages": int, "nbResultatsParPage": int, "total": int}
REPORT = {
    **RETURN,
    "etatCourantDepotFlux": str,
    "dateDepotFlux": str,
    "dateHeureEtatCourantFlux": str,
    "codeInterfaceDepotFlux": str,
    "nomFichier": str,
}
SERVICE_BRIEF = {
    "idService": int,
    "codeService": str,
    "libelleService": str,
    "statutService": str,
    "estActif": bool,
    "dateDbtService": str,
}


def assert_fields(value, expected):
    """``value`` has the expected fields with values of their types; ``[fields]`` is a filled list."""
    for name, kind in expected.items():
        assert name in value, name
        if isinstance(kind, list):
            assert value[name], name
            for item in value[name]:
                assert_fields(item, kind[0])
        elif isinstance(kind, dict):
            assert_fields(value[name], kind)
        else:
            assert type(value[name]) is kind, (name, value[name])


def test_reports_as_the_reference_tells_them(simulator):
    flow = simulator.deposit(payment=None)
    broken = simulator.deposit(b"rubbish")
    simulator.advance(60)
    assert_fields(
        simulator.report(flow),
        {
            **REPORT,
            "listeErreurDP": [
                {
                    "identifiantFournisseur": str,
                    "identifiantDestinataire": str,
                    "numeroDP": str,
                    "libelleErreurDP": str,
                }
            ],
        },
    )
    assert_fields(
        simulator.report(broken),
        {**REPORT, "listeErreurTechnique": [{"codeErreur": str, "libelleErreur": str, "natureErreur": str}]},
    )
    assert_fields(
        simulator.ok("transverses/v1/consulterCR", {"numeroFluxDepot": flow}),
        {
            **RETURN,
            "numeroFluxDepot": str,
            "etatCourantFlux": str,
            "dateDepotFlux": str,
            "dateHeureEtatCourantFlux": str,
            "codeInterfaceFlux": str,
            "codeAppliPartenaire": str,
            "designationPartenaire": str,
            "nomFichierFlux": str,
            "fichierCR": str,
        },
    )


def test_structures_as_the_reference_tells_them(simulator):
    found = simulator.ok("structures/v1/rechercher", {"structure": {"identifiantStructure": TOWN}})
    assert_fields(
        found,
        {
            **RETURN,
            "parametresRetour": PAGING,
            "listeStructures": [
                {
                    "idStructureCPP": int,
                    "identifiantStructure": str,
                    "typeIdentifiantStructure": str,
                    "designationStructure": str,
                    "statut": str,
                }
            ],
        },
    )
    town = found["listeStructures"][0]["idStructureCPP"]
    assert_fields(
        simulator.ok("structures/v1/consulter", {"idStructureCPP": town, "codeLangue": "fr"}),
        {
            **RETURN,
            "informationGenerales": {
                "idStructureCPP": int,
                "identifiantStructure": str,
                "libelleStructure": str,
                "raisonSocialeStructure": str,
                "emailStructure": str,
                "numeroTVA": str,
                "structurePriveePublique": str,
            },
            "adressePostaleDuSiege": {"adresse": str, "codePostal": str, "ville": str},
            "parametres": dict.fromkeys(
                (
                    "codeServiceDoitEtreRenseigne",
                    "numeroEJDoitEtreRenseigne",
                    "gestionNumeroEJOuCodeService",
                    "statutMiseEnPaiementNestPasRemonte",
                    "estMoaUniquement",
                    "getaMoa",
                    "connexionEDI",
                    "recevoirDonneesViaEDI",
                    "nonDiffusibleInsee",
                    "estValideurDelegue",
                ),
                bool,
            ),
        },
    )
    services = simulator.ok("structures/v1/rechercher/services", {"idStructure": town})
    assert_fields(services, {**RETURN, "parametresRetour": PAGING, "listeServices": [SERVICE_BRIEF]})
    detail = simulator.ok(
        "structures/v1/consulter/service",
        {"idStructure": town, "idService": services["listeServices"][0]["idService"]},
    )
    assert_fields(
        detail,
        {
            **RETURN,
            "informationsGenerales": {"codeService": str, "nomService": str, "descriptionService": str},
            "adressePostale": {"adresse": str},
            "parametres": {
                "miseEnPaiement": bool,
                "numeroEngagement": bool,
                "dateCreation": str,
                "dateDebutValidite": str,
                "dateModification": str,
            },
        },
    )


def test_attachments_and_commitments_as_the_reference_tells_them(simulator):
    attached = simulator.ok(
        "utilisateurs/v1/monCompte/recuperer/rattachements",
        {
            "parametresRecherche": {
                "nbResultatsParPage": 1,
                "pageResultatDemandee": 1,
                "triColonne": "IdStructure",
            }
        },
    )
    assert_fields(
        attached,
        {
            **RETURN,
            "parametresRetour": PAGING,
            "listeStructureRattachement": [
                {
                    "idStructure": int,
                    "identifiantStructure": str,
                    "designationStructure": str,
                    "typeIdentifiantStructure": str,
                    "idRattachementStructure": int,
                    "statutRattachementStructure": str,
                    "roleUtilisateur": str,
                    "statutUtilisateur": str,
                    "listeServicesRattache": [SERVICE_BRIEF],
                }
            ],
        },
    )
    commitments = simulator.ok("engagementsJuridiques/v1/rechercher")
    assert_fields(
        commitments,
        {
            **RETURN,
            "listeEngagementJuridique": [
                {
                    "idEngagementJuridique": int,
                    "numeroEngagementJuridique": str,
                    "structureReceptrice": str,
                    "libelleTypeEngagementJuridique": str,
                    "codeServiceExecutant": str,
                    "libelleEtatCourantEJ": str,
                    "montantTotalTtc": float,
                }
            ],
        },
    )


CODE_LISTS = {
    "tauxtva": {"listeTauxTva": [{"codeTauxTva": str, "libelleTauxTva": str, "valeurTauxTva": float}]},
    "devises": {"listeDevises": [{"codeDevise": str, "libelleDevise": str}]},
    "cadrefacturation": {"listeCadreFacturation": [{"codeCadreFacturation": str}]},
    "formatflux": {"listeFormatFlux": [{"formatFlux": str}]},
    "syntaxeflux": {"listeSyntaxeFlux": [{"syntaxeFlux": str}]},
    "etat/typedp": {"listeEtatDemandePaiement": [{"etatDemandePaiement": str}]},
    "structures/actives/fournisseur": {
        "listeStructures": [{"idStructureCPP": int, "identifiant": str, "designationStructure": str}]
    },
    "structures/actives/destinataire": {
        "listeStructures": [{"idStructureCPP": int, "identifiant": str, "designationStructure": str}]
    },
    **dict.fromkeys(
        (
            "pays",
            "modedepot",
            "modereglements",
            "motifs/exonerationtva",
            "typedp",
            "typefacturetravaux",
            "typespj",
            "typeidentifiant/structure",
        ),
        RETURN,
    ),
}


@pytest.mark.parametrize("name", CODE_LISTS)
def test_lists_of_codes(simulator, name):
    assert_fields(simulator.ok(f"transverses/v1/recuperer/{name}"), {**RETURN, **CODE_LISTS[name]})


def test_bank_accounts_files_and_directory(simulator):
    supplier = simulator.control("structures/" + SELLER, {})
    banks = simulator.ok("transverses/v1/recuperer/coordbanc/valides", {"idStructure": supplier["id"]})
    assert banks["listeCoordonneeBancaire"][0]["nomCoordonneeBancaire"] == "Compte courant"
    company = simulator.ok("transverses/v1/consulter/information/siret", {"siretStructure": SELLER})
    assert (company["siret"], company["siren"]) == (SELLER, SELLER[:9])
    archive = simulator.ok("transverses/v1/telecharger/annuaire/destinataire")["fichierResultat"]
    assert base64.b64decode(archive).startswith(b"PK")
    choices = simulator.ok(
        "transverses/v1/recuperer/etats/traitement", {"statutCourant": "MISE_A_DISPOSITION"}
    )
    assert len(choices["listeStatutsPossiblesPourTraitement"]) == 8


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a" * 47 + ".pdf", b"x", 400),
        ("a.exe", b"x", 400),
        ("a.pdf", b"", 400),
        ("a.pdf", b"x" * (10 * 2**20 + 1), 200),
        ("a" * 46 + ".pdf", b"x", 200),
    ],
)
def test_attachment_limits(simulator, name, content, code):
    answer = simulator.post(
        "transverses/v1/ajouter/fichier",
        {
            "pieceJointeFichier": base64.b64encode(content).decode(),
            "pieceJointeNom": name,
            "pieceJointeTypeMime": "application/pdf",
            "pieceJointeExtension": "PDF",
        },
    )
    assert answer.status_code == code
    if len(content) > 10 * 2**20:
        assert answer.json()["codeRetour"] == 20003
