"""Every operation of the client on a server that answers everything by the same bytes: for fuzzing."""

import dataclasses
from datetime import date, datetime, timedelta
from decimal import Decimal

from chorus_api import OFFICIAL, ChorusClient, ChorusError, InvoiceSearch, Settings, fetch_token
from chorus_api.operations import Page
from chorus_api.transport import Exchange

# Names the client reads; the interesting keys of a made-up answer.
FIELDS = (
    "access_token",
    "expires_in",
    "error",
    "codeRetour",
    "libelle",
    "numeroFluxDepot",
    "dateDepot",
    "syntaxeFlux",
    "etatCourantDepotFlux",
    "dateHeureEtatCourantFlux",
    "dateDepotFlux",
    "nomFichier",
    "listeErreurDP",
    "libelleErreurDP",
    "numeroDP",
    "listeErreurTechnique",
    "codeErreur",
    "listeFactures",
    "idFacture",
    "montantTotal",
    "cadreDeFacturation",
    "parametresRetour",
    "total",
    "pages",
    "pageCourante",
    "identifiantFactureCPP",
    "numeroFacture",
    "statut",
    "dateFacture",
    "montantTTC",
    "rejetTraite",
    "dateHeureEtatCourant",
    "historiquesDesStatuts",
    "histoStatut",
    "histoStatutDatePassage",
    "histoStatutId",
    "totalHistoStatut",
    "pagesHistoStatut",
    "facture",
    "fichierResultat",
    "pieceJointeId",
    "listeStructures",
    "idStructureCPP",
    "identifiantStructure",
    "parametres",
    "informationGenerales",
    "informationsGenerales",
    "listeServices",
    "idService",
    "estActif",
    "dateDbtService",
    "listeStructureRattachement",
    "idStructure",
    "listeEngagementJuridique",
    "montantTotalTtc",
    "listeCoordonneeBancaire",
    "statusCodeValue",
    "dateExpirationMotPasseCompteTech",
)


_INVOICE = {
    "identifiantFactureCPP": 4242,
    "numeroFacture": "FAC-2026-0001",
    "statut": "MISE_A_DISPOSITION",
    "dateHeureEtatCourant": "2026-09-14T22:57:02.123+02:00",
    "dateFacture": "2026-09-14",
    "montantTTC": 120.5,
    "numeroFluxDepot": "CPP0011117000000000425903",
    "codeFournisseur": "33254021516357",
    "rejetTraite": False,
    "commentaireEtatCourant": "Il manque le bon de commande",
}
_COUNTERS = {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 1}
# A good answer to each operation, without its codeRetour.
_TO_VALIDATE = {
    "idFacture": 4242,
    "numeroFacture": "ST-1",
    "typeDemandePaiement": "FACTURE",
    "identifiantFournisseur": "40483304800022",
    "typeIdentifiantFournisseur": "SIRET",
    "montantTTC": 4800,
    "statut": "A_VALIDER_1",
    "idValideur": 77,
}
GOOD = {
    "fetch_token": {"access_token": "a" * 54, "token_type": "Bearer", "expires_in": 3600, "scope": "openid"},
    "deposit_flow": {
        "numeroFluxDepot": "CPP0011117000000000425903",
        "dateDepot": "2026-09-14",
        "syntaxeFlux": "IN_DP_E2_CII_FACTURX",
    },
    "flow_report": {
        "etatCourantDepotFlux": "IN_REJETE",
        "dateDepotFlux": "2019-03-27T11:12:24.777+01:00",
        "dateHeureEtatCourantFlux": "2019-03-27T11:12:27.777+01:00",
        "nomFichier": "FSO1117A_CPP001_X",
        "listeErreurDP": [
            {
                "identifiantFournisseur": "33254021516357",
                "numeroDP": "F1",
                "libelleErreurDP": "L'element PaymentMeans.TypeCode.value est obligatoire.|Le champ [...]",
            }
        ],
        "listeErreurTechnique": [
            {"codeErreur": "ERR_XSD_001", "libelleErreur": "IRRECEVABILITE: cvc-x", "natureErreur": "B"}
        ],
    },
    "iter_invoices": {"listeFactures": [_INVOICE], "parametresRetour": _COUNTERS},
    "invoice_history": {
        "idFacture": 4242,
        "numeroFacture": "F1",
        "statutCourantCode": "SUSPENDUE",
        "historiquesDesStatuts": {
            "histoStatut": [
                {
                    "histoStatutId": 1,
                    "histoStatutCode": "DEPOSEE",
                    "histoStatutDatePassage": "2026-09-14T10:00:00.000+02:00",
                }
            ],
            "pagesHistoStatut": 1,
            "totalHistoStatut": 1,
        },
    },
    "supplier_invoice": {"facture": {"numeroFacture": "F1", "montantTotal": {"montantTtcTotal": 12.5}}},
    "download_invoices": {"fichierResultat": "JVBERi0xLjcK"},
    "acknowledge_rejections": {},
    "iter_to_validate": {"listeFactures": [_TO_VALIDATE], "parametresRetour": _COUNTERS},
    "iter_validated": {"listeFactures": [_TO_VALIDATE], "parametresRetour": _COUNTERS},
    "validator_invoice": {
        "facture": {
            "montantTotal": {"montantTtcTotal": 4800.25},
            "cadreDeFacturation": {"codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT"},
        }
    },
    "validate_invoice": {"idFacture": 4242, "numeroFacture": "ST-1", "statutFacture": "VALIDEE_1"},
    "correct_validator": {"idFacture": 4242},
    "recycle": {"identifiantFactureCPP": 4242, "statutFacture": "DEPOSEE", "dateDepot": "2026-09-14"},
    "complete": {"identifiantFactureCPP": 4242, "dateTraitement": "2026-09-14T10:00:00.000+02:00"},
    "add_file": {"pieceJointeId": 99},
    "health": {"body": "ok", "statusCodeValue": 200, "statusCode": "OK"},
    "search_structures": {
        "listeStructures": [
            {"idStructureCPP": 5, "identifiantStructure": 12345678200051, "statut": "ACTIVE"}
        ],
        "parametresRetour": _COUNTERS,
    },
    "structure": {
        "informationGenerales": {"idStructureCPP": 5, "dateExpirationMotPasseCompteTech": "2027-01-01"},
        "parametres": {"codeServiceDoitEtreRenseigne": True, "numeroEJDoitEtreRenseigne": "false"},
    },
    "recipients_file": {"fichierResultat": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
    "services": {
        "listeServices": [
            {"idService": 7, "codeService": "S", "estActif": True, "dateDbtService": "2016-10-25 17:42"}
        ],
        "parametresRetour": _COUNTERS,
    },
    "service": {"informationsGenerales": {"codeService": "S"}, "parametres": {"numeroEngagement": True}},
    "my_structures": {"listeStructureRattachement": [{"idStructure": 5}], "parametresRetour": _COUNTERS},
    "bank_accounts": {"listeCoordonneeBancaire": [{"idCoordonneeBancaire": 3, "nomCoordonneeBancaire": "B"}]},
    "active_supplier_structures": {
        "listeStructures": [{"idStructureCPP": 5, "identifiant": "33254021516357"}]
    },
    "search_engagements": {
        "listeEngagementJuridique": [{"idEngagementJuridique": 6, "montantTotalTtc": 100}],
        "parametresRetour": _COUNTERS,
    },
}
# How an exchange may break: see transport.diagnose.
FAILURES = (
    "",
    "deadline",
    "proxy_failure",
    "dns_failure",
    "tls_failure",
    "connection_refused",
    "connect_timeout",
    "answer_timeout",
    "connection_lost",
    "answer_too_large",
)


class Canned:
    """A transport that answers everything by the same bytes; ``routes`` is what was asked."""

    def __init__(self, status, body, headers=None, failure=""):
        self.routes = set()
        self._exchange = Exchange(status=status, body=body, headers=headers or {}, failure=failure, left=True)

    def send(self, method, url, headers, content, **limits):
        self.routes.add(url.partition("/cpro/")[2] or "oauth")
        return self._exchange

    def close(self):
        pass


READS = {
    "fetch_token": None,  # needs no client
    "deposit_flow": lambda client: client.deposit_flow(b"x", "a.pdf"),
    "flow_report": lambda client: client.flow_report("CPP1"),
    "add_file": lambda client: client.add_file(b"x", "a.pdf", "application/pdf", "PDF"),
    "health": lambda client: client.health(),
    "iter_invoices": lambda client: list(client.iter_invoices(InvoiceSearch())),
    "invoice_history": lambda client: client.invoice_history(1),
    "supplier_invoice": lambda client: client.supplier_invoice(1),
    "download_invoices": lambda client: client.download_invoices([1]),
    "recycle": lambda client: client.recycle(1, "12345678200051"),
    "complete": lambda client: client.complete(1, "comment"),
    "acknowledge_rejections": lambda client: client.acknowledge_rejections([1]),
    "iter_to_validate": lambda client: list(client.iter_to_validate("12345678200051")),
    "iter_validated": lambda client: list(client.iter_validated("F1")),
    "validator_invoice": lambda client: client.validator_invoice(1),
    "validate_invoice": lambda client: client.validate_invoice(1, False, "reason"),
    "correct_validator": lambda client: client.correct_validator(1, "12345678200051"),
    "search_structures": lambda client: client.search_structures("12345678200051"),
    "structure": lambda client: client.structure(1),
    "recipients_file": lambda client: client.recipients_file(),
    "services": lambda client: list(client.services(1)),
    "service": lambda client: client.service(1, 1),
    "my_structures": lambda client: list(client.my_structures()),
    "bank_accounts": lambda client: client.bank_accounts(1),
    "active_supplier_structures": lambda client: client.active_supplier_structures(),
    "search_engagements": lambda client: client.search_engagements(1),
}
SETTINGS = Settings(max_pages=3)


def read(name, status, body, headers=None, failure=""):
    """One operation on a server that answers so: its result, checked, or its :class:`ChorusError`; and the
    routes asked."""
    transport = Canned(status, body, headers, failure)
    client = ChorusClient(
        OFFICIAL["test"], "login", "password", "token", settings=SETTINGS, transport=transport
    )
    try:
        if name == "fetch_token":
            result = fetch_token(OFFICIAL["test"], "id", "secret", settings=SETTINGS, transport=transport)
        else:
            result = READS[name](client)
    except ChorusError as error:
        result = error
        assert error.outcome in ("nothing_done", "unknown")
        assert error.code in _documented(type(error)) or (failure and error.code == failure)
        check((str(error), error.remote_label, error.detail, error.request_id))
    else:
        check(result)
    return result, transport.routes


def _documented(kind):
    return "".join(base.__doc__ or "" for base in kind.__mro__ if base.__module__ == ChorusError.__module__)


def check(value):
    """Whatever is handed out can be stored in a database and shown on a screen."""
    if isinstance(value, str):
        value.encode()
        assert not any(character < " " and character not in "\n\t" for character in value)
        assert len(value) <= 20_000
    elif isinstance(value, datetime):
        assert value.utcoffset() == timedelta(0)
    elif isinstance(value, Decimal):
        assert value.is_finite()
    elif isinstance(value, int):
        assert abs(value) < 2**63
    elif isinstance(value, dict):
        # supplier_invoice hands the server's own dict on; only its texts are promised to be clean.
        check([text for text in _leaves(value) if isinstance(text, str)])
    elif isinstance(value, (list, tuple)):
        for item in value:
            check(item)
    elif isinstance(value, Page) or dataclasses.is_dataclass(value):
        check([getattr(value, field.name) for field in dataclasses.fields(value)])
    else:
        assert value is None or isinstance(value, (bytes, date))


def _leaves(value):
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _leaves(child)
    elif isinstance(value, list):
        for child in value:
            yield from _leaves(child)
    else:
        yield value
