"""The block "Chorus Pro" of the accounting settings, and how far a connection has come, in a line."""

from odoo import api, fields, models

from ..base.chorus_server_config import ENVIRONMENTS
from ..notice.chorus_notice import dialog


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    progress = fields.Char("How far it is", compute="_compute_progress")
    progress_level = fields.Selection(
        [("success", "Complete"), ("warning", "Not complete"), ("danger", "To be done")],
        compute="_compute_progress",
    )
    client_secret_hint = fields.Char(compute="_compute_hints")
    password_hint = fields.Char(compute="_compute_hints")

    @api.depends("step_ids.result", "state", "checked_at")
    @api.depends_context("lang")
    def _compute_progress(self):
        for connection in self:
            results = connection.sudo().step_ids.mapped("result")
            good = results.count("ok")
            if not connection.checked_at:
                connection.progress = (
                    self.env._("Connected; the steps were not checked yet: press Check everything.")
                    if connection.state == "connected"
                    else self.env._("To configure: the first step is below.")
                )
                connection.progress_level = "warning"
                continue
            connection.progress = self.env._("%(good)s of %(total)s in order", good=good, total=len(results))
            connection.progress_level = (
                "danger" if "failed" in results else "success" if good == len(results) else "warning"
            )

    @api.depends("client_secret_source", "password_source")
    @api.depends_context("lang")
    def _compute_hints(self):
        saved, missing = self.env._("Saved; type to replace it"), self.env._("Not filled in yet")
        for connection in self:
            for name in ("client_secret", "password"):
                is_saved = connection[f"{name}_source"] != "missing"
                connection[f"{name}_hint"] = saved if is_saved else missing

    @api.model
    def _configure(self, company, environment):
        """Return the action that opens the company's connection to ``environment``, made when there is none.

        :raises AccessError: for those who are no administrators
        """
        self.check_access("write")
        connection = self.with_context(active_test=False)._for(company, environment)
        if not connection:
            connection = self.create({"company_id": company.id, "environment": environment})
        return connection._form_action()

    def action_configure(self):
        """Configure the present company's connection to the environment named in the context."""
        environment = self.env.context.get("chorus_environment", "test")
        return self.env["chorus.connection"]._configure(self.env.company, environment)


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

    chorus_migration_offered = fields.Boolean(compute="_compute_chorus_migration_offered")

    chorus_test_progress = fields.Char("Test connection", compute="_compute_chorus_progress")
    chorus_test_progress_level = fields.Char(compute="_compute_chorus_progress")
    chorus_production_progress = fields.Char("Production connection", compute="_compute_chorus_progress")
    chorus_production_progress_level = fields.Char(compute="_compute_chorus_progress")

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

    def _compute_chorus_migration_offered(self):
        self.chorus_migration_offered = self.env["chorus.migration"]._is_offered()

    def action_chorus_migration(self):
        """Open the take-over from the former addon."""
        return self.env["chorus.migration"].action_open()

    # -- how far a connection has come, in a line, and what is saved of it: for the form and the settings

    @api.depends("company_id")
    def _compute_chorus_progress(self):
        connections = self.env["chorus.connection"]
        for settings in self:
            for environment, _label in ENVIRONMENTS:
                found = connections._for(settings.company_id, environment)
                # Settings are stored as a row: nobody else but administrators opens them.
                # What the connection's own form says of its steps has no meaning on this screen.
                begun = found and (found.checked_at or found.state != "draft")
                settings[f"chorus_{environment}_progress"] = (
                    found.progress if begun else self.env._("To configure")
                )
                settings[f"chorus_{environment}_progress_level"] = found.progress_level or "secondary"
