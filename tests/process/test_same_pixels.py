"""The pages that are sent look like Odoo's own print, pixel by pixel, in every layout that Odoo offers.

Odoo's print fetches its stylesheets and fonts from a running server, as in production.
"""

import base64
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter

from lib.server import databases

DOTS_PER_INCH = 96  # wkhtmltopdf's own
# Qt may round the place of a line by one of its units, a pixel here, the other way when a font is local.
NEAR = 2 * 1 + 1
# Text and rules; light backgrounds and shadows.
DARKER_THAN = (128, 250)

PRINTS = """
import base64, io
from odoo import Command, fields
from PIL import Image, ImageDraw

company = env["res.company"].search([("name", "=", "FR Company")])
env = env(context={"allowed_company_ids": company.ids, "lang": "fr_FR"})
company = company.with_env(env)
drawn = io.BytesIO()
logo = Image.new("RGBA", (240, 90), (0, 0, 0, 0))
ImageDraw.Draw(logo).ellipse((5, 5, 235, 85), fill=(200, 40, 60, 160))
logo.save(drawn, "PNG")
company.write({
    "company_registry": "73282932000074", "phone": "0240000000", "email": "compta@example.com",
    "logo": base64.b64encode(drawn.getvalue()), "primary_color": "#aa1122", "secondary_color": "#115533",
    "report_header": "<p>Menuiserie d'art</p>", "report_footer": "<p>SARL au capital de 7 000 €</p>",
})
customer, english = env["res.partner"].with_company(company).create([
    {
        "name": name, "is_company": True, "country_id": env.ref("base.fr").id, "street": "3 place de l'Hôtel",
        "zip": "44190", "city": "Clisson", "company_registry": "12345678200051", "lang": lang,
        "dematerialized_invoice_type": "facturx",
    }
    for name, lang in (("Mairie de Clisson", "fr_FR"), ("City of Clisson", "en_US"))
])
taxes = env["account.tax"].create([
    {"name": f"TVA {rate}", "amount": rate, "type_tax_use": "sale", "company_id": company.id,
     "country_id": env.ref("base.fr").id, "price_include_override": "tax_excluded"}
    for rate in (20, 5.5)
])


def line(name="Banc en chêne", quantity=1, price=100.0, discount=0, tax=taxes[0]):
    return Command.create({
        "name": name, "quantity": quantity, "price_unit": price, "discount": discount,
        "tax_ids": [Command.set(tax.ids)],
    })


def text(kind, name):
    return Command.create({"display_type": kind, "name": name})


def invoice(*lines, partner=customer, **values):
    found = env["account.move"].with_company(company).create({
        "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": fields.Date.today(),
        "partner_bank_id": company.partner_id.bank_ids[:1].id, "invoice_line_ids": list(lines), **values,
    })
    found.action_post()
    return found


invoices = {
    "varied": invoice(
        text("line_section", "Lot n° 1 : l'atelier"),
        line("Étude d'exécution\\nPlans à l'échelle 1:50", 3, 33.33, 5),
        line("مقعد خشبي", 2, 12.5, tax=taxes[1]), line("Reprise", -1, 20), text("line_note", "Livré lundi"),
        narration="<p><b>Merci</b> de <i>votre</i> confiance, <a href='https://x.example'>ici</a></p>",
        purchase_order_reference="EJ1300000001", buyer_reference="SERVICE-1",
    ),
    "long": invoice(*(line(f"Poste {number}", number) for number in range(1, 71)), partner=english),
}
credit = invoices["varied"]._reverse_moves([{"invoice_date": fields.Date.today()}])
credit.action_post()
invoices["credit"] = credit
report = env.ref("account.account_invoices")
layouts = env["report.layout"].search([])
result = {}
for place, layout in enumerate(layouts):
    company.external_report_layout_id = layout.view_id
    # Seen by the server that gives the stylesheet, and kept when the files are taken back.
    env.cr.commit()
    for kind, move in invoices.items() if place == 0 else [("varied", invoices["varied"])]:
        odoo = report.with_company(company)._render_qweb_pdf(report, move.ids)[0]
        # The server may have made the stylesheet meanwhile.
        env.cr.commit()
        printable = move.with_company(company).with_context(lang=move.partner_id.lang, chorus_printed={})
        fast = dict(printable._chorus_render_fast(report))
        ours = move.sudo()._chorus_build_files("production")[move.id].content
        result[f"{layout.name} {kind}"] = [
            base64.b64encode(odoo).decode(), base64.b64encode(ours).decode(), move.id in fast,
        ]
        env.cr.rollback()
result["layouts"] = layouts.mapped("name")
"""


def test_the_pages_look_like_those_of_odoo(database, start_odoo, shell):
    databases.set_parameter(database, "report.print_delay", "1000")
    server = start_odoo(cron_threads=0)
    databases.set_parameter(database, "report.url", server.url)
    prints = shell(PRINTS)
    layouts = prints.pop("layouts")
    assert len(layouts) >= 7 and len(prints) == len(layouts) + 2
    for name, (odoo, ours, fast) in prints.items():
        assert fast, f"{name}: printed the ordinary way"
        wanted, got = _pages(odoo), _pages(ours)
        assert len(wanted) == len(got) >= (3 if "long" in name else 1), name
        for number, pair in enumerate(zip(wanted, got, strict=True), 1):
            assert _difference(*pair) is None, f"{name}, page {number}"


def test_what_is_missing_or_elsewhere_is_seen():
    page = Image.new("L", (400, 400), 255)
    page.paste(0, (100, 100, 160, 101))
    pale, blank = page.point(lambda value: 230 if value == 0 else value), Image.new("L", (400, 400), 255)
    assert _difference(page, page) is None
    assert _difference(page, ImageChops.offset(page, 1, 1)) is None
    for one, other in ((page, blank), (page, ImageChops.offset(page, 2, 2)), (page, pale), (pale, blank)):
        assert _difference(one, other) and _difference(other, one)


def _pages(pdf):
    """The pages of a PDF (base64) as grey images."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-gray", "-r", str(DOTS_PER_INCH), "-", f"{folder}/page"]
        subprocess.run(command, input=base64.b64decode(pdf), capture_output=True, check=True)
        return [Image.open(path).copy() for path in sorted(Path(folder).iterdir())]


def _difference(wanted, got):
    """Where one of two pages has ink of which the other has none near by, None when nowhere."""
    if wanted.size != got.size:
        return wanted.size, got.size
    for level in DARKER_THAN:
        for one, other in ((wanted, got), (got, wanted)):
            near = _ink(other, level).filter(ImageFilter.MaxFilter(NEAR))
            if found := ImageChops.subtract(_ink(one, level), near).getbbox():
                return level, found
    return None


def _ink(page, level):
    return page.point(lambda value: 255 if value < level else 0)
