"""What a printed page shows is compared with the data: a difference warns, however things are written."""

import re
import subprocess
import time
from dataclasses import replace

import pytest
from pdf_kit import NOW, drawn

import einvoice
from einvoice.terms import BankAccount, Party
from lib import cmd_facturx_samples as command
from lib.samples import facturx_page
from lib.samples import invoices as make
from lib.samples.facturx_samples import KINDS

OTHER = "DE89370400440532013000"
WORK = make.invoice([make.line("Travaux", "3", "1250.00"), make.line("Heures", "12.5", "48.90")])
SHOWN = ("FAC/2026/00001", "5233.50", make.IBAN, "Commune de Saint-Aubin")


def page(html, folder):
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(html, encoding="utf-8")
    subprocess.run(["wkhtmltopdf", "-q", str(source), str(target)], check=True, capture_output=True)
    return target.read_bytes()


def found(pdf, invoice=WORK, **options):
    content = einvoice.build_pdf(pdf, einvoice.build_xml(invoice), invoice, now=NOW)
    return einvoice.verify(content, invoice, **{"is_printed": True, **options})


def look(folder, *changes, invoice=WORK):
    """The findings on the page of ``invoice`` with the pairs of ``changes`` replaced in its HTML."""
    html = facturx_page.html(invoice)
    for old, new in changes:
        assert old in html
        html = html.replace(old, new)
    return found(page(html, folder), invoice)


def test_the_page_of_the_invoice_says_nothing(tmp_path):
    html = facturx_page.html(WORK)
    assert all(text in html for text in SHOWN)
    assert found(page(html, tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "value"),
    [
        ("FAC/2026/00001", "FAC/2026/00091", "page_number_differs", "FAC/2026/00001"),
        ("5233.50", "9233.50", "page_total_differs", "5233.50"),
        ("5233.50", "15 233,50", "page_total_differs", "5233.50"),
        ("5233.50", "15,233.50", "page_total_differs", "5233.50"),
        ("5233.50", "5233.509", "page_total_differs", "5233.50"),
        (make.IBAN, OTHER, "page_account_differs", make.IBAN),
        (make.IBAN, "DE89 3704 0044 0532 0130 00", "page_account_differs", make.IBAN),
        ("Commune de Saint-Aubin", "Commune de Saint-Aubain", "page_buyer_differs", "Commune de Saint-Aubin"),
    ],
)
def test_another_one_on_the_page_warns_with_both_values(tmp_path, old, new, code, value):
    (finding,) = look(tmp_path, (old, new.replace("15 ", "15\u202f")))
    assert (finding.code, finding.severity, finding.params["value"]) == (code, "warn", value)
    shown = re.sub(r"\s", "", finding.params["shown"])
    expected = re.sub(r"\s", "", new)
    assert expected in shown or code == "page_total_differs"
    assert value in finding.message


def test_what_is_nowhere_on_the_page_is_told(tmp_path):
    changes = [(text, "…") for text in (SHOWN[0], SHOWN[1], SHOWN[3])]
    codes = [finding.code for finding in look(tmp_path, *changes)]
    assert codes == ["page_number_differs", "page_total_differs", "page_buyer_differs"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("5233.50", "5 233,50 €"),
        ("5233.50", "5\u202f233,50"),
        ("5233.50", "5\u00a0233,50"),
        ("5233.50", "€ 5,233.50"),
        ("5233.50", "5.233,50"),
        ("5233.50", "5’233.50"),
        (make.IBAN, " ".join(make.IBAN[at : at + 4] for at in range(0, 27, 4))),
        (make.IBAN, "<br>".join(make.IBAN[at : at + 4] for at in range(0, 27, 4))),
        (make.IBAN, make.IBAN.lower()),
        (make.IBAN, ""),  # a layout that shows no account contradicts none
        (make.IBAN, f"{make.IBAN} ou {OTHER}"),
        ("Commune de Saint-Aubin", "COMMUNE DE SAINT-AUBIN"),
        ("Commune de Saint-Aubin", "Commune<br>de Saint-<br>Aubin"),
        ("FAC/2026/00001", "FAC / 2026 / 00001"),
        ("FAC/2026/00001", "<small>FAC/</small>2026/<b>00001</b>"),
    ],
)
def test_the_same_in_other_writing_says_nothing(tmp_path, old, new):
    assert look(tmp_path, (old, new)) == []


def test_beside_the_account_of_a_factor_no_other_is_named(tmp_path):
    accounts = replace(WORK.payment, accounts=(BankAccount(OTHER),))
    invoice = replace(WORK, payee=Party("Affacturage", siret="55203253400646"), payment=accounts)
    assert look(tmp_path, invoice=invoice) == []
    (finding,) = look(tmp_path, (OTHER, f"{OTHER}<br>RIB : {make.IBAN}"), invoice=invoice)
    assert (finding.code, finding.params["shown"]) == ("page_account_differs", make.IBAN)


@pytest.mark.parametrize(
    "kind",
    [
        "credit-note", "five-hundred-lines", "two-accounts", "cash-rounding", "partial-payment",
        "direct-debit", "odd-characters", "right-to-left", "missing-glyphs", "number-with-space",
    ],
)  # fmt: skip
def test_pages_of_other_kinds_say_nothing(kind):
    invoice = KINDS[kind]
    assert found(command.render(invoice), invoice) == []


def test_pages_that_odoo_did_not_print_are_not_judged(tmp_path):
    other = page(facturx_page.html(KINDS["state"]), tmp_path)
    assert [item.code for item in found(other)][:1] == ["page_number_differs"]
    assert found(other, is_printed=False) == []
    assert found(drawn()) == []


def test_looking_takes_no_time(tmp_path):
    content = einvoice.build_pdf(page(facturx_page.html(WORK), tmp_path), b"<x/>", WORK, now=NOW)
    with einvoice.pdf.open_pdf(content) as document:
        times = []
        for _round in range(20):
            start = time.perf_counter()
            einvoice.page_data.differences(document, WORK)
            times.append(time.perf_counter() - start)
    assert min(times) < 0.005
