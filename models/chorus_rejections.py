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
}
