"""From invoices to Factur-X files: pages, data, the whole checked before anybody may send it.

The door to semantic invoices of EN 16931 stands here; what the pages say of an invoice is read from the same
semantic invoice as the data.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from os.path import splitext
from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models

from ... import einvoice
from ...einvoice.terms import Invoice
from ...mapping import Batch, InvoiceMapper
from ...mapping.amounts import ZERO
from ...mapping.invoice import main_contractor
from ...mapping.payment import due_sentences, read_dues, subrogation
from ...rendering.documents import stamp_test
from ..notice.chorus_notice import dialog

DOCUMENT_FIELDS = ["invoice_pdf_report_id", "invoice_pdf_report_file", "ubl_cii_xml_id", "ubl_cii_xml_file"]


class ChorusFile(NamedTuple):
    """One Factur-X file, the semantic invoice that it says, and what a person should look at on its pages."""

    filename: str
    content: bytes
    invoice: Invoice
    remarks: tuple[str, ...] = ()


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_due_note = fields.Text("What is due when", compute="_compute_chorus_due_note")

    chorus_legal_digest = fields.Char(
        string="Digest of the data in the legal PDF",
        readonly=True,
        copy=False,
        help="Set when the legal PDF of the invoice holds the same data as a deposit in Chorus Pro.",
    )

    def _chorus_invoices(self, environment):
        """The semantic invoices of the customer invoices and credit notes among ``self``, in bulk.

        Nothing is checked here: what is missing in the ERP is absent from the result, for the checks to
        say. In test, the seller's SIRET is the one of the test data set.

        :param str environment: ``'test'`` or ``'production'``
        :rtype: dict[int, einvoice.terms.Invoice]
        """
        return InvoiceMapper(Batch(self, environment)).map_all()

    # -- what the pages say: the same as the data, read from the same semantic invoice
    @api.depends(
        "line_ids.date_maturity", "line_ids.amount_currency", "invoice_payment_term_id", "invoice_date"
    )
    @api.depends_context("lang")
    def _compute_chorus_due_note(self):
        for move in self:
            told = move._chorus_printed_dues() if move.is_sale_document() else []
            move.chorus_due_note = "\n".join(told) or False

    def _chorus_printed(self):
        """The semantic invoice of what is printed: the one that the data are made of, where there is one.

        :rtype: einvoice.terms.Invoice
        """
        known = self.env.context.get("chorus_printed") or {}
        return known.get(self.id) or self._chorus_invoices("production")[self.id]

    def _chorus_printed_sirets(self):
        """SIRETs of the supplier and the customer, as the data say them.

        :rtype: tuple[str, str]
        """
        invoice = self._chorus_printed()
        return invoice.seller.siret or "", invoice.buyer.siret or ""

    def _chorus_printed_accounts(self):
        """The accounts to pay to that the data name, in groups of four signs.

        :rtype: list[str]
        """
        accounts = self._chorus_printed().payment.accounts
        return [_in_fours(account.number) for account in accounts]

    def _chorus_printed_due_date(self):
        """The first day on which something is due, as the data say it (BT-9)."""
        return self._chorus_printed().due_date or self.invoice_date_due

    def _chorus_printed_dues(self):
        """What is due when, a sentence for each part; nothing where all is due at once.

        :rtype: list[str]
        """
        items = self.line_ids.filtered(lambda line: line.display_type == "payment_term")
        return due_sentences(self, read_dues(self, items))

    def _chorus_printed_contractor(self):
        """Who validates an invoice of a subcontractor or co-contractor, None when nobody is named."""
        return main_contractor(self)

    def _chorus_printed_subrogation(self):
        """Whom to pay when the invoice was sold to a factor."""
        return subrogation(self)

    def action_chorus_hand(self):
        """Open the screen that makes the files of these invoices for a deposit on the portal."""
        self.check_access("write")
        wizard = self.env["chorus.hand"].create({"move_ids": self.ids})
        return dialog(wizard, self.env._("Deposit on the portal by hand"))

    # -- from invoices to Factur-X files: pages, data, the whole checked before anybody may send it

    def _chorus_build_files(self, environment):
        """The Factur-X file of each invoice, or why there is none.

        Production: the legal PDF of the invoice is what is sent. It is made when there is none, made anew
        when what it says was corrected since (the old one is kept, detached), and left alone when Odoo
        made it before this addon did: its pages then go into a copy. Test: pages marked as a test, and
        nothing is written on the invoice.

        :param str environment: ``'test'`` or ``'production'``
        :return: by move id, a file or the findings that block it
        :rtype: dict[int, ChorusFile | list[dict]]
        """
        checked = self._chorus_checked(environment)
        built, ready = {}, self.browse()
        for move in self:
            told = move._chorus_tell_findings(checked[move.id][1])
            blocking = [finding for finding in told if finding["severity"] == "block"]
            if blocking:
                built[move.id] = blocking
            else:
                ready += move
        invoices = {move.id: checked[move.id][0] for move in ready}
        built.update(ready._chorus_finish_files(invoices, environment))
        return built

    def _chorus_finish_files(self, invoices, environment):
        """Pages and data of invoices that passed the checks.

        :param dict[int, einvoice.terms.Invoice] invoices:
        """
        production = environment == "production"
        kept = self._chorus_legal_pdfs()
        digests = {move.id: _digest(invoices[move.id]) for move in self} if production else {}
        built = {}
        for move in self:
            if production and move.id in kept and move.chorus_legal_digest == digests[move.id]:
                content = kept[move.id].raw
                file = ChorusFile(_filename(move, environment), content, invoices[move.id])
                built[move.id] = move._chorus_gate(content) or file
        waiting = self.filtered(lambda move: move.id not in built)
        own = waiting.filtered(lambda move: production and move.id in kept and move.chorus_legal_digest)
        reused = waiting.filtered(lambda move: move.id in kept) - own
        for move in reused:
            pages = kept[move.id].raw
            is_printed = einvoice.is_printed_here(pages)
            built[move.id] = move._chorus_make_file(pages, invoices[move.id], environment, is_printed)
        for move_id, pages in (waiting - reused)._chorus_iter_pages(invoices, environment):
            move = self.browse(move_id)
            built[move_id] = move._chorus_make_file(pages, invoices[move_id], environment)
        if production:
            made = {
                move: built[move.id] for move in waiting - reused if isinstance(built[move.id], ChorusFile)
            }
            self._chorus_store_legal_pdfs(made, digests)
        return built

    def _chorus_make_file(self, pages, invoice, environment, is_printed=True):
        """Put the data of one invoice into its pages.

        :param bytes | list[dict] pages: a PDF, or the findings of a failed rendering
        :param bool is_printed: whether Odoo printed the pages: they are then compared with the data
        :rtype: ChorusFile | list[dict]
        """
        if isinstance(pages, list):
            return pages
        try:
            content = self._chorus_embed(pages, invoice, test=environment == "test")
        except einvoice.PdfError as error:
            return [self._chorus_pdf_finding(error, pages)]
        # In test, the data may name a stand-in for the customer.
        is_compared = is_printed and environment == "production"
        found = self._chorus_gate(content, invoice, is_printed=is_compared)
        blocking = [finding for finding in found if finding["severity"] == "block"]
        remarks = tuple(finding["message"] for finding in found)
        return blocking or ChorusFile(_filename(self, environment), content, invoice, remarks)

    def _chorus_embed(self, pages, invoice, *, test=False):
        """The Factur-X PDF of ``invoice`` on ``pages``.

        :raises einvoice.PdfError: when the pages cannot become PDF/A-3b
        """
        return einvoice.build_pdf(
            pages,
            einvoice.build_xml(invoice),
            invoice,
            attachments=invoice.attachments,
            now=datetime.now(UTC),
            mark=stamp_test if test else None,
        )

    def _chorus_gate(self, content, invoice=None, *, is_printed=False):
        """The last look at a finished file. Nothing blocks unless the addon itself is at fault.

        :param bool is_printed: compare the pages with the data too; a difference is a warning
        """
        found = einvoice.verify(content, invoice, is_printed=is_printed)
        return [self._chorus_finding(item.code, item.params, finding=item) for item in found]

    def _chorus_tell_remarks(self, file):
        """Write on the invoice what a person should look at on the pages that were just made.

        :param ChorusFile file: of this invoice
        """
        if file.remarks:
            self._message_log(body=Markup("<br/>").join(file.remarks))

    def _chorus_pdf_finding(self, error, pages=None):
        """A page that cannot become PDF/A-3b, as a finding.

        :param bytes | None pages: the PDF that it is about; one that Odoo did not print is told as such
        """
        found = einvoice.about_pages(error.finding, pages) if pages else error.finding
        return self._chorus_finding(found.code, found.params, finding=found)

    # ------------------------------------------------------------------ the legal PDF
    def _chorus_store_legal_pdfs(self, files, digests):
        """Make ``files`` the legal PDFs of their invoices; earlier ones are kept as plain attachments.

        :param dict[account.move, ChorusFile] files:
        :param dict[int, str] digests: of what they say
        """
        if not files:
            return
        moves = self.browse(move.id for move in files)
        moves._chorus_detach_documents()
        name_xml = self.env["account.edi.xml.cii"]._export_invoice_filename
        values = []
        for move, file in files.items():
            shared = {"res_model": self._name, "res_id": move.id, "company_id": move.company_id.id}
            values.append(
                {
                    **shared,
                    "name": file.filename,
                    "raw": file.content,
                    "mimetype": "application/pdf",
                    "res_field": "invoice_pdf_report_file",
                }
            )
            values.append(
                {
                    **shared,
                    "name": name_xml(move),
                    "raw": einvoice.build_xml(file.invoice),
                    "mimetype": "application/xml",
                    "res_field": "ubl_cii_xml_file",
                }
            )
        attachments = self.env["ir.attachment"].sudo().create(values)
        moves.invalidate_recordset(DOCUMENT_FIELDS)
        for move, attachment in zip(moves.sudo(), attachments[::2], strict=True):
            # Neither is part of the entry: the checks of an invoice's own write are spared.
            models.BaseModel.write(
                move, {"chorus_legal_digest": digests[move.id], "message_main_attachment_id": attachment.id}
            )

    def _chorus_note_legal_pdf(self, invoice):
        """Remember what the legal PDF that was just stored says.

        :param einvoice.terms.Invoice invoice:
        """
        self.chorus_legal_digest = _digest(invoice)

    def _chorus_detach_documents(self):
        """Keep the documents that a corrected invoice was sent with, under a name that says so."""
        today = fields.Date.context_today(self)
        for attachment in self._chorus_stored("invoice_pdf_report_file", "ubl_cii_xml_file"):
            stem, extension = splitext(attachment.name)
            label = self.env._("replaced on %s", today)
            attachment.write({"res_field": False, "name": f"{stem} ({label}){extension}"})
        self.invalidate_recordset(DOCUMENT_FIELDS)


def _in_fours(number):
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _digest(invoice):
    """Digest of what an invoice says, but for what a later payment changes: a payment makes no new PDF."""
    due = invoice.totals.grand + invoice.totals.rounding
    totals = replace(invoice.totals, prepaid=ZERO, payable=due)
    return hashlib.sha256(einvoice.build_xml(replace(invoice, totals=totals, attachments=()))).hexdigest()


def _filename(move, environment):
    """The file's name, with the letters that any system takes."""
    stem = "".join(char if char.isalnum() and char.isascii() else "_" for char in move.name)
    return f"TEST_{stem}.pdf" if environment == "test" else f"{stem}.pdf"
