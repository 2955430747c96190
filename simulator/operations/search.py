"""The seven searches of invoices."""

from typing import Any

from .. import invoices
from .call import nothing_found, page
from .views import View

# Criteria that are the same in every search: field → (SQL condition, what the value is).
_SAME = {
    "numeroFacture": ("number = ?", "text"),
    "numeroFluxDepot": ("flow_number = ?", "text"),
    "typeFacture": ("kind = ?", "text"),
    "cadreFacturation": ("cadre = ?", "text"),
    "numeroMarche": ("contract = ?", "text"),
    "numeroBonCommande": ("purchase_order = ?", "text"),
    "numeroEngagement": ("purchase_order = ?", "text"),
    "numeroFactureOrigine": ("original = ?", "text"),
    "modeDepot": ("mode = ?", "text"),
    "idFournisseur": ("seller_id = ?", "integer"),
    "idDestinataire": ("buyer_id = ?", "integer"),
    "idServiceExecutant": ("service_id = ?", "integer"),
    "idServiceDestinataire": ("service_id = ?", "integer"),
    "idStructureValideur": ("validator_id = ?", "integer"),
    "coordonneeBancaire": ("bank_id = ?", "integer"),
    "montantHTMin": ("net >= ?", "number"),
    "montantHTMax": ("net <= ?", "number"),
    "montantTTCMin": ("gross >= ?", "number"),
    "montantTTCMax": ("gross <= ?", "number"),
    "montantApayerMin": ("payable >= ?", "number"),
    "montantApayerMax": ("payable <= ?", "number"),
    "montantAPayerMin": ("payable >= ?", "number"),
    "montantAPayerMax": ("payable <= ?", "number"),
    "periodeDateDepotDu": ("deposited_at >= ?", "start"),
    "periodeDateDepotAu": ("deposited_at <= ?", "end"),
    "periodeDateFactureDu": ("issue_date >= ?", "day"),
    "periodeDateFactureAu": ("issue_date <= ?", "day"),
    "periodeDateFournisseurDu": ("issue_date >= ?", "day"),
    "periodeDateFournisseurAu": ("issue_date <= ?", "day"),
    "periodeDateHeureEtatCourantDu": ("status_at >= ?", "start"),
    "periodeDateHeureEtatCourantAu": ("status_at <= ?", "end"),
    "rejetTraite": ("rejection_handled = ?", "boolean"),
    "factureTelechargeeParDestinataire": ("downloaded = ?", "boolean"),
    "statutCourant": ("status", "list"),
    "listeTypeFacture": ("kind", "list"),
    "idUtilisateurCreateur": (None, "ignored"),
}
_WINDOW = ("periodeDateHeureEtatCourantDu", "periodeDateHeureEtatCourantAu")

# triColonne → SQL. Columns the simulator has no data for sort by id.
_SORTS = {
    "CodeFournisseur": "seller",
    "IdentifiantFournisseur": "seller",
    "CodeDestinataire": "buyer",
    "IdentifiantDestinataire": "buyer",
    "CodeServiceExecutant": "service_code",
    "TypeFacture": "kind",
    "NumeroFacture": "number",
    "DateFacture": "issue_date",
    "DateDepot": "deposited_at",
    "MontantHT": "net",
    "MontantTTC": "gross",
    "MontantAPayer": "payable",
    "Devise": "currency",
    "Statut": "status",
    "NumeroMarche": "contract",
    "NumeroBonCommande": "purchase_order",
    "NumeroEngagement": "purchase_order",
    "NumeroFluxDepot": "flow_number",
    "NumeroFactureOrigine": "original",
    "ModeDepot": "mode",
    "IdFacture": "id",
    "FactureTelechargeeParDestinataire": "downloaded",
}


class Query:
    """Conditions on the invoice table, all of which must hold."""

    def __init__(self):
        self.conditions, self.values = [], []

    def add(self, condition, *values):
        self.conditions.append(condition)
        self.values += values

    def add_list(self, column, values):
        self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

    @property
    def where(self):
        return " AND ".join(self.conditions) or "1"


def _query(call):
    query = Query()
    for name, (condition, kind) in _SAME.items():
        value = call.body.get(name)
        if value in (None, "", []) or (name in _WINDOW and call.fault("filter_ignored")):
            continue
        if kind == "list":
            query.add_list(condition, value if isinstance(value, list) else [value])
        elif kind != "ignored":
            query.add(condition, _CONVERT[kind](call, name))
    return query


_CONVERT = {
    "text": lambda call, name: str(call.body[name]),
    "integer": lambda call, name: call.integer(name),
    "number": lambda call, name: float(call.body[name]),
    "start": lambda call, name: call.instant(name),
    "end": lambda call, name: call.instant(name, end_of_day=True),
    "day": lambda call, name: call.body[name][:10],
    "boolean": lambda call, name: call.body[name] in (True, "true"),
}


def _answer(call, query, asked, tell):
    """(objects of the page asked for, page). Raises 20000 when nothing at all is found."""
    store = call.chorus.store
    total = store.one(f"SELECT count(*) AS n FROM invoice WHERE {query.where}", *query.values)["n"]
    ceiling = call.integer("nbResultatsMaximum", asked or {})
    if ceiling:
        total = min(total, ceiling)
    if not total and not call.chorus.settings["empty_list_instead_of_20000"]:
        raise nothing_found()
    wanted = page(call, asked, total)
    column = _SORTS.get((asked or {}).get("triColonne", ""), "id")
    order = "DESC" if (asked or {}).get("triSens") == "Descendant" else "ASC"
    rows = store.all(
        f"SELECT * FROM invoice WHERE {query.where} ORDER BY {column} {order}, id {order} LIMIT ? OFFSET ?",
        *query.values,
        max(min(wanted.size, total - wanted.offset), 0),
        wanted.offset,
    )
    structures = {}
    return [tell(View(call.chorus, row, structures)) for row in rows], wanted


def _restrict_to_account(call, query):
    """A supplier's search sees the invoices of the structures the account is attached to, and those the
    account itself deposited."""
    attached = call.chorus.attached_structures(call.account)
    query.add(f"(creator = ? OR seller IN ({', '.join('?' * len(attached))}))", call.account, *attached)


def by_supplier(call):
    query = _query(call)
    recipients = [item for item in call.body.get("listeDestinataire") or [] if item.get("idDestinataire")]
    _add_recipients(call, query, recipients)
    _restrict_to_account(call, query)
    found, wanted = _answer(call, query, call.body.get("rechercheFactureParFournisseur"), View.for_supplier)
    if call.body.get("recupererTaille"):
        for item in found:
            size = call.chorus.store.one(
                "SELECT size FROM file WHERE invoice_id = ?", item["identifiantFactureCPP"]
            )
            item["taille"] = size["size"] if size else 0
    return {"parametresRetour": wanted.as_answer(), "listeFactures": found}


def _add_recipients(call, query, recipients):
    if not recipients:
        return
    conditions: list[str] = []
    values: list[Any] = []
    for item in recipients:
        recipient = call.integer("idDestinataire", item)
        services = item.get("listeIdServiceExecutant") or []
        if call.body.get("rechercheSirenDestinataire"):
            structure = call.chorus.directory.by_id(recipient)
            condition = "buyer LIKE ?"
            values.append(f"{structure['identifier'][:9] if structure else '-'}%")
        else:
            condition = "buyer_id = ?"
            values.append(recipient)
        if services:
            condition += f" AND service_id IN ({', '.join('?' * len(services))})"
            values += [int(service) for service in services]
        conditions.append(f"({condition})")
    query.add(f"({' OR '.join(conditions)})", *values)


# AIFE: what waits for the supplier: rejected, suspended, to recycle, refused.
_FOR_SUPPLIER = (
    "SUSPENDUE",
    "A_RECYCLER",
    "REJETEE",
    "REFUSEE_1",
    "REFUSEE_2",
    "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
    "ERREUR_COTRAITANT_SUR_VALIDEUR",
)


def to_treat_by_supplier(call):
    query = Query()
    statuses = [
        status for status in _FOR_SUPPLIER if not (call.body.get("masquerRejetee") and status == "REJETEE")
    ]
    query.add_list("status", statuses)
    query.add("NOT rejection_handled")
    if structure := call.integer("idStructure"):
        query.add("seller_id = ?", structure)
    _restrict_to_account(call, query)
    found, wanted = _answer(
        call, query, call.body.get("rechercheFactureATraiterParFournisseur"), View.to_treat_by_supplier
    )
    return {"parametresRetour": wanted.as_answer(), "listeFactures": found}


def by_recipient(call):
    query = _query(call)
    suppliers = [
        item["idFournisseur"]
        for item in call.body.get("listeFournisseurs") or []
        if item.get("idFournisseur")
    ]
    if suppliers:
        query.add_list("seller_id", suppliers)
    found, wanted = _answer(call, query, call.body.get("paramRecherche"), View.for_recipient)
    # Here the paging comes flat, not in parametresRetour.
    return {"listeFactures": found, **wanted.as_answer()}


def to_treat_by_recipient(call):
    query = Query()
    query.add_list("status", invoices.BUYER_MAY_ACT_ON)
    if structure := call.integer("idStructure"):
        query.add("buyer_id = ?", structure)
    asked = call.body.get("parametreRechercheFactureATraiterParRecipiendaire")
    found, wanted = _answer(call, query, asked, View.for_recipient)
    return {"listeFactures": found, "parametresRetour": wanted.as_answer()}


def by_validator(call):
    query = _query(call)
    query.add("(cadre LIKE 'A9\\_%' ESCAPE '\\' OR cadre LIKE 'A12\\_%' ESCAPE '\\')")
    found, wanted = _answer(call, query, call.body.get("pagination"), View.for_validator)
    return {"parametresRetour": wanted.as_answer(), "listeFactures": found}


def to_treat_by_validator(call):
    query = Query()
    query.add_list("status", ("A_VALIDER_1", "A_VALIDER_2"))
    directory = call.chorus.directory
    validator = directory.by_id(call.integer("idStructure")) or directory.get(
        call.body.get("identifiantStructure")
    )
    if validator:
        # Who was named, or nobody yet: the simulator reads no validator in a file.
        query.add("(validator_id = ? OR validator_id IS NULL)", validator["id"])
    found, wanted = _answer(call, query, call.body.get("pagination"), View.for_validator)
    return {"parametresRetour": wanted.as_answer(), "listeFactures": found}


def payment_requests(call):
    """This search has no paging: all that is found, and the total."""
    query = _query(call)
    for name, key, column in (
        ("structureFournisseur", "StructureFournisseur", "seller"),
        ("structureDestinataire", "StructureDestinataire", "buyer"),
    ):
        wanted = call.body.get(name) or {}
        if structure := call.integer(f"id{key}", wanted):
            query.add(f"{column}_id = ?", structure)
        if identifier := wanted.get(f"identifiant{key}"):
            query.add(f"{column} = ?", str(identifier))
    rows = call.chorus.store.all(f"SELECT * FROM invoice WHERE {query.where} ORDER BY id", *query.values)
    if not rows and not call.chorus.settings["empty_list_instead_of_20000"]:
        raise nothing_found()
    structures = {}
    return {
        "listeDemandePaiement": [View(call.chorus, row, structures).payment_request() for row in rows],
        "total": len(rows),
    }


LOOK_UPS = {
    "factures/v1/rechercher/fournisseur": by_supplier,
    "factures/v1/rechercher/atraiter/fournisseur": to_treat_by_supplier,
    "factures/v1/rechercher/recipiendaire": by_recipient,
    "factures/v1/rechercher/atraiter/recipiendaire": to_treat_by_recipient,
    "factures/v1/rechercher/valideur": by_validator,
    "factures/v1/rechercher/aTraiter/valideur": to_treat_by_validator,
    "factures/v1/rechercher/demandePaiement": payment_requests,
}
