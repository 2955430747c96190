"""Findings that only the ERP can make, and where each neutral key of a finding is fixed.

The findings on the semantic invoice itself are ``einvoice.findings.CATALOGUE``; both are one catalogue
for the accountant. Severities: ``block`` stops the sending, ``warn`` asks for a look, ``info`` tells.
"""

# The sentences are collected here and translated where they are told: no record is at hand.
# pylint: disable=prefer-env-translation
from ...einvoice.findings import CATALOGUE, Rule
from ...einvoice.translate import _
from ..base.chorus_identity import SIRET_FIELD

ERP_RULES = {
    row[0]: Rule(*row)
    for row in (
        (
            "move_not_customer_document", "block", "practice", "BT-3", "invoice",
            _("Only customer invoices and credit notes can be sent to Chorus Pro."),
        ),
        (
            "move_draft", "block", "practice", "BT-1", "invoice",
            _("The invoice is a draft: confirm it to give it its number."),
        ),
        (
            "move_cancelled", "block", "practice", "BT-1", "invoice",
            _("The invoice is cancelled."),
        ),
        (
            "customer_missing", "block", "EN 16931 BR-07", "BG-7", "invoice.customer",
            _("The invoice has no customer."),
        ),
        (
            "customer_not_chorus", "block", "practice", "BG-7", "customer.type",
            _(
                "%(customer)s is not marked as a Chorus Pro customer: choose Factur-X as its dematerialized "
                "invoice type if it is a public body."
            ),
        ),
        (
            "customer_settings_differ", "warn", "practice", "BG-7", "customer.type",
            _("%(reason)s"),
        ),
        (
            "customer_archived", "warn", "practice", "BG-7", "customer",
            _("The customer %(customer)s is archived."),
        ),
        (
            "not_for_chorus", "block", "AIFE, rejected invoices", "BT-3", "invoice",
            _(
                "%(number)s: this document is internal and marked as not for Chorus Pro. The buyer never "
                "booked the invoice that it cancels."
            ),
        ),
        (
            "already_on_its_way", "block", "practice", "BT-1", "invoice",
            _("The invoice is already with Chorus Pro, or on its way to it."),
        ),
        (
            "number_already_sent", "block", "AIFE, unique number per supplier", "BT-1", "invoice.number",
            _(
                "Another invoice of this year with the number %(number)s was already sent to Chorus Pro with "
                "the same SIRET."
            ),
        ),
        (
            "number_of_another_year", "warn", "AIFE, unique number per supplier and year", "BT-1",
            "invoice.number",
            _(
                "Your invoice of %(date)s with the same number %(number)s was sent to Chorus Pro. It takes a "
                "number again in another year, but readers may take one for the other: a sequence that shows "
                "the year avoids it."
            ),
        ),
        (
            "contact_siret_unused", "warn", "practice", "BT-47", "customer.contact",
            _(
                "%(contact)s has a SIRET of its own, %(own)s, which is not used: the invoice goes to "
                "%(sent)s (%(customer)s). If it is a structure or budget of its own, mark it as a company: "
                "its SIRET is then used."
            ),
        ),
        (
            "other_channel", "block", "practice", "BT-1", "invoice",
            _(
                "%(number)s was sent, or is being sent, by %(channel)s (%(state)s): sent twice, it could be "
                "paid twice."
            ),
        ),
        (
            "other_channel_refused", "block", "practice", "BT-1", "invoice",
            _(
                "%(number)s was sent by %(channel)s, where it stands as “%(state)s”. If it is to go by "
                "Chorus Pro instead, press “Send by Chorus Pro all the same” on the invoice."
            ),
        ),
        (
            "other_channel_failed", "block", "practice", "BT-1", "invoice",
            _(
                "Sending %(number)s by %(channel)s did not succeed (%(state)s), and something may have left. "
                "Look there; if it has not arrived, press “Send by Chorus Pro all the same” on the invoice."
            ),
        ),
        (
            "other_channel_despite", "warn", "practice", "BT-1", "invoice",
            _(
                "%(channel)s says “%(state)s” about %(number)s: it was decided that it goes by Chorus Pro "
                "all the same."
            ),
        ),
        (
            "credit_original_not_sent", "warn", "practice", "BT-25", "invoice.preceding",
            _(
                "The original invoice %(number)s was not sent to Chorus Pro from here: the buyer may not "
                "know what this credit note corrects."
            ),
        ),
        (
            "settled_otherwise", "warn", "practice", "BT-113", "invoice",
            _(
                "%(entries)s settles a part of the invoice (%(amount)s) without being a payment. The amount "
                "due that is sent does not take it off: send the credit note too, or wait for the payment."
            ),
        ),
        (
            "line_several_vat", "block", "EN 16931 BG-30", "BT-151", "line.taxes",
            _(
                "The line %(line_name)s has several VAT rates (%(name)s): a line says one only. Keep one on "
                "it, and enter what the other one is due for as a line of its own."
            ),
        ),
        (
            "tax_not_vat", "block", "EN 16931 BG-30", "BT-151", "line.taxes",
            _(
                "The tax %(name)s of the line %(line_name)s is no VAT, and a percentage beside VAT has no "
                "place in the data. Take it off the line and enter its amount as a line of its own, with the "
                "VAT that it bears, or with an exempt tax and its reason."
            ),
        ),
        (
            "retention_as_tax", "block", "EN 16931 BG-30, BT-20", "BT-151", "line.taxes",
            _(
                "The tax %(name)s of the line %(line_name)s takes an amount off, as a retention does: it is "
                "no tax. Take it off the line, and choose payment terms with two parts: what is due now, and "
                "the retention with the day on which it is released."
            ),
        ),
        (
            "tax_not_percent", "block", "EN 16931 BT-152", "BT-152", "tax.rate",
            _(
                "The tax %(name)s of the line %(line_name)s is not a percentage of the price: Chorus Pro "
                "knows no other VAT. Use a tax whose computation is a percentage."
            ),
        ),
        (
            "quantity_rounded", "warn", "AIFE, 10 digits", "BT-129", "line.quantity",
            _(
                "Line %(line_name)s: the quantity %(quantity)s is sent as %(value)s, for Chorus Pro reads 10 "
                "digits. Round it on the line, or split the line, so that page and data say the same."
            ),
        ),
        (
            "fixed_tax_without_category", "block", "EN 16931 BR-37", "BT-102", "tax.category",
            _(
                "The tax %(name)s is a fixed amount that bears no VAT: give it a tax category and the "
                "reason, or make it part of the base of VAT."
            ),
        ),
        (
            "unit_unknown", "block", "EN 16931 BT-130, UN/ECE Rec 20", "BT-130", "unit.code",
            _(
                "The unit %(name)s has no e-invoicing code: enter it on the unit (HUR for an hour, "
                "C62 for a piece)."
            ),
        ),
        (
            "totals_differ", "block", "practice", "BT-112", "invoice.total",
            _("The lines and taxes of the invoice give %(value)s, but its total is %(expected)s."),
        ),
        (
            "factor_without_account", "block", "AIFE G1.16 to G1.19", "BT-84", "payee.bank",
            _("The factor %(name)s has no bank account: the buyer would not know where to pay."),
        ),
        (
            "factor_several_accounts", "warn", "practice", "BT-84", "payee.bank",
            _(
                "The factor %(name)s has %(count)s bank accounts: the invoice names the first one, "
                "%(account)s. Check that it is the one of your contract, or put that one first."
            ),
        ),
        (
            "factor_incomplete", "warn", "practice of public accountants", "BG-10", "payee.name",
            _(
                "The page must say where the factor %(name)s is reached, but this is missing: %(missing)s. "
                "Enter it on the factor."
            ),
        ),
        (
            "account_untrusted", "block", "AIFE G1.16 to G1.19", "BT-84", "company.bank",
            _(
                "The invoice names no bank account. The account %(number)s of your company is not trusted in "
                "Odoo, and an invoice that is confirmed automatically takes no such account: check the "
                "number, turn on Send Money (whoever may validate bank accounts), then choose the account as "
                "the recipient bank of the invoice."
            ),
        ),
        (
            "report_failed", "block", "practice", "PDF", "invoice.pdf",
            _(
                "The invoice could not be printed (%(detail)s). Try the Print button, and ask the "
                "administrator."
            ),
        ),
        (
            "test_customer", "block", "practice", "BG-7", "customer",
            _("%(customer)s only exists in the test data of Chorus Pro: it cannot receive a real invoice."),
        ),
        (
            "engagement_closed", "block", "AIFE, rejected invoices (closed engagement)", "BT-13",
            "invoice.engagement",
            _(
                "The State's engagement %(number)s is closed (checked in Chorus Pro on %(date)s). Ask the "
                "customer for the right number."
            ),
        ),
        (
            "engagement_unknown", "warn", "AIFE, engagementsJuridiques/v1/rechercher", "BT-13",
            "invoice.engagement",
            _(
                "Chorus Pro has no open engagement %(number)s between the State and your company (checked on "
                "%(date)s)."
            ),
        ),
        (
            "company_not_attached", "warn", "AIFE, utilisateurs/v1/monCompte/recuperer/rattachements",
            "BT-30", "company.siret",
            _(
                "On %(date)s the SIRET %(siret)s of your company was not among the structures of the "
                "technical account: invoices with it are rejected until it is attached in Chorus Pro. If it "
                "is by now, an administrator presses Check everything on the connection."
            ),
        ),
        (
            "bank_unknown", "warn", "AIFE, transverses/v1/recuperer/coordbanc/valides", "BT-84",
            "invoice.bank",
            _("%(reason)s"),
        ),
    )
}  # fmt: skip

_NO_VAT_OF_A_LINE = frozenset({"line_several_vat", "tax_not_vat", "retention_as_tax", "tax_not_percent"})
_NO_VAT = _NO_VAT_OF_A_LINE | {"vat_missing", "fixed_tax_without_category"}

# One problem, one finding: those that follow from another, or that know less of the record to open.
REPLACED_BY = {
    "line_unit_missing": {"unit_unknown"},
    "allowance_vat_missing": {"fixed_tax_without_category"},
    "number_missing": {"move_draft"},
    "payment_account_missing": {"account_untrusted", "factor_without_account"},
    "buyer_name_missing": {"customer_missing"},
    "buyer_siret_missing": {"customer_missing"},
    "buyer_country_missing": {"customer_missing"},
    "vat_missing": _NO_VAT_OF_A_LINE | {"fixed_tax_without_category"},
    "vat_breakdown_missing": _NO_VAT,
    "vat_breakdown_extra": _NO_VAT,
    "vat_base_differs": _NO_VAT,
    "vat_amount_differs": _NO_VAT,
    "vat_rate_not_french": _NO_VAT_OF_A_LINE,
    "seller_vat_missing": {"seller_foreign"},
    "totals_differ": {"tax_not_vat", "retention_as_tax"},
}

ALL_RULES = CATALOGUE | ERP_RULES

# What a test says of everybody: the structures of the data set have SIRETs that fail INSEE's key, and the
# supplier's replaces the company's own, whose VAT number stays.
FICTITIOUS = frozenset({"seller_siret_checksum", "buyer_siret_checksum", "seller_vat_other_siren"})

# Neutral key → model and field. The records are found by chorus_findings_places.
PLACES = {
    "company.address": ("res.company", "street"),
    "company.bank": ("res.partner.bank", "allow_out_payment"),
    "company.mentions": ("res.company", "chorus_note_pmt"),
    "company.name": ("res.company", "name"),
    "company.siret": ("res.company", SIRET_FIELD),
    "company.vat": ("res.company", "vat"),
    "customer": ("res.partner", "name"),
    "customer.address": ("res.partner", "street"),
    "customer.contact": ("res.partner", SIRET_FIELD),
    "customer.name": ("res.partner", "name"),
    "customer.siret": ("res.partner", SIRET_FIELD),
    "customer.type": ("res.partner", "dematerialized_invoice_type"),
    "customer.vat": ("res.partner", "vat"),
    "delivery.address": ("account.move", "partner_shipping_id"),
    "invoice": ("account.move", "name"),
    "invoice.attachments": ("account.move", "chorus_attachment_ids"),
    "invoice.bank": ("account.move", "partner_bank_id"),
    "invoice.contract": ("account.move", "contract_reference"),
    "invoice.currency": ("account.move", "currency_id"),
    "invoice.customer": ("account.move", "partner_id"),
    "invoice.date": ("account.move", "invoice_date"),
    "invoice.delivery": ("account.move", "delivery_date"),
    "invoice.due_date": ("account.move", "invoice_date_due"),
    "invoice.engagement": ("account.move", "purchase_order_reference"),
    "invoice.lines": ("account.move", "invoice_line_ids"),
    "invoice.notes": ("account.move", "narration"),
    "invoice.number": ("account.move", "name"),
    "invoice.payment_means": ("account.move", "preferred_payment_method_line_id"),
    "invoice.payment_method": ("account.move", "preferred_payment_method_line_id"),
    "invoice.payment_terms": ("account.move", "invoice_payment_term_id"),
    "invoice.pdf": ("account.move", "invoice_pdf_report_id"),
    "invoice.period": ("account.move", "chorus_period_start"),
    "invoice.preceding": ("account.move", "chorus_corrected_id"),
    "invoice.process": ("account.move", "chorus_process"),
    "invoice.service": ("account.move", "buyer_reference"),
    "invoice.total": ("account.move", "tax_totals"),
    "invoice.type": ("account.move", "chorus_document_kind"),
    "invoice.vat_point": ("account.move", "invoice_line_ids"),
    "line.discount": ("account.move.line", "discount"),
    "line.name": ("account.move.line", "name"),
    "line.period": ("account.move.line", "chorus_period_start"),
    "line.price": ("account.move.line", "price_unit"),
    "line.product": ("account.move.line", "product_id"),
    "line.quantity": ("account.move.line", "quantity"),
    "line.taxes": ("account.move.line", "tax_ids"),
    "line.unit": ("account.move.line", "product_uom_id"),
    "payee.bank": ("res.partner", "bank_ids"),
    "payee.name": ("res.partner", "name"),
    "payee.siret": ("res.partner", SIRET_FIELD),
    "tax.category": ("account.tax", "ubl_cii_tax_category_code"),
    "tax.exemption": ("account.tax", "ubl_cii_tax_exemption_reason_code"),
    "tax.rate": ("account.tax", "amount"),
    "unit.code": ("uom.uom", "rec20_code"),
}
