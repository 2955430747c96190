"""Odoo's system parameters: one way to read them, whoever asks."""


def parameter(env, key):
    """Return the text of a system parameter, ``''`` when it is not set."""
    return env["ir.config_parameter"].sudo().get_param(key) or ""
