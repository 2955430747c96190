"""The pace of a connection's calls, for all processes and servers together."""

from odoo import api, fields, models

from ...chorus_api.client import is_loopback_url
from ..base.transactions import in_transaction

# Calls a minute: where a connection begins (one a second was seen to go well), what one good call adds, how
# far it is slowed down at most.
START, GROWTH, SLOWEST = 60, 0.25, 6
# Several calls that were on their way together stumble over the same: they slow down once.
ONE_STUMBLE = "30 seconds"
# A call that carries more takes longer: bytes that count as one call more.
HEAVY = 256 * 1024
# How much the newest call counts for what calls take just now, and for what they usually take.
RECENT, USUAL = 0.2, 0.01
# Slower than usual by so much, and by so many seconds: the gateway has enough to do.
SLOWER, SLOWER_SECONDS = 2, 0.5

_RESERVE = """
WITH told AS (
    SELECT coalesce(known.per_minute, %(start)s) AS per_minute, known.slowed_at,
        coalesce(known.doubts, 0) AS doubts,
        coalesce(known.recent_seconds, %(seconds)s) AS recent_seconds,
        coalesce(known.usual_seconds, %(seconds)s) AS usual_seconds
    FROM (VALUES (%(connection)s)) AS asked(number)
        LEFT JOIN chorus_pace AS known ON known.connection_id = asked.number
), weighed AS (
    SELECT *, clock_timestamp() AT TIME ZONE 'UTC' AS now,
        -- One refusal of a good token means that it has run out.
        %(stumbled)s AND (NOT %(doubted)s OR doubts > 0) AS too_much,
        (recent_seconds > %(slower)s * usual_seconds
            AND recent_seconds > usual_seconds + %(slower_seconds)s) IS TRUE AS slow
    FROM told
), learned AS (
    SELECT
        CASE
            WHEN too_much AND slowed_at > now - interval %(one_stumble)s THEN per_minute
            WHEN too_much THEN greatest(%(slowest)s, least(per_minute, %(ceiling)s) / 2)
            WHEN NOT %(good)s THEN per_minute
            WHEN slow THEN greatest(%(slowest)s, least(per_minute, %(ceiling)s) * 0.98)
            ELSE greatest(per_minute, least(%(ceiling)s, per_minute + %(growth)s))
        END AS per_minute,
        CASE WHEN too_much THEN now ELSE slowed_at END AS slowed_at,
        CASE WHEN %(good)s THEN 0 WHEN %(doubted)s THEN doubts + 1 ELSE doubts END AS doubts,
        CASE WHEN %(good)s THEN recent_seconds + (%(seconds)s - recent_seconds) * %(recent)s
            ELSE recent_seconds END AS recent_seconds,
        CASE WHEN %(good)s THEN usual_seconds + (%(seconds)s - usual_seconds) * %(usual)s
            ELSE usual_seconds END AS usual_seconds
    FROM weighed
)
INSERT INTO chorus_pace AS pace (
    connection_id, next_at, per_minute, slowed_at, doubts, recent_seconds, usual_seconds
)
SELECT %(connection)s, extract(epoch FROM clock_timestamp()) + 60 / least(%(ceiling)s, per_minute),
    per_minute, slowed_at, doubts, recent_seconds, usual_seconds
FROM learned
ON CONFLICT (connection_id) DO UPDATE SET
    next_at = greatest(pace.next_at, extract(epoch FROM clock_timestamp()))
        + 60 / least(%(ceiling)s, excluded.per_minute),
    per_minute = excluded.per_minute, slowed_at = excluded.slowed_at, doubts = excluded.doubts,
    recent_seconds = excluded.recent_seconds, usual_seconds = excluded.usual_seconds
RETURNING next_at - 60 / least(%(ceiling)s, per_minute) - extract(epoch FROM clock_timestamp())
"""


class ChorusPace(models.Model):
    """How fast a connection's work may go, and goes: one row each, shared by all processes and hosts."""

    _name = "chorus.pace"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro pace of calls"
    _log_access = False

    connection_id = fields.Many2one("chorus.connection", required=True, readonly=True, ondelete="cascade")
    next_at = fields.Float("Next call, seconds of the database server's clock", readonly=True, digits=False)
    prepare_seconds = fields.Float("Seconds to prepare one invoice", readonly=True, digits=False)
    per_minute = fields.Float("Calls a minute that go well", readonly=True, digits=False)
    slowed_at = fields.Datetime("Slowed down on", readonly=True)
    doubts = fields.Integer("Refusals of a good token in a row", readonly=True)
    recent_seconds = fields.Float("Seconds that a call takes just now", readonly=True, digits=False)
    usual_seconds = fields.Float("Seconds that a call usually takes", readonly=True, digits=False)

    _one_per_connection = models.UniqueIndex("(connection_id)")

    @api.model
    def _reserve(self, connection_id, ceiling, record=None):
        """Take the next free slot of a connection, and learn from the call before.

        The pace begins carefully, grows with each good call, goes back a little while calls take longer than
        they usually do, and falls by half when the gateway says that it is too fast, refuses a good token
        twice in a row, or does not answer.

        :param float ceiling: most calls in a minute
        :param record: ``chorus_api`` record of a call that has just been made, or None
        :return: float, seconds to wait before calling.
        """
        values = {
            "connection": connection_id,
            "ceiling": float(ceiling),
            "seconds": record and record.seconds / (1 + record.sent / HEAVY),
            "stumbled": bool(record) and record.stumbled,
            "doubted": bool(record) and record.http_status == 401,
            "good": bool(record) and (record.http_status or 999) < 400 and not record.failure,
            "start": float(START),
            "growth": GROWTH,
            "slowest": float(SLOWEST),
            "one_stumble": ONE_STUMBLE,
            "recent": RECENT,
            "usual": USUAL,
            "slower": SLOWER,
            "slower_seconds": SLOWER_SECONDS,
        }

        def step(env):
            env.cr.execute(_RESERVE, values)
            return max(0.0, float(env.cr.fetchone()[0]))

        return in_transaction(self.env, step, tries=20)

    @api.model
    def _prepare_seconds(self, connection):
        """Seconds that one invoice of a connection took to prepare in former runs; None when not known."""
        return self.search([("connection_id", "=", connection.id)]).prepare_seconds or None

    @api.model
    def _remember(self, connection, seconds):
        """Keep what one invoice took to prepare: a slower pace at once, a quicker one half.

        :param float seconds: of the last batch, for one invoice
        """
        self.env.cr.execute(
            """
            INSERT INTO chorus_pace AS pace (connection_id, prepare_seconds)
            VALUES (%(connection)s, %(seconds)s)
            ON CONFLICT (connection_id) DO UPDATE
            SET prepare_seconds = greatest(
                %(seconds)s, (coalesce(pace.prepare_seconds, %(seconds)s) + %(seconds)s) / 2
            )
            """,
            {"connection": connection.id, "seconds": seconds},
        )


# A ceiling: the pace begins far below it and grows as long as the gateway is content (``chorus.pace``).
_DEFAULT_PACE = 300


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    calls_per_minute = fields.Integer(
        "Calls per minute at most",
        compute="_compute_calls_per_minute",
        store=True,
        readonly=False,
        help="For all processes and servers together. The pace begins below, grows while Chorus Pro answers"
        " well, and slows down when it does not. 0: no limit.",
    )

    files_at_once = fields.Integer(
        "Files that travel at once",
        default=4,
        required=True,
        help="While Chorus Pro takes one file, others leave beside it. Every call counts for the calls per"
        " minute.",
    )

    _files_at_once_in_bounds = models.Constraint(
        "CHECK (files_at_once BETWEEN 1 AND 10)", "Between 1 and 10 files travel at once."
    )
    _calls_per_minute_positive = models.Constraint(
        "CHECK (calls_per_minute >= 0)", "The number of calls per minute cannot be negative."
    )

    @api.depends("api_url")
    def _compute_calls_per_minute(self):
        for connection in self:
            local = is_loopback_url(connection.api_url or "")
            connection.calls_per_minute = 0 if local else _DEFAULT_PACE

    def _pause(self):
        """Seconds between two calls at the present pace; 0 where there is no limit."""
        self.ensure_one()
        if not self.calls_per_minute:
            return 0.0
        kept = self.env["chorus.pace"].search([("connection_id", "=", self.id)])
        return 60 / min(self.calls_per_minute, kept.per_minute or START)

    def _pace(self):
        """Return a function that is told of the last call, takes the next free slot and gives the seconds to
        wait for it; None where there is no limit."""
        self.ensure_one()
        if not self.calls_per_minute:
            return None
        ceiling, number, paces = self.calls_per_minute, self.id, self.env["chorus.pace"]
        return lambda record=None: paces._reserve(number, ceiling, record)
