"""Catalogue rows about the parties, the place of delivery, and what the directory says of the buyer."""

from .translate import _

PARTY_RULES = (
    # --- seller ---
    (
        "seller_name_missing", "block", "EN 16931 BR-06", "BT-27", "company.name",
        _("The company has no name."),
    ),
    (
        "seller_name_too_long", "warn", "XP Z12-012 CPRO-43", "BT-27", "company.name",
        _("The name of the company has %(length)s characters; Chorus Pro may take only 99."),
    ),
    (
        "seller_trading_name_too_long", "warn", "XP Z12-012 CPRO-34", "BT-28", "company.name",
        _("The trading name of the company has %(length)s characters; Chorus Pro may take only 99."),
    ),
    (
        "seller_siret_missing", "block", "AIFE, seen live", "BT-30", "company.siret",
        _("The company has no SIRET. Enter its 14 digits on the company."),
    ),
    (
        "seller_siret_is_siren", "block", "AIFE, seen live", "BT-30", "company.siret",
        _(
            "The company has a SIREN (%(value)s). Chorus Pro wants the SIRET of 14 digits of the "
            "establishment."
        ),
    ),
    (
        "seller_siret_wrong", "block", "AIFE, seen live", "BT-30", "company.siret",
        _("The SIRET of the company, %(value)s, must have 14 digits and nothing else."),
    ),
    (
        "seller_siret_lost_zero", "block", "AIFE, INSEE", "BT-30", "company.siret",
        _(
            "The SIRET of the company, %(value)s, has 13 digits: a table took its first zero away. It is "
            "%(right)s."
        ),
    ),
    (
        "seller_siret_checksum", "warn", "INSEE, Luhn", "BT-30", "company.siret",
        _("The SIRET of the company, %(value)s, fails its check digit. Verify it (test data often fails)."),
    ),
    (
        "seller_foreign", "block", "AIFE, identifier types 2 to 6", "BT-30", "company.siret",
        _(
            "Chorus Pro knows a supplier abroad (country %(country)s) by a number of its country (VAT "
            "number, RIDET, TAHITI …), which cannot be sent from here: enter the invoice on the portal. An "
            "establishment in France sends with its SIRET."
        ),
    ),
    (
        "seller_country_missing", "block", "EN 16931 BR-09", "BT-40", "company.address",
        _("The address of the company has no country."),
    ),
    (
        "seller_country_unknown", "block", "EN 16931 BT-40, ISO 3166-1", "BT-40", "company.address",
        _("The country code %(value)s of the company does not exist."),
    ),
    (
        "seller_address_incomplete", "warn", "AIFE, French Commercial Code L441-9", "BG-5", "company.address",
        _("The address of the company lacks its street, postcode or city."),
    ),
    (
        "seller_vat_missing", "block", "EN 16931 BR-S-02, E-02, AE-02, IC-02, G-02", "BT-31", "company.vat",
        _("Lines have VAT of category %(category)s, so the company needs its VAT number."),
    ),
    (
        "seller_vat_wrong", "block", "EN 16931 BR-CO-09", "BT-31", "company.vat",
        _("The VAT number of the company, %(value)s, must begin with the code of its country."),
    ),
    (
        "seller_vat_other_siren", "info", "French VAT number", "BT-31", "company.vat",
        _("The VAT number %(value)s and the SIRET %(siret)s of the company do not hold the same SIREN."),
    ),
    (
        "seller_legal_info_too_long", "warn", "AIFE Factur-X note", "BT-33", "company.name",
        _("The legal information of the company has %(length)s characters; 1,024 are allowed."),
    ),
    # --- buyer ---
    (
        "buyer_name_missing", "block", "EN 16931 BR-07", "BT-44", "customer.name",
        _("The customer has no name."),
    ),
    (
        "buyer_name_too_long", "block", "AIFE Factur-X note, XP Z12-012 CPRO-44", "BT-44", "customer.name",
        _(
            "The name of the customer has %(length)s characters; Chorus Pro takes 99. Shorten it on the "
            "customer."
        ),
    ),
    (
        "buyer_siret_missing", "block", "AIFE, seen live", "BT-47", "customer.siret",
        _("The customer has no SIRET. Enter the 14 digits of the public structure."),
    ),
    (
        "buyer_siret_is_siren", "block", "AIFE, seen live", "BT-47", "customer.siret",
        _("The customer has a SIREN (%(value)s). Chorus Pro wants the SIRET of 14 digits of the structure."),
    ),
    (
        "buyer_siret_wrong", "block", "AIFE, seen live", "BT-47", "customer.siret",
        _("The SIRET of the customer, %(value)s, must have 14 digits and nothing else."),
    ),
    (
        "buyer_siret_lost_zero", "block", "AIFE, INSEE", "BT-47", "customer.siret",
        _(
            "The SIRET of the customer, %(value)s, has 13 digits: a table took its first zero away. It is "
            "%(right)s."
        ),
    ),
    (
        "buyer_siret_checksum", "warn", "INSEE, Luhn", "BT-47", "customer.siret",
        _("The SIRET of the customer, %(value)s, fails its check digit. Verify it (test data often fails)."),
    ),
    (
        "buyer_is_seller", "warn", "practice", "BT-47", "customer.siret",
        _("The customer and the company have the same SIRET."),
    ),
    (
        "buyer_country_missing", "block", "EN 16931 BR-11", "BT-55", "customer.address",
        _("The address of the customer has no country."),
    ),
    (
        "buyer_country_unknown", "block", "EN 16931 BT-55, ISO 3166-1", "BT-55", "customer.address",
        _("The country code %(value)s of the customer does not exist."),
    ),
    (
        "buyer_vat_wrong", "block", "EN 16931 BR-CO-09", "BT-48", "customer.vat",
        _("The VAT number of the customer, %(value)s, must begin with the code of its country."),
    ),
    (
        "buyer_vat_missing", "block", "EN 16931 BR-IC-02", "BT-48", "customer.vat",
        _("An intra-community supply needs the VAT number of the customer."),
    ),
    (
        "address_line_too_long", "warn", "XP Z12-012 CPRO-32 and 33", "BG-5", "customer.address",
        _("A street or city of an address has %(length)s characters; Chorus Pro may take only 400."),
    ),
    # --- payee, delivery ---
    (
        "payee_name_missing", "block", "EN 16931 BR-17", "BT-59", "payee.name",
        _("The payee (factor) has no name."),
    ),
    (
        "payee_is_seller", "block", "EN 16931 BR-17", "BT-59", "payee.name",
        _("The payee has the name of the company: remove it, a payee is somebody else."),
    ),
    (
        "payee_name_too_long", "block", "AIFE Factur-X note, XP Z12-012 CPRO-37", "BT-59", "payee.name",
        _("The name of the payee has %(length)s characters; 99 are allowed."),
    ),
    (
        "payee_siret_wrong", "block", "AIFE, XP Z12-012 CPRO-17", "BT-61", "payee.siret",
        _("The SIRET of the payee, %(value)s, must have 14 digits."),
    ),
    (
        "delivery_country_missing", "block", "EN 16931 BR-57", "BT-80", "delivery.address",
        _("The delivery address has no country."),
    ),
    (
        "delivery_country_unknown", "block", "EN 16931 BT-80, ISO 3166-1", "BT-80", "delivery.address",
        _("The country code %(value)s of the delivery address does not exist."),
    ),
    (
        "delivery_id_too_long", "warn", "XP Z12-012 CPRO-38", "BT-71", "delivery.address",
        _("The identifier of the delivery place has %(length)s characters; Chorus Pro may take only 20."),
    ),
    (
        "delivery_date_missing", "block", "EN 16931 BR-IC-11", "BT-72", "invoice.delivery",
        _("An intra-community supply needs a delivery date or an invoicing period."),
    ),
    (
        "delivery_place_missing", "block", "EN 16931 BR-IC-12", "BT-80", "delivery.address",
        _("An intra-community supply needs the country of delivery."),
    ),
)  # fmt: skip


DIRECTORY_RULES = (
    (
        "structure_unknown", "block", "AIFE directory", "BT-47", "customer.siret",
        _("Chorus Pro knows no structure with the SIRET %(siret)s. Check it with the customer."),
    ),
    (
        "structure_inactive", "block", "AIFE directory", "BT-47", "customer.siret",
        _(
            "The structure %(name)s (%(siret)s) is not active in Chorus Pro. Ask the customer for the "
            "right SIRET."
        ),
    ),
    (
        "structure_private", "block", "AIFE directory (structurePriveePublique)", "BT-47", "customer.siret",
        _(
            "The structure %(name)s (%(siret)s) is a private company in Chorus Pro: it sends invoices there, "
            "it receives none. Check the SIRET with the customer."
        ),
    ),
    (
        "structure_works_owner_only", "block", "AIFE directory (estMoaUniquement)", "BT-47", "customer.siret",
        _("The structure %(name)s (%(siret)s) only takes works documents, not invoices."),
    ),
    (
        "service_required", "block", "AIFE directory", "BT-10", "invoice.service",
        _("The customer requires a service code. Choose one of its services on the invoice."),
    ),
    (
        "service_required_by_state", "block", "AIFE, data set (State)", "BT-10", "invoice.service",
        _("An invoice to the State needs the code of the service that ordered."),
    ),
    (
        "service_unknown", "block", "AIFE directory", "BT-10", "invoice.service",
        _("The customer has no service %(service)s in Chorus Pro. Choose one from its list."),
    ),
    (
        "service_inactive", "block", "AIFE directory", "BT-10", "invoice.service",
        _("The service %(service)s of the customer is closed in Chorus Pro. Choose another."),
    ),
    (
        "engagement_required", "block", "AIFE directory", "BT-13", "invoice.engagement",
        _("The customer requires an engagement number. Ask the customer for it and enter it on the invoice."),
    ),
    (
        "engagement_required_by_service", "block", "AIFE directory", "BT-13", "invoice.engagement",
        _("The service %(service)s requires an engagement number. Ask the customer for it and enter it."),
    ),
    (
        "service_or_engagement_required", "block", "AIFE directory", "BT-10", "invoice.service",
        _("The customer requires a service code or an engagement number. Enter one of them on the invoice."),
    ),
)  # fmt: skip
