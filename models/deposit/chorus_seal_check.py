"""Verifying the chain of seals: which record differs from what was sealed."""

import hashlib
import json

from odoo import api, models
from odoo.tools import split_every

from .chorus_seal import BEGINNING, digest_of

AT_ONCE = 500


class ChorusSeal(models.Model):
    _inherit = "chorus.seal"

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
