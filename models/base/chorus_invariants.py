"""What must hold in the tables, whatever happened: each row is a query that returns what breaks it.

Read by tests after every scenario, by the diagnostic, and by ``dev/invariants -d DATABASE``. Plain Python.
"""

from typing import NamedTuple

from .chorus_states import LIVE_STATES, OPEN_REQUEST_STATES, sql_list


class Invariant(NamedTuple):
    """``sql`` returns (id, detail) of offending rows; ``%(now)s`` is the present moment, naive UTC.

    ``settled``: it holds once the scheduled actions had the time to do their work, not at every moment.
    """

    name: str
    sentence: str
    sql: str
    settled: bool = False


_LIVE = sql_list(LIVE_STATES)
_OPEN = sql_list(OPEN_REQUEST_STATES)
# Everything that a scheduled action has to go on with, its due time, and which action it is.
WORK = f"""
    SELECT 'deposit ' || id AS what, state, company_id, environment, next_action_at AS due,
        CASE WHEN state = 'sent' THEN 'cron_follow' ELSE 'cron_send' END AS cron
    FROM chorus_deposit WHERE state IN ('ready', 'sending', 'unconfirmed', 'sent')
    UNION ALL
    SELECT 'line ' || id, state, company_id, environment, next_action_at, 'cron_send'
    FROM chorus_deposit_line WHERE state = 'queued'
    UNION ALL
    SELECT 'request ' || id, state, company_id, environment, coalesce(next_action_at, create_date),
        'cron_follow'
    FROM chorus_request WHERE state IN {_OPEN}
"""
_FOLLOWED = """
    SELECT 'line ' || id AS what, company_id, environment, 'cron_follow' AS cron
    FROM chorus_deposit_line WHERE state IN ('integrated', 'hand') AND followed
"""
_NEUTRALIZED = """
    EXISTS (SELECT FROM ir_config_parameter WHERE key = 'database.is_neutralized' AND value <> '')
"""
# States of the lines that a deposit of ours may carry, by its own state.
_TOGETHER = {
    "ready": ("ready", "cancelled"),
    "sending": ("sending",),
    "unconfirmed": ("unconfirmed", "integrated"),
    "sent": ("sent", "integrated", "rejected"),
    "integrated": ("integrated",),
    "partial": ("integrated", "rejected"),
    "rejected": ("integrated", "rejected"),
    "failed": ("failed",),
    "cancelled": ("cancelled", "integrated"),
}
_TOLD = """
    SELECT summary_state FROM chorus_deposit_line AS line
    WHERE line.move_id = move.id AND line.environment = '{environment}'
    ORDER BY (line.state IN {live}) DESC, line.id DESC LIMIT 1
"""


def _told(environment, column):
    told = _TOLD.format(environment=environment, live=_LIVE)
    return f"""
        SELECT move.id, concat_ws(' ', move.{column}, '<>', ({told})) FROM account_move AS move
        WHERE (move.{column} IS NOT NULL OR EXISTS (
            SELECT FROM chorus_deposit_line AS line
            WHERE line.move_id = move.id AND line.environment = '{environment}'
        )) AND move.{column} IS DISTINCT FROM ({told})
    """


INVARIANTS = [
    Invariant(
        "one_live_line",
        "an invoice is at most once on its way to an environment",
        f"""
        SELECT min(id), 'invoice ' || move_id || ' ' || environment FROM chorus_deposit_line
        WHERE state IN {_LIVE} GROUP BY move_id, environment HAVING count(*) > 1
        """,
    ),
    Invariant(
        "same_company_and_environment",
        "an invoice, its line and its deposit are of one company, line and deposit of one environment",
        """
        SELECT line.id, concat_ws(' ', line.environment, deposit.environment)
        FROM chorus_deposit_line AS line JOIN account_move AS move ON move.id = line.move_id
        LEFT JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id
        WHERE line.company_id <> move.company_id OR deposit.company_id <> line.company_id
            OR deposit.environment <> line.environment
        """,
    ),
    Invariant(
        "sent_has_flow",
        "a deposit that Chorus Pro took has its flow number",
        """
        SELECT id, state FROM chorus_deposit
        WHERE state IN ('sent', 'partial', 'rejected') AND coalesce(flow_number, '') = ''
        """,
    ),
    Invariant(
        "flow_number_once",
        "a flow number names one deposit of ours in a company and environment, or is told as repeated",
        """
        SELECT min(id), flow_number FROM chorus_deposit
        WHERE flow_number <> '' AND origin = 'api' AND flow_repeated IS NOT TRUE
        GROUP BY company_id, environment, flow_number HAVING count(*) > 1
        """,
    ),
    Invariant(
        "line_has_the_flow_of_its_deposit",
        "a line shows the flow number of its deposit",
        """
        SELECT line.id, concat_ws(' ', line.flow_number, '<>', deposit.flow_number)
        FROM chorus_deposit_line AS line JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id
        WHERE line.flow_number IS DISTINCT FROM deposit.flow_number
        """,
    ),
    Invariant(
        "deposit_has_lines",
        "a file that is on its way carries an invoice",
        """
        SELECT id, state FROM chorus_deposit AS deposit
        WHERE origin = 'api' AND state IN ('ready', 'sending', 'unconfirmed', 'sent')
            AND NOT EXISTS (SELECT FROM chorus_deposit_line WHERE deposit_id = deposit.id)
        """,
    ),
    Invariant(
        "lines_go_with_their_deposit",
        "the state of a deposit of ours agrees with those of its invoices",
        f"""
        SELECT line.id, deposit.state || ' deposit, ' || line.state || ' line'
        FROM chorus_deposit_line AS line JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id
        WHERE deposit.origin = 'api' AND NOT ({
            " OR ".join(
                f"deposit.state = '{state}' AND line.state IN {sql_list(lines)}"
                for state, lines in _TOGETHER.items()
            )
        })
        """,
    ),
    Invariant(
        "queued_has_no_file",
        "an invoice that waits for its file has none yet",
        "SELECT id, number FROM chorus_deposit_line WHERE state = 'queued' AND deposit_id IS NOT NULL",
    ),
    Invariant(
        "sent_is_frozen",
        "what was sent says which invoice it is: seller, buyer, number, date",
        """
        SELECT id, state FROM chorus_deposit_line
        WHERE state IN ('ready', 'sending', 'unconfirmed', 'sent', 'hand')
            AND (number IS NULL OR seller_siret IS NULL OR buyer_siret IS NULL OR invoice_date IS NULL)
        """,
    ),
    Invariant(
        "invoice_shows_production",
        "an invoice shows the state of its production line",
        _told("production", "chorus_state"),
    ),
    Invariant(
        "invoice_shows_test",
        "an invoice shows the state of its test line",
        _told("test", "chorus_test_state"),
    ),
    Invariant(
        "taken_is_sent",
        "an invoice that Chorus Pro took in production is a sent one for Odoo",
        """
        SELECT move.id, line.state FROM chorus_deposit_line AS line
        JOIN account_move AS move ON move.id = line.move_id
        JOIN chorus_deposit AS deposit ON deposit.id = line.deposit_id
        WHERE line.environment = 'production' AND line.state IN ('sent', 'integrated')
            AND deposit.origin = 'api' AND move.is_move_sent IS NOT TRUE
        """,
    ),
    Invariant(
        "doubtful_has_not_left",
        "what has to be looked for before it leaves has not left",
        """
        SELECT id, state FROM chorus_deposit_line
        WHERE doubtful_since IS NOT NULL AND state IN ('sending', 'unconfirmed', 'sent')
        """,
    ),
    Invariant(
        "unconfirmed_says_since",
        "a file with an unknown outcome says since when, and when it left",
        """
        SELECT id, name FROM chorus_deposit
        WHERE state = 'unconfirmed' AND (unconfirmed_at IS NULL OR sent_at IS NULL)
        """,
    ),
    Invariant(
        "attempt_has_ended",
        "an attempt runs only while its deposit is being sent",
        """
        SELECT attempt.id, deposit.state FROM chorus_attempt AS attempt
        JOIN chorus_deposit AS deposit ON deposit.id = attempt.deposit_id
        WHERE attempt.outcome = 'running' AND deposit.state <> 'sending'
        """,
    ),
    Invariant(
        "attempts_are_counted",
        "no attempt has a higher number than its deposit has attempts",
        """
        SELECT attempt.id, attempt.number || ' of ' || deposit.attempt_number FROM chorus_attempt AS attempt
        JOIN chorus_deposit AS deposit ON deposit.id = attempt.deposit_id
        WHERE attempt.number > coalesce(deposit.attempt_number, 0)
        """,
    ),
    Invariant(
        "one_open_request",
        "one thing at a time is asked about an invoice",
        f"""
        SELECT min(id), 'line ' || line_id FROM chorus_request WHERE state IN {_OPEN}
        GROUP BY line_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "ended_request_has_its_time",
        "a request that has ended says when",
        f"SELECT id, state FROM chorus_request WHERE state NOT IN {_OPEN} AND ended_at IS NULL",
    ),
    Invariant(
        "work_has_its_time",
        "whatever waits has a due time",
        f"SELECT 0, what FROM ({WORK}) AS work WHERE due IS NULL",
    ),
    Invariant(
        "somebody_does_the_work",
        "while something waits or is followed, its scheduled action is switched on",
        f"""
        SELECT cron.id, work.cron || ': ' || count(*) FROM (
            SELECT what, cron FROM ({WORK}) AS due_work
            UNION ALL SELECT what, cron FROM ({_FOLLOWED}) AS followed
        ) AS work
        LEFT JOIN ir_model_data AS name ON name.module = 'l10n_fr_chorus_pro' AND name.name = work.cron
        LEFT JOIN ir_cron AS cron ON cron.id = name.res_id
        WHERE cron.active IS NOT TRUE AND NOT {_NEUTRALIZED}
        GROUP BY cron.id, work.cron
        """,
    ),
    Invariant(
        "nothing_waits_in_silence",
        "what is overdue by more than an hour has a connection that rests, or is told to a person",
        f"""
        SELECT 0, work.what || ' ' || work.environment FROM ({WORK}) AS work
        JOIN res_company AS company ON company.id = work.company_id
        LEFT JOIN chorus_connection AS connection ON connection.company_id = work.company_id
            AND connection.environment = work.environment
        WHERE work.due < %(now)s::timestamp - interval '1 hour'
            AND NOT coalesce(connection.rest_until > %(now)s::timestamp, FALSE)
            AND NOT (
                work.state IN ('queued', 'ready')
                AND coalesce(connection.deposit_rest_until > %(now)s::timestamp, FALSE)
            )
            AND NOT EXISTS (
                SELECT FROM mail_activity AS activity
                WHERE activity.active IS TRUE AND (
                    activity.res_model = 'chorus.connection' AND activity.res_id = connection.id
                    OR activity.res_model = 'res.partner' AND activity.res_id = company.partner_id
                )
            )
            AND (work.state NOT IN ('queued', 'ready') OR company.chorus_environment = work.environment)
            AND NOT {_NEUTRALIZED}
        """,
        settled=True,
    ),
]


def broken(execute, now, settled=False):
    """What does not hold.

    :param execute: called with a statement and its values, returns the rows
    :param now: the present moment, naive UTC
    :param bool settled: the scheduled actions had their time: look also at what holds only then
    :return: list of (Invariant, offending rows)
    """
    found = []
    for invariant in INVARIANTS:
        if settled or not invariant.settled:
            rows = execute(invariant.sql, {"now": now})
            if rows:
                found.append((invariant, rows))
    return found
