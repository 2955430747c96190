import base64
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...chorus_api import InvoiceIdentity, statuses
from ..base.chorus_identity import to_values
from ..base.chorus_server_config import ENVIRONMENTS

# What the former addon left: table → columns that are read when they are there. Nothing of it is changed.
TABLES = {
    "chorus_flow": (
        "id",
        "name",
        "date",
        "attachment_id",
        "status",
        "status_date",
        "syntax",
        "notes",
        "company_id",
        "create_date",
    ),
    "chorus_flow_initial_account_move_rel": ("chorus_flow_id", "move_id"),
    "chorus_partner_service": (
        "id",
        "partner_id",
        "code",
        "name",
        "active",
        "chorus_identifier",
        "engagement_required",
    ),
    "account_move": (
        "id",
        "name",
        "chorus_flow_id",
        "chorus_identifier",
        "chorus_status",
        "chorus_status_date",
    ),
    "res_partner": (
        "id",
        "fr_chorus_required",
        "fr_chorus_identifier",
        "fr_chorus_service_id",
        "customer_invoice_transmit_method_id",
    ),
    "transmit_method": ("id", "code"),
}
# A row of these tables is only ours when one of these columns is filled.
MARKS = {
    "account_move": ("chorus_flow_id", "chorus_identifier"),
    "res_partner": ("fr_chorus_required", "fr_chorus_service_id", "fr_chorus_identifier"),
}
SYNTAXES = {
    "pdf_factur-x": "IN_DP_E2_CII_FACTURX",
    "xml_ubl": "IN_DP_E1_UBL_INVOICE",
    "xml_cii": "IN_DP_E1_CII_16B",
}
DUTIES = {
    "service": {"needs_service": True},
    "engagement": {"needs_engagement": True},
    "service_or_engagement": {"needs_service_or_engagement": True},
    "service_and_engagement": {"needs_service": True, "needs_engagement": True},
}
CHORUS_METHOD = "fr-chorus"


class ChorusMigration(models.Model):
    """One run of the take-over from the former addon: repeatable, its rows kept and left as they are."""

    _name = "chorus.migration"
    _description = "Take-over from the former Chorus Pro addon"
    _order = "id desc"
    _rec_name = "create_date"

    environment = fields.Selection(
        ENVIRONMENTS,
        required=True,
        default="production",
        help="Where the former addon sent to: it did not keep that.",
    )
    state = fields.Selection([("draft", "To do"), ("done", "Done")], default="draft", readonly=True)
    found = fields.Text("What is there", compute="_compute_found")
    report = fields.Text("What was taken over", readonly=True)
    raw_rows = fields.Binary("Rows as they were", attachment=True, readonly=True)
    raw_filename = fields.Char(readonly=True)

    def _compute_found(self):
        counts = {table: len(rows) for table, rows in self._read_rows().items()}
        for migration in self:
            migration.found = "\n".join(f"{table}: {count}" for table, count in sorted(counts.items()))

    @api.model
    def _is_offered(self):
        """Whether this database holds tables of the former addon."""
        return "chorus_flow" in self._columns()

    @api.model
    def action_open(self):
        """Open the screen of a new run."""
        self.check_access("create")
        if not self._is_offered():
            raise UserError(self.env._("This database holds no data of the former Chorus Pro addon."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take over from the former addon"),
            "res_model": self._name,
            "res_id": self.create({}).id,
            "view_mode": "form",
        }

    def action_run(self):
        """Take everything over that is not here yet, keep the rows as they were, and say what was done."""
        self.ensure_one()
        self.check_access("write")
        # Every company's data, whichever the administrator works in just now.
        self = self.sudo()
        rows = self._read_rows()
        self.raw_filename = f"chorus_rows_{fields.Date.context_today(self)}.json"
        self.raw_rows = base64.b64encode(json.dumps(rows, default=str, ensure_ascii=False, indent=1).encode())
        counts = {
            self.env._("Customers of Chorus Pro"): self._take_customers(rows),
            self.env._("Services of contacts"): self._take_contact_services(rows),
            self.env._("Services in the directory"): self._take_directory(rows),
            self.env._("Deposits"): self._take_flows(rows),
            self.env._("Invoices followed"): self._take_invoices(rows),
            self.env._("Invoices rejected"): self._take_rejected(rows),
        }
        self.report = "\n".join(f"{label}: {count}" for label, count in counts.items())
        self.state = "done"
        return True

    # -- reading --------------------------------------------------------------------------------------

    @api.model
    def _columns(self):
        """:return: dict table → set of the columns that are there, of those known here"""
        rows = self.env.execute_query(
            SQL(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND table_name = ANY(%s)",
                list(TABLES),
            )
        )
        found = {}
        for table, column in rows:
            if column in TABLES[table]:
                found.setdefault(table, set()).add(column)
        return found

    @api.model
    def _read_rows(self):
        """:return: dict table → list of dicts, as PostgreSQL gives them"""
        read = {}
        for table, columns in self._columns().items():
            marks = [column for column in MARKS.get(table, ()) if column in columns]
            if table in MARKS and not marks:
                continue
            names = [name for name in TABLES[table] if name in columns]
            where = SQL(" OR ").join(SQL("%s IS NOT NULL", SQL.identifier(mark)) for mark in marks)
            rows = self.env.execute_query_dict(
                SQL(
                    "SELECT %s FROM %s %s",
                    SQL(", ").join(map(SQL.identifier, names)),
                    SQL.identifier(table),
                    SQL("WHERE %s", where) if marks else SQL(),
                )
            )
            read[table] = [dict.fromkeys(TABLES[table]) | row for row in rows]
        return read

    # -- customers ------------------------------------------------------------------------------------

    def _take_customers(self, rows):
        """The sending method "fr-chorus", by company where it was kept so, becomes our one switch."""
        methods = {row["id"] for row in rows.get("transmit_method", ()) if row["code"] == CHORUS_METHOD}
        companies = self.env["res.company"].sudo().search([])  # pylint: disable=no-search-all
        count = 0
        for row in rows.get("res_partner", ()):
            partner = self.env["res.partner"].browse(row["id"]).exists()
            chosen = row["customer_invoice_transmit_method_id"]
            if not partner or partner.parent_id:
                continue
            for company in companies:
                method = chosen.get(str(company.id)) if isinstance(chosen, dict) else chosen
                # Without a method kept, only a public body was asked what it requires.
                wanted = method in methods if chosen else bool(row["fr_chorus_required"])
                owner = partner.with_company(company)
                if wanted and not owner.dematerialized_invoice_type:
                    owner.dematerialized_invoice_type = "facturx"
                    count += 1
        return count

    def _take_contact_services(self, rows):
        codes = {row["id"]: row["code"] for row in rows.get("chorus_partner_service", ())}
        count = 0
        for row in rows.get("res_partner", ()):
            code = codes.get(row["fr_chorus_service_id"])
            partner = self.env["res.partner"].browse(row["id"]).exists()
            if code and partner and not partner.chorus_service_code:
                partner.chorus_service_code = code
                count += 1
        return count

    def _take_directory(self, rows):
        """Structures and services as they were known; the directory is asked again by itself."""
        partners = {row["id"]: row for row in rows.get("res_partner", ())}
        structures = self.env["chorus.structure"].sudo()
        services = self.env["chorus.service"].sudo()
        count = 0
        for row in rows.get("chorus_partner_service", ()):
            partner = self.env["res.partner"].browse(row["partner_id"] or 0).exists()
            siret = partner and partner._chorus_siret()
            if not siret:
                continue
            structure = structures.search(
                [("siret", "=", siret), ("environment", "=", self.environment)], limit=1
            )
            if not structure:
                known = partners.get(partner.id, {})
                structure = structures.create(
                    {
                        "siret": siret,
                        "environment": self.environment,
                        "name": partner.name,
                        "chorus_id": str(known.get("fr_chorus_identifier") or "") or False,
                        **DUTIES.get(known.get("fr_chorus_required"), {}),
                    }
                )
            if row["code"] not in structure.service_ids.mapped("code"):
                services.create(
                    {
                        "structure_id": structure.id,
                        "code": row["code"],
                        "name": row["name"],
                        "chorus_id": str(row["chorus_identifier"] or "") or False,
                        "active_in_chorus": row["active"] is not False,
                        "needs_engagement": bool(row["engagement_required"]),
                    }
                )
                count += 1
        return count

    # -- deposits and invoices ------------------------------------------------------------------------

    def _take_flows(self, rows):
        deposits = self.env["chorus.deposit"].sudo()
        count = 0
        for row in rows.get("chorus_flow", ()):
            if not row["company_id"] or self._deposit_of(row):
                continue
            kind = statuses.flow_state(row["status"] or "").kind
            attachment = self.env["ir.attachment"].sudo().browse(row["attachment_id"] or 0).exists()
            deposits.create(
                {
                    "name": (attachment.name if attachment else None) or row["name"],
                    "company_id": row["company_id"],
                    "environment": self.environment,
                    "state": "sent" if kind == "pending" else "rejected" if kind == "incident" else kind,
                    "origin": "adopted",
                    "syntax": SYNTAXES.get(row["syntax"], row["syntax"]),
                    "filename": attachment.name if attachment else False,
                    "file": base64.b64encode(attachment.raw) if attachment else False,
                    "size": attachment.file_size if attachment else 0,
                    "flow_number": row["name"],
                    "flow_state": row["status"],
                    "flow_state_at": row["status_date"],
                    "sent_at": row["create_date"] or row["date"],
                    "next_action_at": fields.Datetime.now() if kind == "pending" else False,
                    "last_error": row["notes"],
                }
            )
            count += 1
        return count

    def _deposit_of(self, flow):
        return (
            self.env["chorus.deposit"]
            .sudo()
            .search(
                [
                    ("flow_number", "=", flow["name"]),
                    ("company_id", "=", flow["company_id"]),
                    ("environment", "=", self.environment),
                ],
                limit=1,
            )
        )

    def _take_invoices(self, rows):
        flows = {row["id"]: row for row in rows.get("chorus_flow", ())}
        count = 0
        for row in rows.get("account_move", ()):
            move = self.env["account.move"].browse(row["id"]).exists()
            if not move or move.sudo().chorus_line_ids.filtered(self._is_of_this_environment):
                continue
            flow = flows.get(row["chorus_flow_id"])
            deposit = self._deposit_of(flow) if flow else self.env["chorus.deposit"]
            known = bool(row["chorus_identifier"])
            if not known and deposit.state not in ("sent", "integrated", "partial"):
                continue
            pending = not known and deposit.state == "sent"
            line = self._make_line(move, deposit, "sent" if pending else "integrated")
            if known:
                line.chorus_invoice_id = str(row["chorus_identifier"])
            if row["chorus_status"]:
                line._apply_status(row["chorus_status"], row["chorus_status_date"], None)
            move._chorus_sync_state()
            count += 1
        return count

    def _take_rejected(self, rows):
        """The former addon took a rejected invoice out of its flow, and only kept that it was in it."""
        flows = {row["id"]: row for row in rows.get("chorus_flow", ())}
        kept = {row["id"]: row["chorus_flow_id"] for row in rows.get("account_move", ())}
        count = 0
        for row in rows.get("chorus_flow_initial_account_move_rel", ()):
            move = self.env["account.move"].browse(row["move_id"]).exists()
            flow = flows.get(row["chorus_flow_id"])
            if not move or not flow or kept.get(row["move_id"]) == row["chorus_flow_id"]:
                continue
            deposit = self._deposit_of(flow)
            if not deposit or move.sudo().chorus_line_ids.filtered(
                lambda line, deposit=deposit: line.deposit_id == deposit
            ):
                continue
            self._make_line(move, deposit, "rejected").message = flow["notes"]
            move._chorus_sync_state()
            count += 1
        return count

    def _is_of_this_environment(self, line):
        return line.environment == self.environment and line.live

    def _make_line(self, move, deposit, state):
        identity = InvoiceIdentity(
            seller=move.company_id.partner_id._chorus_siret(),
            buyer=move.commercial_partner_id._chorus_siret(),
            number=move.name,
            date=move.invoice_date,
            total=move.amount_total,
        )
        return (
            self.env["chorus.deposit.line"]
            .sudo()
            .create(
                {
                    "move_id": move.id,
                    "company_id": move.company_id.id,
                    "environment": self.environment,
                    "deposit_id": deposit.id,
                    "state": state,
                    **to_values(identity),
                }
            )
        )
