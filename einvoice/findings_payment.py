"""Catalogue rows about the payment, the totals and the mentions that the law asks for."""

from .translate import _

PAYMENT_RULES = (
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
