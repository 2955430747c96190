"""The operations this client uses, in one table."""

from dataclasses import dataclass

# How long a call may take and how much it may answer: see Settings.
CALL = "call"
TOKEN = "token"
DEPOSIT = "deposit"
DOWNLOAD = "download"
DIRECTORY = "directory"


@dataclass(frozen=True, slots=True)
class Route:
    """``path`` below ``/cpro/``. ``write``: repeating the call could do something twice, or do it wrong, so a
    failure without a clear answer is an unknown outcome. ``bare``: the answer carries no ``codeRetour``."""

    path: str
    write: bool = False
    kind: str = CALL
    method: str = "POST"
    bare: bool = False


# Sources: Factures Swagger 2.0 for factures/v1, AIFE's pages for the other domains.
DEPOSIT_FLOW = Route("factures/v1/deposer/flux", write=True, kind=DEPOSIT)
SEARCH_INVOICES = Route("factures/v1/rechercher/fournisseur")
SUPPLIER_INVOICE = Route("factures/v1/consulter/fournisseur")
INVOICE_HISTORY = Route("factures/v1/consulter/historique")
DOWNLOAD_INVOICES = Route("factures/v1/telecharger/groupe", kind=DOWNLOAD)
RECYCLE = Route("factures/v1/recycler", write=True)
COMPLETE = Route("factures/v1/completer", write=True)
ACKNOWLEDGE_REJECTIONS = Route("factures/v1/traiterRejet", write=True)
TO_VALIDATE = Route("factures/v1/rechercher/aTraiter/valideur")
VALIDATED = Route("factures/v1/rechercher/valideur")
VALIDATOR_INVOICE = Route("factures/v1/consulter/valideur")
VALIDATE = Route("factures/v1/traiter/factureAValider", write=True)
CORRECT_VALIDATOR = Route("factures/v1/corriger/valideur/facture", write=True)

FLOW_REPORT = Route("transverses/v1/consulterCRDetaille")
# Not a "write": a file that no invoice refers to does no harm, so the call may be repeated.
ADD_FILE = Route("transverses/v1/ajouter/fichier", kind=DEPOSIT)
BANK_ACCOUNTS = Route("transverses/v1/recuperer/coordbanc/valides")
ACTIVE_SUPPLIER_STRUCTURES = Route("transverses/v1/recuperer/structures/actives/fournisseur")
# AIFE names the route, its empty request and its answer; what the archive holds: see recipients.
RECIPIENTS_FILE = Route("transverses/v1/telecharger/annuaire/destinataire", kind=DIRECTORY)
HEALTH = Route("transverses/v1/health-check", method="GET", bare=True)

SEARCH_STRUCTURES = Route("structures/v1/rechercher")
STRUCTURE = Route("structures/v1/consulter")
SERVICES = Route("structures/v1/rechercher/services")
SERVICE = Route("structures/v1/consulter/service")

MY_STRUCTURES = Route("utilisateurs/v1/monCompte/recuperer/rattachements")

SEARCH_ENGAGEMENTS = Route("engagementsJuridiques/v1/rechercher")

OAUTH = Route("oauth", kind=TOKEN, bare=True)
