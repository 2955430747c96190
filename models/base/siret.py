"""What a SIRET looks like."""


def is_siret(text):
    """Return whether ``text`` has 14 digits; the SIRETs of the test data sets often fail the Luhn check."""
    return len(text) == 14 and text.isascii() and text.isdigit()
