"""Each kind of run of ``dev/chaos``, without what it is about: the run has to fail then."""

from .mutation import Mutation, chaos

KINDS = (
    Mutation(
        "switched: the environment is not compared when a file is taken",
        chaos("switched"),
        "_TAKE",
        "WHERE deposit.id = ANY(%(deposits)s) AND company.chorus_environment = deposit.environment",
        "WHERE deposit.id = ANY(%(deposits)s)",
    ),
    Mutation(
        "neighbour: other channels are not read again before a file leaves",
        chaos("neighbour"),
        "_chorus_in_the_way",
        "return stands if stands and",
        "return stands if False and",
    ),
    Mutation(
        "dates: dates beyond tomorrow are believed",
        chaos("dates"),
        "past",
        "return moment if moment <= env.cr.now() or moment <= now(env) + ahead else None",
        "return moment",
    ),
    Mutation(
        "restored: the oid of the database is no sign",
        chaos("restored"),
        "HARD_SIGNS",
        '"oid", ',
        "",
    ),
    Mutation(
        "cloned: no sign differs",
        chaos("cloned"),
        "_differences",
        "return [sign for sign in HARD_SIGNS if known.get(sign) != now[sign]]",
        "return []",
    ),
    Mutation(
        "repeated: a flow number counts whoever had it before, for the index too",
        chaos("repeated"),
        "end",
        "if receipt and holders.get(receipt.flow_number, deposit) - deposit:",
        "if False:",
        index="chorus_deposit_one_flow",
    ),
    Mutation(
        "redirected: a redirect and a conflict after the body left did nothing",
        chaos("redirected"),
        "_declined",
        "    if 300 <= status < 400:\n",
        "    if 300 <= status < 400 or status == 409:\n"
        '        return NotSent("redirect_refused", **context)\n'
        "    if 300 <= status < 400:\n",
    ),
    Mutation(
        "late: no horizon before a file is sent again",
        chaos("late"),
        "_still_missing",
        "waited < timedelta(hours=connection.resolve_horizon_hours) or not",
        "not",
    ),
    Mutation(
        "archived: an archived connection is used",
        chaos("archived"),
        "_why_no_token_request",
        "if not self.active:",
        "if False:",
    ),
    Mutation(
        "clocks: the protocol follows the clock of Odoo's host",
        chaos("clocks"),
        "now",
        "env.cr.fetchone()[0], 0",
        '__import__("odoo").fields.Datetime.now(), 0',
    ),
    Mutation(
        "raising: the others of an answer are not written when one of them cannot be",
        chaos("raising"),
        "write_each",
        "            if asks_for_retry(caught):\n                raise\n",
        "            raise\n",
    ),
    Mutation(
        "past_lock: no unique index of live lines",
        chaos("past_lock"),
        index="chorus_deposit_line_one_live_line",
    ),
)
