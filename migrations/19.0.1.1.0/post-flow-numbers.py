"""A person is told of each deposit that has the flow number of an earlier one."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """
    :param cr: cursor
    :param str version: that the database had
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["chorus.deposit"].search([("flow_repeated", "=", True)])._tell_flow_repeated()
