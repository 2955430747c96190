"""A connected company with customers and invoices for the bench, and the work on them."""

import io
import tarfile
import time

from odoo import Command, fields
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.addons.l10n_fr_chorus_pro import chorus_api, einvoice
from odoo.addons.l10n_fr_chorus_pro.worker import turns
from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel
from odoo.addons.l10n_fr_chorus_pro.worker.preparer import Preparer
from odoo.addons.l10n_fr_chorus_pro.worker.reports import Reports
from odoo.addons.l10n_fr_chorus_pro.worker.sender import Sender

LINES = 5
CREDENTIALS = {
    "client_id": "simulator-client",
    "client_secret": "simulator-secret",
    "login": "TECH_1_1@cpro.fr",
    "password": "simulator-password",
}
# SIRETs of the simulator's data set.
SUPPLIER, RECIPIENT = "33254021516357", "12345678200051"


class Stock:
    """Makes invoices of five lines and works on them through the addon's own methods."""

    einvoice = einvoice

    def __init__(self, env, settings):
        company = env.ref("base.demo_company_fr")
        self.env = env(context={"allowed_company_ids": company.ids, "lang": "fr_FR"})
        self.company = company.with_env(self.env)
        self.settings = settings
        self._connect()
        self._public = self._customer("Commune de mesure", dematerialized_invoice_type="facturx")
        self._private = self._customer("Client privé de mesure", invoice_edi_format="facturx")
        self._files = []
        self.env.cr.commit()

    def _connect(self):
        self.company.write(
            {
                "company_registry": SUPPLIER,
                "phone": "0240000000",
                "email": "compta@example.com",
                "chorus_group_size": 1,
            }
        )
        connection = self.env["chorus.connection"].create(
            {
                "company_id": self.company.id,
                "environment": "production",
                "auth_url": self.settings["simulator"] + "/api/oauth/token",
                "api_url": self.settings["simulator"],
                **CREDENTIALS,
            }
        )
        self.env.cr.commit()
        connection.action_refresh_token()
        # The token was written by a transaction of its own.
        self.env.cr.commit()
        self.env.invalidate_all()
        self.company.chorus_environment = "production"
        if "first_deposit_limit" in connection._fields:
            connection.first_deposit_limit = 0
        self.connection = connection
        self.env.cr.commit()

    def _customer(self, name, **values):
        return (
            self.env["res.partner"]
            .with_company(self.company)
            .create(
                {
                    "name": name,
                    "is_company": True,
                    "company_registry": RECIPIENT,
                    "street": "1 rue de la Mesure",
                    "zip": "44000",
                    "city": "Nantes",
                    "country_id": self.env.ref("base.fr").id,
                    **values,
                }
            )
        )

    # -- making ---------------------------------------------------------------------------------------

    def _make(self, partner, count):
        taxes = self.company.account_sale_tax_id
        lines = [
            Command.create(
                {
                    "name": f"Prestation {number}",
                    "quantity": number,
                    "price_unit": 12.3456 * number,
                    "tax_ids": [Command.set(taxes.ids)],
                }
            )
            for number in range(1, LINES + 1)
        ]
        moves = (
            self.env["account.move"]
            .with_company(self.company)
            .with_context(tracking_disable=True)
            .create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partner.id,
                        "partner_bank_id": self.company.partner_id.bank_ids[:1].id,
                        "invoice_date": fields.Date.today(),
                        "invoice_line_ids": lines,
                    }
                    for _number in range(count)
                ]
            )
        )
        moves.action_post()
        self.env.cr.commit()
        return moves.with_env(self.env)

    def invoices(self, count):
        """Posted invoices to a public customer."""
        return self._make(self._public, count)

    def native(self, count):
        """Posted invoices to a customer with Odoo's own Factur-X."""
        return self._make(self._private, count)

    def queued(self, count):
        """Invoices after the click."""
        moves = self.invoices(count)
        self.queue(moves)
        return moves

    def same(self, count):
        """The posted invoices of the public customer, up to `count`, sent or not."""
        found = self.env["account.move"].search(
            [("partner_id", "=", self._public.id), ("state", "=", "posted")], limit=count
        )
        return found if len(found) == count else found + self.invoices(count - len(found))

    # -- working --------------------------------------------------------------------------------------

    def queue(self, moves):
        conflicts = moves._chorus_queue("production")
        if conflicts:
            raise AssertionError(conflicts)
        self.env.cr.commit()

    def run_queue(self):
        """Prepare and deposit all that waits."""
        waiting = [("company_id", "=", self.company.id), ("state", "in", ("queued", "ready"))]
        lines = self.env["chorus.deposit.line"]
        while left := lines.search_count(waiting):
            turns.send(Channel(self.env, self.company.id, "production", time.monotonic() + 600))
            self.env.cr.commit()
            if lines.search_count(waiting) == left:
                raise AssertionError(lines.search(waiting).mapped("message"))

    def send(self, moves):
        self.queue(moves)
        self.run_queue()

    def print_legal(self, moves):
        """Legal PDFs as an Odoo without this addon left them: pages only."""
        for move in moves:
            content = self._pages(move)
            self.env["ir.attachment"].create(
                {
                    "name": f"{move.id}.pdf",
                    "raw": content,
                    "res_model": "account.move",
                    "res_id": move.id,
                    "res_field": "invoice_pdf_report_file",
                }
            )
        self.env.cr.commit()

    def _pages(self, move):
        invoices = move._chorus_invoices("production")
        return move._chorus_render_pages(invoices, "production")[move.id]

    def open_screen(self, moves):
        """The Send screen, as the client opens it: created, then read."""
        wizard = self.env["chorus.send"].create({"move_ids": moves.ids})
        wizard.web_read(
            {"ready_count": {}, "stopped_count": {}, "line_ids": {"fields": {"state": {}, "reasons": {}}}}
        )
        return wizard

    def withdraw_all(self):
        """Take back what waits in the queue."""
        lines = self.env["chorus.deposit.line"].search([("state", "in", ("queued", "ready"))])
        lines.move_id._chorus_withdraw()
        self.env.cr.commit()

    def forget(self):
        """Empty the ORM's cache, as at the beginning of a request."""
        self.env.invalidate_all()

    def patched_qt(self):
        """Whether wkhtmltopdf can print several invoices at once."""
        return _wkhtml().is_patched_qt

    def set_print_delay(self, milliseconds):
        """Set Odoo's wait for scripts in each PDF; 1,000 ms in an Odoo that nobody has tuned."""
        self.env["ir.config_parameter"].set_param("report.print_delay", milliseconds)
        self.env.cr.commit()

    def set_group(self, size):
        """How many invoices travel in one file; a connection on which archives have proved themselves."""
        self.company.chorus_group_size = size
        if size > 1:
            self.connection.group_state = "proven"
        self.env.cr.commit()

    # -- looking --------------------------------------------------------------------------------------

    def watch(self, meter):
        """Say where the time goes."""
        move = type(self.env["account.move"])
        meter.watch(type(self.env["ir.actions.report"]), "_chorus_prepare_print", "pages: templates")
        meter.watch(move, "_chorus_checked", "data and findings")
        meter.watch(move, "_chorus_gate", "last check of the file")
        meter.watch(move, "_chorus_store_legal_pdfs", "storing legal PDFs")
        meter.watch(Preparer, "prepare", "preparing, all of it")
        meter.watch(Sender, "deliver", "posting, in threads")
        meter.watch(Sender, "conclude", "writing outcomes")
        meter.watch(Reports, "follow_due", "reports, all of it")
        meter.watch(einvoice, "build_xml", "xml")
        meter.watch(einvoice, "build_pdf", "pdf/a")
        meter.watch(chorus_api.ChorusClient, "deposit_flow", "http")

    def bad_files(self):
        """Numbers of invoices whose file does not pass the gate or holds no text, of the last 50 deposits."""
        from pypdf import PdfReader

        bad = []
        for deposit in self.env["chorus.deposit"].search([("file", "!=", False)], limit=50):
            content = (
                self.env["ir.attachment"]
                .search(
                    [
                        ("res_model", "=", "chorus.deposit"),
                        ("res_id", "=", deposit.id),
                        ("res_field", "=", "file"),
                    ]
                )
                .raw
            )
            for line, pdf in zip(deposit.line_ids.sorted("id"), _pdfs(content), strict=True):
                blocking = [item for item in einvoice.verify(pdf) if item.severity == "block"]
                text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
                if blocking or line.number not in text:
                    bad.append(line.number)
        return bad


def _pdfs(content):
    """The invoices in a deposited file, be it one of them or an archive of several."""
    if content.startswith(b"%PDF"):
        return [content]
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return [archive.extractfile(member).read() for member in archive]
