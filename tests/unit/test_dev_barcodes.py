"""The environment prints QR codes and barcodes, as Odoo's reports ask for them."""

import pytest
from reportlab.graphics.barcode import createBarcodeDrawing


@pytest.mark.parametrize("kind", ["QR", "Code128", "EAN13"])
def test_a_code_is_drawn(kind):
    drawing = createBarcodeDrawing(kind, value="5901234123457", format="png", width=200, height=100)
    assert drawing.asString("png").startswith(b"\x89PNG")
