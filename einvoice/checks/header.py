"""BT-1 to BT-26: identity of the invoice, references, notes; BG-24: attachments; what the reform asks for."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from ..codes import (
    ATTACHMENT_EXTENSIONS,
    CORRECTED_INVOICE,
    CREDIT_NOTE,
    NOT_A_SERVICE,
    PROCESS_PAID,
    PROCESSES,
    REFORM_NOTES,
    REFUSED_TYPE_CODES,
    TYPE_CODES,
    VAT_POINT_CODES,
    code_list,
)
from ..findings import Finding, finding
from ..terms import EN16931_GUIDELINE, Invoice
from ..text import clean_code, visible
from .shape import day, is_computable, show, text

NUMBER_MAX_LENGTH = 20
_NUMBER = re.compile(r"[A-Za-z0-9 +_/-]{1,20}")
_FORBIDDEN_IN_NUMBER = re.compile(r"[^A-Za-z0-9 +_/-]")
_SEPARATORS = re.compile(r"[\s,;/|&+]+")
_ENGAGEMENT = re.compile(r"[A-Za-z]{0,4}-?[0-9][0-9-]{3,}[0-9]")
_REFORM_PROCESS = re.compile(r"[SBM][1-9]")

# attribute, maximum length, code of the finding
_LENGTHS = (
    ("buyer_reference", 100, "service_too_long"),
    ("order_reference", 50, "engagement_too_long"),
    ("contract_reference", 50, "contract_too_long"),
    ("payment_terms", 1024, "payment_terms_too_long"),
)
NOTE_MAX_LENGTH = 1024


def find(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the header of a readable invoice."""
    return [
        *_number(invoice.number),
        *_dates(invoice, today),
        *_codes(invoice),
        *_process(invoice),
        *_preceding(invoice),
        *_references(invoice),
        *_notes(invoice),
    ]


def _number(number: str | None) -> Iterator[Finding]:
    sent = clean_code(number)
    if not sent:
        yield finding("number_missing")
        return
    if len(sent) > NUMBER_MAX_LENGTH:
        yield finding("number_too_long", number=show(sent), length=len(sent))
    strange = sorted(set(_FORBIDDEN_IN_NUMBER.findall(sent)))
    if strange:
        yield finding("number_characters", number=show(sent), characters=visible(" ".join(strange)))
    elif sent != number:
        yield finding("number_blanks", number=visible(str(number))[:60], sent=show(sent))
    elif " " in sent or "+" in sent:
        yield finding("number_spaces", number=show(sent))
    if is_a_day(sent):
        yield finding("number_is_date", number=show(sent))


def is_a_day(number: str) -> bool:
    """Tell whether a number is nothing but a day: 20261120, 2026-11-20, 20/11/2026, 20112026."""
    digits = re.sub(r"[ /+_-]", "", number)
    if not re.fullmatch(r"[0-9]{8}", digits):
        return False
    for year, month, day_ in ((0, 4, 6), (4, 2, 0)):
        try:
            found = date(
                int(digits[year : year + 4]), int(digits[month : month + 2]), int(digits[day_ : day_ + 2])
            )
        except ValueError:
            continue
        if 2000 <= found.year < 2100:
            return True
    return False


def _dates(invoice: Invoice, today: date) -> Iterator[Finding]:
    issued = day(invoice.issue_date)
    if not issued:
        yield finding("date_missing")
    elif issued > today:
        yield finding("date_in_future", date=issued)
    if invoice.period:
        start, end = day(invoice.period.start), day(invoice.period.end)
        if start and end and end < start:
            yield finding("period_reversed", start=start, end=end)


def _codes(invoice: Invoice) -> Iterator[Finding]:
    type_code, currency = text(invoice.type_code), text(invoice.currency)
    if type_code in REFUSED_TYPE_CODES:
        yield finding("type_refused", type=type_code)
    elif type_code not in TYPE_CODES:
        yield finding("type_unknown", type=show(type_code))
    if currency != "EUR":
        yield finding("currency_not_euro", currency=show(currency))
    if text(invoice.guideline) != EN16931_GUIDELINE:
        yield finding("profile_unknown", profile=show(invoice.guideline))
    if invoice.vat_point_code is not None and text(invoice.vat_point_code) not in VAT_POINT_CODES:
        yield finding("vat_point_unknown", value=show(invoice.vat_point_code))


def _process(invoice: Invoice) -> Iterator[Finding]:
    process, due, grand = text(invoice.process), invoice.totals.payable, invoice.totals.grand
    if process not in PROCESSES:
        code = "process_of_reform" if _REFORM_PROCESS.fullmatch(process) else "process_unknown"
        yield finding(code, process=show(process))
        return
    if process in ("A9", "A12"):
        yield finding("process_needs_contractor", process=process)
    if is_computable(due) and is_computable(grand):
        if process == PROCESS_PAID and due:
            yield finding("process_paid_but_due", due=show(due))
        elif process != PROCESS_PAID and not due and grand and text(invoice.type_code) != CREDIT_NOTE:
            yield finding("process_paid_not_said", process=process)


def _preceding(invoice: Invoice) -> Iterator[Finding]:
    if not invoice.preceding:
        if text(invoice.type_code) in (CREDIT_NOTE, CORRECTED_INVOICE):
            yield finding("preceding_missing")
        return
    if len(invoice.preceding) > 1:
        yield finding("preceding_several", count=len(invoice.preceding))
    issued = day(invoice.issue_date)
    for original in invoice.preceding:
        number, original_day = text(original.number), day(original.issue_date)
        if not _NUMBER.fullmatch(number):
            yield finding("preceding_number_wrong", number=show(number))
        elif number == text(invoice.number):
            yield finding("preceding_is_itself")
        if issued and original_day and original_day > issued:
            yield finding("preceding_is_later", number=show(number), date=original_day)


def _references(invoice: Invoice) -> Iterator[Finding]:
    for name, limit, code in _LENGTHS:
        length = len(text(getattr(invoice, name)))
        if length > limit:
            yield finding(code, length=length)
    if text(invoice.buyer_reference).upper() == NOT_A_SERVICE:
        yield finding("service_public_invoices")
    order = text(invoice.order_reference)
    if (count := _engagements(order)) > 1:
        yield finding("engagement_several", value=show(order), count=count)
    if order and order == text(invoice.number):
        yield finding("engagement_is_own_number")


def _engagements(order: str) -> int:
    """Count the numbers of engagements in one field: several of the same length that signs separate."""
    tokens = {token for token in _SEPARATORS.split(order) if _ENGAGEMENT.fullmatch(token)}
    lengths = Counter(sum(map(str.isdigit, token)) for token in tokens if not is_a_day(token))
    return max(lengths.values(), default=0)


def _notes(invoice: Invoice) -> Iterator[Finding]:
    for note in invoice.notes:
        length, subject = len(text(note.text)), text(note.subject)
        if not length:
            yield finding("note_empty", value=show(subject) or "-")
        elif length > NOTE_MAX_LENGTH:
            yield finding("note_too_long", length=length)
        if subject and subject not in code_list("note_subjects"):
            yield finding("note_subject_unknown", value=show(subject))


NAME_MAX_LENGTH = 50
MAX_BYTES = 10_000_000
_RESERVED = ("factur-x.xml",)


def find_attachments(invoice: Invoice, today: date | None = None) -> list[Finding]:
    """Return the findings on the attachments of a readable invoice."""
    findings: list[Finding] = []
    seen: set[str] = set()
    total = 0
    for item in invoice.attachments:
        name, size = text(item.name), len(item.content)
        total += size
        findings += _one(name, size)
        if name.lower() in seen:
            findings.append(finding("attachment_name_twice", name=show(name)))
        seen.add(name.lower())
    if total >= MAX_BYTES and len(invoice.attachments) > 1:
        findings.append(finding("attachments_too_large", size=_megabytes(total)))
    return findings


def _one(name: str, size: int) -> Iterator[Finding]:
    if not name:
        yield finding("attachment_name_missing")
        return
    if len(name) > NAME_MAX_LENGTH:
        yield finding("attachment_name_too_long", name=show(name, 60), length=len(name))
    if name.lower() in _RESERVED:
        yield finding("attachment_name_reserved", name=name)
    elif name.rpartition(".")[2].lower() not in ATTACHMENT_EXTENSIONS or "." not in name:
        yield finding("attachment_extension", name=show(name))
    if not size:
        yield finding("attachment_empty", name=show(name))
    elif size >= MAX_BYTES:
        yield finding("attachment_too_large", name=show(name), size=_megabytes(size))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}"


def find_reform(invoice: Invoice, today: date) -> list[Finding]:
    """Return the findings on the mentions that XP Z12-012 asks for."""
    found = Counter(text(note.subject) for note in invoice.notes if text(note.text))
    findings = []
    for subject, meaning in REFORM_NOTES.items():
        if not found[subject]:
            findings.append(finding("reform_note_missing", subject=subject, meaning=meaning))
        elif found[subject] > 1:
            findings.append(finding("reform_note_twice", subject=subject))
    return findings
