"""Catalogue rows about the lines, the discounts and the VAT."""

from .translate import _

LINE_RULES = (
    (
        "lines_missing", "block", "EN 16931 BR-16", "BG-25", "invoice.lines",
        _("The invoice has no line."),
    ),
    (
        "lines_too_many", "block", "XP Z12-012 CPRO-19", "BG-25", "invoice.lines",
        _("The invoice has %(count)s lines; Chorus Pro takes 999,999."),
    ),
    (
        "line_number_missing", "block", "EN 16931 BR-21", "BT-126", "invoice.lines",
        _("A line of the invoice has no number."),
    ),
    (
        "line_number_twice", "block", "EN 16931 BT-126", "BT-126", "invoice.lines",
        _("Several lines of the invoice have the number %(value)s."),
    ),
    (
        "line_amount_missing", "block", "EN 16931 BR-22 to BR-26", "BT-131", "line.price",
        _("Line %(line)s: the quantity, price or amount (%(term)s) is missing or is not a number."),
    ),
    (
        "line_amount_decimals", "block", "EN 16931 BR-DEC-23", "BT-131", "line.price",
        _("Line %(line)s: the amount %(value)s (%(term)s) has more than two decimals."),
    ),
    (
        "line_amount_too_long", "block", "AIFE Factur-X note", "BT-131", "line.price",
        _("Line %(line)s: the amount, price or quantity (%(term)s) is longer than Chorus Pro reads."),
    ),
    (
        "line_name_missing", "block", "EN 16931 BR-25", "BT-153", "line.name",
        _("Line %(line)s has no name: enter a description or a product."),
    ),
    (
        "line_description_too_long", "block", "AIFE Factur-X note, XP Z12-012 CPRO-31", "BT-154", "line.name",
        _(
            "Line %(line)s: the description has %(length)s characters; Chorus Pro takes 1,024. Shorten or "
            "split it."
        ),
    ),
    (
        "line_note_too_long", "block", "AIFE, XP Z12-012 CPRO-42", "BT-127", "line.name",
        _("Line %(line)s: the note has %(length)s characters; Chorus Pro takes 1,024. Shorten or split it."),
    ),
    (
        "line_reference_too_long", "warn", "XP Z12-012 CPRO-30", "BT-155", "line.product",
        _("Line %(line)s: the product reference has %(length)s characters; Chorus Pro may take only 50."),
    ),
    (
        "line_item_id_not_gtin", "info", "EN 16931 BR-64", "BT-157", "line.product",
        _("Line %(line)s: the barcode %(value)s is not a GTIN (8, 12, 13 or 14 digits) and is not sent."),
    ),
    (
        "line_unit_missing", "block", "EN 16931 BR-23", "BT-130", "line.unit",
        _("Line %(line)s has no unit of measure."),
    ),
    (
        "line_unit_unknown", "block", "EN 16931 BT-130, UN/ECE Rec 20", "BT-130", "line.unit",
        _(
            "Line %(line)s: the unit code %(value)s is not of UN/ECE Recommendation 20 (an hour is HUR, a "
            "piece C62)."
        ),
    ),
    (
        "line_quantity_too_long", "block", "AIFE Factur-X note", "BT-129", "line.quantity",
        _("Line %(line)s: the quantity %(value)s has more than the 10 digits that Chorus Pro takes."),
    ),
    (
        "line_quantity_decimals", "warn", "XP Z12-012 BR-FR-DEC-02", "BT-129", "line.quantity",
        _("Line %(line)s: the quantity %(value)s has more than 4 decimals."),
    ),
    (
        "line_price_negative", "block", "EN 16931 BR-27", "BT-146", "line.price",
        _("Line %(line)s: the unit price %(value)s is negative. Put the minus sign on the quantity."),
    ),
    (
        "line_gross_price_negative", "block", "EN 16931 BR-28", "BT-148", "line.price",
        _("Line %(line)s: the price before discount %(value)s is negative."),
    ),
    (
        "line_price_decimals", "warn", "XP Z12-012 BR-FR-DEC-03", "BT-146", "line.price",
        _("Line %(line)s: the unit price %(value)s has more than 6 decimals."),
    ),
    (
        "line_gross_without_discount", "block", "seen live (AppliedTradeAllowanceCharge.ActualAmount)",
        "BT-147", "line.discount",
        _("Line %(line)s: a price before discount and the discount go together; one of them is missing."),
    ),
    (
        "line_gross_differs", "block", "EN 16931 BT-146 = BT-148 − BT-147", "BT-146", "line.discount",
        _("Line %(line)s: the price before discount less the discount is %(expected)s, not %(value)s."),
    ),
    (
        "line_base_quantity_wrong", "block", "EN 16931 BT-149", "BT-149", "line.quantity",
        _("Line %(line)s: the quantity to which the price applies must be above zero."),
    ),
    (
        "line_amount_differs", "warn", "EN 16931 BT-131", "BT-131", "line.price",
        _("Line %(line)s: quantity × price with discounts gives %(expected)s, but the line says %(value)s."),
    ),
    (
        "line_period_reversed", "block", "EN 16931 BR-30", "BT-135", "line.period",
        _("Line %(line)s: the period ends on %(end)s, before it starts on %(start)s."),
    ),
    # --- discounts and charges, on lines and on the whole invoice (line is "-" for the latter) ---
    (
        "allowance_reason_missing", "block", "EN 16931 BR-33, 38, 42, 44", "BT-97", "line.discount",
        _("A discount or charge of %(amount)s (line %(line)s) has no reason."),
    ),
    (
        "allowance_reason_too_long", "block", "AIFE Factur-X note", "BT-97", "line.discount",
        _("The reason of a discount or charge (line %(line)s) has %(length)s characters; 1,024 are allowed."),
    ),
    (
        "allowance_reason_unknown", "block", "EN 16931 BT-98, UNTDID 5189 and 7161", "BT-98", "line.discount",
        _("The reason code %(value)s of a discount or charge (line %(line)s) does not exist."),
    ),
    (
        "allowance_negative", "block", "EN 16931 BG-20, XP Z12-012 BR-FR-DEC-03", "BT-92", "line.discount",
        _("A discount or charge (line %(line)s) is negative (%(amount)s): a negative discount is a charge."),
    ),
    (
        "allowance_vat_missing", "block", "EN 16931 BR-32, BR-37", "BT-95", "line.taxes",
        _("A global discount or charge of %(amount)s has no VAT."),
    ),
    # --- VAT ---
    (
        "vat_missing", "block", "EN 16931 BR-CO-04", "BT-151", "line.taxes",
        _("Line %(line)s has no VAT. Choose a tax, be it at 0 %% with its reason."),
    ),
    (
        "vat_category_unknown", "block", "EN 16931 BT-151, XP Z12-012 BR-FR-15", "BT-151", "tax.category",
        _("Line %(line)s: the VAT category %(value)s is not one of S, Z, E, AE, K, G, O. Set it on the tax."),
    ),
    (
        "vat_rate_missing", "block", "EN 16931 BR-48", "BT-152", "line.taxes",
        _("Line %(line)s: the VAT of category %(category)s has no rate."),
    ),
    (
        "vat_rate_not_positive", "block", "EN 16931 BR-S-05", "BT-152", "tax.category",
        _(
            "Line %(line)s: VAT at the standard category must have a rate above zero, not %(value)s. Give "
            "the tax of 0 %% its own category (exempt, reverse charge, export…)."
        ),
    ),
    (
        "vat_rate_not_zero", "block", "EN 16931 BR-Z-05, E-05, AE-05, IC-05, G-05", "BT-152", "tax.category",
        _("Line %(line)s: VAT of category %(category)s must have the rate 0, not %(value)s."),
    ),
    (
        "vat_rate_decimals", "warn", "XP Z12-012 BR-FR-16", "BT-152", "tax.rate",
        _("Line %(line)s: the VAT rate %(value)s has more than two decimals."),
    ),
    (
        "vat_rate_not_french", "warn", "XP Z12-012 BR-FR-16", "BT-152", "tax.rate",
        _("Line %(line)s: %(value)s %% is not a French VAT rate."),
    ),
    (
        "vat_reason_missing", "block", "EN 16931 BR-E-10, AE-10, IC-10, O-10", "BT-120", "tax.exemption",
        _(
            "VAT of category %(category)s needs the reason why none is due. Set the exemption reason on "
            "the tax."
        ),
    ),
    (
        "vat_reason_forbidden", "block", "EN 16931 BR-S-10, BR-Z-10", "BT-120", "tax.exemption",
        _("VAT of category %(category)s is charged, so it has no exemption reason. Remove it from the tax."),
    ),
    (
        "vat_reason_unknown", "block", "EN 16931 BT-121, CEF VATEX", "BT-121", "tax.exemption",
        _("The exemption reason code %(value)s does not exist. Choose another on the tax."),
    ),
    (
        "vat_reason_too_long", "block", "XP Z12-012 CPRO-29", "BT-120", "tax.exemption",
        _("The exemption reason has %(length)s characters; 1,024 are allowed."),
    ),
    (
        "vat_not_subject_mixed", "block", "EN 16931 BR-O-11 to BR-O-14", "BT-151", "line.taxes",
        _("Lines out of the scope of VAT cannot stand beside lines with VAT: make two invoices."),
    ),
    (
        "vat_breakdown_missing", "block", "EN 16931 BR-CO-18, BR-S-01", "BG-23", "invoice.total",
        _("The VAT summary lacks the category %(category)s at %(rate)s %%."),
    ),
    (
        "vat_breakdown_extra", "block", "EN 16931 BR-S-08", "BG-23", "invoice.total",
        _("The VAT summary has the category %(category)s at %(rate)s %%, but no line has it."),
    ),
    (
        "vat_breakdown_twice", "block", "EN 16931 BR-S-08, BR-E-01", "BG-23", "invoice.total",
        _("The VAT summary has the category %(category)s at %(rate)s %% more than once; one is allowed."),
    ),
    (
        "vat_base_differs", "block", "EN 16931 BR-S-08", "BT-116", "invoice.total",
        _(
            "VAT %(category)s at %(rate)s %%: the lines add up to %(expected)s, but the summary says "
            "%(value)s."
        ),
    ),
    (
        "vat_amount_differs", "block", "EN 16931 BR-CO-17, BR-S-09", "BT-117", "invoice.total",
        _(
            "VAT %(category)s at %(rate)s %%: the amount should be about %(expected)s, but the invoice "
            "says %(value)s; less than one euro may be between them. If VAT is rounded line by line, choose "
            "Round per Tax in the settings of Invoicing and make the invoice anew; else look at the amounts "
            "of tax that were changed by hand."
        ),
    ),
)  # fmt: skip
