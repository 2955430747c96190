"""The administrator goes through the checklist of the connection, each step broken once and repaired."""

import base64
import dataclasses
import datetime
from collections.abc import Callable

from .. import console
from . import demo_company, demo_data

_CLIENT = {"client_id": "simulator-client"}
_ACCOUNT = {"login": "TECH_1_1@cpro.fr"}
_OTHER_SUPPLIER = "35068473658377"
_BAD = ("failed", "warning")
_WIDTHS = (28, 44, 9, 66, 9)


@dataclasses.dataclass
class Breakage:
    """One way in which a step goes wrong: `key` is the step's, `what` says it in words."""

    key: str
    what: str
    breaks: Callable[[], object]
    repairs: Callable[[], object]


def play(stage):
    """Break and repair each step, and print a table; returns whether each was told and then good."""
    session = stage.login()
    company = session.ref("base.demo_company_fr")
    session.context = {"allowed_company_ids": [company]}
    domain = [("company_id", "=", company), ("environment", "=", demo_company.ENVIRONMENT)]
    [connection] = session.call("chorus.connection", "search", domain)
    rows, tried, good = [], set(), True
    for breakage in _breakages(stage, session, connection):
        tried.add(breakage.key)
        breakage.breaks()
        notice, broken = _check(session, connection, breakage.key)
        breakage.repairs()
        _notice, repaired = _check(session, connection, breakage.key)
        rows.append((broken["name"], breakage.what, broken["result"], _first(broken), repaired["result"]))
        for fault in faults(notice, broken, repaired):
            good = False
            console.error(f"Checklist, {broken['name']}: {fault}")
    _print_table(rows)
    for step in _steps(session, connection):
        if step["key"] not in tried or step["result"] != "ok":
            good = False
            console.error(f"Checklist, {step['name']}: never broken, or not good in the end")
    return good


def _check(session, connection, key):
    """Press "Check everything"; returns what it tells, and the step."""
    notice = session.call("chorus.connection", "action_check_all", [connection])["params"]
    return notice, next(step for step in _steps(session, connection) if step["key"] == key)


def _steps(session, connection):
    fields = ["key", "name", "result", "message", "advice", "explanation", "link"]
    return session.search_read("chorus.connection.step", [("connection_id", "=", connection)], fields)


def faults(notice, broken, repaired):
    """What is wrong with how a broken step was told, or with its state after the repair."""
    if broken["result"] not in _BAD:
        yield f"broken, it shows {broken['result']}"
    how, where = broken["explanation"], broken["link"]
    if not broken["message"] or not how or how not in broken["advice"] or not where:
        yield "broken, it does not say what was found, what to do and where"
    if broken["result"] == "failed" and broken["name"] not in notice["message"]:
        yield f"it is not named as the next thing to do: {notice['message']}"
    if repaired["result"] != "ok":
        yield f"repaired, it shows {repaired['result']}: {repaired['message']}"


def _first(step):
    return (step["message"] or "").splitlines()[0] if step["message"] else ""


def _breakages(stage, session, connection):
    """Each step in the order of the procedure; typed values go through the form, the rest is theirs."""
    control = stage.simulator.control
    right = stage.simulator.CREDENTIALS

    def typed(**values):
        return lambda: session.call("chorus.connection", "write", [connection], values)

    def ordered(path, order):
        return lambda: control(path, order)

    def subscription(domain, kind="apis"):
        return [ordered("clients", {**_CLIENT, kind: {domain: given}}) for given in (False, True)]

    yield Breakage(
        "keys",
        "the secret was mistyped",
        typed(client_secret="wrong"),
        typed(client_secret=right["client_secret"]),
    )
    for domain in ("factures", "structures", "transverses", "utilisateurs"):
        yield Breakage(domain, "the API is not ticked in the application", *subscription(domain))
    yield Breakage(
        "engagements", "the terms of use were not accepted", *subscription("engagementsJuridiques", "terms")
    )
    yield Breakage(
        "account", "the password was mistyped", typed(password="wrong"), typed(password=right["password"])
    )
    yield Breakage(
        "attached",
        "the account belongs to another company",
        ordered("accounts", {**_ACCOUNT, "structures": [_OTHER_SUPPLIER]}),
        ordered("accounts", {**_ACCOUNT, "structures": None}),
    )
    bank = {"name": "Compte courant", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"}
    place = f"structures/{demo_data.SUPPLIER_SIRET}"
    yield Breakage(
        "bank", "no account is declared", ordered(place, {"banks": []}), ordered(place, {"banks": [bank]})
    )
    soon, later = (
        (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).isoformat()
        for days in (10, 400)
    )
    yield Breakage(
        "password_expiry",
        "ten days are left",
        ordered("accounts", {**_ACCOUNT, "expires_at": soon}),
        ordered("accounts", {**_ACCOUNT, "expires_at": later}),
    )
    yield Breakage(
        "data_set",
        "the data set was not imported",
        lambda: None,
        lambda: _import_data_set(session, connection),
    )


def _import_data_set(session, connection):
    """Upload the file of the qualification space, and create what it was understood to hold."""
    file = base64.b64encode(demo_data.data_set_file()).decode()
    wizard = session.call("chorus.connection", "action_import_test_data", [connection])["res_id"]
    session.call("chorus.test.data", "write", [wizard], {"file": file, "filename": "matelas.csv"})
    session.call("chorus.test.data", "action_read", [wizard])
    session.call("chorus.test.data", "action_create", [wizard])


def _print_table(rows):
    for row in [("step", "broken", "shows", "and says", "repaired"), *rows]:
        cells = (str(text)[:width].ljust(width) for text, width in zip(row, _WIDTHS, strict=True))
        print("  ".join(cells).rstrip())
