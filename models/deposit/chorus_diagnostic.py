"""What support needs to know of a connection or a deposit, as a text that can be sent to anybody.

Names and codes stay as they are inside, in English: who reads it knows them, in whatever language it was
made. References are those of the server's log.
"""

import platform

from odoo import fields, models, release

from ..base.chorus_invariants import broken
from ..base.chorus_server_config import CREDENTIALS
from ..connection.chorus_connection_secret import credential_of
from ..connection.chorus_connection_token import good_token

# Records of a list that are told; the newest ones.
_TOLD = 10
_CRONS = ("cron_send", "cron_follow", "cron_directory", "cron_watch_connections")


def _rows(title, rows):
    """A block of ``name: value`` lines; what is empty says so.

    :param dict rows: name → value
    :rtype: list[str]
    """
    return [f"[{title}]", *(f"{name}: {'-' if value in (False, None, '') else value}"
                            for name, value in rows.items())]  # fmt: skip


def _columns(record, *names):
    return {name: record[name] for name in names}


class ChorusConnection(models.Model):
    _inherit = "chorus.connection"

    diagnostic = fields.Char(compute="_compute_diagnostic")

    def _compute_diagnostic(self):
        for connection in self:
            connection.diagnostic = connection._without_secrets(
                "\n".join(
                    [
                        *connection._diagnostic_server(),
                        *connection._diagnostic_rows(),
                        *connection._diagnostic_counts(),
                        *connection._diagnostic_invariants(),
                    ]
                )
            )

    def _diagnostic_server(self):
        """Versions, and whether the scheduled actions run."""
        addon = self.env["ir.module.module"].sudo().search([("name", "=", "l10n_fr_chorus_pro")])
        rows = {
            "made at (UTC)": fields.Datetime.now(),
            "l10n_fr_chorus_pro": addon.installed_version,
            "odoo": release.version,
            "python": platform.python_version(),
        }
        for name in _CRONS:
            cron = self.env.ref(f"l10n_fr_chorus_pro.{name}", raise_if_not_found=False)
            told = _columns(cron.sudo(), "active", "lastcall", "nextcall", "failure_count") if cron else {}
            rows[name] = ", ".join(f"{key} {value}" for key, value in told.items())
        return _rows("server", rows)

    def _diagnostic_rows(self):
        rows = {
            "company": self.company_id.id,
            "company sends to": self.company_environment,
            **_columns(self, "environment", "active", "state", "auth_url", "api_url", "connected_at"),
            **_columns(self, "token_expiry", "password_expiry", "last_error", "not_usable_reason"),
            **_columns(
                self, "rest_until", "rest_count", "timed_out", "deposit_rest_until", "deposit_rest_count"
            ),
            **_columns(self, "calls_per_minute", "checked_at"),
        }
        rows |= {f"{name} kept in": self._credential_source(name) for name in CREDENTIALS}
        rows |= {
            f"step {step.key}": " ".join(filter(None, (step.result, step.message)))
            for step in self.sudo().step_ids
        }
        return _rows("connection", rows)

    def _diagnostic_counts(self):
        """How many deposits and invoices are in each state, and the last failed calls."""
        domain = [("company_id", "=", self.company_id.id), ("environment", "=", self.environment)]
        rows = {}
        for model in ("chorus.deposit", "chorus.deposit.line"):
            for state, count in self.env[model].sudo()._read_group(domain, ["state"], ["__count"]):
                rows[f"{model} {state}"] = count
        failed = (
            self.env["chorus.attempt"]
            .sudo()
            .search(
                [
                    ("deposit_id.company_id", "=", self.company_id.id),
                    ("deposit_id.environment", "=", self.environment),
                    ("error", "!=", False),
                ],
                limit=_TOLD,
            )
        )
        return [*_rows("counts", rows), *failed._diagnostic_rows()]

    def _diagnostic_invariants(self):
        """What the tables say that cannot be true, in the whole database: ids and codes."""
        self.env.flush_all()

        def execute(statement, values):
            self.env.cr.execute(statement, values)
            return self.env.cr.fetchall()

        rows = {
            invariant.name: f"{len(found)}: "
            + "; ".join(f"{number} {text}" for number, text in found[:_TOLD])
            for invariant, found in broken(execute, fields.Datetime.now(), settled=True)
        }
        return _rows("invariants", rows or {"broken": "none"})

    def _without_secrets(self, text):
        """Take out every credential and the token, wherever they may have come from."""
        for connection in self.sudo():
            hidden = [credential_of(connection, name) for name in CREDENTIALS]
            for secret in filter(None, [*hidden, good_token(connection)]):
                text = text.replace(secret, "***")
        return text


class ChorusDeposit(models.Model):
    _inherit = "chorus.deposit"

    diagnostic = fields.Char(compute="_compute_diagnostic")

    def _compute_diagnostic(self):
        for deposit in self:
            # The connection is for administrators; its state is for whoever reads the deposit.
            connection = self.env["chorus.connection"]._for(deposit.company_id, deposit.environment)
            text = "\n".join(
                [
                    *connection._diagnostic_server(),
                    *_rows("connection", _columns(connection, "state", "last_error", "rest_until")),
                    *deposit._diagnostic_rows(),
                    *deposit.attempt_ids[:_TOLD]._diagnostic_rows(),
                ]
            )
            deposit.diagnostic = connection._without_secrets(text)

    def _diagnostic_rows(self):
        rows = {
            **_columns(self, "id", "create_date", "environment", "origin", "state"),
            **_columns(self, "syntax", "size", "sha256"),
            **_columns(self, "flow_number", "flow_state", "flow_state_at", "sent_at", "unconfirmed_at"),
            **_columns(self, "attempt_number", "resends", "checks", "next_action_at", "needs_person"),
            **_columns(self, "last_error", "line_count"),
        }
        for line in self.line_ids[:_TOLD]:
            parts = (line.state, line.number, line.chorus_invoice_id, line.status_code, line.message)
            rows[f"line {line.id}"] = " | ".join(str(part or "-") for part in parts)
        return _rows("deposit", rows)


class ChorusAttempt(models.Model):
    _inherit = "chorus.attempt"

    def _diagnostic_rows(self):
        return _rows(
            "attempts",
            {
                f"{attempt.started_at} deposit {attempt.deposit_id.id} {attempt.kind}": (
                    f"{attempt.outcome}, HTTP {attempt.http_status}, {attempt.duration_ms} ms,"
                    f" reference {attempt.correlation_id or '-'}, {attempt.error or 'no error'}"
                )
                for attempt in self
            },
        )
