"""A chain of hashes over what was sent and what came of it: who changes the database afterwards breaks it.

The check tells which record differs from what was sealed.
"""

import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

# A deposit is sealed once Chorus Pro has judged it: nothing of it changes from then on.
JUDGED = ("integrated", "partial", "rejected")
OVER = ("done", "refused", "not_done")
# What comes before the first entry of a chain.
BEGINNING = "0" * 64
# By model: the rows of production that no entry seals yet, of a company given as a value or as a column.
_UNSEALED = {
    "chorus.deposit": """
        SELECT id FROM chorus_deposit
        WHERE company_id = {company} AND environment = 'production' AND sealed IS NOT TRUE AND state IN %s
        ORDER BY id LIMIT %s
    """,
    "chorus.status.event": """
        SELECT event.id FROM chorus_status_event AS event
        JOIN chorus_deposit_line AS line ON line.id = event.line_id
        WHERE event.company_id = {company} AND line.environment = 'production' AND event.sealed IS NOT TRUE
            AND event.code NOT IN %s
        ORDER BY event.id LIMIT %s
    """,
    "chorus.request": """
        SELECT id FROM chorus_request
        WHERE company_id = {company} AND environment = 'production' AND sealed IS NOT TRUE AND state IN %s
        ORDER BY id LIMIT %s
    """,
}
_WHICH = {"chorus.deposit": JUDGED, "chorus.status.event": ("",), "chorus.request": OVER}


def digest_of(previous, content):
    """The hash of an entry: that of a file which holds the hash before it, a line's end, and the content."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()


AT_ONCE = 500


class ChorusSeal(models.Model):
    """One entry of a company's chain: what a record said when it was sealed. Production only."""

    _name = "chorus.seal"
    _inherit = ["chorus.written.by.code"]
    _description = "Seal of what was sent to Chorus Pro"
    _order = "company_id, number"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    number = fields.Integer("Entry", required=True, readonly=True, aggregator=False)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True, aggregator=False)
    deposit_id = fields.Many2one("chorus.deposit", readonly=True, index="btree_not_null")
    content = fields.Text("What was sealed", required=True, readonly=True)
    previous = fields.Char("Hash before it", required=True, readonly=True)
    digest = fields.Char("Hash", required=True, readonly=True)

    _one_chain = models.UniqueIndex("(company_id, number)", "Two entries of a chain have the same number.")
    _record_index = models.Index("(model, res_id, number)")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept_ten_years(self):
        raise UserError(self.env._("Seals cannot be deleted: the chain would be broken."))

    @api.model
    def _head(self, company):
        """The last entry of a company's chain; empty before the first one."""
        return self.search([("company_id", "=", company.id)], order="number desc", limit=1)

    @api.model
    def _behind(self):
        """:return: ids of the companies that have something which no entry seals yet"""
        for model in _UNSEALED:
            self.env[model].flush_model()
        any_of = " OR ".join(
            f"EXISTS ({statement.format(company='company.id')})" for statement in _UNSEALED.values()
        )
        values = [value for model in _UNSEALED for value in (_WHICH[model], 1)]
        self.env.cr.execute(
            f"SELECT company.id FROM res_company AS company WHERE {any_of} ORDER BY company.id", values
        )
        return [company_id for (company_id,) in self.env.cr.fetchall()]

    @api.model
    def _seal_next(self, company, limit):
        """Append what is not sealed yet; the caller holds the lock of the company's chain.

        :param int limit: most entries
        :return: int, how many were appended
        """
        head = self._head(company)
        number, previous, values = head.number, head.digest or BEGINNING, []
        for model, statement in _UNSEALED.items():
            self.env[model].flush_model()
            values_of = (company.id, _WHICH[model], limit - len(values))
            self.env.cr.execute(statement.format(company="%s"), values_of)
            records = self.env[model].browse([row[0] for row in self.env.cr.fetchall()])
            for record in records:
                content = self._content(record)
                number, digest = number + 1, digest_of(previous, content)
                values.append(
                    {
                        "company_id": company.id,
                        "number": number,
                        "model": model,
                        "res_id": record.id,
                        "deposit_id": self._deposit_of(record).id,
                        "content": content,
                        "previous": previous,
                        "digest": digest,
                    }
                )
                previous = digest
            if records:
                # A seal is no change of the record: when it was last written stays.
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET sealed = TRUE WHERE id IN %s",
                        SQL.identifier(records._table),
                        tuple(records.ids),
                    )
                )
                records.invalidate_recordset(["sealed"])
        self.create(values)
        return len(values)

    @api.model
    def _deposit_of(self, record):
        return record if record._name == "chorus.deposit" else record.line_id.deposit_id

    @api.model
    def _content(self, record):
        """What is sealed of a record: one line of JSON, keys sorted, moments in UTC."""
        facts = {"kind": record._name, "id": record.id, **getattr(self, _FACTS[record._name])(record)}
        return json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)

    @api.model
    def _facts_of_deposit(self, deposit):
        facts = {
            "file": deposit.filename or "",
            "sha256": deposit.sha256 or "",
            "size": deposit.size,
            "flow": deposit.flow_number or "",
            "sent_at": deposit.sent_at or "",
            "origin": deposit.origin,
        }
        if deposit.origin == "api":
            # Of the others Chorus Pro may show more invoices later.
            facts["invoices"] = [
                {
                    "number": line.number or "",
                    "seller": line.seller_siret or "",
                    "date": line.invoice_date or "",
                    "total": f"{line.amount_total:.2f}",
                }
                for line in deposit.line_ids.sorted("id")
            ]
        return facts

    @api.model
    def _facts_of_event(self, event):
        return {
            "invoice": event.line_id.number or "",
            "status": event.code,
            "at": event.at,
            "words": event.comment or "",
        }

    @api.model
    def _facts_of_request(self, request):
        return {
            "invoice": request.line_id.number or "",
            "asked": request.kind,
            "called_at": request.called_at or "",
            "ended_at": request.ended_at or "",
            "outcome": request.state,
            "words": request.comment or "",
            "recipient": request.recipient_siret or "",
            "service": request.service_code or "",
            "engagement": request.engagement or "",
            "contract": request.contract or "",
        }

    # -- verifying the chain of seals: which record differs from what was sealed

    @api.model
    def _verify(self, company, *, files=True):
        """Go through a company's chain from its first entry.

        :param bool files: also read every deposited file and compute its hash
        :return: (int, entries seen; list of dict ``entry``, ``model``, ``res_id``, ``what`` in words)
        """
        faults, last, previous, number = [], {}, BEGINNING, 0
        ids = self.search([("company_id", "=", company.id)], order="number").ids
        for some in split_every(AT_ONCE, ids, list):
            for entry in self.browse(some):
                number += 1
                if entry.number != number:
                    faults.append(self._fault(entry, self.env._("entries before this one are gone")))
                    number = entry.number
                elif entry.previous != previous:
                    faults.append(self._fault(entry, self.env._("it does not follow the entry before it")))
                if digest_of(entry.previous, entry.content) != entry.digest:
                    faults.append(self._fault(entry, self.env._("the entry itself was changed")))
                previous = entry.digest
                last[entry.model, entry.res_id] = entry.id
            self.env.invalidate_all(flush=False)
        faults += self._unsealed_though_marked(company, last)
        for some in split_every(AT_ONCE, list(last.values()), list):
            for entry in self.browse(some):
                faults += entry._compare(files)
            self.env.invalidate_all(flush=False)
        return len(ids), faults

    @api.model
    def _fault(self, entry, what):
        return {"entry": entry.number, "model": entry.model, "res_id": entry.res_id, "what": what}

    def _compare(self, files):
        """Faults of the record of one entry, against what it says now."""
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id).exists()
        if not record:
            return [self._fault(self, self.env._("the record is gone"))]
        try:
            sealed = json.loads(self.content)
        except ValueError:
            # Told already: the entry itself was changed.
            return []
        now = json.loads(self._content(record))
        faults = [
            self._fault(
                self,
                self.env._(
                    "%(field)s was %(sealed)s when it was sealed, and is %(now)s",
                    field=name,
                    sealed=json.dumps(sealed.get(name), ensure_ascii=False),
                    now=json.dumps(now.get(name), ensure_ascii=False),
                ),
            )
            for name in sorted({*sealed, *now})
            if sealed.get(name) != now.get(name)
        ]
        if files and sealed.get("sha256"):
            content = record._file_attachment().raw or b""
            if hashlib.sha256(content).hexdigest() != sealed["sha256"]:
                faults.append(self._fault(self, self.env._("the file differs from the one that was sent")))
        return faults

    @api.model
    def _unsealed_though_marked(self, company, last):
        """Faults of records that count as sealed and of which the chain has no entry: its end was cut off."""
        faults = []
        for model in ("chorus.deposit", "chorus.status.event", "chorus.request"):
            known = {res_id for name, res_id in last if name == model}
            marked = self.env[model].search([("company_id", "=", company.id), ("sealed", "=", True)])
            faults += [
                {
                    "entry": 0,
                    "model": model,
                    "res_id": record_id,
                    "what": self.env._("it was sealed, and its entry is gone"),
                }
                for record_id in marked.ids
                if record_id not in known
            ]
        return faults


_FACTS = {
    "chorus.deposit": "_facts_of_deposit",
    "chorus.status.event": "_facts_of_event",
    "chorus.request": "_facts_of_request",
}
