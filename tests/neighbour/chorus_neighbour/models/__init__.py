from importlib.util import find_spec

from . import account_move, account_move_send, res_partner

# A newer release of Odoo brings the reports itself.
if not find_spec("odoo.addons.l10n_fr_pdp"):
    from . import reports_flow
