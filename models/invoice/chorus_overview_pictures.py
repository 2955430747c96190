"""The overview's pictures: what was sent month by month, and how long each kind of buyer takes to pay."""

import functools
import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import file_open

from ..base.chorus_states import INVOICE, STEPS

MONTHS = 12
# Beginning of a SIREN → kind of public body (INSEE's blocks of numbers; the State has one SIREN).
KINDS = {"110002011": "state", "21": "commune", "22": "department", "23": "region"}
LEGAL_DAYS = 30


@functools.cache
def national_averages():
    """What official publications say; which one is not known of each figure.

    :return: kind of buyer → dict with ``days`` and ``year``; kinds without figures are left out
    """
    with file_open("l10n_fr_chorus_pro/data/payment_averages.json") as file:
        return {row["kind"]: row for row in json.load(file)}


def kind_of_buyer(siret):
    """The kind of a public body by its SIRET: a value of :data:`KINDS`, else ``other``."""
    return next((kind for start, kind in KINDS.items() if (siret or "").startswith(start)), "other")


class ChorusOverview(models.AbstractModel):
    _inherit = "chorus.overview"

    @api.model
    def _months(self, environment):
        """What was sent in the last twelve months.

        :return: ``labels`` of the months, their ``starts``, and for each step with something in it a dict
            with ``step``, ``label`` and ``counts``
        """
        start = fields.Date.context_today(self).replace(day=1) - relativedelta(months=MONTHS - 1)
        starts = [start + relativedelta(months=month) for month in range(MONTHS)]
        counted = {}
        for month, state, count in self.env["chorus.deposit.line"]._read_group(
            [
                ("environment", "=", environment),
                ("company_id", "in", self.env.companies.ids),
                ("create_date", ">=", start),
            ],
            ["create_date:month", "summary_state"],
            ["__count"],
        ):
            step = INVOICE[state].step if state in INVOICE else "over"
            key = step, fields.Date.to_date(month).replace(day=1)
            counted[key] = counted.get(key, 0) + count
        labels = dict(self.env["account.move"]._fields["chorus_step"]._description_selection(self.env))
        return {
            "labels": [month.strftime("%m/%Y") for month in starts],
            "starts": [fields.Date.to_string(month) for month in starts],
            "series": [
                {"step": step, "label": labels[step], "counts": [counted.get((step, m), 0) for m in starts]}
                for step, _label in STEPS
                if any((step, month) in counted for month in starts)
            ],
        }

    @api.model
    def _kinds(self, environment):
        """Days to payment in the last twelve months by kind of buyer, beside the legal and national ones.

        :return: list of dicts: ``kind``, ``label``, ``count``, ``days``, ``legal``, ``average`` (or False),
            ``year`` of the average
        """
        labels = {
            "state": self.env._("State"),
            "commune": self.env._("Municipalities"),
            "department": self.env._("Departments"),
            "region": self.env._("Regions"),
            "other": self.env._("Other public bodies"),
        }
        found = {}
        for partner, days, count in self.env["chorus.deposit.line"]._read_group(
            [
                ("environment", "=", environment),
                ("paid_at", ">=", fields.Datetime.now() - timedelta(days=365)),
                ("company_id", "in", self.env.companies.ids),
            ],
            ["partner_id"],
            ["payment_days:avg", "__count"],
        ):
            kind = found.setdefault(
                kind_of_buyer(partner.commercial_partner_id._chorus_siret()), [0, 0.0, 0.0]
            )
            kind[0] += count
            kind[1] += (days or 0.0) * count
            kind[2] += (int(partner.chorus_payment_delay or 0) or LEGAL_DAYS) * count
        rows = []
        for kind, label in labels.items():
            if kind in found:
                count, days, legal = found[kind]
                average = national_averages().get(kind, {})
                rows.append(
                    {
                        "kind": kind,
                        "label": label,
                        "count": count,
                        "days": round(days / count),
                        "legal": round(legal / count),
                        "average": average.get("days", False),
                        "year": average.get("year", False),
                    }
                )
        return rows

    @api.model
    def _beginning(self, switched_on):
        """What has to be done before anything can be sent, in its order; empty once it is done.

        :return: list of dicts: ``key`` (``configure``, ``customers``, ``invoice``), ``text``, ``may``
            (whether she may)
        """
        steps = []
        if not switched_on:
            steps.append(
                {
                    "key": "configure",
                    "text": self.env._("Chorus Pro is switched off: nothing is sent."),
                    "may": self.env["chorus.connection"].has_access("write"),
                }
            )
        customers = self.env["res.partner"].search_count(
            [("dematerialized_invoice_type", "=", "facturx")], limit=1
        )
        if not customers:
            steps.append(
                {
                    "key": "customers",
                    "text": self.env._("No customer is marked as a customer of Chorus Pro yet."),
                    "may": self.env["res.partner"].has_access("write"),
                }
            )
        if not steps and not self._anything_sent_or_to_send(switched_on):
            steps.append(
                {
                    "key": "invoice",
                    "text": self.env._(
                        "Everything is ready: make an invoice to a public customer, confirm it, and send it."
                    ),
                    "may": self.env["account.move"].has_access("create"),
                }
            )
        return steps

    @api.model
    def _anything_sent_or_to_send(self, environments):
        lines, companies = self.env["chorus.deposit.line"], self.env.companies
        for environment in environments:
            if lines._any_of(companies, environment):
                return True
            _label, _help, to_send, _level = self._counters(environment)["to_send"]
            if self.env["account.move"].search_count(
                [*to_send, ("company_id", "in", companies.ids)], limit=1
            ):
                return True
        return False

    @api.model
    def open_beginning(self, key):
        """The action of a step of :meth:`_beginning`.

        :param str key: ``configure``, ``customers`` or ``invoice``
        """
        self.env["chorus.deposit"].check_access("read")
        if key == "configure":
            return self.env["chorus.connection"]._configure(self.env.company, "test")
        if key == "invoice":
            action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice")
            return action | {"views": [(False, "form")], "view_mode": "form"}
        return self.env["ir.actions.act_window"]._for_xml_id("account.res_partner_action_customer")
