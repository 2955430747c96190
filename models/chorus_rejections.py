"""Known reasons of a rejection, by the code that ``chorus_api.explain`` gives: one sentence each."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

EXPLANATIONS = {
    "seller_unknown": _lt(
        "Chorus Pro does not know the supplier's SIRET. Check it in the company's settings, and "
        "that the structure is active on the portal."
    ),
    "buyer_unknown": _lt("Chorus Pro does not know the customer's SIRET. Check the customer."),
    "buyer_not_on_chorus": _lt("The recipient does not use Chorus Pro. Check the customer's SIRET."),
    "payment_means_missing": _lt("The payment means is missing. Choose how the invoice is paid."),
    "cadre_invalid": _lt("The billing framework (cadre de facturation) is missing or not one of A1 to A25."),
    "number_too_long": _lt("The invoice number is longer than 20 characters."),
    "engagement_missing": _lt("This recipient requires an engagement number."),
    "service_missing": _lt(
        "This recipient requires a service code. (Chorus Pro's own text speaks of an engagement.)"
    ),
    "attachment_content_missing": _lt("A supporting document is named but its file is not enclosed."),
    "gross_price_without_discount": _lt(
        "A line gives a gross price without the discount that leads to the net price."
    ),
    "schema_violation": _lt(
        "The file does not follow the published schema. This is a defect of the file, not of the "
        "invoice's data: report it to whoever maintains the program."
    ),
    "not_pdfa3": _lt("Chorus Pro did not recognise the file as PDF/A-3."),
    "number_already_used": _lt("Chorus Pro already holds an invoice of this number from this supplier."),
    "service_unknown": _lt("The recipient has no active service of this code. Choose another one."),
    "engagement_unknown": _lt("The recipient has no open engagement of this number."),
    "buyer_inactive": _lt(
        "The recipient's structure is not active on Chorus Pro any more. Ask the customer for its new SIRET."
    ),
    "service_or_engagement_missing": _lt("This recipient requires a service code or an engagement number."),
    "seller_inactive": _lt(
        "Your structure is not active on Chorus Pro, or it was replaced by one with another SIRET. "
        "Look on the portal, then correct the company's SIRET."
    ),
    "seller_not_attached": _lt(
        "The technical account may not send for your structure. Have its manager attach the account "
        "to it on the portal."
    ),
    "buyer_not_public": _lt("The recipient is no public structure. Check the customer's SIRET."),
    "number_invalid": _lt(
        "The invoice number has signs that Chorus Pro does not take, or is a date. Correct the "
        "sequence of the journal, then send the invoice with a new number."
    ),
    "date_in_future": _lt(
        "The date of the invoice is later than the deposit. Correct the date, or send it from that day on."
    ),
    "currency_refused": _lt("Chorus Pro takes invoices in euros. Make the invoice in EUR."),
    "bank_account_wrong": _lt(
        "Chorus Pro does not take the bank account of the invoice. Check the IBAN, and that the "
        "account is among those of your structure on the portal."
    ),
    "exemption_missing": _lt("A line without VAT must say why. Set the exemption reason on the tax."),
    "vat_wrong": _lt(
        "The VAT of a line or its rate is not one that Chorus Pro takes. Check the taxes of the lines."
    ),
    "amount_negative": _lt(
        "An amount is negative where Chorus Pro takes positive ones only. Make a credit note, or put "
        "the minus sign on the quantity."
    ),
    "amounts_differ": _lt(
        "The amounts of the invoice do not add up for Chorus Pro. Check lines, discounts and VAT."
    ),
    "original_unknown": _lt(
        "Chorus Pro does not know the invoice that this one corrects, or wants it named. Choose the "
        "original invoice."
    ),
    "contract_wrong": _lt(
        "The public contract of the invoice is missing or not known. Ask the customer for its number."
    ),
    "file_too_large": _lt(
        "A file is larger than Chorus Pro takes. Make the attachments smaller, or leave some out."
    ),
    "attachment_type": _lt(
        "Chorus Pro does not take files of this kind. Attach PDF, images or office documents with "
        "their extension."
    ),
    "validator_missing": _lt(
        "The framework of the invoice needs a main contractor whom Chorus Pro knows. Check the "
        "framework; A1 needs none."
    ),
    "payee_wrong": _lt(
        "Chorus Pro does not take the factor of the invoice. Check its SIRET, and that it is among "
        "those of your structure."
    ),
    "file_protected": _lt("The PDF is protected. Have it made anew without a password."),
}
