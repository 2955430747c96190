"""`dev/facturx-samples DIR`: one Factur-X file for each kind of invoice, each judged as it is written."""

import argparse
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from . import console, paths

_NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_RENDER_TIMEOUT = 120
_SLUG = re.compile(r"[^a-z0-9.]+")


def main(environment, args):
    """Write the files; returns 1 when one of them is refused by a judge."""
    parser = argparse.ArgumentParser(prog="dev/facturx-samples", description=__doc__)
    parser.add_argument("directory", type=Path, help="where to write the files (made if missing)")
    parser.add_argument("-k", default="", help="only the kinds whose name holds this text")
    options = parser.parse_args(args)
    sys.path.insert(0, str(paths.ROOT))  # for `einvoice`
    from .samples.facturx_samples import KINDS
    from .samples.schematron import Judge

    kinds = {name: invoice for name, invoice in KINDS.items() if options.k in name}
    options.directory.mkdir(parents=True, exist_ok=True)
    refused = 0
    with ThreadPoolExecutor(2) as pool, Judge() as judge:
        for name, page in zip(kinds, pool.map(render, kinds.values()), strict=True):
            content, problems = make(kinds[name], page, judge)
            (options.directory / f"{name}.pdf").write_bytes(content)
            refused += bool(problems)
            for problem in problems:
                console.error(f"{name}: {problem}")
    print(f"{len(kinds)} files in {options.directory}, {refused} refused")
    wrong = _pages_of_other_tools(options)
    return 1 if refused or wrong else 0


def _pages_of_other_tools(options):
    """Make an invoice on each page as other tools write them; returns how many sound ones were not taken."""
    import einvoice

    from .samples import foreign_kinds, foreign_pages
    from .samples.facturx_samples import KINDS

    invoice = KINDS["invoice-one-line"]
    made = repaired = refused = wrong = 0
    kinds = {**foreign_kinds.SOUND, **foreign_kinds.BROKEN}
    for name, kind in kinds.items():
        if options.k not in name:
            continue
        page, is_sound = foreign_pages.page(kind), name in foreign_kinds.SOUND
        try:
            content = einvoice.build_pdf(page, einvoice.build_xml(invoice), invoice, now=_NOW)
            found = [item.message for item in einvoice.verify(content, invoice)]
        except einvoice.PdfError as error:
            content, found = None, [error.finding.message]
        if content and not found:
            (options.directory / f"page-{_SLUG.sub('-', name.lower())}.pdf").write_bytes(content)
            made, repaired = made + is_sound, repaired + (not is_sound)
        elif is_sound:
            wrong += 1
            console.error(f"{name}: {found}")
        else:
            refused += 1
    print(f"pages of other tools: {made} sound ones made, {repaired} repaired, {refused} refused by clause")
    return wrong


def render(invoice):
    """Return the page of an invoice as wkhtmltopdf prints it (bytes)."""
    from .samples.facturx_page import html

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.pdf"
        source.write_text(html(invoice), encoding="utf-8")
        command = ["wkhtmltopdf", "-q", "--disable-javascript", str(source), str(target)]
        subprocess.run(command, check=True, capture_output=True, timeout=_RENDER_TIMEOUT)
        return target.read_bytes()


def make(invoice, page, judge):
    """Return the Factur-X of an invoice on a page and the list of what its judges object to."""
    import einvoice

    xml = einvoice.build_xml(invoice)
    content = einvoice.build_pdf(page, xml, invoice, attachments=invoice.attachments, now=_NOW)
    findings = einvoice.blocking(einvoice.check(invoice, today=_NOW.date()))
    findings += einvoice.verify(content, invoice, is_printed=True)
    problems = [item.message for item in findings]
    problems += [f"{rule}: {text}" for rule, text in judge.broken(xml)]
    return content, problems + _not_shown(invoice, content)


def _not_shown(invoice, content):
    """Say which texts of the XML the page does not show (blanks set apart)."""
    from io import BytesIO

    from pypdf import PdfReader

    from .samples.facturx_page import shown

    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))
    wanted = ((item, re.sub(r"\s", "", item)) for item in shown(invoice))
    return [f"the page does not show {item}" for item, squeezed in wanted if squeezed not in text]
