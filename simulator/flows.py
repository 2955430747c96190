"""The life of a deposited flow: taken, introuvable, pending states, verdict, report.

The verdict is computed when somebody looks after its time has come, from the file as it was taken and the
directory as it stands then; what was due earlier is judged first, so that the answer does not depend on
who looks when.
"""

import hashlib
import json
import random

from . import cii, invoices, rule_checks, rules
from .clock import paris, timestamp
from .reading import CHECKED_SYNTAXES, SYNTAXES, Unreadable, open_deposit
from .settings import PENDING_PATH
from .structure_check import structure_errors

INTEGRATED, PARTIAL, REJECTED, INCIDENT = "IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_REJETE", "IN_INCIDENTE"
FINAL_STATES = (INTEGRATED, PARTIAL, REJECTED, INCIDENT, "QP_IRRECEVABLE")
FORCEABLE_STATES = (REJECTED, INCIDENT, "QP_IRRECEVABLE", "IN_EN_ATTENTE_RETRAITEMENT_CPP", *PENDING_PATH)

_FIRST_COUNTER = 425904  # the real counter stood at 425903 on 14 September 2026
_UNCHECKED = {
    "codeErreur": "SIMULATEUR_NON_CONTROLE",
    "natureErreur": "TECHNIQUE",
    "libelleErreur": "SIMULATEUR - Syntaxe conservee sans controle : aucune facture creee",
}


def take(chorus, client, account, content, filename, syntax, signed):
    """Stores a file for good and returns its deposit row."""
    now = chorus.clock.now()
    with chorus.store.transaction() as store:
        sequence = store.next_number("sequence")
        counter = store.next_number("flow_counter", _FIRST_COUNTER)
        visible_at, steps, verdict_at = _plan(chorus.settings, now, sequence)
        row = {
            "flow_number": f"CPP001{SYNTAXES[syntax][1]}{counter:015d}",
            "taken_seq": sequence,
            "received_at": now,
            "client": client,
            "account": account,
            "filename": filename,
            "syntax": syntax,
            "signed": signed,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "visible_at": visible_at,
            "steps": json.dumps(steps),
            "verdict_at": verdict_at,
            "forced_state": _incident(chorus.settings, sequence),
        }
        store.insert("deposit", row)
        store.insert("content", {"flow_number": row["flow_number"], "bytes": content})
    return row


def _plan(settings, now, sequence):
    """(when the flow can be found, [[state, since]…], when the verdict falls)."""
    jitter = settings["delay_jitter"]
    draw = random.Random(f"{settings['delay_seed']}:{sequence}")

    def vary(seconds):
        return seconds * (1 + draw.uniform(-jitter, jitter))

    visible_at = now + vary(settings["not_found_period"])
    steps, at = [], now
    for state in PENDING_PATH:
        duration = vary(settings["flow_delays"][state])
        if duration > 0:
            steps.append([state, at])
            at += duration
    return visible_at, steps, max(at, visible_at)


def _incident(settings, sequence):
    one_in = settings["incident_one_in"]
    if not one_in:
        return None
    draw = random.Random(f"{settings['incident_seed']}:{sequence}")
    return INCIDENT if draw.randrange(one_in) == 0 else None


def settle(chorus):
    """Brings flows and invoices to where the clock says they are."""
    with chorus.store.transaction() as store:
        due = store.all(
            "SELECT * FROM deposit WHERE verdict IS NULL AND verdict_at <= ? ORDER BY verdict_at, taken_seq",
            chorus.clock.now(),
        )
        for row in due:
            if row["forced_state"] in (None, *FINAL_STATES):
                _judge(chorus, row)
        invoices.advance(chorus)


def force(chorus, flow_number, state):
    """A flow gets this state instead of its verdict (None: the normal verdict again). Raises ValueError."""
    if state is not None and state not in FORCEABLE_STATES:
        raise ValueError(f"state must be one of {', '.join(FORCEABLE_STATES)}")
    settle(chorus)
    row = chorus.store.one("SELECT verdict FROM deposit WHERE flow_number = ?", flow_number)
    if row is None:
        raise ValueError("unknown flow")
    if row["verdict"] is not None:
        raise ValueError("this flow already has its verdict")
    chorus.store.update("deposit", {"flow_number": flow_number}, {"forced_state": state})


# Reading and judging


def read(chorus, row):
    """Opens the deposit once and stores what was found: one ``file`` row per invoice file."""
    if row["read"]:
        return
    content = chorus.store.one("SELECT bytes FROM content WHERE flow_number = ?", row["flow_number"])["bytes"]
    technical = []
    with chorus.store.transaction() as store:
        try:
            opened_files = open_deposit(content, row["filename"], row["syntax"])
        except Unreadable as problem:
            opened_files = []
            technical = [rules.technical_error(problem.code, problem.detail)]
        for opened in opened_files:
            store.insert("file", _read_file(opened, row))
        store.update(
            "deposit", {"flow_number": row["flow_number"]}, {"read": 1, "technical": json.dumps(technical)}
        )


def _read_file(opened, row):
    facts, errors = None, []
    if opened.problem is not None:
        errors = [rules.technical_error(opened.problem.code, opened.problem.detail)]
    elif opened.xml is not None and row["syntax"] in CHECKED_SYNTAXES:
        facts, errors = _read_xml(opened.xml, complete=row["syntax"] == "IN_DP_E2_CII_FACTURX")
    if facts is not None:
        facts["attachments"] = opened.attachments
        facts["declared"] = opened.declared if opened.name.lower().endswith(".pdf") else None
    return {
        "flow_number": row["flow_number"],
        "name": opened.name,
        "sha256": hashlib.sha256(opened.content).hexdigest(),
        "size": len(opened.content),
        "seller": facts and rule_checks.seller_identifier(facts),
        "number": facts and facts["number"],
        "buyer": facts and rule_checks.buyer_identifier(facts),
        "total": facts and facts["totals"]["gross"],
        "issue_date": facts and facts["issue_date"],
        "facts": facts and json.dumps(facts),
        "technical": json.dumps(errors),
    }


def _read_xml(xml, complete):
    try:
        root = cii.parse(xml)
    except cii.NotXml as error:
        message, line, column = error.args
        return None, [rules.technical_error("xsd", f"{message} - ligne: {line} - position: {column}")]
    if root.tag != cii.ROOT:
        return None, [rules.technical_error("not_cii", str(root.tag))]
    errors = [rules.technical_error("xsd", detail) for detail in structure_errors(root, complete)]
    return cii.facts(root), errors[:53]  # 53 is the most seen in one report


def _judge(chorus, row):
    read(chorus, row)
    row = chorus.store.one("SELECT * FROM deposit WHERE flow_number = ?", row["flow_number"])
    files = chorus.store.all("SELECT * FROM file WHERE flow_number = ? ORDER BY id", row["flow_number"])
    technical = json.loads(row["technical"])
    if row["forced_state"]:
        state = row["forced_state"]
        _mark(chorus, files, "incident" if state == INCIDENT else "rejected")
    elif row["syntax"] not in CHECKED_SYNTAXES and not technical:
        state, technical = INTEGRATED, [_UNCHECKED]
        _mark(chorus, files, "unchecked")
    else:
        broken = [error for file in files for error in json.loads(file["technical"])]
        whole = chorus.settings["archive_technical_error"] == "whole"
        if technical or (broken and (whole or len(files) == 1)):
            state, technical = REJECTED, technical + broken
            _mark(chorus, files, "rejected")
        else:
            technical = broken
            verdicts = {_judge_file(chorus, row, file) for file in files}
            state = PARTIAL if len(verdicts) > 1 else INTEGRATED if verdicts == {"integrated"} else REJECTED
    chorus.store.update(
        "deposit", {"flow_number": row["flow_number"]}, {"verdict": state, "technical": json.dumps(technical)}
    )


def _mark(chorus, files, verdict):
    for file in files:
        chorus.store.update("file", {"id": file["id"]}, {"verdict": verdict})


def _judge_file(chorus, row, file):
    texts, invoice_id = [], None
    if not json.loads(file["technical"]):
        facts = json.loads(file["facts"])
        texts = rules.judge(_case(chorus, row, facts), chorus.rule_enabled)
        known = (file["seller"], file["number"], facts["issue_date"])
        if chorus.settings["duplicate_check"] and invoices.exists(chorus, *known):
            texts.append(rules.DUPLICATE_TEXT)
        if not texts:
            invoice_id = invoices.integrate(chorus, row, facts)
    verdict = "integrated" if invoice_id else "rejected"
    chorus.store.update(
        "file",
        {"id": file["id"]},
        {"verdict": verdict, "errors": json.dumps(texts), "invoice_id": invoice_id},
    )
    return verdict


def _case(chorus, row, facts):
    account = chorus.gateway.accounts.get(row["account"]) or {}
    return rule_checks.Case(
        facts=facts,
        seller=chorus.directory.get(rule_checks.seller_identifier(facts)),
        buyer=chorus.directory.get(rule_checks.buyer_identifier(facts)),
        day=paris(row["received_at"]).date(),
        engagements=chorus.directory.engagements,
        account_structures=account.get("structures"),
    )


# Reporting


def state_of(chorus, row):
    """(state, since) of a deposit row that was settled; None while the flow is introuvable."""
    now = chorus.clock.now()
    if row["verdict"]:
        return row["verdict"], row["verdict_at"]
    if now < row["visible_at"]:
        return None
    if row["forced_state"] and now >= row["verdict_at"]:
        return row["forced_state"], row["verdict_at"]
    reached = [step for step in json.loads(row["steps"]) if step[1] <= now]
    state, since = reached[-1] if reached else (PENDING_PATH[0], row["received_at"])
    return state, since


def errors_of(chorus, row):
    """(listeErreurDP, listeErreurTechnique) of a judged flow; two empty lists before."""
    if not row["verdict"]:
        return [], []
    settings = chorus.settings
    refused = []
    for file in chorus.store.all("SELECT * FROM file WHERE flow_number = ? ORDER BY id", row["flow_number"]):
        if texts := json.loads(file["errors"]):
            text = rules.report_text(texts, settings["report_cut"], settings["report_cut_mark"])
            refused.append(
                {
                    "identifiantFournisseur": file["seller"] or "",
                    "identifiantDestinataire": file["buyer"] or "",
                    "numeroDP": file["number"] or "",
                    "libelleErreurDP": text,
                }
            )
    return refused, json.loads(row["technical"])


def report(chorus, row):
    """The body of consulterCRDetaille, without codeRetour and libelle; None while introuvable."""
    found = state_of(chorus, row)
    if found is None:
        return None
    state, since = found
    interface = f"FSO{SYNTAXES[row['syntax']][1]}A"
    refused, technical = errors_of(chorus, row)
    return {
        "etatCourantDepotFlux": state,
        "dateDepotFlux": timestamp(row["received_at"]),
        "dateHeureEtatCourantFlux": timestamp(since),
        "codeInterfaceDepotFlux": interface,
        "nomFichier": f"{interface}_CPP001_{row['flow_number']}",
        "listeErreurDP": refused,
        "listeErreurTechnique": technical,
    }


def note_report(chorus, row):
    """Notes that this flow's verdict was told, and returns the function that takes it back. Noted before
    the answer leaves: the client may act on it before the server gets to anything else."""
    if not row["verdict"] or row["reported_seq"]:
        return lambda: None
    flow = {"flow_number": row["flow_number"]}
    chorus.store.update(
        "deposit",
        flow,
        {"reported_at": chorus.clock.now(), "reported_seq": chorus.store.next_number("sequence")},
    )
    return lambda: chorus.store.update("deposit", flow, {"reported_at": None, "reported_seq": None})
