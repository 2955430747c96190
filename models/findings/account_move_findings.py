"""Everything that Chorus Pro could refuse and that can be known before sending, in the accountant's words."""

from functools import partial

from odoo import fields, models

from ... import einvoice
from ...einvoice.findings import Finding
from ...mapping import Batch, InvoiceMapper
from ...mapping.amounts import to_cents
from ...mapping.batch import NOTHING_PAID
from ...mapping.lines import is_global_discount
from ...mapping.texts import numbered
from ..base.chorus_channels import CHANNEL_FIELDS
from ..base.moments import local_day
from ..notice.chorus_finding_rules import ALL_RULES, FICTITIOUS, PLACES, REPLACED_BY
from ..notice.chorus_sentences import say

SEVERITIES = ("block", "warn", "info")
# What only the ERP knows is asked in this order: methods that take (batch, invoice, environment) and give
# (code, parameters, record to open or None).
ERP_CONCERNS = (
    "_chorus_customer_findings",
    "_chorus_channel_findings",
    "_chorus_factor_findings",
    "_chorus_contact_findings",
    "_chorus_line_findings",
    "_chorus_amount_findings",
    "_chorus_credited_findings",
    "_chorus_engagement_findings",
    "_chorus_account_findings",
    "_chorus_connection_findings",
)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_findings(self, environment):
        """What stands in the way of sending each of these invoices, the worst first.

        Drafts are checked too, for what can be known. The number of queries does not depend on how many
        invoices there are.

        :param str environment: ``'test'`` or ``'production'``
        :return: by move id, dicts with ``code``, ``severity`` (block, warn, info), ``message`` (in the
            user's language), ``rule`` (its source), ``term``, and the place to fix it: ``model``,
            ``res_id``, ``field``
        :rtype: dict[int, list[dict]]
        """
        found = {}
        checked = self._chorus_checked(environment)
        busy = self._chorus_busy(environment)
        for move in self:
            findings = [("already_on_its_way", {}, None)] if move.id in busy else []
            _invoice, more = checked[move.id]
            found[move.id] = move._chorus_tell_findings(findings + more)
        return found

    def _chorus_checked(self, environment):
        """The semantic invoices with what was found on them, as (code, params, record) and Finding.

        :rtype: dict[int, tuple[einvoice.terms.Invoice | None, list]]
        """
        batch = Batch(self, environment, also=("chorus_despite", *CHANNEL_FIELDS))
        invoices = InvoiceMapper(batch).map_all()
        recipients = self._chorus_recipients(invoices, environment)
        twice = self._chorus_sent_numbers(invoices, environment)
        lost = self._origin._chorus_lost()
        # The day that counts is Chorus Pro's, not the server's: in Paris it is tomorrow an hour before.
        today = local_day(fields.Datetime.now())
        checked = {}
        for move in self.sudo():
            invoice = invoices.get(move.id)
            findings = list(move._chorus_state_findings())
            if invoice and move.partner_id:
                findings += move._chorus_erp_findings(batch, invoice, environment)
                findings += twice.get(move.id, ())
            if invoice:
                recipient = recipients.get(invoice.buyer.siret)
                findings += (
                    finding
                    for finding in einvoice.check(invoice, recipient, today)
                    if environment != "test" or finding.code not in FICTITIOUS
                )
                findings += lost.get(move._origin.id, ())
            checked[move.id] = invoice, findings
        return checked

    def _chorus_recipients(self, invoices, environment):
        sirets = {invoice.buyer.siret for invoice in invoices.values() if invoice.buyer.siret}
        return self.env["chorus.structure"].sudo()._recipients(sirets, environment) if sirets else {}

    # ------------------------------------------------------------------ what only the ERP knows

    def _chorus_state_findings(self):
        if not self.is_sale_document():
            yield "move_not_customer_document", {}, None
        elif self.state == "cancel":
            yield "move_cancelled", {}, None
        elif self.state != "posted":
            yield "move_draft", {}, None
        if self.is_sale_document() and not self.partner_id:
            yield "customer_missing", {}, None
        if self.chorus_not_for_chorus:
            yield "not_for_chorus", {"number": self.reversed_entry_id.name or self.name}, None

    def _chorus_erp_findings(self, batch, invoice, environment):
        for concern in ERP_CONCERNS:
            yield from getattr(self, concern)(batch, invoice, environment)

    def _chorus_customer_findings(self, batch, _invoice, environment):
        customer = self.commercial_partner_id
        key = ("customer", self.company_id.id, customer.id)
        return batch.once(key, partial(self._chorus_findings_of_customer, customer, environment))

    def _chorus_findings_of_customer(self, customer, environment):
        name = customer.display_name
        findings = []
        if not customer._is_chorus_customer(self.company_id):
            findings.append(("customer_not_chorus", {"customer": name}, None))
        elif reason := customer._chorus_type_conflict(self.company_id):
            findings.append(("customer_settings_differ", {"reason": reason}, None))
        if not customer.active:
            findings.append(("customer_archived", {"customer": name}, None))
        if environment == "production" and customer.chorus_test_customer:
            findings.append(("test_customer", {"customer": name}, None))
        return findings

    def _chorus_channel_findings(self, _batch, _invoice, _environment):
        return self._chorus_channel_said()

    def _chorus_factor_findings(self, _batch, _invoice, _environment):
        factor = self.chorus_factor_id
        if not factor:
            return
        name, accounts = factor.display_name, factor.bank_ids
        if not accounts:
            yield "factor_without_account", {"name": name}, factor
        elif len(accounts) > 1:
            params = {"name": name, "count": len(accounts), "account": accounts[0]._chorus_account_number()}
            yield "factor_several_accounts", params, factor
        pieces = {"street": self.env._("street"), "zip": self.env._("postcode"), "city": self.env._("city")}
        pieces |= {"phone": self.env._("telephone")}
        missing = [label for field, label in pieces.items() if not factor[field]]
        if missing:
            yield "factor_incomplete", {"name": name, "missing": ", ".join(missing)}, factor

    def _chorus_contact_findings(self, _batch, invoice, _environment):
        contact, customer = self.partner_id, self.commercial_partner_id
        own = contact._chorus_own_siret() if contact != customer else ""
        if own and own != customer._chorus_own_siret():
            params = {"contact": contact.display_name, "own": own}
            params |= {"customer": customer.display_name, "sent": invoice.buyer.siret or "-"}
            yield "contact_siret_unused", params, contact

    def _chorus_line_findings(self, batch, _invoice, _environment):
        told = set()
        for code, record, params in batch.problems.get(self.id, ()):
            # A tax that is no VAT is told once, whatever lines have it.
            key = code, params.get("name") or record
            if code in ALL_RULES and key not in told:
                told.add(key)
                yield code, params, record

    def _chorus_amount_findings(self, batch, invoice, _environment):
        # Odoo posts the total, and the cash rounding in it, as it saves.
        if not self.id:
            return
        total = to_cents(self.amount_total)
        sent = invoice.totals.grand + invoice.totals.rounding
        if sent != total:
            yield "totals_differ", {"value": sent, "expected": total}, None
        paid = batch.payments.get(self.id, NOTHING_PAID)
        # A credit note is there to be set off: nothing is due on it.
        if paid.others and self.move_type == "out_invoice":
            names = ", ".join(sorted({entry.display_name for entry in paid.others}))
            yield "settled_otherwise", {"entries": names, "amount": paid.other}, None

    def _chorus_credited_findings(self, _batch, _invoice, environment):
        if self.move_type == "out_refund" and self.reversed_entry_id and environment == "production":
            original = self.reversed_entry_id
            if not original.chorus_line_ids:
                yield "credit_original_not_sent", {"number": original.name}, None

    def _chorus_busy(self, environment):
        """Ids of the invoices with a live line in ``environment``."""
        lines = (
            self.env["chorus.deposit.line"]
            .sudo()
            .search_fetch(
                [("move_id", "in", self.ids), ("environment", "=", environment), ("live", "=", True)],
                ["move_id"],
            )
        )
        return set(lines.move_id.ids)

    def _chorus_sent_numbers(self, invoices, environment):
        """What is to be said of numbers with which other invoices of the same seller were sent.

        Chorus Pro knows a supplier by its SIRET only, and a number once a year: one of another journal counts
        as a duplicate, one of another year does not.

        :return: by move id, findings as (code, params, record)
        :rtype: dict[int, list[tuple]]
        """
        numbers = {invoice.number for invoice in invoices.values() if invoice.number}
        lines = (
            self.env["chorus.deposit.line"]
            .sudo()
            .search_fetch(
                [("number", "in", list(numbers)), ("environment", "=", environment), ("live", "=", True)],
                ["move_id", "number", "seller_siret", "invoice_date"],
            )
            if numbers
            else self.env["chorus.deposit.line"]
        )
        lines.move_id.fetch(["invoice_date"])
        known = lines.grouped(lambda line: (line.seller_siret, line.number))
        found = {}
        for move_id, invoice in invoices.items():
            same = known.get((invoice.seller.siret, invoice.number), lines.browse())
            own = self.browse([move_id])._origin
            others = same.filtered(lambda line, own=own: line.move_id != own)
            days = [line.invoice_date or line.move_id.invoice_date for line in others]
            if any(not day or day.year == invoice.issue_date.year for day in days):
                found[move_id] = [("number_already_sent", {"number": invoice.number}, None)]
            elif days:
                params = {"number": invoice.number, "date": max(days)}
                found[move_id] = [("number_of_another_year", params, None)]
        return found

    # ------------------------------------------------------------------ in words

    def _chorus_tell_findings(self, findings):
        """Findings as dicts: translated, with the place to fix, without those that say the same again."""
        codes = {item.code if isinstance(item, Finding) else item[0] for item in findings}
        told = []
        for item in findings:
            code, params, record = (item.code, item.params, None) if isinstance(item, Finding) else item
            if not codes.isdisjoint(REPLACED_BY.get(code, ())):
                continue
            finding = item if isinstance(item, Finding) else None
            told.append(self._chorus_finding(code, params, record, finding))
        return sorted(told, key=lambda finding: SEVERITIES.index(finding["severity"]))

    def _chorus_finding(self, code, params=None, record=None, finding=None):
        """One finding as the dict that screens and the worker take.

        :param str code: a code of ``ALL_RULES``
        :param record: the record to open, when it is not the one of the rule's place
        :param einvoice.Finding finding: whose severity and term replace the rule's
        """
        rule = ALL_RULES[code]
        model, field = PLACES.get(rule.field, ("account.move", "name"))
        place = record if record and record._name == model else None
        place = place or self._chorus_place(rule.field, model, params or {})
        return {
            "code": code,
            "severity": finding.severity if finding else rule.severity,
            "message": say(self.env, f"finding.{code}", **params or {}),
            "rule": rule.rule,
            "term": finding.term if finding else rule.term,
            "model": model,
            "res_id": place._origin.id or self._origin.id,
            "field": field,
        }

    def _chorus_place(self, key, model, params):
        """The record in which ``key`` is fixed.

        :param str model: of the place
        :param dict params: of the finding; ``line`` is the number of a line
        """
        match model:
            case "res.company":
                return self.company_id
            case "res.partner":
                return self.chorus_factor_id if key.startswith("payee") else self.commercial_partner_id
            case "account.move.line":
                return self._chorus_numbered_line(params.get("line"))
            case "account.tax":
                line = self._chorus_numbered_line(params.get("line"))
                return line.tax_ids[:1] or self._chorus_exempt_taxes(params.get("category"))[:1]
            case _:
                return self

    def _chorus_numbered_line(self, number):
        """The invoice line that is sent as line ``number``."""
        lines = self.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        shown = lines.filtered(lambda line: line.price_subtotal >= 0 or not is_global_discount(line))
        return dict(reversed(numbered(shown))).get(str(number or ""), lines.browse())

    def _chorus_exempt_taxes(self, category):
        taxes = self.invoice_line_ids.tax_ids.flatten_taxes_hierarchy()
        return taxes.filtered(lambda tax: not tax.amount) or taxes
