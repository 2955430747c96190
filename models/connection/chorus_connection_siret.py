"""The server's configuration knows a company by its SIRET: by the one that an administrator confirmed.

Whoever may edit contacts may write another company's SIRET on this one; it must not come to its credentials.
"""

from odoo import fields, models

from ..base.chorus_server_config import by_siret, credential


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    confirmed_siret = fields.Char(
        string="Confirmed SIRET",
        readonly=True,
        copy=False,
        tracking=True,
        help="The company's SIRET when an administrator last made this connection or pressed Refresh Token:"
        " credentials of the server's configuration are only taken for this one.",
    )

    def _confirm_siret(self):
        """An administrator stands by the companies' present SIRETs."""
        for connection in self:
            siret = connection._company_siret()
            if (connection.confirmed_siret or "") != siret:
                connection.confirmed_siret = siret

    def _company_siret(self):
        return self.company_id.partner_id._chorus_own_siret()

    def _why_another_siret(self):
        """Return why the server's credentials for a SIRET are not this company's, or ``''``."""
        connection = self.sudo()
        present, confirmed = connection._company_siret(), connection.confirmed_siret or ""
        concerned = any(by_siret(siret, connection.environment) for siret in (present, confirmed))
        if present == confirmed or not concerned:
            return ""
        return self.env._(
            "The SIRET of %(company)s is now %(present)s instead of %(confirmed)s, and the server's"
            " configuration gives access to Chorus Pro by SIRET: nothing is sent or followed. Put the SIRET"
            " right on the company; or an administrator opens the connection and presses Refresh Token to"
            " confirm it.",
            company=connection.company_id.name,
            present=present or self.env._("empty"),
            confirmed=confirmed or self.env._("empty"),
        )


def server_credential(connection, name):
    """Return one of ``CREDENTIALS`` as the server's configuration gives it, or ``''``.

    No method, as templates reach those.
    """
    connection = connection.sudo()
    if connection._why_another_siret():
        return ""
    siret = connection.confirmed_siret or ""
    return credential(name, connection.company_id.id, connection.environment, siret)
