"""Labels that were renamed get their new translation.

Odoo's update fills in translations that are missing and keeps the others, so a database installed before a
label was renamed would go on showing the former one. Runs with every change of the version; what a database's
people translated themselves elsewhere is not touched, only this addon's own terms.
"""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Load the addon's own translations over those in the database, for every installed language."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    languages = [code for code, _name in env["res.lang"].get_installed()]
    env["ir.module.module"]._load_module_terms(["l10n_fr_chorus_pro"], languages, overwrite=True)
