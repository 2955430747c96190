"""Catalogue rows about what the directory of Chorus Pro says of the buyer."""

from .translate import _

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
