"""Legal engagements of the State: whether the number on an invoice is one that Chorus Pro knows."""

from datetime import timedelta

from odoo import api, fields, models

from ..base import moments
from ..base.chorus_identity import siret_domain
from ..base.chorus_server_config import ENVIRONMENTS

# "SERVICES DE L'ETAT": the only recipient whose engagements Chorus Pro lets a supplier search (AIFE).
STATE_SIRET = "11000201100044"
# An answer is good for so long: an engagement may be opened or closed meanwhile.
FRESH_HOURS = 24
# Numbers that one scheduled run, or one click, asks about, per company and environment.
MAX_NUMBERS = 200


class ChorusEngagement(models.Model):
    _name = "chorus.engagement"
    _inherit = ["chorus.written.by.code"]
    _description = "Engagement Number Checked in Chorus Pro"
    _order = "checked_at desc, id desc"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    number = fields.Char(required=True, readonly=True)
    known = fields.Boolean(
        string="Open in Chorus Pro",
        readonly=True,
        help="Chorus Pro has this engagement, open, between the State and your company.",
    )
    closed = fields.Boolean(
        readonly=True, help="Chorus Pro has this engagement between the State and your company, but not open."
    )
    service_code = fields.Char(readonly=True)
    label = fields.Char(string="State of the engagement", readonly=True)
    checked_at = fields.Datetime(string="Checked on", readonly=True, required=True)

    _company_environment_number_uniq = models.Constraint(
        "UNIQUE(company_id, environment, number)", "This engagement number was already checked."
    )

    @api.model
    def _checked(self, company, environment):
        """Return ``{number: row}`` of all the company's checked numbers, read in one query."""
        rows = self.sudo().search_fetch(
            [("company_id", "=", company.id), ("environment", "=", environment)],
            ["number", "known", "closed", "checked_at"],
        )
        return {row.number: row for row in rows}

    @api.model
    def _check_numbers(self, client, connection, numbers):
        """Ask Chorus Pro about engagement numbers, then keep the answers.

        :param client: an open ``chorus_api.ChorusClient`` of ``connection``.
        :return: ``{number: known}``.
        :raises chorus_api.ChorusError: what was answered before is kept by a later call only.
        """
        return self._keep(connection, self._ask_about(client, connection, numbers))

    @api.model
    def _ask_about(self, client, connection, numbers):
        """Ask Chorus Pro about engagement numbers; nothing is written.

        :return: ``{number: (chorus_api engagement or None, whether it is open)}``
        :raises chorus_api.ChorusError:
        """
        supplier = client.search_structures(connection._own_siret())
        supplier_id = next((item.id for item in supplier.items if item.id), None)
        if supplier_id is None:
            return {}
        return {number: self._ask(client, supplier_id, number) for number in dict.fromkeys(numbers)}

    @api.model
    def _ask(self, client, supplier_id, number):
        """Return ``(chorus_api engagement or None, whether it is open)``."""
        for state in ("COMMANDE", None):
            page = client.search_engagements(supplier_id, number, state=state)
            if item := next((item for item in page.items if item.number == number), None):
                return item, bool(state)
        return None, False

    @api.model
    def _keep(self, connection, answers):
        """Keep what :meth:`_ask_about` brought.

        :return: ``{number: known}``
        """
        domain = [("company_id", "=", connection.company_id.id), ("environment", "=", connection.environment)]
        known = self.sudo().search([*domain, ("number", "in", list(answers))]).grouped("number")
        for number, (item, is_open) in answers.items():
            values = {
                "known": is_open,
                "closed": bool(item) and not is_open,
                "service_code": item.service if item else False,
                "label": item.state if item else False,
                "checked_at": moments.now(self.env),
            }
            if number in known:
                known[number].write(values)
            else:
                self.sudo().create(
                    {
                        **values,
                        "number": number,
                        "company_id": connection.company_id.id,
                        "environment": connection.environment,
                    }
                )
        return {number: is_open for number, (_item, is_open) in answers.items()}

    @api.model
    def _unchecked(self, connections):
        """The engagement numbers that companies use and that were not checked lately, in order.

        :return: dict connection → list
        """
        in_use = self._numbers_in_use(connections.company_id)
        if not in_use:
            return {connection: [] for connection in connections}
        rows = self.sudo().search_fetch(
            [
                ("company_id", "in", [company.id for company in in_use]),
                ("number", "in", list(set().union(*in_use.values()))),
                ("checked_at", ">=", moments.now(self.env) - timedelta(hours=FRESH_HOURS)),
            ],
            ["company_id", "environment", "number"],
        )
        fresh = {(row.company_id, row.environment, row.number) for row in rows}
        return {
            connection: sorted(
                number
                for number in in_use.get(connection.company_id, ())
                if (connection.company_id, connection.environment, number) not in fresh
            )
            for connection in connections
        }

    @api.model
    def _numbers_in_use(self, companies):
        """The engagement numbers of the companies' recent invoices to the State, the newest of each.

        :return: dict company → set, without those that have none
        """
        partners = self.env["res.partner"].sudo().search(siret_domain([STATE_SIRET]))
        moves = self.env["account.move"].sudo()
        query = moves._search(
            [
                ("company_id", "in", companies.ids),
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
                ("move_type", "in", ("out_invoice", "out_refund")),
                ("state", "in", ("draft", "posted")),
                ("purchase_order_reference", "!=", False),
                ("create_date", ">=", fields.Datetime.now() - timedelta(days=30)),
            ],
            order="id desc",
        )
        names = ("company_id", "purchase_order_reference")
        columns = [moves._field_to_sql(moves._table, name, query) for name in names]
        found = {}
        for company_id, number in self.env.execute_query(query.select(*columns)):
            found.setdefault(companies.browse(company_id), []).append(number.strip())
        return {company: set(numbers[:MAX_NUMBERS]) for company, numbers in found.items()}
