"""Why invoices came back: the lines of text that Chorus Pro and buyers wrote, counted in the database."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...chorus_api import INVOICE_STATUSES
from ..notice.chorus_sentences import CATALOGUE, packed, say, unpacked

# The words of one line: those of the report where it was rejected, else those of the status.
_WORDS = """CASE WHEN {alias}.state = 'rejected' THEN {alias}.message ELSE {alias}.status_comment END"""
_BLANKS = " \t\r\n\u00a0"


class ChorusDepositLine(models.Model):
    _inherit = "chorus.deposit.line"

    reason = fields.Char("Reason given", compute="_compute_reason", search="_search_reason")

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


def _is_plain(key):
    return "%(" not in CATALOGUE[key]
