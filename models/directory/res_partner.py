"""A customer of the public sector: its switch, its SIRET, its default service, its payment term."""

from odoo import api, fields, models
from odoo.tools import SQL

from ...einvoice import compact_code
from ..base.chorus_authority import is_rendering
from ..base.chorus_identity import SIRET_FIELD

SENDING_METHOD = "chorus_pro"
EDI_FORMAT = "facturx"


LEGAL_DAYS = 30


class ResPartner(models.Model):
    _inherit = "res.partner"

    invoice_sending_method = fields.Selection(
        selection_add=[(SENDING_METHOD, "by Chorus Pro")],
    )
    dematerialized_invoice_type = fields.Selection(
        [("facturx", "Factur-X (Chorus Pro)")],
        string="Dematerialized invoice",
        company_dependent=True,
        index="btree_not_null",
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

    @api.model
    def _chorus_marked(self, companies):
        """Who is marked as a Chorus Pro customer of these companies: one statement, however many they are.

        :return: list of rows (company id, id of the commercial partner, its SIRET as it was typed or None, id
            of the company that alone uses the partner or None, whether it is of the test data set)
        """
        self.flush_model(
            [
                *("active", "company_id", "commercial_partner_id", SIRET_FIELD),
                *("dematerialized_invoice_type", "chorus_test_customer"),
            ]
        )
        wanted = tuple(str(company.id) for company in companies) or ("0",)
        marks = SQL(
            "SELECT id, key::int AS company FROM res_partner,"
            " jsonb_each_text(dematerialized_invoice_type) AS mark (key, value)"
            " WHERE dematerialized_invoice_type IS NOT NULL AND value = 'facturx' AND key IN %s",
            wanted,
        )
        if by_default := self._chorus_marked_by_default(companies):
            marks = SQL(
                "%s UNION ALL SELECT res_partner.id, company FROM res_partner, unnest(%s) AS company"
                " WHERE dematerialized_invoice_type -> company::text IS NULL",
                marks,
                by_default.ids,
            )
        return self.env.execute_query(
            SQL(
                "SELECT DISTINCT mark.company, commercial.id, commercial.%s, partner.company_id,"
                " partner.chorus_test_customer IS TRUE"
                " FROM (%s) AS mark JOIN res_partner AS partner ON partner.id = mark.id AND partner.active"
                " LEFT JOIN res_partner AS commercial ON commercial.id = partner.commercial_partner_id",
                SQL.identifier(SIRET_FIELD),
                marks,
            )
        )

    @api.model
    def _chorus_marked_by_default(self, companies):
        """The companies where somebody made it the default, so that a partner is marked until it is not."""
        field = self.env["ir.model.fields"]._get(self._name, "dematerialized_invoice_type")
        if not self.env["ir.default"].sudo().search_count([("field_id", "=", field.id)], limit=1):
            return companies.browse()
        type_of = self._fields[field.name].get_company_dependent_fallback
        return companies.filtered(lambda company: type_of(self.with_company(company)) == "facturx")

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

    # -- the SIRET of a company that sends to Chorus Pro: who is the seller is decided by administrators

    def _chorus_check_company_siret(self, vals):
        """
        :raises AccessError: when somebody else than an administrator changes the SIRET of such a company
        """
        if SIRET_FIELD not in vals or (self.env.su and not is_rendering()):
            return
        siret = compact_code(vals[SIRET_FIELD] or "")
        changed = self.filtered(lambda partner: partner._chorus_own_siret() != siret)
        if changed:
            companies = self.env["res.company"].sudo().search([("partner_id", "in", changed.ids)])
            companies._chorus_check_may_change_seller()

    # -- a customer is marked once for all branches of a company

    def _chorus_mark_for_branches(self):
        """Make what the present company says of these customers hold for its whole tree of branches."""
        company = self.env.company
        tree = self.env["res.company"].sudo().search([("id", "child_of", company.root_id.id)])
        for branch in tree - company:
            for value, partners in self.sudo().grouped("dematerialized_invoice_type").items():
                others = partners.with_company(branch).filtered(
                    lambda partner, value=value: partner.dematerialized_invoice_type != value
                )
                if others:
                    others.write({"dematerialized_invoice_type": value})

    # -- a public customer pays within a period that the law sets

    @api.onchange("dematerialized_invoice_type", "chorus_payment_delay")
    def _onchange_chorus_payment_term(self):
        if self.dematerialized_invoice_type == "facturx":
            self._chorus_propose_payment_term()

    def _chorus_propose_payment_term(self):
        """Give the legal period as payment term, unless somebody chose one."""
        if self.property_payment_term_id:
            return
        days = int(self.chorus_payment_delay or 0) or LEGAL_DAYS
        terms = self.env["account.payment.term"].search(
            self.env["account.payment.term"]._check_company_domain(self.env.company), order="sequence, id"
        )
        self.property_payment_term_id = terms.filtered(
            lambda term: (
                not term.early_discount
                and term.line_ids.mapped(lambda line: (line.value, line.nb_days, line.delay_type))
                == [("percent", days, "days_after")]
            )
        )[:1]


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        """A new branch knows the public customers of its company."""
        companies = super().create(vals_list)
        for branch in companies.filtered("parent_id"):
            partners = self.env["res.partner"].sudo().with_company(branch.root_id)
            marked = partners.search([("dematerialized_invoice_type", "=", "facturx")])
            marked.with_company(branch).write({"dematerialized_invoice_type": "facturx"})
        return companies
