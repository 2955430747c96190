"""The SIRET that each company has now is the one that its administrator confirmed."""

from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Confirm the present SIRETs, so that the server's credentials go on being taken."""
    env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
    connections = env["chorus.connection"].with_context(active_test=False)
    connections.search([("confirmed_siret", "=", False)])._confirm_siret()
