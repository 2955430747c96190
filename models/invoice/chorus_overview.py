from datetime import timedelta

from odoo import api, fields, models

from ..base.chorus_states import DEPOSITS, INVOICES, that
from .account_move_chorus import ENVIRONMENT_FIELD

REASONS_SINCE = timedelta(days=90)
DELAYS_SINCE = timedelta(days=365)
ROWS = 8


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
