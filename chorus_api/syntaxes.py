"""The formats a deposited flow may have (``syntaxeFlux``)."""

from dataclasses import dataclass
from types import MappingProxyType

ARCHIVES = (".tar.gz", ".zip")


@dataclass(frozen=True, slots=True)
class Syntax:
    """``extension`` is that of one bare file; ``interface`` the EDI interface, "" when not known;
    ``evidence`` says how sure it is that the API takes it."""

    code: str
    extension: str
    interface: str
    evidence: str


FACTURX = "IN_DP_E2_CII_FACTURX"

# The 13 values of enum SyntaxeFlux of the Factures Swagger; interfaces and evidence: reference §3.1.
SYNTAXES = MappingProxyType(
    {
        row.code: row
        for row in (
            Syntax(FACTURX, ".pdf", "FSO1117A", "seen live, September 2026"),
            Syntax("IN_DP_E1_UBL_INVOICE", ".xml", "FSO1100A", "sent by other clients"),
            Syntax("IN_DP_E1_CII_16B", ".xml", "FSO1106A", "sent by other clients"),
            Syntax("IN_DP_E1_CII", ".xml", "", "Swagger; superseded by 16B"),
            Syntax("IN_DP_E2_UBL_INVOICE_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CII_MIN_16B", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CII_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E2_CPP_FACTURE_MIN", ".xml", "", "Swagger"),
            Syntax("IN_DP_E1_PES_FACTURE", ".xml", "", "Swagger; removed from the annex in 2021"),
            Syntax("IN_DP_E2_PES_FACTURE_MIN", ".xml", "", "Swagger; removed from the annex in 2021"),
            Syntax("IN_DP_E1_XCBL", ".xml", "FSO1102A", "Swagger; dropped"),
            Syntax("IN_DP_PDFARCHIVE_UBL_INVOICE_MUG", ".xml", "", "Swagger, request only"),
            Syntax("IN_DP_PDFARCHIVE_CII_MUG", ".xml", "", "Swagger, request only"),
        )
    }
)
