"""Printing many invoices fast: a pruned stylesheet, no waiting, several wkhtmltopdf at once.

Only for the addon's own renderings, and only where the result is known to be the same; on any doubt the
caller prints the ordinary way.
"""

import logging
import os
import tempfile
from functools import lru_cache, partial
from pathlib import Path

from odoo import api, models
from odoo.addons.base.models import ir_actions_report as base_report

from ..rendering.documents import inline
from ..rendering.split import split
from ..rendering.stylesheet import Doubt, parse

_logger = logging.getLogger(__name__)

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
        footer = self.env["ir.config_parameter"].sudo().get_param("account.display_name_in_footer")
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
        documents = [str(document) for document in (*bodies, header, footer)]
        *bodies, header, footer = inline(documents, self._chorus_load_css)
        command = report._build_wkhtmltopdf_args(
            report.get_paperformat(), report.env.context.get("landscape"), specific_paperformat_args=arguments
        )
        # The documents hold no script that would need the wait that is configured for reports.
        command[command.index("--javascript-delay") + 1] = "1"
        return partial(_print, tuple(command), tuple(bodies), header, footer, tuple(records.ids))

    @api.model
    def _chorus_load_css(self, address):
        """The rules of one of Odoo's stylesheets.

        :param str address: ``/web/assets/<version>/<file>``
        """
        if not address.startswith(ASSETS):
            raise Doubt(f"a stylesheet from elsewhere: {address[:80]}")
        attachment = self.env["ir.attachment"].sudo().search([("url", "=", address)], limit=1)
        if not attachment.raw:
            attachment = self._chorus_make_css(address)
        return _rules(attachment.raw.decode())

    @api.model
    def _chorus_make_css(self, address):
        """Make the stylesheet as the web controller would, when nobody has asked for it yet."""
        name, rtl, kind, autoprefix = self.env["ir.asset"].sudo()._parse_bundle_name(
            address.rpartition("/")[2], debug_assets=False
        )
        bundle = self.env["ir.qweb"].sudo()._get_asset_bundle(
            name, css=True, js=False, debug_assets=False, rtl=rtl, autoprefix=autoprefix, assets_params={}
        )
        if kind != "css" or bundle.get_link("css") != address:
            raise Doubt("an unknown version of a stylesheet")
        return bundle.css().sudo()


@lru_cache(maxsize=8)
def _rules(css):
    return parse(css)


def _print(command, bodies, header, footer, res_ids):
    """Run wkhtmltopdf on documents that are ready. No database here: it runs in a thread.

    :rtype: dict[int, bytes] | None
    """
    with tempfile.TemporaryDirectory(prefix="chorus_print_") as folder:
        # The script in headers reads the position of a body between the third and fourth dots of its path.
        if "." in folder:
            return None
        paths = []
        for position, body in enumerate(bodies):
            paths.append(_write(folder, f"report.body.tmp.{position}.html", body))
        options = []
        for kind, document in (("header", header), ("footer", footer)):
            options += [f"--{kind}-html", _write(folder, f"report.{kind}.html", document)]
        target = os.path.join(folder, "out.pdf")
        run = base_report._run_wkhtmltopdf([*command, *options, *paths, target])
        # 1: something could not be fetched. Odoo's own print then goes on with other fonts; here a font
        # that is missing leaves pages without text.
        if run.returncode or not os.path.exists(target):
            _logger.warning("wkhtmltopdf ended with %s: %s", run.returncode, run.stderr[-500:])
            return None
        pdf = Path(target).read_bytes()
    if not pdf:
        return None
    if len(res_ids) == 1:
        return {res_ids[0]: pdf}
    parts = split(pdf, len(res_ids))
    return dict(zip(res_ids, parts, strict=True)) if parts else None


def _write(folder, name, text):
    path = os.path.join(folder, name)
    Path(path).write_text(text, encoding="utf-8")
    return path
