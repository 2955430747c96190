"""Times of the pure Factur-X steps beside those of the library `factur-x`, in one process.

`measure()` is for `dev/bench`; `dev/python dev/lib/bench/facturx_bench.py [PAGE.pdf]` prints it.
"""

import statistics
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_PAGE = _ROOT / "tests" / "unit" / "data" / "page_patched_qt.pdf"
# What the stored page shows: an ordinary page and its data agree.
_NUMBER = "FAC/2026/00042"
_LINES = (
    ("Travaux de peinture", "3", "1250.00"),
    ("Articles n° 0 à 9", "20", "3.15"),
    ("Articles n° 10 à 19", "20", "3.15"),
    ("Articles n° 20 à 39", "40", "3.15"),
    ("Livraison", "1", "25.00"),
)
_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def measure(page=None, repeats=30):
    """Return the median milliseconds of each step.

    `page` is a rendered PDF (bytes; default: a stored page of wkhtmltopdf with patched Qt). The steps
    alternate, so that a busy machine slows them alike. Keys: `check`, `xml`, `pdf` (conversion and
    embedding), `verify`, `pdf_step` (both), `factur_x` (the library's own `generate_from_binary`, checks
    included), `pdf_ratio` (`pdf_step` / `factur_x`).
    """
    import facturx

    import einvoice

    from ..samples import invoices as make

    page = page or _PAGE.read_bytes()
    invoice = make.invoice([make.line(*row) for row in _LINES], number=_NUMBER)
    xml = einvoice.build_xml(invoice)
    content = einvoice.build_pdf(page, xml, invoice, now=_NOW)
    steps = {
        "check": lambda: einvoice.check(invoice, today=date(2026, 11, 22)),
        "xml": lambda: einvoice.build_xml(invoice),
        "pdf": lambda: einvoice.build_pdf(page, xml, invoice, now=_NOW),
        "verify": lambda: einvoice.verify(content, invoice, is_printed=True),
        "factur_x": lambda: facturx.generate_from_binary(page, xml, flavor="factur-x", level="en16931"),
    }
    times = {name: [] for name in steps}
    for _round in range(repeats):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            times[name].append((time.perf_counter() - start) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    medians["pdf_step"] = medians["pdf"] + medians["verify"]
    medians["pdf_ratio"] = medians["pdf_step"] / medians["factur_x"]
    return medians


def _main(arguments):
    sys.path[:0] = [str(_ROOT), str(_ROOT / "dev")]
    from lib.bench import facturx_bench

    page = Path(arguments[0]).read_bytes() if arguments else None
    for name, value in facturx_bench.measure(page).items():
        print(f"{name:10} {value:8.2f}" + ("" if name == "pdf_ratio" else " ms"))


if __name__ == "__main__":
    _main(sys.argv[1:])
