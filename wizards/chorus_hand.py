from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..chorus_api import safe_filename
from ..models.base.chorus_identity import of_invoice
from ..models.base.transactions import wake
from .chorus_chosen_invoices import MAX_INVOICES


class ChorusHand(models.TransientModel):
    """Files for whoever deposits on the portal: one ZIP, and the invoices marked as deposited by hand."""

    _name = "chorus.hand"
    _inherit = ["chorus.chosen.invoices"]
    _description = "Files for a deposit by hand"

    line_ids = fields.One2many("chorus.hand.line", "wizard_id", "Files", readonly=True)
    ready_count = fields.Integer(compute="_compute_counts")
    made = fields.Boolean(readonly=True)

    @api.depends("line_ids.state")
    def _compute_counts(self):
        for wizard in self:
            wizard.ready_count = len(wizard.line_ids.filtered(lambda line: line.state != "stopped"))

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._check_moves()
        return wizards

    def _check_moves(self):
        self._check_chosen()
        moves = self.move_ids
        if len(moves) > MAX_INVOICES:
            raise UserError(self.env._("Choose at most %s invoices at a time.", MAX_INVOICES))
        findings = moves._chorus_findings(self.environment)
        values = []
        for move in moves:
            blocks = [item["message"] for item in findings.get(move.id, []) if item["severity"] == "block"]
            values.append(
                {
                    "wizard_id": self.id,
                    "move_id": move.id,
                    "state": "stopped" if blocks else "ready",
                    "remark": "\n".join(blocks),
                }
            )
        self.env["chorus.hand.line"].sudo().create(values)

    def action_make(self):
        """Make the files and mark the invoices as deposited by hand; the ZIP can be downloaded then.

        From now on nobody can send them a second time from here.
        """
        self.ensure_one()
        self.move_ids.check_access("write")
        lines = self.line_ids.filtered(lambda line: line.state == "ready")
        if not lines:
            raise UserError(self.env._("None of these invoices is ready."))
        moves = lines.move_id.with_company(self.company_id)
        moves.sudo().lock_for_update(allow_referencing=True)
        built = moves.sudo()._chorus_build_files(self.environment)
        for line in lines:
            result = built[line.move_id.id]
            if isinstance(result, list):
                line.sudo().write(
                    {"state": "stopped", "remark": "\n".join(finding["message"] for finding in result)}
                )
                continue
            line._take(result, self.environment)
        self.made = True
        if not self.line_ids.filtered("attachment_id"):
            raise UserError("\n".join(line.remark for line in self.line_ids if line.remark))
        return self._reopen(self.env._("Deposit on the portal by hand"))

    def action_download(self):
        """Download the ZIP, as often as need be."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/l10n_fr_chorus_pro/hand/{self.id}",
            "target": "download",
        }

    def _zip_name(self):
        prefix = "TEST_" if self.environment == "test" else ""
        return f"{prefix}chorus_pro_{fields.Date.context_today(self)}.zip"

    def _files(self):
        """The files of the ZIP, read one by one when their turn comes, without a database cursor.

        :return: list of (name, function that returns the bytes)
        :raises AccessError: when somebody else made them, or the user may not read one of the invoices
        """
        self.ensure_one()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("These files were made by somebody else: make your own."))
        lines = self.line_ids.filtered("attachment_id")
        lines.move_id.check_access("read")
        files = []
        for line in lines:
            attachment = line.sudo().attachment_id
            if attachment.store_fname:
                path = attachment._full_path(attachment.store_fname)
                files.append((line.filename, lambda path=path: _read(path)))
            else:
                content = attachment.raw
                files.append((line.filename, lambda content=content: content))
        return files


def _read(path):
    with open(path, "rb") as file:
        return file.read()


class ChorusHandLine(models.TransientModel):
    _name = "chorus.hand.line"
    _inherit = ["chorus.written.by.code"]
    _description = "Invoice to be deposited by hand"

    wizard_id = fields.Many2one("chorus.hand", required=True, ondelete="cascade", index=True)
    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(related="move_id.partner_id")
    state = fields.Selection(
        [("ready", "Ready"), ("stopped", "Not ready"), ("made", "Deposited by hand")], readonly=True
    )
    remark = fields.Text("Why", readonly=True)
    filename = fields.Char(readonly=True)
    attachment_id = fields.Many2one("ir.attachment", readonly=True, ondelete="cascade")

    def _take(self, file, environment):
        """Keep one file for the ZIP, and mark its invoice.

        :param ChorusFile file: of ``_chorus_build_files``
        """
        self.ensure_one()
        move, identity = self.move_id, of_invoice(file.invoice)
        line = move._chorus_hand_line(environment, identity)
        name = safe_filename(f"{identity.number}_{line.id}", ".pdf")
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": name,
                    "raw": file.content,
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )
        )
        move._chorus_tell_remarks(file)
        remark = "\n".join(file.remarks)
        self.sudo().write(
            {"state": "made", "filename": name, "attachment_id": attachment.id, "remark": remark}
        )
        if environment == "production":
            move._chorus_mark_sent()
        wake(self.env, what="follow")
