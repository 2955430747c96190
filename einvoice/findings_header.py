"""Catalogue rows about the header, the parties, the payment and the totals."""

from .translate import _

HEADER_RULES = (
    # --- what cannot be read at all ---
    (
        "content_unreadable", "block", "EN 16931", "BG-1", "invoice",
        _("The invoice holds data that cannot be read (%(term)s). Open the invoice and enter it again."),
    ),
    (
        "amount_missing", "block", "EN 16931 BR-12 to BR-15", "BG-22", "invoice.total",
        _("The amount %(term)s of the invoice is missing or is not a number."),
    ),
    (
        "amount_decimals", "block", "EN 16931 BR-DEC", "BG-22", "invoice.total",
        _("The amount %(term)s is %(value)s: an amount has two decimals at most."),
    ),
    (
        "amount_too_long", "block", "AIFE Factur-X note", "BG-22", "invoice.total",
        _("The amount %(term)s is longer than the 19 characters that Chorus Pro reads."),
    ),
    # --- identity of the invoice ---
    (
        "number_missing", "block", "EN 16931 BR-02", "BT-1", "invoice.number",
        _("The invoice has no number. Post it to give it one."),
    ),
    (
        "number_too_long", "block", "AIFE G1.05", "BT-1", "invoice.number",
        _(
            "The number %(number)s has %(length)s characters; Chorus Pro takes 20 at most. Shorten the "
            "sequence of the journal, then give the invoice a new number."
        ),
    ),
    (
        "number_characters", "block", "AIFE G1.05", "BT-1", "invoice.number",
        _(
            "The number %(number)s holds %(characters)s. Chorus Pro takes only letters without accents, "
            "digits, space and - + _ /. Change the sequence of the journal, then the number."
        ),
    ),
    (
        "number_spaces", "info", "XP Z12-012 BR-FR-02", "BT-1", "invoice.number",
        _(
            "The number %(number)s has a space or a plus sign: Chorus Pro takes it, the electronic invoicing "
            "reform will not."
        ),
    ),
    (
        "date_missing", "block", "EN 16931 BR-03", "BT-2", "invoice.date",
        _("The invoice has no date."),
    ),
    (
        "date_in_future", "block", "AIFE Factur-X note", "BT-2", "invoice.date",
        _(
            "The invoice is dated %(date)s. Chorus Pro refuses a date in the future: send it from that "
            "day on."
        ),
    ),
    (
        "type_refused", "block", "AIFE Factur-X note", "BT-3", "invoice.type",
        _("Chorus Pro refuses self-billed credit notes and invoices for accounting (type %(type)s)."),
    ),
    (
        "type_unknown", "block", "AIFE Factur-X note", "BT-3", "invoice.type",
        _("The type of document %(type)s is not one that Chorus Pro takes (380, 381, 384, 386, 389)."),
    ),
    (
        "currency_not_euro", "block", "AIFE, one currency", "BT-5", "invoice.currency",
        _("The invoice is in %(currency)s. Chorus Pro is used in euros: make the invoice in EUR."),
    ),
    (
        "profile_unknown", "block", "Factur-X 1.09", "BT-24", "invoice",
        _("The profile %(profile)s is not the EN 16931 profile that is sent to Chorus Pro."),
    ),
    (
        "process_of_reform", "block", "AIFE G1.02", "BT-23", "invoice.process",
        _(
            "The invoicing framework %(process)s is a code of the electronic invoicing reform, refused on a "
            "deposit in Chorus Pro. Choose A1, A2, A9 or A12."
        ),
    ),
    (
        "process_unknown", "block", "AIFE G1.02", "BT-23", "invoice.process",
        _("The invoicing framework %(process)s cannot be sent this way. Choose A1, A2, A9 or A12."),
    ),
    (
        "process_paid_but_due", "block", "AIFE, framework A2", "BT-115", "invoice.process",
        _(
            "The framework A2 says that the invoice is paid, but %(due)s is still due. Choose A1, or "
            "register the payment first."
        ),
    ),
    (
        "process_paid_not_said", "info", "AIFE, framework A2", "BT-23", "invoice.process",
        _(
            "Nothing is due on this invoice, but its framework %(process)s asks the buyer to pay. Should "
            "it be A2?"
        ),
    ),
    (
        "process_needs_contractor", "info", "AIFE, frameworks A9 and A12", "BT-23", "invoice.process",
        _("An invoice of framework %(process)s waits until the main contractor validates it in Chorus Pro."),
    ),
    (
        "vat_point_unknown", "block", "EN 16931 BT-8, UNTDID 2475", "BT-8", "invoice.vat_point",
        _("The date on which VAT becomes due has the code %(value)s; only 5, 29 and 72 exist."),
    ),
    (
        "preceding_missing", "warn", "XP Z12-012 BR-FR-CO-04 and 05", "BT-25", "invoice.preceding",
        _(
            "This credit note or corrected invoice names no original invoice. Name it so that the buyer "
            "can match it."
        ),
    ),
    (
        "preceding_number_wrong", "block", "XP Z12-012 CPRO-02, AIFE G1.05", "BT-25", "invoice.preceding",
        _(
            "The number of the original invoice, %(number)s, is not one that Chorus Pro takes: 20 "
            "characters at most, letters without accents, digits, space and - + _ /."
        ),
    ),
    (
        "preceding_several", "warn", "XP Z12-012 CPRO-20", "BT-25", "invoice.preceding",
        _("The invoice names %(count)s earlier invoices; Chorus Pro may read only the first."),
    ),
    (
        "preceding_is_later", "warn", "practice", "BT-26", "invoice.preceding",
        _("The original invoice %(number)s is dated after this one (%(date)s)."),
    ),
    (
        "preceding_is_itself", "block", "practice", "BT-25", "invoice.preceding",
        _("The invoice names itself as its original invoice."),
    ),
    # --- references ---
    (
        "service_too_long", "block", "AIFE Factur-X note", "BT-10", "invoice.service",
        _(
            "The service code has %(length)s characters; 100 are allowed. Choose it from the list of the "
            "customer."
        ),
    ),
    (
        "service_public_invoices", "block", "AIFE", "BT-10", "invoice.service",
        _(
            "The service FACTURES_PUBLIQUES serves the structure's own invoices and takes none from "
            "suppliers. Choose another service of the customer, or none."
        ),
    ),
    (
        "engagement_too_long", "block", "XP Z12-012 CPRO-15", "BT-13", "invoice.engagement",
        _("The engagement number has %(length)s characters; 50 are allowed."),
    ),
    (
        "engagement_is_own_number", "warn", "practice", "BT-13", "invoice.engagement",
        _(
            "The engagement number is the invoice's own number. Enter the number that the buyer gave, or "
            "none."
        ),
    ),
    (
        "contract_too_long", "block", "XP Z12-012 CPRO-14", "BT-12", "invoice.contract",
        _("The market number has %(length)s characters; 50 are allowed."),
    ),
    (
        "note_too_long", "block", "AIFE, XP Z12-012 CPRO-42", "BT-22", "invoice.notes",
        _("A note of the invoice has %(length)s characters; 1,024 are allowed. Shorten it or split it."),
    ),
    (
        "note_subject_unknown", "block", "EN 16931 BT-21, UNTDID 4451", "BT-21", "invoice.notes",
        _("The subject code %(value)s of a note does not exist."),
    ),
    (
        "note_empty", "block", "EN 16931 BT-22", "BT-22", "invoice.notes",
        _("A note of the invoice with the subject %(value)s is empty."),
    ),
    (
        "period_reversed", "block", "EN 16931 BR-29", "BT-74", "invoice.period",
        _("The invoicing period ends on %(end)s, before it starts on %(start)s."),
    ),
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
        "seller_siret_checksum", "warn", "INSEE, Luhn", "BT-30", "company.siret",
        _("The SIRET of the company, %(value)s, fails its check digit. Verify it (test data often fails)."),
    ),
    (
        "seller_foreign", "block", "AIFE, identifier types 2 to 6", "BT-30", "company.siret",
        _("A company without SIRET (country %(country)s) cannot send Factur-X to Chorus Pro from here."),
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
    # --- payment ---
    (
        "payment_missing", "block", "seen live (TypeCode obligatoire)", "BT-81", "invoice.payment_method",
        _("The invoice says nothing about how it is paid. Choose a payment method or a bank account."),
    ),
    (
        "payment_code_refused", "block", "AIFE S2.05, UNTDID 4461", "BT-81", "invoice.payment_method",
        _("The payment means %(value)s is not one that Chorus Pro takes (10 20 30 31 42 48 49 58 59 97)."),
    ),
    (
        "payment_account_missing", "block", "AIFE G1.16 to G1.19, EN 16931 BR-61", "BT-84", "invoice.bank",
        _(
            "The invoice is paid by transfer but names no bank account. Choose the recipient bank of the "
            "invoice."
        ),
    ),
    (
        "account_not_iban", "block", "AIFE G1.16 to G1.19, practice", "BT-84", "invoice.bank",
        _("The bank account %(value)s is not an IBAN; Chorus Pro takes nothing else."),
    ),
    (
        "iban_country", "block", "AIFE, ISO 13616", "BT-84", "invoice.bank",
        _("The IBAN %(value)s begins with a country that has no IBAN."),
    ),
    (
        "iban_length", "block", "AIFE, ISO 13616", "BT-84", "invoice.bank",
        _("The IBAN %(value)s has %(length)s characters instead of the %(expected)s of its country."),
    ),
    (
        "iban_checksum", "block", "AIFE, ISO 13616", "BT-84", "invoice.bank",
        _("The IBAN %(value)s is wrong: its check digits do not fit. Compare it with the bank's document."),
    ),
    (
        "iban_too_long", "warn", "XP Z12-012 CPRO-39", "BT-84", "invoice.bank",
        _("The IBAN %(value)s is longer than the 27 characters that Chorus Pro may take."),
    ),
    (
        "bic_wrong", "warn", "ISO 9362", "BT-86", "invoice.bank",
        _("The BIC %(value)s of the bank is not of the form of a BIC (8 or 11 characters)."),
    ),
    (
        "accounts_several", "info", "EN 16931 BG-17", "BG-17", "invoice.bank",
        _("The invoice names %(count)s bank accounts; Chorus Pro shows the first to the buyer."),
    ),
    (
        "payment_terms_too_long", "warn", "XP Z12-012 CPRO-35", "BT-20", "invoice.payment_terms",
        _("The payment terms have %(length)s characters; Chorus Pro may take only 1,024."),
    ),
    (
        "due_date_missing", "block", "EN 16931 BR-CO-25", "BT-9", "invoice.due_date",
        _("An amount is due, but the invoice has neither a due date nor payment terms."),
    ),
    (
        "due_date_before_issue", "warn", "XP Z12-012 BR-FR-CO-07", "BT-9", "invoice.due_date",
        _("The invoice is due on %(due)s, before its date %(date)s."),
    ),
    # --- totals ---
    (
        "total_lines_differ", "block", "EN 16931 BR-CO-10", "BT-106", "invoice.total",
        _("The sum of the lines is %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_allowances_differ", "block", "EN 16931 BR-CO-11", "BT-107", "invoice.total",
        _("The sum of the global discounts is %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_charges_differ", "block", "EN 16931 BR-CO-12", "BT-108", "invoice.total",
        _("The sum of the global charges is %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_basis_differ", "block", "EN 16931 BR-CO-13", "BT-109", "invoice.total",
        _("The total without VAT should be %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_tax_differ", "block", "EN 16931 BR-CO-14", "BT-110", "invoice.total",
        _("The sum of the VAT by rate is %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_grand_differ", "block", "EN 16931 BR-CO-15", "BT-112", "invoice.total",
        _("The total with VAT should be %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_payable_differ", "block", "EN 16931 BR-CO-16", "BT-115", "invoice.total",
        _("The amount due should be %(expected)s, but the invoice says %(value)s."),
    ),
    (
        "total_negative", "block", "AIFE, amounts of credit notes are positive", "BT-112", "invoice.total",
        _("The total %(value)s is negative. Make a credit note: Chorus Pro takes it with positive amounts."),
    ),
    (
        "total_zero", "info", "practice", "BT-112", "invoice.total",
        _("The total of the invoice is zero. Is it meant to be sent?"),
    ),
    (
        "prepaid_over_total", "warn", "practice", "BT-113", "invoice.total",
        _("More was paid (%(value)s) than the total of the invoice: the amount due is negative."),
    ),
    # --- the electronic invoicing reform ---
    (
        "reform_note_missing", "info", "XP Z12-012 BR-FR-05", "BT-22", "company.mentions",
        _(
            "The mention %(subject)s (%(meaning)s) is missing. Chorus Pro does not ask for it, the law and "
            "the electronic invoicing reform do: enter it on the company."
        ),
    ),
    (
        "reform_note_twice", "info", "XP Z12-012 BR-FR-06", "BT-22", "invoice.notes",
        _("The mention %(subject)s stands more than once on the invoice."),
    ),
)  # fmt: skip
