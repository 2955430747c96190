NAME = "l10n_fr_chorus_pro"
if __name__.rpartition(".")[2] != NAME:
    # Odoo would install it, and then answer no page: assets and references name the addon by its folder.
    raise ImportError(
        f"The folder of this addon must be named {NAME} (not {__name__.rpartition('.')[2]}): rename it, then"
        " install it again."
    )

from . import controllers, models, wizards  # noqa: E402
from .uninstall import uninstall_hook  # noqa: E402
