"""What a SIRET looks like, and where Odoo keeps a partner's."""

# For views' domains, dependencies and writing; who reads asks ``res.partner._chorus_own_siret()``.
SIRET_FIELD = "company_registry"


def is_siret(text):
    """Return whether ``text`` has 14 digits; the SIRETs of the test data sets often fail the Luhn check."""
    return len(text) == 14 and text.isascii() and text.isdigit()


def siret_domain(sirets):
    """Return the domain of the partners that have one of these SIRETs, written without blanks."""
    return [(SIRET_FIELD, "in", list(sirets))]
