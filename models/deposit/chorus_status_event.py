from odoo import api, fields, models


class ChorusStatusEvent(models.Model):
    """One step of an invoice's life at the buyer's, as Chorus Pro told it."""

    _name = "chorus.status.event"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro status"
    _order = "at desc, id desc"

    line_id = fields.Many2one(
        "chorus.deposit.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    move_id = fields.Many2one(related="line_id.move_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    environment = fields.Selection(related="line_id.environment")
    code = fields.Char("Status (code)", required=True, readonly=True)
    label = fields.Char("Status", compute="_compute_words")
    sentence = fields.Text("What it means", compute="_compute_words")
    at = fields.Datetime("Date", required=True, readonly=True)
    comment = fields.Text("The buyer's words", readonly=True)
    sealed = fields.Boolean(readonly=True, copy=False)

    _once = models.UniqueIndex("(line_id, code, at)")
    _unsealed_index = models.Index("(company_id, id) WHERE sealed IS NOT TRUE")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_words(self):
        words = self.env["chorus.words"]
        for event in self:
            event.label = words._status_label(event.code)
            event.sentence = words._status_meaning(event.code)

    @api.model
    def _record(self, line, code, at, comment):
        """Keep one event; the same code at the same time is the same event, its comment may be completed."""
        known = self.search([("line_id", "=", line.id), ("code", "=", code), ("at", "=", at)], limit=1)
        if known:
            if comment and comment != known.comment:
                # What is completed is sealed anew.
                known.write({"comment": comment, "sealed": False})
            return known
        return self.create({"line_id": line.id, "code": code, "at": at, "comment": comment})
