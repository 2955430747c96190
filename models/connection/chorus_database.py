"""The database from which a company sends its real invoices: known again after a move, told from its copies.

Two kinds of signs. **Hard** ones (name, uuid and oid of the database, identifier of the PostgreSQL cluster)
stay the same for as long as it is the same database: another one makes no call until an administrator
confirms. **Soft** ones (PostgreSQL started again, another timeline, another host of Odoo, no run for hours)
come with every restart and fail-over, but also with a copied machine and with a snapshot rolled back: nothing
stops then, but what waits is looked for on Chorus Pro before it leaves (``worker/resolver.py``).
"""

import hashlib
import socket
from datetime import timedelta
from pathlib import Path

from odoo import api, fields, models

from ..base import moments
from ..base.chorus_server_config import option_list, parameter

HARD_SIGNS = ("database", "uuid", "oid", "server")
# The signs that versions before this model knew; they wrote another oid nowhere.
_FORMER_SIGNS = ("database", "uuid", "server")
# Longer than the pause between two runs of the action that sends.
QUIET = timedelta(hours=6)
# How often a run writes down that it was here, and how much older a copy's last word may be than the copy.
SEEN_EVERY = timedelta(minutes=10)
SEEN_MARGIN = timedelta(minutes=20)
HOSTS_KEPT = 50
_MACHINE = Path("/etc/machine-id")


class ChorusDatabase(models.Model):
    """One row for each company that sends real invoices; it outlives the connection."""

    _name = "chorus.database"
    _inherit = ["chorus.written.by.code"]
    _description = "Database that sends real invoices to Chorus Pro"
    _rec_name = "company_id"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    fingerprint = fields.Json("Confirmed for", readonly=True)
    hosts = fields.Json("Hosts of Odoo seen", readonly=True)
    timeline = fields.Integer("Timeline of PostgreSQL", readonly=True)
    server_start = fields.Char("Start of PostgreSQL", readonly=True)
    seen_at = fields.Datetime("Last run", readonly=True)
    doubt_before = fields.Datetime("Older invoices are looked for first", readonly=True)

    _one_per_company = models.UniqueIndex("(company_id)")

    # ---------------------------------------------------------------- which database this is

    @api.model
    def _of(self, company):
        """:return: the row of ``company``, with sudo, or an empty recordset"""
        return self.sudo().search_fetch([("company_id", "=", company.id)], limit=1)

    @api.model
    def _hard_signs(self):
        """What identifies this database: its name, uuid and oid, and the PostgreSQL cluster.

        :rtype: dict; ``server`` is None where the owner of the database may not read it
        """
        self.env.cr.execute(
            "SELECT oid::bigint, has_function_privilege('pg_control_system()', 'EXECUTE') FROM pg_database"
            " WHERE datname = current_database()"
        )
        oid, may_read = self.env.cr.fetchone()
        query = "SELECT system_identifier::text FROM pg_control_system()"
        return {
            "database": self.env.cr.dbname,
            "uuid": parameter(self.env, "database.uuid"),
            "oid": oid,
            "server": self._control(query, may_read),
        }

    def _control(self, query, may_read):
        """What PostgreSQL's control file says; None where the owner of the database may not read it."""
        if not may_read:
            return None
        self.env.cr.execute(query)
        return self.env.cr.fetchone()[0]

    def _soft_signs(self):
        """:rtype: dict of ``timeline``, ``server_start`` (seconds since 1970, exact, as text), ``host``"""
        self.env.cr.execute(
            "SELECT extract(epoch FROM pg_postmaster_start_time())::text,"
            " has_function_privilege('pg_control_checkpoint()', 'EXECUTE')"
        )
        server_start, may_read = self.env.cr.fetchone()
        machine = _MACHINE.read_text() if _MACHINE.exists() else ""
        return {
            "server_start": server_start,
            "timeline": self._control("SELECT timeline_id FROM pg_control_checkpoint()", may_read) or 0,
            "host": hashlib.sha256(f"{socket.gethostname()}\n{machine}".encode()).hexdigest()[:16],
        }

    def _differences(self, now):
        """:return: list of the hard signs in which ``now`` differs from what was confirmed"""
        known = self.fingerprint or {}
        if not known or known == now:
            return []
        if "oid" not in known:
            former = {**known, "server": _former_server(known, now)}
            return [sign for sign in _FORMER_SIGNS if sign not in known or former[sign] != now[sign]]
        return [sign for sign in HARD_SIGNS if known.get(sign) != now[sign]]

    # ---------------------------------------------------------------- binding, confirming

    @api.model
    def _bind(self, company):
        """Remember this database for ``company`` unless one is remembered already."""
        if self._of(company).fingerprint:
            return
        self.env.cr.execute(
            "INSERT INTO chorus_database (company_id) VALUES (%s) ON CONFLICT (company_id) DO NOTHING",
            (company.id,),
        )
        row = self._of(company)
        row.fingerprint = row._hard_signs()
        row._remember(row._soft_signs())

    def _confirm(self):
        """This is the database, an administrator says: it may be a backup, older than what has left."""
        self.ensure_one()
        now = moments.now(self.env)
        self.write({"fingerprint": self._hard_signs(), "doubt_before": now})
        self._remember(self._soft_signs())
        self._doubt(now)

    @api.model
    def _doubtful(self, invoices):
        """Which invoices, about to be queued for production, are older than what was confirmed last.

        :return: dict of account.move → now (naive UTC)
        """
        rows = self.sudo().search(
            [("company_id", "in", invoices.company_id.ids), ("doubt_before", "!=", False)]
        )
        before = {row.company_id: row.doubt_before for row in rows}
        now = moments.now(self.env) if before else None
        return {
            move: now
            for move in invoices
            if move.company_id in before and move.create_date <= before[move.company_id]
        }

    # ---------------------------------------------------------------- every run looks around

    @api.model
    def _look_around(self):
        """Note the soft signs of this run; where one has changed, doubt what waits since before."""
        rows = self.sudo().search([("fingerprint", "!=", False)])
        if not rows:
            return
        hard, signs, now = self._hard_signs(), self._soft_signs(), moments.now(self.env)
        for row in rows:
            differences = row._differences(hard)
            if differences and code(hard) not in option_list("fingerprints"):
                continue
            if not differences and row.fingerprint != hard:
                row.fingerprint = hard
            if bounds := row._bounds(now, signs):
                row._doubt(max(bounds))
            if bounds or not row.seen_at or now - row.seen_at >= SEEN_EVERY or row._is_new(signs):
                row._remember(signs)

    def _is_new(self, signs):
        known = {"server_start": self.server_start, "timeline": self.timeline}
        return any(known[name] != signs[name] for name in known) or signs["host"] not in (self.hosts or [])

    def _bounds(self, now, signs):
        """For each soft sign that changed: up to when a copy may know what waits (naive UTC).

        A copy is never younger than its PostgreSQL, nor much younger than the last word of a run in it.
        """
        bounds = []
        if self.server_start and self.server_start != signs["server_start"]:
            bounds.append(moments.from_epoch(signs["server_start"]))
        if self.timeline and signs["timeline"] and self.timeline != signs["timeline"]:
            bounds.append(now)
        if self.seen_at:
            last = min(now, self.seen_at + SEEN_MARGIN)
            if signs["host"] not in (self.hosts or []) or now - self.seen_at > QUIET:
                bounds.append(last)
        return bounds

    def _remember(self, signs):
        hosts = [host for host in self.hosts or [] if host != signs["host"]]
        self.write(
            {
                "timeline": signs["timeline"],
                "server_start": signs["server_start"],
                "hosts": [*hosts, signs["host"]][-HOSTS_KEPT:],
                "seen_at": moments.now(self.env),
            }
        )

    def _doubt(self, before):
        """What waits since ``before`` may have left already: it is looked for before it leaves."""
        self.env["chorus.deposit.line"].sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("environment", "=", "production"),
                ("state", "in", ("queued", "ready")),
                ("create_date", "<=", before),
                ("doubtful_since", "=", False),
            ]
        ).doubtful_since = moments.now(self.env)


def _former_server(known, now):
    """What former versions wrote about the server, as ``_hard_signs`` writes it now.

    They wrote ``cluster <identifier>``, or ``database <oid>`` where the identifier could not be read.
    """
    kind, _blank, number = (known.get("server") or "").partition(" ")
    if kind == "cluster":
        return number
    return now["server"] if kind == "database" and number == str(now["oid"]) else "another"


def code(fingerprint):
    """Short code of a fingerprint, which says nothing about its parts."""
    parts = "\n".join(f"{key}={fingerprint[key]}" for key in sorted(fingerprint))
    return hashlib.sha256(parts.encode()).hexdigest()[:20]
