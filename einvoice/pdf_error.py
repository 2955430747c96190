"""Why a PDF cannot become a Factur-X."""

from .findings import finding


class PdfError(ValueError):
    """``code`` is a row of the catalogue, ``finding`` the finding with its parameters."""

    def __init__(self, code, **params):
        self.code = code
        self.finding = finding(code, **params)
        super().__init__(self.finding.message)
