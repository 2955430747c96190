"""The overview: what is under way, what waits for somebody, what was sent by month, how long buyers take."""

import functools
import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import file_open

from ..base.chorus_states import DEPOSITS, INVOICE, INVOICES, STEPS, that
from .account_move_chorus import ENVIRONMENT_FIELD

REASONS_SINCE = timedelta(days=90)
DELAYS_SINCE = timedelta(days=365)
ROWS = 8


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
    """What an accountant looks at each morning: a few figures, each of which opens what it counts."""

    _name = "chorus.overview"
    _description = "Chorus Pro overview"

    @api.model
    def get_overview(self, environment=None):
        """
        :param str environment: whose figures; by default production's, and the test's as long as nothing
            was ever sent to production
        :return: ``environment``, ``environments`` that have figures, ``switched_on`` (where a click goes),
            ``counters`` (key, label, help, count, amount, level), ``delays`` by customer, ``reasons`` of
            rejections, ``progress`` (done, total) of what was clicked, ``deposits_to_decide``,
            ``deposits_under_way``, ``currency_id`` of the amounts; ``months`` and ``kinds``, the pictures;
            ``begin``, what comes before anything can be sent
        """
        self.env["account.move"].check_access("read")
        companies = self.env.companies
        switched_on = sorted(set(companies.mapped("chorus_environment")) - {False})
        environments = self._environments(switched_on)
        if environment not in environments:
            environment = environments[0]
        return {
            "environment": environment,
            "environments": environments,
            "switched_on": switched_on,
            "currency_id": self.env.company.currency_id.id,
            "counters": [self._counter(key, *row) for key, row in self._counters(environment).items()],
            "deposits_to_decide": self.env["chorus.deposit"].search_count(
                self._to_decide_domain(environment)
            ),
            "deposits_under_way": self.env["chorus.deposit"].search_count(
                [
                    ("state", "in", that(DEPOSITS, open=True)),
                    ("environment", "=", environment),
                    ("company_id", "in", companies.ids),
                ]
            ),
            "months": self._months(environment),
            "kinds": self._kinds(environment),
            "begin": self._beginning(switched_on),
            "progress": self._progress(),
            "delays": self._delays(environment),
            "reasons": self._reasons(environment),
        }

    @api.model
    def _environments(self, switched_on):
        """Those in use, the one to show first in front: real invoices before tests."""
        lines = self.env["chorus.deposit.line"]
        lines.check_access("read")
        used = [
            environment
            for environment in ENVIRONMENT_FIELD
            if environment in switched_on or lines._any_of(self.env.companies, environment)
        ]
        return sorted(used) or ["production"]

    @api.model
    def _progress(self):
        done, total = self.env["chorus.deposit.line"]._progress(self.env.companies.ids)
        return {"done": done, "total": total}

    @api.model
    def _to_decide_domain(self, environment):
        return [
            ("needs_person", "=", True),
            ("environment", "=", environment),
            ("company_id", "in", self.env.companies.ids),
        ]

    @api.model
    def _counters(self, environment):
        """key → (label, help, domain, level); what was sent to test never counts in production."""
        story = ENVIRONMENT_FIELD[environment]
        month = fields.Date.context_today(self).replace(day=1)
        return {
            "to_send": (
                self.env._("To send"),
                self.env._("Confirmed invoices of public customers that have not gone to Chorus Pro"),
                [(story, "=", False), *self.env["account.move"]._chorus_may_go_domain()],
                "primary",
            ),
            "in_progress": (
                self.env._("In progress"),
                self.env._("On their way, or with the buyer"),
                [(story, "in", that(INVOICES, step="under_way"))],
                "info",
            ),
            "to_act": (
                self.env._("To act on"),
                self.env._("Rejected, to redirect, suspended, stopped: somebody has to do something"),
                [(story, "in", that(INVOICES, step="to_act"))],
                "danger",
            ),
            "overdue": (
                self.env._("Late"),
                self.env._("The legal payment date has passed (estimate)"),
                list(self.env["account.move"]._chorus_overdue_domain(story)),
                "warning",
            ),
            "paid": (
                self.env._("Paid this month"),
                self.env._("The buyer announced the payment this month"),
                [("chorus_paid_on", ">=", month), (story, "in", that(INVOICES, step="being_paid"))],
                "success",
            ),
        }

    @api.model
    def _counter(self, key, label, explanation, domain, level):
        domain = [*domain, ("company_id", "in", self.env.companies.ids)]
        count, amount = self.env["account.move"]._read_group(
            domain, aggregates=["__count", "amount_total_signed:sum"]
        )[0]
        return {
            "key": key,
            "label": label,
            "help": explanation,
            "count": count,
            "amount": amount or 0.0,
            "level": level if count else "secondary",
        }

    @api.model
    def open_counter(self, key, environment="production"):
        """The action that shows what a counter counts."""
        self.env["chorus.deposit"].check_access("read")
        label, _help, domain, _level = self._counters(environment)[key]
        # What is to be acted on is shown with what to do.
        name = "action_chorus_to_act" if key == "to_act" else "action_chorus_moves"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"l10n_fr_chorus_pro.{name}")
        context = {"default_move_type": "out_invoice"}
        if key == "overdue" and environment == "production":
            # The list offers to claim the interest.
            context["chorus_late"] = True
        return {**action, "name": label, "display_name": label, "domain": domain, "context": context}

    @api.model
    def _delays(self, environment):
        """Average days from availability to the announced payment, by customer, the slowest first."""
        rows = self.env["chorus.deposit.line"]._read_group(
            [
                ("environment", "=", environment),
                ("paid_at", ">=", fields.Datetime.now() - DELAYS_SINCE),
                ("company_id", "in", self.env.companies.ids),
            ],
            ["partner_id"],
            ["payment_days:avg", "__count"],
            order="payment_days:avg DESC",
            limit=ROWS,
        )
        return [
            {
                "partner_id": partner.id,
                "name": partner.display_name,
                "days": round(days),
                "legal": int(partner.chorus_payment_delay or 30),
                "count": count,
            }
            for partner, days, count in rows
        ]

    @api.model
    def _reasons(self, environment):
        """Why Chorus Pro and buyers rejected, the most frequent first, each with the domain that it counts.

        :rtype: list[dict]
        """
        domain = [
            ("environment", "=", environment),
            ("company_id", "in", self.env.companies.ids),
            ("create_date", ">=", fields.Datetime.to_string(fields.Datetime.now() - REASONS_SINCE)),
            "|",
            ("state", "=", "rejected"),
            ("summary_state", "in", ["refused", "replaced", "recycle", "suspended"]),
        ]
        return [
            {"text": text, "count": count, "domain": [*domain, ("reason", "=", stored)]}
            for text, stored, count in self.env["chorus.deposit.line"]._count_reasons(domain, ROWS)
        ]

    # -- the overview's pictures

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
