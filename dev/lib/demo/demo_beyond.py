"""What stands beyond sending, chapter by chapter: late interest, evidence, the validator's desk.

Production here is the simulator too: nothing leaves this machine. A chapter is a function of the stage, the
accountant's session and the administrator's; it gives the sentences to print, and stops when something
did not come out as expected.
"""

import io
import zipfile
from datetime import UTC, datetime, timedelta

from .. import console
from ..server.rpc import poll
from . import demo_company, demo_data, demo_invoices, demo_unattended

_SECONDS = 600
_DAYS_AGO = 75
_AT_ONCE = {"EN_COURS_ACHEMINEMENT": 0.0, "MISE_A_DISPOSITION": 0.0}


def play(stage, chapters):
    """Play chapters of `PARTS`; returns whether all came out as expected."""
    with console.step("Creating the company and its customers"):
        accountant = demo_company.prepare(stage)
        admin = stage.login()
        admin.context = dict(accountant.context)
    for title, chapter in chapters:
        with console.step(title):
            told = chapter(stage, accountant, admin)
        for sentence in told:
            console.say(f"   {sentence}")
    return True


def _expect(condition, sentence):
    if not condition:
        raise console.Stop(f"Not as expected: {sentence}")


# -- validating what subcontractors sent ---------------------------------------------------------------


def validate(stage, accountant, admin):
    """Two subcontractors send invoices; one is accepted, one refused, and both are told."""
    admin.call("res.company", "write", [admin.ref("base.demo_company_fr")], {"chorus_validates": True})
    for order in ({"total": 4800.25}, {"cadre": "A12", "seller": "44306184100047", "total": 960.0}):
        stage.simulator.control("subcontractor", {"validator": demo_data.SUPPLIER_SIRET, **order})
    stage.make_due("cron_validate")
    fields = ["number", "supplier_name", "framework", "amount_total", "deadline", "days_left", "state"]

    def listed():
        rows = accountant.search_read("chorus.validation", [], fields, order="id")
        return rows if len(rows) == 2 else None

    first, second = poll(listed, _SECONDS, "both invoices are listed")
    _expect(first["amount_total"] == 4800.25, "the exact total of the invoice")
    told = [
        f"{row['supplier_name']} sent {row['number']} ({row['framework']}, {row['amount_total']:.2f} €):"
        f" {row['days_left']} days left"
        for row in (first, second)
    ]
    accountant.call("chorus.validation", "action_accept", [first["id"]])
    screen = accountant.call("chorus.validation", "action_refuse", [second["id"]])["res_id"]
    accountant.call("chorus.validation.refuse", "write", [screen], {"reason": "Pas notre chantier"})
    accountant.call("chorus.validation.refuse", "action_refuse", [screen])
    there = {item["number"]: item["status"] for item in stage.simulator.control("ledger")["invoices"]}
    for row, status in ((first, "VALIDEE_1"), (second, "REFUSEE_1")):
        _expect(there[row["number"]] == status, f"{row['number']} is {status} on Chorus Pro")
        told.append(f"{row['number']} is {status} on Chorus Pro")
    return told


# -- late interest, then evidence, of one invoice deposited in production ------------------------------


def claim(stage, accountant, admin):
    """An invoice that a buyer has had for weeks: the rate is asked for, the letter is made."""
    move = _deliver_long_ago(stage, accountant, admin)
    row = accountant.call("account.move", "read", [move], ["name", "chorus_days_late"])[0]
    _expect(row["chorus_days_late"] > 0, f"{row['name']} is late")
    screen = accountant.call("account.move", "action_chorus_claim", [move])["res_id"]
    fields = ["missing_note", "missing_half_year", "interest", "indemnity", "letter_ids"]

    def read():
        return accountant.call("chorus.claim", "read", [screen], fields)[0]

    told = [f"{row['name']} is {row['chorus_days_late']} days late"]
    # 2.0 is no real rate: the demo plays the person who types what the European Central Bank says.
    while missing := read()["missing_half_year"]:
        told.append(read()["missing_note"])
        accountant.call("chorus.claim", "write", [screen], {"central_rate": 2.0})
        accountant.call("chorus.claim", "action_add_rate", [screen])
        told.append(f"The rate of {missing} is added on the screen (made up, for the demo)")
    accountant.call("chorus.claim", "action_letter", [screen])
    claimed = read()
    _expect(len(claimed["letter_ids"]) == 1, "one letter for the public body")
    letter = accountant.download(f"/web/content/chorus.claim.letter/{claimed['letter_ids'][0]}/file")
    _expect(letter.startswith(b"%PDF"), "a letter that can be printed")
    (stage.folder.parent / "letter.pdf").write_bytes(letter)
    told.append(f"Claimed: {claimed['interest']:.2f} € of interest, {claimed['indemnity']:.2f} € of costs")
    return [*told, "The letter: .dev/demo-beyond/letter.pdf"]


def evidence(stage, accountant, admin):
    """The evidence of the same invoice; then its date is changed in the database, and the seals say so."""
    moves = accountant.call("account.move", "search", [("chorus_state", "!=", False)])
    screen = accountant.call("account.move", "action_chorus_evidence", moves)["res_id"]
    accountant.call("chorus.evidence", "action_make", [screen])
    content = accountant.download(f"/l10n_fr_chorus_pro/evidence/{screen}")
    (stage.folder.parent / "evidence.zip").write_bytes(content)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    _expect("SHA256SUMS" in names and "LISEZMOI.html" in names, "cover page and hashes")
    good, words = _verify(accountant)
    _expect(good, f"a whole chain, not: {words}")
    told = [f"The evidence file has {len(names)} files: .dev/demo-beyond/evidence.zip", words]
    stage.sql("UPDATE chorus_deposit SET sent_at = sent_at - interval '20 days' WHERE sealed")
    good, words = _verify(accountant)
    _expect(not good, "a date that was changed in the database is noticed")
    return [*told, "A date is changed in the database:", *words.splitlines()]


def _verify(accountant):
    check = accountant.create("chorus.seal.check", {})
    accountant.call("chorus.seal.check", "action_verify", [check])
    row = accountant.call("chorus.seal.check", "read", [check], ["is_good", "outcome"])[0]
    return row["is_good"], row["outcome"]


def _deliver_long_ago(stage, accountant, admin):
    """An invoice that Chorus Pro took weeks ago, in production; returns its id."""
    company = admin.ref("base.demo_company_fr")
    siret = demo_data.COMPANY["company_registry"]
    stage.simulator.control(f"structures/{siret}", {"name": demo_data.COMPANY["name"], "public": False})
    long_ago = datetime.now(UTC) - timedelta(days=_DAYS_AGO)
    stage.simulator.control("clock", {"now": long_ago.isoformat()})
    stage.simulator.control("settings", {"not_found_period": 0.0, "invoice_delays": _AT_ONCE})
    values = {
        "company_id": company,
        "environment": "production",
        "auth_url": stage.simulator.auth_url,
        "api_url": stage.simulator.url,
        "first_deposit_limit": 0,
        **stage.simulator.CREDENTIALS,
    }
    connection = admin.create("chorus.connection", values)
    admin.call("chorus.connection", "action_refresh_token", [connection])
    admin.call("res.company", "write", [company], {"chorus_environment": "production"})
    name = demo_data.CUSTOMERS["free"][0]
    customer = accountant.call("res.partner", "search", [("name", "=", name)])[0]
    rate = demo_invoices.taxes(accountant)[20.0]
    line = {"name": "Entretien", "quantity": 1, "price_unit": 9000.0, "tax_ids": [(6, 0, [rate])]}
    invoice = {
        "move_type": "out_invoice",
        "partner_id": customer,
        "invoice_date": long_ago.date().isoformat(),
        "invoice_line_ids": [(0, 0, line)],
    }
    move = accountant.create("account.move", invoice)
    accountant.call("account.move", "action_post", [move])
    screen = accountant.call("account.move", "action_chorus_send", [move])["res_id"]
    accountant.call("chorus.send", "action_send", [screen])

    def with_the_buyer():
        stage.simulator.control("clock", {"advance": 60})
        accountant.call("account.move", "action_chorus_check_now", [move])
        # What was said weeks ago is older than the changes asked for: the daily look at all finds it.
        stage.sql("UPDATE chorus_connection SET full_check_at = NULL")
        stage.make_due("cron_follow")
        (row,) = accountant.call("account.move", "read", [move], ["chorus_days_late"])
        return row["chorus_days_late"] > 0

    poll(with_the_buyer, _SECONDS, "the buyer has the invoice", pause=2)
    return move


CHAPTERS = [
    ("A holder of a contract validates what subcontractors sent", validate),
    ("Late interest is claimed", claim),
    ("Evidence of what was sent, and seals that a change breaks", evidence),
]

# Each part has a stage of its own: the clock of Chorus Pro is moved in one.
PARTS = (
    (
        ("Automatic sending", demo_unattended.send_by_itself),
        ("The public customers among all", demo_unattended.find_customers),
        ("Several establishments", demo_unattended.establishments),
        ("A retention is released", demo_unattended.release_retention),
    ),
    CHAPTERS,
)
