"""The findings on the invoice's own form, draft included, each with a way to the place to fix.

While it is typed, before it is saved: whether its address will do. What else stands in the way rests on its
journal items: it is told once they are saved.
"""

from markupsafe import Markup
from odoo import api, fields, models

from ... import einvoice
from ...einvoice import ADDRESS_CODES, clean_code
from ...mapping import Batch
from ...mapping.invoice import PartyMapper
from .account_move_findings import SEVERITIES

# Said elsewhere on the form, or about the company once and for all: shown on the Send screen only.
NOT_ON_THE_FORM = frozenset({"move_draft", "reform_note_missing", "reform_note_twice", "already_on_its_way"})
ICONS = {
    "block": "fa-times-circle text-danger",
    "warn": "fa-exclamation-triangle text-warning",
    "info": "fa-info-circle text-info",
}

# On the invoice's form itself; a line is corrected in the list of lines.
_HERE = ("account.move", "account.move.line")
_FIELDS = {"account.move.line": "invoice_line_ids"}
# The places of findings about the whole invoice: its name, its totals, its file.
NO_FIELD_OF_THE_FORM = frozenset({"name", "tax_totals", "invoice_pdf_report_id"})
# Of how many colleagues it is looked whether they may change what the user may not.
MAX_ASKED = 50
# A customer opens on the page that has the SIRET.
_PATHS = {"res.partner": "action-l10n_fr_chorus_pro.action_chorus_customer_to_fix"}


class AccountMove(models.Model):
    _inherit = "account.move"

    chorus_findings_html = fields.Html(
        string="Before sending to Chorus Pro", compute="_compute_chorus_findings_html", sanitize=False
    )
    chorus_findings_level = fields.Selection(
        [("block", "To be fixed"), ("warn", "To be looked at"), ("info", "Good to know")],
        compute="_compute_chorus_findings_html",
    )

    @api.depends("state", "chorus_customer", "chorus_process", "buyer_reference", "purchase_order_reference")
    @api.depends_context("lang", "uid")
    def _compute_chorus_findings_html(self):
        self.chorus_findings_html = self.chorus_findings_level = False
        shown = self._chorus_saved_findings()
        for move in self:
            findings = shown.get(move._origin.id, [])
            if move != move._origin and move.chorus_customer and move.state == "draft":
                # What is typed counts, not what was saved.
                kept = [finding for finding in findings if finding["code"] not in ADDRESS_CODES]
                environment = move.company_id.sudo().chorus_environment or "production"
                findings = [*move._chorus_typed_findings(environment), *kept]
            findings = sorted(findings, key=lambda finding: SEVERITIES.index(finding["severity"]))
            if findings:
                move.chorus_findings_level = findings[0]["severity"]
                items = Markup().join(move._chorus_finding_item(finding) for finding in findings)
                move.chorus_findings_html = Markup("<ul class='list-unstyled mb-0'>%s</ul>") % items

    def _chorus_saved_findings(self):
        """What the form says of these invoices as they were saved: dict of the id to findings."""
        shown = {}
        saved = self._origin.filtered(lambda move: move.chorus_customer and move.state != "cancel")
        for environment, moves in saved.grouped(
            lambda move: move.company_id.chorus_environment or "production"
        ).items():
            busy = moves._chorus_busy(environment)
            found = moves.filtered(lambda move: move.id not in busy)._chorus_findings(environment)  # noqa: B023
            for move_id, findings in found.items():
                shown[move_id] = [finding for finding in findings if finding["code"] not in NOT_ON_THE_FORM]
        return shown

    @api.model
    def _chorus_open_to_fix(self, record):
        """Return the action that opens ``record`` where a finding is fixed."""
        if record._name != "res.partner":
            return record._get_records_action()
        form = self.env.ref("l10n_fr_chorus_pro.view_partner_form_to_fix")
        return record._get_records_action(views=[(form.id, "form")])

    @api.model
    def _chorus_who_may(self, record):
        """Who may change ``record`` when this user may not, in a sentence; ``""`` when she may."""
        if record.has_access("write"):
            return ""
        people = (
            self.env["res.users"]
            .sudo()
            .search(
                [("share", "=", False), ("company_ids", "in", self.env.company.id)],
                order="id",
                limit=MAX_ASKED,
            )
        )
        names = [user.name for user in people if record.with_user(user).sudo(False).has_access("write")]
        return self.env._(
            "You may read %(record)s, not change it. Ask %(people)s.",
            record=record.display_name,
            people=", ".join(names[:3]) or self.env._("an administrator"),
        )

    def _chorus_finding_item(self, finding):
        """One finding as a list item, with a link to the field of this form, or to the record, to correct."""
        levels = dict(self._fields["chorus_findings_level"]._description_selection(self.env))
        link, field = Markup(), _FIELDS.get(finding["model"], finding["field"])
        if finding["model"] in _HERE:
            if field not in NO_FIELD_OF_THE_FORM:
                link = Markup(" <a href='#' data-field='%s'>%s</a>") % (field, self.env._("Show the field"))
        else:
            link = Markup(" <a href='/odoo/%s/%s'>%s</a>") % (
                _PATHS.get(finding["model"], finding["model"]),
                finding["res_id"],
                self.env._("Open"),
            )
            if who := self._chorus_who_may(self.env[finding["model"]].browse(finding["res_id"])):
                link += Markup(" <span class='o_chorus_aside'>%s</span>") % who
        return Markup("<li><i class='fa %s me-1' title='%s'></i>%s%s</li>") % (
            ICONS[finding["severity"]],
            levels[finding["severity"]],
            finding["message"],
            link,
        )

    # -- what can be said of an invoice while it is typed, before it is saved: whether its address will do

    def _chorus_typed_findings(self, environment):
        """The findings on the address of this invoice as it stands on the screen.

        :param str environment: ``'test'`` or ``'production'``
        :return: as those of :meth:`_chorus_findings`, of one invoice
        :rtype: list[dict]
        """
        self.ensure_one()
        buyer = PartyMapper(Batch(self.env["account.move"], environment)).buyer(self.sudo())
        recipients = self.env["chorus.structure"].sudo()._recipients({buyer.siret}, environment)
        found = einvoice.check_address(
            buyer,
            clean_code(self.buyer_reference or ""),
            clean_code(self.purchase_order_reference or ""),
            recipients.get(buyer.siret),
        )
        return self._chorus_tell_findings(found)
