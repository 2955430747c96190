"""Legal PDFs of invoices, made without printing, inside an Odoo process."""

import io

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas


def legal_pdfs(env, moves):
    """Give invoices a legal PDF, so that no time goes into rendering pages."""
    pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    content = io.BytesIO()
    page = canvas.Canvas(content, initialFontName="Vera")
    page.drawString(72, 720, "Facture")
    page.save()
    env["ir.attachment"].create(
        [
            {
                "name": f"{move.id}.pdf",
                "raw": content.getvalue(),
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
                "company_id": move.company_id.id,
            }
            for move in moves
        ]
    )


def click(env, rows):
    """As each company's accountant: choose its invoices, press Send."""
    for row in rows:
        own = env(context={**env.context, "allowed_company_ids": [row["company"]]})
        action = own["account.move"].browse(row["moves"]).action_chorus_send()
        own["chorus.send"].browse(action["res_id"]).action_send()
        env.cr.commit()
