"""Odoo's Factur-X export: for a Chorus Pro customer it is ours, for everybody else it stays Odoo's."""

from odoo import models

from ... import einvoice


class AccountEdiXmlCii(models.AbstractModel):
    _inherit = "account.edi.xml.cii"

    def _export_invoice(self, invoice):
        if not invoice.chorus_customer:
            return super()._export_invoice(invoice)
        # A legal PDF is about the real company, whatever environment a click goes to.
        known = invoice.env.context.get("chorus_checked")
        semantic, findings = (known or invoice._chorus_checked("production"))[invoice.id]
        told = invoice._chorus_tell_findings(findings)
        errors = {finding["message"] for finding in told if finding["severity"] == "block"}
        return (b"" if errors else einvoice.build_xml(semantic)), errors
