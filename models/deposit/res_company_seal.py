"""The day's hash of a company's chain, mailed to somebody who keeps it elsewhere."""

from markupsafe import Markup
from odoo import fields, models
from odoo.tools import email_split, format_date


class ResCompany(models.Model):
    _inherit = "res.company"

    chorus_seal_email = fields.Char(
        "Mail the day's seal to",
        copy=False,
        help="Whoever gets it, for instance your accountant or auditor, can show later that nothing of what"
        " was sent to Chorus Pro was changed in the database. Empty: it is mailed to nobody.",
    )
    chorus_seal_told = fields.Integer("Last entry mailed", readonly=True, copy=False)

    def _chorus_mail_seal(self):
        """Mail the last hash of the chain, where it has grown since the last mail."""
        self.ensure_one()
        head = self.env["chorus.seal"]._head(self)
        to = email_split(self.chorus_seal_email or "")
        if not to or head.number <= self.chorus_seal_told:
            return
        company = self.with_context(lang=self.env["chorus.words"]._lang(self))
        _ = company.env._
        lines = (
            _("Company: %s", company.name),
            _("Day: %s", format_date(company.env, fields.Date.context_today(company))),
            _("Entries: %s", head.number),
            _("Hash of the last entry: %s", head.digest),
            _(
                "Keep this message. Typed in Invoicing → Customers → Chorus Pro → Verify the seals, the hash"
                " shows whether the chain that led to it is still the same."
            ),
        )
        company.env["mail.mail"].create(
            {
                "subject": _("Chorus Pro: seal of %s", company.name),
                "body_html": Markup("<br/>").join(lines),
                "email_from": company.email_formatted,
                "email_to": ", ".join(to),
                "auto_delete": False,
            }
        )
        self.chorus_seal_told = head.number


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chorus_seal_email = fields.Char(related="company_id.chorus_seal_email", readonly=False)
