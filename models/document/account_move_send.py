"""Send & Print: the sending method "by Chorus Pro", and one function for every PDF of a Chorus customer."""

from odoo import api, models

from ... import einvoice
from ..directory.res_partner import EDI_FORMAT, SENDING_METHOD

ENVELOPES = frozenset({"manual", "email", "snailmail", SENDING_METHOD})
# Parts of the keys of alerts by which other modules ask to register with a platform, or to choose it.
INVITATIONS = ("what_is_peppol", "want_peppol", "what_is_pdp")


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    # ------------------------------------------------------------------ which method

    # Asked by chorus.outermost, around whatever the other modules answer.

    @api.model
    def _chorus_applicable_to_company(self, others, method, company):
        """Whether a sending method is there for a company.

        :param others: function that asks Odoo and the other modules
        """
        return bool(company.chorus_environment) if method == SENDING_METHOD else others(method, company)

    @api.model
    def _chorus_applicable_to_move(self, others, method, move, **move_data):
        """Whether a sending method may be chosen for an invoice.

        :param others: function that asks Odoo and the other modules
        """
        if method == SENDING_METHOD:
            return bool(
                move.chorus_customer
                and move.company_id.chorus_environment
                and not move._chorus_busy(move.company_id.chorus_environment)
                and not move._chorus_other_channel()
            )
        if method not in ENVELOPES:
            # One electronic channel per invoice: sent twice, it could be paid twice.
            real = move.company_id.chorus_environment == "production"
            chosen = real and SENDING_METHOD in (move_data.get("sending_methods") or ())
            if chosen or move._chorus_busy("production"):
                return False
        return others(method, move, **move_data)

    @api.model
    def _chorus_default_methods(self, others, move):
        """How an invoice is sent when nobody chooses, in the type in which the others answer.

        The switch on the customer decides: what the other modules make of its VAT number, its reachability
        elsewhere or a sending method stored on it does not matter.

        :param others: function that asks Odoo and the other modules
        """
        methods = others(move)
        kind = type(methods) if isinstance(methods, set | frozenset | list | tuple) else set
        decided = list(methods or ())
        if move.chorus_customer:
            decided = [method for method in decided if method in ENVELOPES]
            if move.company_id.chorus_environment and SENDING_METHOD not in decided:
                decided = [SENDING_METHOD]
        if not move.company_id.chorus_environment and (move.chorus_customer or SENDING_METHOD in decided):
            decided = [method for method in decided if method != SENDING_METHOD] or ["manual"]
        return kind(decided)

    @api.model
    def _chorus_default_format(self, others, move, **kwargs):
        """The format in which an invoice is made; another channel that was chosen for it names its own.

        :param others: function that asks Odoo and the other modules
        """
        chosen = set(kwargs.get("sending_methods") or ())
        if move.chorus_customer and (SENDING_METHOD in chosen or chosen <= ENVELOPES):
            return EDI_FORMAT
        return others(move, **kwargs)

    # ------------------------------------------------------------------ alerts

    @api.model
    def _get_alerts(self, moves, moves_data):
        alerts = super()._get_alerts(moves, moves_data)
        chosen = moves.filtered(lambda move: SENDING_METHOD in moves_data[move]["sending_methods"])
        for (company, environment), group in chosen.grouped(
            lambda move: (move.company_id, move.company_id.chorus_environment)
        ).items():
            if environment:
                alerts.update(self._chorus_alerts(company, environment, group))
        alerts.update(self._chorus_channel_alerts(moves.filtered("chorus_customer") - chosen))
        if all(move.chorus_customer for move in moves):
            # Platforms ask to be chosen for whoever is reachable there: public bodies take Chorus Pro.
            alerts = {
                key: alert for key, alert in alerts.items() if not any(part in key for part in INVITATIONS)
            }
        if any(
            set(moves_data[move]["sending_methods"]) - ENVELOPES
            for move in chosen
            if move.company_id.chorus_environment == "production"
        ):
            alerts["chorus_pro_one_channel"] = {
                "level": "warning",
                "message": self.env._(
                    "An invoice takes one electronic channel: it goes by Chorus Pro, and by no other as well."
                ),
            }
        return alerts

    @api.model
    def _chorus_channel_alerts(self, moves):
        """Why the method "by Chorus Pro" is not offered, or not ticked, for Chorus Pro customers."""
        alerts = {}
        for move in moves.filtered(lambda move: move.company_id.chorus_environment):
            if message := move._chorus_channel_sentence():
                pass
            elif move._chorus_busy(move.company_id.chorus_environment):
                message = self.env._("%s is with Chorus Pro already, or on its way to it.", move.name)
            else:
                continue
            alerts[f"chorus_pro_channel_{move.id}"] = {"level": "info", "message": message}
        return alerts

    @api.model
    def _chorus_alerts(self, company, environment, moves):
        """The findings of ``moves`` as alerts, one for what blocks and one for what only warns.

        One invoice: a blocking finding stops the click. Several: the good ones go, the others stay.
        """
        findings = moves._chorus_findings(environment)
        alerts = {}
        single = len(moves) == 1
        if environment == "test":
            alerts[f"chorus_pro_test_{company.id}"] = {
                "level": "warning",
                "message": self.env._(
                    "TEST: this goes to the qualification space of Chorus Pro, not to the customer."
                ),
            }
        for severity, level in (("block", "danger" if single else "warning"), ("warn", "warning")):
            concerned = moves.filtered(
                lambda move: any(finding["severity"] == severity for finding in findings[move.id])  # noqa: B023
            )
            if not concerned:
                continue
            told = [
                finding["message"] if single else f"{move.name}: {finding['message']}"
                for move in concerned[:10]
                for finding in findings[move.id]
                if finding["severity"] == severity
            ]
            first = next(item for item in findings[concerned[0].id] if item["severity"] == severity)
            alerts[f"chorus_pro_{severity}_{company.id}"] = {
                "level": level,
                "message": "\n".join(told),
                "action_text": self.env._("Open") if single else self.env._("View invoices"),
                "action": moves._chorus_open_to_fix(self.env[first["model"]].browse(first["res_id"]))
                if single
                else concerned._get_records_action(name=self.env._("Not ready for Chorus Pro")),
            }
        return alerts

    # ------------------------------------------------------------------ documents

    @api.model
    def _generate_invoice_documents(self, invoices_data, allow_fallback_pdf=False):
        """Map and check all the Chorus customers' invoices in one pass, before Odoo takes them one by one."""
        moves = (
            self.env["account.move"]
            .sudo()
            .browse(invoice.id for invoice in invoices_data if invoice.chorus_customer)
        )
        checked = moves._chorus_checked("production") if moves else {}
        for invoice, data in invoices_data.items():
            if invoice.id in checked:
                data["chorus_checked"] = checked
        return super()._generate_invoice_documents(invoices_data, allow_fallback_pdf=allow_fallback_pdf)

    @api.model
    def _hook_invoice_document_before_pdf_report_render(self, invoice, invoice_data):
        if checked := invoice_data.get("chorus_checked"):
            # One context for all, read by our export of the XML.
            invoice = invoice.with_context(chorus_checked=checked)
        result = super()._hook_invoice_document_before_pdf_report_render(invoice, invoice_data)
        if invoice.chorus_customer and invoice_data.get("error"):
            # Odoo's title speaks of an EDI document and of the name of a format.
            invoice_data["error"]["error_title"] = self._chorus_error_title()
        return result

    @api.model
    def _prepare_invoice_pdf_report(self, invoices_data):
        """The pages of Chorus customers are made by the function that makes those of a deposit."""
        ours = {invoice: data for invoice, data in invoices_data.items() if invoice.chorus_customer}
        others = {invoice: data for invoice, data in invoices_data.items() if invoice not in ours}
        if others:
            super()._prepare_invoice_pdf_report(others)
        if not ours:
            return
        moves = self.env["account.move"].sudo().browse(invoice.id for invoice in ours)
        checked = next(iter(ours.values())).get("chorus_checked")
        invoices = (
            {move.id: checked[move.id][0] for move in moves}
            if checked
            else moves._chorus_invoices("production")
        )
        pages = moves._chorus_render_pages(invoices, "production")
        for invoice, data in ours.items():
            if isinstance(pages[invoice.id], list):
                data["error"] = self._chorus_error(pages[invoice.id])
                continue
            data["chorus_invoice"] = invoices[invoice.id]
            data["pdf_attachment_values"] = {
                "name": invoice._get_invoice_report_filename(report=data["pdf_report"]),
                "raw": pages[invoice.id],
                "mimetype": "application/pdf",
                "res_model": invoice._name,
                "res_id": invoice.id,
                "res_field": "invoice_pdf_report_file",
            }

    @api.model
    def _hook_invoice_document_after_pdf_report_render(self, invoice, invoice_data):
        """Without super for a Chorus customer: it would embed a second time, and hide what fails."""
        if not invoice.chorus_customer:
            return super()._hook_invoice_document_after_pdf_report_render(invoice, invoice_data)
        values, semantic = invoice_data.get("pdf_attachment_values"), invoice_data.get("chorus_invoice")
        if not values or not semantic:
            # A pro forma is no invoice: it carries no data.
            return None
        made = invoice._chorus_make_file(values["raw"], semantic, "production")
        if isinstance(made, list):
            invoice_data["error"] = self._chorus_error(made)
        else:
            values["raw"] = made.content
            invoice._chorus_tell_remarks(made)
        return None

    @api.model
    def _chorus_error_title(self):
        return self.env._("The Factur-X of this invoice could not be made:")

    @api.model
    def _chorus_error(self, findings):
        return {
            "error_title": self._chorus_error_title(),
            "errors": [finding["message"] for finding in findings],
        }

    @api.model
    def _link_invoice_documents(self, invoices_data):
        result = super()._link_invoice_documents(invoices_data)
        for invoice, data in invoices_data.items():
            if data.get("chorus_invoice") and data.get("pdf_attachment_values"):
                invoice.sudo()._chorus_note_legal_pdf(data["chorus_invoice"])
        return result

    # ------------------------------------------------------------------ sending

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """Queue for Chorus Pro once the legal documents are stored, so that nothing sent can be lost."""
        result = super()._hook_if_success(moves_data, from_cron=from_cron)
        chosen = {
            move: data
            for move, data in moves_data.items()
            if SENDING_METHOD in data["sending_methods"] and move.company_id.chorus_environment
        }
        for environment, moves in (
            self.env["account.move"]
            .union(*chosen)
            .grouped(lambda move: move.company_id.chorus_environment)
            .items()
        ):
            self._chorus_queue(moves, environment)
        return result

    @api.model
    def _chorus_queue(self, moves, environment):
        findings = moves._chorus_findings(environment)
        ready = moves.filtered(
            lambda move: not any(finding["severity"] == "block" for finding in findings[move.id])
        )
        conflicts = ready._chorus_queue(environment) if ready else {}
        for move in moves:
            told = (
                [conflicts[move.id]]
                if move.id in conflicts
                else [finding["message"] for finding in findings[move.id] if finding["severity"] == "block"]
            )
            if told:
                move.message_post(
                    body=self._format_error_html(
                        {"error_title": self.env._("Not sent to Chorus Pro:"), "errors": told}
                    )
                )


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
