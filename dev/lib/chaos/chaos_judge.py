"""The verdict on a run: what the simulator has really taken, against what Odoo says of each invoice."""

import dataclasses

_DONE = "integrated"


@dataclasses.dataclass
class Verdict:
    """``doubled``, ``lost`` and ``waiting`` are lists of dicts that name the invoices and say why."""

    doubled: list
    lost: list
    waiting: list
    done: int


def judge(ledger, sql, moves, elsewhere=()):
    """Compare the ledger with the database.

    doubled: two files taken for one (seller, number), the earlier one not reported rejected before; or one
    taken of an invoice that another channel has sent;
    lost: Odoo says done and Chorus Pro does not have it, the other way round, or nothing goes on;
    waiting: live, or in a person's hands who was told.

    :param sql: function that runs a statement and returns lines
    :param list moves: ids of account.move
    :param elsewhere: ids of those that another channel has sent; it counts as done that Chorus Pro has not
    """
    rows = [_Row(*line.split("|")) for line in sql(_STATEMENT.format(", ".join(map(str, moves))))]
    numbers = {row.number for row in rows}
    held = {}
    for invoice in ledger["invoices"]:
        held.setdefault(invoice["number"], []).append(invoice["flow_number"])
    doubled = [
        {"number": pair["number"], "taken": pair["taken"]}
        for pair in ledger["doubled"]
        if pair["number"] in numbers
    ]
    verdict = Verdict(doubled, [], [], 0)
    taken = {file["number"] for deposit in ledger["deposits"] for file in deposit["files"]}
    for row in rows:
        entry = {**dataclasses.asdict(row), "held": held.get(row.number, [])}
        if int(row.move) in elsewhere:
            if row.number in taken:
                verdict.doubled.append({**entry, "taken": "by another channel too"})
            else:
                verdict.done += 1
        elif row.state == _DONE and row.flow in entry["held"]:
            verdict.done += 1
        elif row.state == _DONE and row.told == "t" and not entry["held"]:
            # It rests on an answer that gave the number of another file; a person was told.
            verdict.waiting.append(entry)
        elif row.state == _DONE or entry["held"] or not row.goes_on:
            verdict.lost.append(entry)
        else:
            verdict.waiting.append(entry)
    return verdict


# One row per invoice: its live line, else its latest one; whether a person has been told of it.
_STATEMENT = """
    SELECT DISTINCT ON (m.id) m.id, m.name, coalesce(l.state, ''), coalesce(l.flow_number, ''),
           l.state IN ('queued', 'ready', 'sending', 'unconfirmed', 'sent') AND (d.id IS NULL
           OR d.state = 'sending' OR d.next_action_at IS NOT NULL),
           EXISTS (SELECT 1 FROM mail_activity a WHERE (a.res_model = 'account.move' AND a.res_id = m.id)
           OR (a.res_model = 'chorus.deposit' AND a.res_id = d.id)),
           coalesce(m.chorus_state, ''), replace(replace(coalesce(l.message, ''), '|', '/'), E'\\n', ' ')
    FROM account_move m
    LEFT JOIN chorus_deposit_line l ON l.move_id = m.id
    LEFT JOIN chorus_deposit d ON d.id = l.deposit_id
    WHERE m.id IN ({})
    ORDER BY m.id, l.state IN ('queued', 'ready', 'sending', 'unconfirmed', 'sent', 'integrated') DESC,
             l.id DESC
"""


@dataclasses.dataclass
class _Row:
    move: str
    number: str
    state: str
    flow: str
    moves_on: str
    told: str
    shown: str
    message: str

    @property
    def goes_on(self):
        """The machine will look at it again, or a person was told."""
        return "t" in (self.moves_on, self.told)
