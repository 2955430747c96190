"""What a page shows beside what its invoice's data say, and what is lost of one that came from elsewhere.

For pages of the form that wkhtmltopdf prints (one font of two-byte codes for a run of text, with the meaning
of its codes). A page of any other form is not judged: nothing is known of the order of its texts.
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from .findings import Finding, finding
from .pdf_common import Object
from .terms import Invoice, Totals
from .verify_contents import Page, pages_of

_SHOWN = re.compile(rb"<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:\[([^\]]*)\]|<([0-9A-Fa-f]+)>)")
_MEANT_BLOCKS = re.compile(rb"beginbf(range|char)(.*?)endbf", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_BLANKS = re.compile(r"\s+")
# ISO 13616: country, two check digits, up to 30 signs; on a page in groups of four.
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![A-Z0-9])")
_SHORTEST_IBAN = 15
_AMOUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:[\s.,'’]?\d{3})*[.,]\d{2}(?!\d|[.,]\d)")
_GROUPING = r"[\s.,'’]?"
_NOTHING = "—"
_LEAST_ALIKE = 0.5
_LONGEST_SHOWN = 80


def differences(document: Pdf, invoice: Invoice, pages: list[Page] | None = None) -> list[Finding]:
    """Return the findings (warnings) on an open ``pikepdf.Pdf`` whose pages show other things than
    ``invoice`` (``terms.Invoice``) says. Nothing for pages whose text cannot be read with certainty."""
    pages = pages or pages_of(document)
    # What is looked for stands on the first or the last page.
    text = _text_of(pages[:1] + pages[1:][-1:])
    found = _compare(text, invoice) if text else []
    if found and len(pages) > 2:
        text = _text_of(pages)
        found = _compare(text, invoice) if text else []
    return found


def _compare(text: str, invoice: Invoice) -> list[Finding]:
    bare = _bare(text)
    return [
        *_number(text, bare, invoice.number),
        *_total(text, invoice.totals),
        *_account(text, invoice),
        *_buyer(text, bare, invoice.buyer.name),
    ]


# --- terms ------------------------------------------------------------------------------------------
def _number(text: str, bare: str, number: str) -> Iterator[Finding]:
    if number and _bare(number) not in bare:
        yield finding("page_number_differs", value=number, shown=_alike(text, number))


def _total(text: str, totals: Totals) -> Iterator[Finding]:
    expected = {totals.grand, totals.grand + totals.rounding}
    if not any(_amount_pattern(amount).search(text) for amount in expected):
        shown = [match[0] for match in _AMOUNT.finditer(text)]
        largest = max(shown, key=lambda amount: int(re.sub(r"\D", "", amount)), default=_NOTHING)
        yield finding("page_total_differs", value=f"{max(expected):.2f}", shown=_plain(largest))


def _amount_pattern(amount: Decimal) -> re.Pattern[str]:
    """The amount with any grouping and decimal sign, and no digit more before or after it."""
    whole, decimals = f"{abs(amount):.2f}".split(".")
    grouped = _GROUPING.join(f"{int(whole):,}".split(","))
    return re.compile(rf"(?<!\d)(?<!\d[.,'’\u00a0\u202f]){grouped}[.,]{decimals}(?!\d)")


def _account(text: str, invoice: Invoice) -> Iterator[Finding]:
    """A page that names no account at all contradicts nothing; the claim of a factor is paid to the factor
    only."""
    told = [_squeezed(account.number) for account in invoice.payment.accounts if account.iban]
    if not told:
        return
    shown = list(dict.fromkeys(_ibans(text)))
    others = [account for account in shown if account not in told]
    if others and (invoice.payee or not set(told) <= _shown_accounts(text, told)):
        yield finding("page_account_differs", value=", ".join(told), shown=", ".join(others[:3]))


def _shown_accounts(text: str, told: list[str]) -> set[str]:
    squeezed = _squeezed(text)
    return {account for account in told if account in squeezed}


def _ibans(text: str) -> Iterator[str]:
    for match in _IBAN.finditer(text.upper()):
        words = match[0].split()
        # Words that follow an account on its line may look like more of it.
        while words:
            account = "".join(words)
            if len(account) >= _SHORTEST_IBAN and _checks(account):
                yield account
                break
            words.pop()


def _checks(account: str) -> bool:
    return int("".join(str(int(sign, 36)) for sign in account[4:] + account[:4])) % 97 == 1


def _buyer(text: str, bare: str, name: str | None) -> Iterator[Finding]:
    wanted = _bare(name or "")
    if name and wanted and wanted not in bare and not _is_right_to_left(name):
        yield finding("page_buyer_differs", value=name, shown=_alike(text, name))


def _is_right_to_left(name: str) -> bool:
    # Its signs stand on the page in the order in which they are drawn.
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in name)


def _alike(text: str, wanted: str) -> str:
    """Return the line of the page that looks most like ``wanted``."""
    lines = {_bare(line): line for line in text.split("\n") if line.strip()}
    best = get_close_matches(_bare(wanted), lines, 1, _LEAST_ALIKE)
    return _plain(lines[best[0]]) if best else _NOTHING


def _plain(line: str) -> str:
    return _BLANKS.sub(" ", line).strip()[:_LONGEST_SHOWN]


def _squeezed(text: str) -> str:
    return _BLANKS.sub("", text).upper()


def _bare(text: str) -> str:
    """Return letters and digits alone, small and without accents."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, folded))


# --- the text of the pages ----------------------------------------------------------------------------
def _text_of(pages: list[Page]) -> str | None:
    """Return the text, one line for each run, or ``None`` where the page is of another form."""
    known: dict[tuple[int, int], dict[int, str] | None] = {}
    lines = []
    for page in pages:
        fonts, runs = page.resources.get(Name.Font), page.runs
        if not isinstance(fonts, Dictionary) or runs is None:
            return None
        meanings: dict[bytes, dict[int, str]] = {}
        for name in runs.fonts:
            font = fonts.get(name.decode("latin-1"))
            if not isinstance(font, Dictionary):
                return None
            if font.objgen not in known or not font.is_indirect:
                known[font.objgen] = _meanings(font)
            meant = known[font.objgen]
            if meant is None:
                return None
            meanings[name] = meant
        for name, texts in runs.rows:
            lines.append(_decoded(b"".join(texts)).translate(meanings[name]))
    return "\n".join(lines)


def _decoded(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")


def _meanings(font: Object) -> dict[int, str] | None:
    """Return the text by code of a font of two-byte codes, ``None`` for another font."""
    meaning = font.get(Name.ToUnicode)
    if font.get(Name.Encoding) != Name("/Identity-H") or not isinstance(meaning, Stream):
        return None
    found: dict[int, str] = {}
    for kind, rows in _MEANT_BLOCKS.findall(meaning.read_bytes()):
        if kind == b"char":
            found.update((int(code, 16), _decoded(text)) for code, text in _PAIR.findall(rows))
            continue
        for first, last, listed, start in _RANGE.findall(rows):
            low, high = int(first, 16), int(last, 16)
            if listed:
                found.update(enumerate(map(_decoded, _SHOWN.findall(listed)), low))
            else:
                text = int(start, 16)
                found.update((code, chr(text + code - low)) for code in range(low, min(high, 0xFFFF) + 1))
    return found


# What the producer of a PDF says when Odoo printed it: the tool, or the library that added to it.
_PRINTERS = ("wkhtmltopdf", "qt ", "odoo")
_ELSEWHERE = {
    "pdf_unreadable": "pdf_elsewhere_unreadable",
    "pdf_page_without_text": "pdf_elsewhere_without_text",
    "pdf_font_not_embedded": "pdf_elsewhere_font",
    "pdf_font_damaged": "pdf_elsewhere_font_damaged",
    "pdf_colour": "pdf_elsewhere_colour",
    "pdf_feature": "pdf_elsewhere_feature",
    "file_not_pdfa": "pdf_elsewhere_feature",
}
_SCRIPTS = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition")
_FAILURES = (
    pikepdf.PdfError, pikepdf.PasswordError, TypeError, KeyError, AttributeError, IndexError, ValueError,
    RuntimeError,
)  # fmt: skip


def about_pages(found: Finding, pdf: bytes) -> Finding:
    """Return the ``Finding`` about a page, in other words when the PDF (bytes) was not printed by Odoo."""
    code = _ELSEWHERE.get(found.code)
    if code is None or is_printed_here(pdf):
        return found
    return finding(code, **found.params)


def lost(pdf: bytes) -> list[Finding]:
    """Return the findings on what a PDF (bytes) holds and its PDF/A-3 copy cannot: a digital signature,
    files, scripts, fields to fill in. Nothing for a PDF that Odoo printed, or that cannot be read."""
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as document:
            if _says_printed_here(document):
                return []
            return [finding(code) for code in _lost(document)]
    except _FAILURES:
        return []


def _lost(document: Pdf) -> Iterator[str]:
    root = document.Root
    form = root.get(Name.AcroForm)
    fields = form.get(Name.Fields) if isinstance(form, Dictionary) else None
    has_fields = isinstance(fields, Array) and len(fields) > 0
    kinds = {str(item.get(Name.S)) for item in document.objects if isinstance(item, Dictionary)}
    is_signed = any(isinstance(item, Dictionary) and Name.ByteRange in item for item in document.objects)
    names = root.get(Name.Names)
    if is_signed:
        yield "pdf_loses_signature"
    if isinstance(names, Dictionary) and Name.EmbeddedFiles in names and len(document.attachments):
        yield "pdf_loses_files"
    if kinds & set(_SCRIPTS) or (isinstance(names, Dictionary) and Name.JavaScript in names):
        yield "pdf_loses_scripts"
    if has_fields and not is_signed:
        yield "pdf_loses_form"


def is_printed_here(pdf: bytes) -> bool:
    """Tell whether Odoo printed a PDF (bytes), by what it says of its producer; true of an unreadable one."""
    try:
        with pikepdf.open(BytesIO(pdf), suppress_warnings=True) as document:
            return _says_printed_here(document)
    except _FAILURES:
        return True  # nothing is known of it: the sentences about the invoice's PDF fit


def _says_printed_here(document: Pdf) -> bool:
    said = " ".join(str(document.docinfo.get(key, "")) for key in (Name.Creator, Name.Producer)).lower()
    return any(printer in said for printer in _PRINTERS)
