"""Printing many invoices fast: a pruned stylesheet, local fonts, no waiting, several wkhtmltopdf at once.

Only for the addon's own renderings, and only where the result is known to be the same; on any doubt the
caller prints the ordinary way.
"""

import os
from functools import partial

from odoo import api, models
from odoo.addons.base.models.ir_actions_report import _wkhtml
from odoo.tools import config, file_open, ormcache

from ...rendering.documents import inline, separate
from ...rendering.fonts import LocalFonts
from ...rendering.stylesheet import Doubt, parse
from ...rendering.wkhtmltopdf import print_documents
from ..base.chorus_server_config import parameter

# Addons known to leave the pages of a customer invoice alone. Another one that hooks in prints its way.
NEUTRAL = {
    "_render_qweb_pdf_prepare_streams": {
        "base", "account", "account_edi", "account_edi_ubl_cii", "sale", "purchase", "hr_expense",
        "sale_pdf_quote_builder", "stock", "l10n_fr_chorus_pro",
    },
    "_run_wkhtmltopdf": {"base"},
    "_build_wkhtmltopdf_args": {"base"},
    "_prepare_html": {"base"},
}  # fmt: skip
ADDONS = "odoo.addons."
ASSETS = "/web/assets/"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _chorus_print_is_known(self):
        """Whether printing this report does nothing but what the fast print does."""
        for name, known in NEUTRAL.items():
            modules = (cls.__module__ for cls in type(self).mro() if name in cls.__dict__)
            if any(module.startswith(ADDONS) and module.split(".")[2] not in known for module in modules):
                return False
        return not self.sudo().attachment_use

    @api.model
    def _chorus_print_data(self):
        """What Odoo's Print button gives to an invoice's template."""
        footer = parameter(self.env, "account.display_name_in_footer")
        named = {"display_name_in_footer": True} if footer else {}
        return {"report_type": "pdf", "debug": False, **named}

    def _chorus_prepare_print(self, records):
        """Everything of a print that needs the database; what is left can run in a thread.

        :param records: what to print, in the environment in which templates are evaluated
        :return: a function without argument that gives the PDFs by id, or None when they cannot be told
            apart
        :raises Doubt: when the ordinary way must be taken
        """
        report = self.sudo().with_context(records.env.context, debug=False, webp_as_jpg=True)
        reports = records.env["ir.actions.report"].with_context(debug=False, webp_as_jpg=True)
        data = self._chorus_print_data()
        html = reports._render_qweb_html(report.report_name, records.ids, data=data)[0]
        bodies, found, header, footer, arguments = report._prepare_html(html, report_model=report.model)
        if list(found) != records.ids:
            raise Doubt("the report does not say which pages are whose")
        bodies, headers, footers = (
            inline([str(document) for document in kind], self._chorus_load_css, FONTS.provide)
            for kind in (bodies, [header], [footer])
        )
        headers = separate(headers[0], "minimal_layout_report_headers", len(bodies))
        footers = separate(footers[0], "minimal_layout_report_footers", len(bodies))
        command = report._build_wkhtmltopdf_args(
            report.get_paperformat(), report.env.context.get("landscape"), specific_paperformat_args=arguments
        )
        # The documents hold no script that would need the wait that is configured for reports.
        command[command.index("--javascript-delay") + 1] = "1"
        return partial(_print, records.ids, _wkhtml().bin, command, bodies, headers, footers)

    @api.model
    @ormcache("address")
    def _chorus_load_css(self, address):
        """The rules of one of Odoo's stylesheets; its address names its content.

        :param str address: ``/web/assets/<version>/<file>``
        """
        if not address.startswith(ASSETS):
            raise Doubt(f"a stylesheet from elsewhere: {address[:80]}")
        attachment = self.env["ir.attachment"].sudo().search([("url", "=", address)], limit=1)
        if not attachment.raw:
            attachment = self._chorus_make_css(address)
        return parse(attachment.raw.decode())

    @api.model
    def _chorus_make_css(self, address):
        """Make the stylesheet as the web controller would, when nobody has asked for it yet."""
        name, rtl, kind, autoprefix = (
            self.env["ir.asset"].sudo()._parse_bundle_name(address.rpartition("/")[2], debug_assets=False)
        )
        bundle = (
            self.env["ir.qweb"]
            .sudo()
            ._get_asset_bundle(
                name, css=True, js=False, debug_assets=False, rtl=rtl, autoprefix=autoprefix, assets_params={}
            )
        )
        if kind != "css" or bundle.get_link("css") != address:
            raise Doubt("an unknown version of a stylesheet")
        return bundle.css().sudo()


def _print(records, program, options, bodies, headers, footers):
    """The PDFs of records by id, None when the ordinary way must be taken.

    :rtype: dict[int, bytes] | None
    """
    parts = print_documents(program, options, bodies, headers, footers, FONTS.configuration())
    return dict(zip(records, parts, strict=True)) if parts else None


def _read_static(path):
    with file_open(path, "rb") as file:
        return file.read()


def _fonts_folder():
    """In Odoo's own folder: the system cleans that for temporary files."""
    return os.path.join(config["data_dir"], "chorus_fonts")


FONTS = LocalFonts(_read_static, _fonts_folder)
