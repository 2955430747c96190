"""A customer of the public sector: one switch, its SIRET, its default service."""

from odoo import fields, models

SENDING_METHOD = "chorus_pro"
EDI_FORMAT = "facturx"


class ResPartner(models.Model):
    _inherit = "res.partner"

    invoice_sending_method = fields.Selection(
        selection_add=[(SENDING_METHOD, "by Chorus Pro")],
    )
    dematerialized_invoice_type = fields.Selection(
        [("facturx", "Factur-X (Chorus Pro)")],
        string="Dematerialized invoice",
        company_dependent=True,
        help="Factur-X: the invoices of this customer are sent through Chorus Pro, the portal of the French "
        "public sector. This is the only switch: it sets the e-invoice format and the sending method.",
    )
    chorus_service_code = fields.Char(
        string="Chorus Pro service",
        help="Code of the service (code service) of the public structure that invoices to this "
        "contact go to.",
    )

    chorus_payment_delay = fields.Selection(
        [
            ("30", "30 days: State, regions, towns and their establishments"),
            ("50", "50 days: public hospitals, health service of the armed forces"),
            ("60", "60 days: public companies"),
        ],
        string="Legal payment period",
        help="Public buyers have to pay within this time (code de la commande publique, R2192-10 and"
        " R2192-11). Empty: 30 days.",
    )

    # ---------------------------------------------------------------- the switch

    def _is_chorus_customer(self, company):
        """Return whether invoices of ``company`` to this partner are meant for Chorus Pro."""
        self.ensure_one()
        commercial = self._chorus_commercial().with_company(company)
        return commercial.dematerialized_invoice_type == "facturx"

    def _chorus_type_conflict(self, company):
        """Return in what Odoo's own invoicing settings contradict the dematerialized invoice type, or ``''``.

        Where the switch is on it decides alone (see chorus.outermost): another format, sending method or
        address that a portal user, an import or another module wrote since does not matter.
        """
        self.ensure_one()
        commercial = self._chorus_commercial().with_company(company)
        on = commercial.dematerialized_invoice_type == "facturx"
        if not commercial.id and on != (commercial._origin.dematerialized_invoice_type == "facturx"):
            # Chosen in a form that is not saved yet: saving sets the rest.
            return ""
        if not on and commercial.invoice_sending_method == SENDING_METHOD:
            return self.env._(
                "%s is set to be sent by Chorus Pro without a dematerialized invoice type: choose Factur-X.",
                commercial.display_name,
            )
        return ""

    def _chorus_align_invoicing(self):
        """Make Odoo's format and sending method of the current company follow the switch."""
        for partner in self.sudo():
            if partner.dematerialized_invoice_type == "facturx":
                partner.write(
                    {"invoice_edi_format_store": EDI_FORMAT, "invoice_sending_method": SENDING_METHOD}
                )
            elif partner.invoice_sending_method == SENDING_METHOD:
                partner.write({"invoice_edi_format_store": False, "invoice_sending_method": False})
        # Later releases than that of February 2026 do not compute the format anew when it is stored.
        self.invalidate_recordset(["invoice_edi_format"], flush=False)

    # ---------------------------------------------------------------- what identifies it

    def _chorus_siret(self):
        """Return the SIRET of the commercial partner without blanks and invisible signs, or ``''``."""
        self.ensure_one()
        return self._chorus_commercial()._chorus_own_siret()

    def _chorus_commercial(self):
        """Return the commercial partner with sudo; of a form that is not saved, what stands in the form."""
        self.ensure_one()
        partner = self.sudo()
        own = not partner.id and (partner.is_company or not partner.parent_id)
        return partner if own else partner.commercial_partner_id
