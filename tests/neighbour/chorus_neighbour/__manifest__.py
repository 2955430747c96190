{
    "name": "Another channel (for the tests of l10n_fr_chorus_pro)",
    "version": "19.0.1.0.0",
    "author": "l10n_fr_chorus_pro contributors",
    "license": "LGPL-3",
    # So that its classes stand outside those of the addon, as the approved platform's do.
    "depends": ["l10n_fr_chorus_pro"],
    "data": ["data/rights.xml"],
    "installable": True,
}
