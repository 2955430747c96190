{
    "name": "Chorus Pro for France: Factur-X deposits and follow-up",
    "summary": "Send invoices to the French public sector through Chorus Pro and follow them to payment",
    "version": "19.0.1.0.0",
    "category": "Accounting/Localizations/EDI",
    "countries": ["fr"],
    "license": "LGPL-3",
    "author": "l10n_fr_chorus_pro contributors",
    "depends": ["account", "account_edi_ubl_cii", "l10n_fr_account", "l10n_fr_facturx_chorus_pro"],
    "external_dependencies": {"python": ["factur-x", "lxml", "pypdf", "requests"]},
    "data": [
        "security/ir.model.access.csv",
    ],
    "application": True,
}
