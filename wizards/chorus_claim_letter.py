"""The letter that claims late interest, in French whatever the reader speaks: a public body gets it."""

import base64

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from odoo import fields, models

from ..chorus_api import safe_filename
from ..models.base.moments import late_interest
from ..models.invoice.account_move_payment_period import INDEMNITY
from ..models.invoice.chorus_late_rate import POINTS

REPORT = "l10n_fr_chorus_pro.action_report_late_claim"
FRENCH = "fr_FR"
# The narrow blank of French figures is in few fonts.
NARROW, BLANK = "\u202f", "\u00a0"


class ChorusClaimLetter(models.TransientModel):
    """One letter to one public body, with the computation of each invoice."""

    _name = "chorus.claim.letter"
    _inherit = ["chorus.written.by.code"]
    _description = "Letter that claims late interest"
    _rec_name = "partner_id"

    wizard_id = fields.Many2one("chorus.claim", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="wizard_id.company_id")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Public body", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many("chorus.claim.line", "letter_id", "Invoices", readonly=True)
    file = fields.Binary("Letter", attachment=True, readonly=True)
    filename = fields.Char(readonly=True)

    def _make(self):
        """Print the letters, and keep each of them on its invoices."""
        today = fields.Date.context_today(self)
        lang = FRENCH if self.env["res.lang"]._get_data(code=FRENCH) else self.env.lang
        reports = self.env["ir.actions.report"].with_context(lang=lang)
        for letter in self:
            content, _kind = reports._render_qweb_pdf(REPORT, letter.ids)
            moves = letter.line_ids.move_id
            name = safe_filename(f"interets_moratoires_{moves[0].name}_{today}", ".pdf")
            letter.sudo().write({"file": base64.b64encode(content), "filename": name})
            for move in moves:
                move.message_post(
                    body=self.env._("Late interest was claimed by this letter."),
                    attachments=[(name, content)],
                )
            moves._chorus_claimed(today)

    # -- for the page ---------------------------------------------------------------------------------

    def _printed(self):
        """What the letter says, in French.

        :return: dict: ``rows``, one dict of texts for each invoice, sums, and whether the sums are final
        """
        self.ensure_one()
        lines = self.line_ids.sorted(lambda line: (line.due_date, line.id))
        interest, indemnity = sum(lines.mapped("interest")), sum(lines.mapped("indemnity"))
        accounts = [bank._chorus_account_number() for bank in lines.move_id.partner_bank_id]
        return {
            "today": french_day(fields.Date.context_today(self)),
            "rows": [self._printed_row(line) for line in lines],
            "interest": self._money(interest),
            "indemnity": self._money(indemnity),
            "one_indemnity": self._money(INDEMNITY),
            "total": self._money(interest + indemnity),
            "final": all(lines.mapped("final")),
            "points": french_number(POINTS),
            "accounts": accounts,
        }

    def _printed_row(self, line):
        move = line.move_id
        parts = move._chorus_late_parts(line.until)
        flow = move._chorus_told_line()
        return {
            "number": move.name,
            "date": french_day(move.invoice_date),
            "references": " – ".join(
                f"{label} {value}"
                for label, value in (
                    ("engagement", move.purchase_order_reference),
                    ("marché", move.contract_reference),
                    ("service", move.buyer_reference),
                )
                if value
            ),
            "flow": flow.flow_number or "",
            "available_on": french_day(line.available_on),
            "period": line.period,
            "suspended": move.chorus_suspended_days,
            "due_date": french_day(line.due_date),
            "since": french_day(fields.Date.add(line.due_date, days=1)),
            "until": french_day(line.until),
            "final": line.final,
            "days": line.days,
            "principal": self._money(line.principal),
            "rate": french_number(line.rate),
            "central_rate": french_number(line.rate - POINTS),
            "half_year": french_day(line.half_year),
            "parts": [
                {
                    "amount": self._money(amount),
                    "paid_on": french_day(day) if len(parts) > 1 and day < line.until else "",
                    "days": days,
                    "interest": self._money(self.currency_id.round(late_interest(amount, line.rate, days))),
                }
                for amount, day, days in parts
            ],
            "interest": self._money(line.interest),
            "indemnity": self._money(line.indemnity),
            "total": self._money(line.interest + line.indemnity),
        }

    def _money(self, amount):
        text = format_currency(amount, self.currency_id.name, locale=FRENCH)
        return text.replace(NARROW, BLANK)


def french_day(day):
    """A date as a French letter writes it: ``1er juillet 2026``; "" for none."""
    if not day:
        return ""
    number = "1er" if day.day == 1 else day.day
    return f"{number} {format_date(day, 'MMMM yyyy', locale=FRENCH)}"


def french_number(number):
    """A number as a French letter writes it: ``10,15``."""
    return format_decimal(round(number, 3), locale=FRENCH).replace(NARROW, BLANK)
