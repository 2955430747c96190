"""Every operation of the client on a server that answers everything by the same bytes: for fuzzing."""

import dataclasses
from datetime import date, datetime, timedelta
from decimal import Decimal

from chorus_api import OFFICIAL, ChorusClient, ChorusError, InvoiceSearch, Settings
from chorus_api.paging import Page
from chorus_api.transport import Exchange

# Names the client reads; the interesting keys of a made-up answer.
FIELDS = (
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


class Canned:
    """A transport that answers everything by the same bytes; ``routes`` is what was asked."""

    def __init__(self, status, body, headers=None):
        self.routes = set()
        self._answer = status, body, headers or {}

    def send(self, method, url, headers, content, **limits):
        self.routes.add(url.partition("/cpro/")[2])
        status, body, headers = self._answer
        return Exchange(status=status, body=body, headers=headers, left=True)


READS = {
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
    "search_structures": lambda client: client.search_structures("12345678200051"),
    "structure": lambda client: client.structure(1),
    "services": lambda client: list(client.services(1)),
    "service": lambda client: client.service(1, 1),
    "my_structures": lambda client: list(client.my_structures()),
    "bank_accounts": lambda client: client.bank_accounts(1),
    "active_supplier_structures": lambda client: client.active_supplier_structures(),
    "search_engagements": lambda client: client.search_engagements(1),
}
SETTINGS = Settings(max_pages=3)


def read(name, status, body, headers=None):
    """One operation on a server that answers so: its result, checked, or its :class:`ChorusError`; and the
    routes asked."""
    transport = Canned(status, body, headers)
    client = ChorusClient(
        OFFICIAL["test"], "login", "password", "token", settings=SETTINGS, transport=transport
    )
    try:
        result = READS[name](client)
    except ChorusError as error:
        result = error
        assert error.outcome in ("nothing_done", "unknown")
        check((str(error), error.remote_label, error.detail, error.request_id))
    else:
        check(result)
    return result, transport.routes


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
