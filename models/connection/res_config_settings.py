"""The block "Chorus Pro" of the accounting settings."""

from odoo import fields, models

from ..notice.chorus_notice import dialog


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chorus_environment = fields.Selection(related="company_id.chorus_environment")
    chorus_responsible_id = fields.Many2one(
        related="company_id.chorus_responsible_id", readonly=False, domain="[('share', '=', False)]"
    )
    chorus_group_size = fields.Integer(related="company_id.chorus_group_size", readonly=False)

    chorus_establishments = fields.Boolean(related="company_id.chorus_establishments", readonly=False)
    chorus_sending = fields.Selection(related="company_id.chorus_sending", readonly=False)
    chorus_sending_hour = fields.Float(related="company_id.chorus_sending_hour", readonly=False)
    chorus_sending_warned = fields.Boolean(related="company_id.chorus_sending_warned", readonly=False)
    chorus_keep_out_of_ereporting = fields.Boolean(
        related="company_id.chorus_keep_out_of_ereporting", readonly=False
    )
    chorus_ereporting_known = fields.Boolean(
        "E-reporting is installed", compute="_compute_chorus_ereporting_known"
    )

    def _compute_chorus_ereporting_known(self):
        """Whether this database has Odoo's e-reporting at all."""
        self.chorus_ereporting_known = self.env["account.move"]._chorus_knows_ereporting()

    def action_chorus_configure(self):
        """Open the company's connection to the environment named in the context; it is made when missing."""
        environment = self.env.context.get("chorus_environment", "test")
        company = self.company_id or self.env.company
        return self.env["chorus.connection"]._configure(company, environment)

    def action_chorus_switch(self):
        """Open the screen that switches Chorus Pro on, off or to the other environment."""
        self.env["chorus.connection"].check_access("write")
        company = self.company_id or self.env.company
        target = company.chorus_environment or "test"
        switch = self.env["chorus.switch"].create({"company_id": company.id, "target": target})
        return dialog(switch, self.env._("Switch Chorus Pro"))
