"""Why a PDF cannot become a Factur-X."""

from typing import Any

from .findings import finding


class PdfError(ValueError):
    """``code`` is a row of the catalogue, ``finding`` the finding with its parameters."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.finding = finding(code, **params)
        super().__init__(self.finding.message)
