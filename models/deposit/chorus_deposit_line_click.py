"""What people hear of their invoices: once of a click or a day, and why some came back.

The reasons are the lines of text that Chorus Pro and buyers wrote, counted in the database.
"""

import uuid

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ...chorus_api import INVOICE_STATUSES
from ..base import moments
from ..base.chorus_states import LINES, that
from ..base.moments import SUMMARY_AFTER, next_at
from ..notice.chorus_sentences import CATALOGUE, packed, say, unpacked

# Still under way: nothing can be told yet.
_WAITING = ("queued", *that(LINES, told_as="queued"))
# What asks for a look.
_ATTENTION = that(LINES, attention=True)


def as_one_click(env, vals_list):
    """What a person queues at once is one batch; what the machine queues again is nobody's click.

    :return: the values with the batch of those that are queued
    """
    if env.uid == SUPERUSER_ID:
        return vals_list
    batch = uuid.uuid4().hex
    return [
        {**vals, "batch": batch} if vals.get("state", "queued") == "queued" else vals for vals in vals_list
    ]


# The words of one line: those of the report where it was rejected, else those of the status.
_WORDS = """CASE WHEN {alias}.state = 'rejected' THEN {alias}.message ELSE {alias}.status_comment END"""
_BLANKS = " \t\r\n\u00a0"


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    batch = fields.Char("Click not told yet", readonly=True, copy=False, index="btree_not_null")

    by_itself = fields.Selection(
        [("new", "In no summary yet"), ("told", "In the summary of its day")],
        "Sent by itself",
        readonly=True,
        copy=False,
    )
    _by_itself_index = models.Index("(company_id, environment) WHERE by_itself = 'new'")

    reason = fields.Char("Reason given", compute="_compute_reason", search="_search_reason")

    @api.model
    def _progress(self, company_ids, user_id=None):
        """How far the clicks are of which something still waits.

        :param list company_ids:
        :param int user_id: only what this user has clicked
        :return: (int, how many have left or could not; int, of how many)
        """
        self.flush_model(["batch", "state"])
        self.env.cr.execute(
            """
            SELECT coalesce(sum(done), 0)::int, coalesce(sum(clicked), 0)::int FROM (
                SELECT count(*) FILTER (WHERE state NOT IN %(waiting)s) AS done, count(*) AS clicked
                FROM chorus_deposit_line
                WHERE batch IS NOT NULL AND company_id = ANY(%(companies)s)
                    AND (%(user)s IS NULL OR queued_by_id = %(user)s)
                GROUP BY batch HAVING bool_or(state IN %(waiting)s)
            ) AS click
            """,
            {"waiting": _WAITING, "companies": company_ids, "user": user_id},
        )
        return self.env.cr.fetchone()

    @api.model
    def _ended_clicks(self):
        """The channels with clicks that have ended and were not told: whoever should have told them died, or
        what was left was withdrawn by a person.

        :return: list of (company id, environment)
        """
        self.env.cr.execute(
            """
            SELECT DISTINCT company_id, environment FROM chorus_deposit_line WHERE batch IS NOT NULL
            GROUP BY company_id, environment, batch HAVING NOT bool_or(state IN %s)
            """,
            (_WAITING,),
        )
        return self.env.cr.fetchall()

    @api.model
    def _tell_ended_clicks(self, company_id, environment):
        """Tell of the clicks of a channel of which nothing waits any more.

        Two workers may have made the last two steps: the second to write gets a serialization failure, looks
        again and finds nothing left to tell.
        """
        self.env.cr.execute(
            """
            SELECT array_agg(id) FROM chorus_deposit_line
            WHERE company_id = %(company)s AND environment = %(environment)s AND batch IS NOT NULL
            GROUP BY batch, queued_by_id HAVING NOT bool_or(state IN %(waiting)s)
            """,
            {"company": company_id, "environment": environment, "waiting": _WAITING},
        )
        ended = self.browse([line for (ids,) in self.env.cr.fetchall() for line in ids])
        if not ended:
            return
        ended.batch = False
        ended.flush_recordset(["batch"])
        for user, lines in ended.grouped("queued_by_id").items():
            lines = lines.with_context(lang=user.lang, tz=user.tz)
            lines._log_deposited()
            lines._notify_end(user)

    def _log_deposited(self):
        """A line in each invoice's history: that it left, when, under which flow number."""
        bodies = {}
        for line in self.filtered("flow_number"):
            sent_at = line.deposited_on
            body = self.env._(
                "Deposited on Chorus Pro: flow %(flow)s, %(date)s",
                flow=line.flow_number,
                date=format_datetime(self.env, sent_at) if sent_at else "",
            )
            bodies[line.move_id.id] = f"TEST – {body}" if line.environment == "test" else body
        moves = self.env["account.move"].sudo()
        # One that cannot be written keeps nobody from hearing of the end.
        self.filtered(lambda line: line.move_id.id in bodies)._together_or_alone(
            lambda lines: moves.browse(lines.move_id.ids)._message_log_batch(
                {move_id: bodies[move_id] for move_id in lines.move_id.ids}
            )
        )

    def _notify_end(self, user):
        """Show ``user`` what became of these lines, with a click to what needs attention."""
        lines = self.filtered(lambda line: line.state != "cancelled")
        if not lines:
            return
        attention = lines.filtered(lambda line: line.state in _ATTENTION)
        shown = attention or lines
        words = {
            "blocked": self.env._("Stopped before sending: %s"),
            "failed": self.env._("Could not be sent: %s"),
            "rejected": self.env._("Rejected: %s"),
            "unconfirmed": self.env._("Not confirmed yet, Chorus Pro is being asked: %s"),
        }
        told = [self.env._("Taken by Chorus Pro: %s", len(lines) - len(attention))]
        for state in _ATTENTION:
            if count := len(lines.filtered(lambda line, state=state: line.state == state)):
                told.append(words[state] % count)
        if taken := lines.filtered(lambda line: line.state == "sent"):
            told.append(
                self.env._("Results still awaited, they come by themselves: %s", len(taken)),
            )
        title = self.env._("Chorus Pro: sending has ended")
        user.partner_id._bus_send(
            "account_notification",
            {
                "type": "warning" if attention else "success",
                "title": f"TEST – {title}" if lines[0].environment == "test" else title,
                # A notice shows no line breaks.
                "message": ". ".join(told) + ".",
                # It stays until it was read: whoever sent may be elsewhere meanwhile.
                "sticky": True,
                "action_button": {
                    "name": self.env._("See what needs attention") if attention else self.env._("Open"),
                    "action_name": self.env._("Invoices"),
                    "model": "account.move",
                    "res_ids": shown.move_id.ids,
                },
            },
        )

    # -- what went to Chorus Pro by itself, until the summary of its day has told of it

    @api.model
    def _untold_days(self):
        """:return: list of (company id, environment) whose summary of a day is due"""
        self.env.cr.execute(
            """
            SELECT company_id, environment, min(create_date) FROM chorus_deposit_line
            WHERE by_itself = 'new' GROUP BY company_id, environment
            """
        )
        now = moments.now(self.env)
        companies = self.env["res.company"].sudo()
        return [
            (company_id, environment)
            for company_id, environment, first in self.env.cr.fetchall()
            if next_at(first, companies.browse(company_id).chorus_sending_hour + SUMMARY_AFTER) <= now
        ]

    # -- why invoices came back

    @api.depends("state", "message", "status_comment", "status_code")
    @api.depends_context("lang")
    def _compute_reason(self):
        """The first line of the words given, else what the status says."""
        for line in self:
            words = line.message if line.state == "rejected" else line.status_comment
            line.reason = next(iter((words or "").strip().splitlines()), "") or line.status_label

    def _search_reason(self, operator, value):
        """Lines among whose lines of text is one that says exactly this."""
        if operator != "in":
            return NotImplemented
        texts = [text for text in value if text] or [""]
        # What is stored of a sentence of ours is its key.
        ours = [key for key in CATALOGUE if key.startswith(("rejection.", "own."))]
        texts += [
            packed(said) for said in (say(self.env, key) for key in ours if _is_plain(key)) if said in texts
        ]
        labels = self.env["chorus.words"]
        # An unknown code is its own label.
        codes = [*texts, *(code for code in INVOICE_STATUSES if labels._status_label(code) in texts)]

        def to_sql(_model, alias, _query):
            part = SQL("btrim(part, %s)", _BLANKS)
            words = SQL(_WORDS.format(alias=alias))
            said = SQL(
                "EXISTS (SELECT FROM regexp_split_to_table(%s, %s) AS part WHERE %s IN %s)",
                words,
                "\n",
                part,
                tuple(texts),
            )
            silent = SQL("coalesce(btrim(%s, %s), '') = ''", words, _BLANKS)
            status = SQL("%s IN %s", SQL.identifier(alias, "status_code"), tuple(codes))
            return SQL("(%s OR %s AND %s)", said, silent, status)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _any_of(self, companies, environment):
        """Whether anything was ever sent to this environment for one of these companies.

        :rtype: bool
        """
        self.flush_model(["company_id", "environment"])
        found = self.env.execute_query(
            SQL(
                # Asked company by company, each of which the index answers at once.
                "SELECT 1 FROM unnest(%s) AS company(id) WHERE EXISTS (SELECT FROM chorus_deposit_line"
                " WHERE company_id = company.id AND environment = %s) LIMIT 1",
                companies.ids,
                environment,
            )
        )
        return bool(found)

    @api.model
    def _count_reasons(self, domain, limit):
        """How often each line of text was given for the lines of ``domain``, the most frequent first.

        :return: list of (text, what to look for as ``reason``, number of lines); a line without words counts
            for what its status says
        """
        query = self._search(domain)
        alias = query.table
        words = SQL(_WORDS.format(alias=alias))
        silent = SQL("coalesce(btrim(%s, %s), '') = ''", words, _BLANKS)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT text, code, count(DISTINCT id) FROM (
                    SELECT %(id)s AS id, btrim(part, %(blanks)s) AS text,
                        CASE WHEN %(silent)s THEN %(code)s END AS code
                    FROM %(tables)s
                    CROSS JOIN LATERAL regexp_split_to_table(coalesce(%(words)s, ''), %(newline)s) AS part
                    WHERE %(where)s
                ) AS said
                WHERE text != '' OR code IS NOT NULL
                GROUP BY text, code ORDER BY count(DISTINCT id) DESC, text LIMIT %(limit)s
                """,
                id=SQL.identifier(alias, "id"),
                blanks=_BLANKS,
                silent=silent,
                code=SQL.identifier(alias, "status_code"),
                tables=query.from_clause,
                words=words,
                newline="\n",
                where=query.where_clause or SQL("TRUE"),
                limit=limit,
            )
        )
        labels = self.env["chorus.words"]
        return [
            (str(unpacked(self.env, text)), text, count)
            if text
            else (labels._status_label(code), labels._status_label(code), count)
            for text, code, count in rows
        ]


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """A page that is loaded anew asks how far sending is only when something of this user may wait."""
        lines = self.env["chorus.deposit.line"]
        waits = lines.has_access("read") and lines._progress(self.env.user.company_ids.ids, self.env.uid)[1]
        return {**super().session_info(), "chorus_underway": bool(waits)}


def _is_plain(key):
    return "%(" not in CATALOGUE[key]
