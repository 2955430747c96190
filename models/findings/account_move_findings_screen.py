"""The findings on the invoice's own form, draft included, each with a way to the place to fix.

While it is typed, before it is saved, its journal items are what Odoo is about to make of it. What rests on
the posted total is told once it is saved.
"""

from markupsafe import Markup
from odoo import api, fields, models

from ...mapping.batch import MOVE_FIELDS, Item
from .account_move_findings import SEVERITIES

# Said elsewhere on the form, or about the company once and for all: shown on the Send screen only.
NOT_ON_THE_FORM = frozenset({"move_draft", "reform_note_missing", "reform_note_twice", "already_on_its_way"})
# Told of what Odoo has posted.
ONCE_SAVED = frozenset({"totals_differ", "settled_otherwise"})
# Of an invoice that was just begun.
YET_TO_COME = frozenset({"lines_missing", "total_zero"})
# No part of what is typed; what comes of it is read all the same.
AS_POSTED = frozenset({"id", "move_id", "amount_total", "amount_currency", "payment_state", "tax_line_id"})
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

    @api.depends(lambda self: self._chorus_looked_at())
    @api.depends_context("lang", "uid")
    def _compute_chorus_findings_html(self):
        self.chorus_findings_html = self.chorus_findings_level = False
        shown = self._chorus_saved_findings()
        for move in self:
            findings = shown.get(move._origin.id, [])
            if move != move._origin and move.chorus_customer and move.state == "draft":
                # What is typed counts, not what was saved.
                kept = [finding for finding in findings if finding["code"] in ONCE_SAVED]
                findings = [*move._chorus_typed_findings(), *kept]
            findings = sorted(findings, key=lambda finding: SEVERITIES.index(finding["severity"]))
            if findings:
                move.chorus_findings_level = findings[0]["severity"]
                items = Markup().join(move._chorus_finding_item(finding) for finding in findings)
                move.chorus_findings_html = Markup("<ul class='list-unstyled mb-0'>%s</ul>") % items

    @api.model
    def _chorus_looked_at(self):
        """What a draft is looked at anew for as it changes on the screen."""
        of_lines = self.env["account.move.line"]._fields.keys() - AS_POSTED
        seen = [name for name in MOVE_FIELDS if name in self._fields.keys() - AS_POSTED]
        typed = [f"invoice_line_ids.{name}" for name in Item._fields if name in of_lines]
        return ["chorus_customer", *seen, *typed]

    def _chorus_typed_findings(self):
        """The findings on this invoice as it stands on the screen.

        :return: as those of :meth:`_chorus_findings`, of one invoice
        :rtype: list[dict]
        """
        environment = self.company_id.sudo().chorus_environment or "production"
        unsaid = NOT_ON_THE_FORM if self._origin or self.invoice_line_ids else NOT_ON_THE_FORM | YET_TO_COME
        found = self._chorus_findings(environment)[self.id]
        return [finding for finding in found if finding["code"] not in unsaid]

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
