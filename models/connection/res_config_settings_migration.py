from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chorus_migration_offered = fields.Boolean(compute="_compute_chorus_migration_offered")

    def _compute_chorus_migration_offered(self):
        self.chorus_migration_offered = self.env["chorus.migration"]._is_offered()

    def action_chorus_migration(self):
        """Open the take-over from the former addon."""
        return self.env["chorus.migration"].action_open()
