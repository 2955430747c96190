"""Catalogue rows about the identity of the invoice, its references and notes."""

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
        "number_blanks", "block", "AIFE G1.05", "BT-1", "invoice.number",
        _(
            "The number %(number)s has blanks at its ends, several in a row, or signs that nobody sees: "
            "Chorus Pro would know the invoice as %(sent)s, and its answers would not be recognised. Set "
            "the invoice to draft, type its number anew, and correct the sequence of the journal."
        ),
    ),
    (
        "number_is_date", "warn", "AIFE, good practice of 28 March 2023", "BT-1", "invoice.number",
        _(
            "The number %(number)s is a date. Chorus Pro may refuse it, and two invoices of one day would "
            "have the same: use a sequence that counts."
        ),
    ),
    (
        "engagement_several", "warn", "AIFE, one engagement per invoice", "BT-13", "invoice.engagement",
        _(
            "The engagement %(value)s holds %(count)s numbers: an invoice names one. Make an invoice for "
            "each engagement, or keep the one that the customer wants."
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
)  # fmt: skip
