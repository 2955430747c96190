from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..models.notice.chorus_notice import dialog
from ..worker import doors

# Differences that the screen lists; the rest are counted.
SHOWN = 100


class ChorusSealCheck(models.TransientModel):
    """Whether what was sealed is still what the database says, record by record."""

    _name = "chorus.seal.check"
    _description = "Verify the seals"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    with_files = fields.Boolean(
        "Read every file too", default=True, help="Takes longer: each deposited file is read and hashed."
    )
    known_head = fields.Char(
        "A hash that you have kept", help="From the day's mail, or from the cover page of an evidence file."
    )
    outcome = fields.Text(readonly=True)
    is_good = fields.Boolean(readonly=True)

    @api.model
    def default_get(self, fields):  # pylint: disable=redefined-outer-name
        # A report is written by verifying only, whatever the context says.
        return {
            name: value
            for name, value in super().default_get(fields).items()
            if name not in ("outcome", "is_good")
        }

    def action_verify(self):
        """Go through the whole chain of the company and say which record differs."""
        self.ensure_one()
        self.check_access("write")
        self.env["chorus.seal"].check_access("read")
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("Choose this company at the top of the screen first."))
        doors.seal(self.company_id)
        self.env.invalidate_all()
        seals = self.env["chorus.seal"].sudo()
        count, faults = seals._verify(self.company_id.sudo(), files=self.with_files)
        said = [self._sentence(fault) for fault in faults[:SHOWN]]
        if len(faults) > SHOWN:
            said.append(self.env._("… and %s more differences.", len(faults) - SHOWN))
        known = (self.known_head or "").strip().lower()
        if known:
            entry = seals.search([("company_id", "=", self.company_id.id), ("digest", "=", known)], limit=1)
            if entry:
                said.insert(
                    0,
                    self.env._(
                        "The hash that you have kept is entry %(number)s of %(day)s.",
                        number=entry.number,
                        day=format_datetime(self.env, entry.create_date),
                    ),
                )
            else:
                faults.append({})
                said.insert(
                    0,
                    self.env._(
                        "The hash that you have kept is not in the chain: the chain was made anew since then."
                    ),
                )
        if not faults:
            said.append(
                self.env._("%s entries: the chain is whole, and every record says what was sealed.", count)
            )
        self.write({"outcome": "\n".join(said), "is_good": not faults})
        return dialog(self, self.env._("Verify the seals"))

    def _sentence(self, fault):
        """One difference in words: which record, and what of it."""
        record = self.env[fault["model"]].sudo().browse(fault["res_id"]).exists()
        names = {
            "chorus.deposit": self.env._("Deposit %s", record.display_name if record else fault["res_id"]),
            "chorus.status.event": self.env._(
                "Status of %s",
                record.line_id.number
                if record and fault["model"] == "chorus.status.event"
                else fault["res_id"],
            ),
            "chorus.request": self.env._(
                "Request about %s",
                record.line_id.number if record and fault["model"] == "chorus.request" else fault["res_id"],
            ),
        }
        return self.env._(
            "Entry %(entry)s, %(record)s: %(what)s.",
            entry=fault["entry"] or "–",
            record=names[fault["model"]],
            what=fault["what"],
        )
