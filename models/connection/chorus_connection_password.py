"""The technical password expires (424 days, AIFE): the responsible person hears of it in time."""

from odoo import fields, models

from ..notice.chorus_notice import PASSWORD

REMIND_BEFORE = (30, 15, 5)


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    password_expiry = fields.Date(
        string="Password good until",
        tracking=True,
        copy=False,
        help="Read from Chorus Pro when it tells, else typed. A reminder comes 30, 15 and 5 days before.",
    )
    password_reminder = fields.Integer(
        string="Last reminder (days before)",
        readonly=True,
        copy=False,
        default=0,
    )

    def _remind_of_password(self):
        """Schedule the activity of the nearest reminder that is due and was not given."""
        if not self.password_expiry:
            return
        days = (self.password_expiry - fields.Date.today()).days
        due = [before for before in REMIND_BEFORE if days <= before]
        if not due:
            if self.password_reminder:
                self.password_reminder = 0
            return
        if self.password_reminder and self.password_reminder <= due[-1]:
            return
        told = self.env["chorus.notice"]._tell(
            self,
            PASSWORD,
            lambda row: row.env._(
                "The technical password of %(connection)s is good until %(date)s. Change it in Chorus Pro, "
                "Compte Technique, then type the new one in Odoo: Invoicing → Configuration → Chorus Pro → "
                "Connections.",
                connection=row.display_name,
                date=row.password_expiry,
            ),
            deadline=self.password_expiry,
            anew=True,
        )
        if told:
            self.password_reminder = due[-1]

    def _withdraw_reminder(self):
        """A new date closes the reminder of the old one."""
        for connection in self.sudo().filtered("password_reminder"):
            connection.password_reminder = 0
            connection.env["chorus.notice"]._solved(connection, PASSWORD)
