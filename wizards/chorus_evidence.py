from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_datetime

from ..chorus_api import safe_filename
from ..worker import doors
from .chorus_evidence_files import cover_values, files_of

MAX_INVOICES = 50


class ChorusEvidence(models.TransientModel):
    """One ZIP that proves what was sent and what came of it, for whoever asks: buyer, auditor, judge."""

    _name = "chorus.evidence"
    _inherit = ["chorus.chosen.invoices"]
    _description = "Evidence file"

    with_copy = fields.Boolean(
        "With Chorus Pro's own copy",
        default=True,
        help="Chorus Pro is asked for each invoice as it keeps it. What does not come is told on the cover"
        " page.",
    )
    line_ids = fields.One2many("chorus.evidence.line", "wizard_id", "Invoices of the file", readonly=True)
    made = fields.Boolean(readonly=True)
    made_at = fields.Datetime(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._check_evidence()
        return wizards

    def _check_evidence(self):
        self.move_ids.check_access("read")
        if len(self.move_ids.company_id) > 1:
            raise UserError(self.env._("Choose invoices of one company at a time."))
        if len(self.move_ids) > MAX_INVOICES:
            raise UserError(self.env._("Choose at most %s invoices at a time.", MAX_INVOICES))
        lines = self.env["chorus.deposit.line"].union(*(move._chorus_told_line() for move in self.move_ids))
        if not lines.deposit_id:
            raise UserError(self.env._("None of these invoices was deposited on Chorus Pro."))
        self.env["chorus.evidence.line"].sudo().create(
            [
                {
                    "wizard_id": self.id,
                    "move_id": line.move_id.id,
                    "line_id": line.id,
                    "remark": False if line.deposit_id else self.env._("Not deposited: left out."),
                }
                for line in lines
            ]
        )

    def action_make(self):
        """Seal what is not sealed yet, fetch Chorus Pro's copies, and keep them for the ZIP.

        Everything is asked first and written afterwards: nobody waits for the network behind a lock.
        """
        self.ensure_one()
        self.check_access("write")
        self.move_ids.check_access("read")
        rows = self.line_ids.filtered("deposit_id")
        doors.seal(self.company_id)
        copies = {}
        if self.with_copy:
            for lines in rows.line_id.grouped("environment").values():
                copies |= doors.fetch_copies(lines)
        for row in rows.sudo():
            copy = copies.get(row.line_id._id_there())
            row.copy_id.unlink()
            if isinstance(copy, bytes):
                row._keep(copy)
                row.remark = False
            elif self.with_copy:
                row.remark = copy or self.env._("Chorus Pro's identifier of this invoice is not known yet.")
        self.write({"made": True, "made_at": fields.Datetime.now()})
        # The seals were written by transactions of their own.
        self.env.invalidate_all()
        return self._reopen(self.env._("Evidence file"))

    def action_download(self):
        """Download the ZIP, as often as need be."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/l10n_fr_chorus_pro/evidence/{self.id}",
            "target": "download",
        }

    def _zip_name(self):
        name = self.move_ids.name if len(self.move_ids) == 1 else str(fields.Date.context_today(self))
        return safe_filename(f"preuve_chorus_pro_{name}", ".zip")

    def _files(self):
        """What goes into the ZIP.

        :return: (list of (name, function that returns the bytes); the cover page)
        :raises AccessError: when somebody else made it, or the user may not read one of the invoices
        """
        self.ensure_one()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("These files were made by somebody else: make your own."))
        self.move_ids.check_access("read")
        rows = self.line_ids.filtered("deposit_id").sudo()
        files = [file for row in rows for file in files_of(row)]
        values = cover_values(self.sudo(), rows)
        values["made_at"] = format_datetime(self.env, self.made_at or fields.Datetime.now())
        page = self.env["ir.qweb"]._render("l10n_fr_chorus_pro.evidence_cover", values)
        return files, str(page).encode()


class ChorusEvidenceLine(models.TransientModel):
    _name = "chorus.evidence.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Invoice of an evidence file"

    wizard_id = fields.Many2one("chorus.evidence", required=True, ondelete="cascade", index=True)
    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="move_id.partner_id")
    line_id = fields.Many2one("chorus.deposit.line", readonly=True, ondelete="cascade")
    deposit_id = fields.Many2one(related="line_id.deposit_id")
    flow_number = fields.Char(related="line_id.flow_number")
    status_label = fields.Char(related="line_id.status_label", string="Status")
    copy_id = fields.Many2one("ir.attachment", "Chorus Pro's own copy", readonly=True, ondelete="set null")
    remark = fields.Char(readonly=True)

    def _keep(self, content):
        """Keep Chorus Pro's copy for the ZIP."""
        self.ensure_one()
        kind = ".pdf" if content.startswith(b"%PDF") else ".zip" if content.startswith(b"PK") else ".bin"
        name = safe_filename(f"chorus_pro_{self.line_id.number or self.move_id.name}", kind)
        self.copy_id = self.env["ir.attachment"].create(
            {"name": name, "raw": content, "res_model": self._name, "res_id": self.id}
        )
