from odoo import api, fields, models

from ..base.transactions import in_transaction


class ChorusPace(models.Model):
    """How fast a connection's work may go, and goes: one row each, shared by all processes and hosts."""

    _name = "chorus.pace"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro pace of calls"
    _log_access = False

    connection_id = fields.Many2one("chorus.connection", required=True, readonly=True, ondelete="cascade")
    next_at = fields.Float("Next call, seconds of the database server's clock", readonly=True, digits=False)
    prepare_seconds = fields.Float("Seconds to prepare one invoice", readonly=True, digits=False)

    _one_per_connection = models.UniqueIndex("(connection_id)")

    @api.model
    def _reserve(self, connection_id, interval):
        """Take the next free slot of a connection.

        :param float interval: least number of seconds between two calls.
        :return: float, seconds to wait before calling.
        """

        def step(env):
            env.cr.execute(
                """
                INSERT INTO chorus_pace AS pace (connection_id, next_at)
                VALUES (%(connection)s, extract(epoch FROM clock_timestamp()) + %(interval)s)
                ON CONFLICT (connection_id) DO UPDATE
                SET next_at = greatest(pace.next_at, extract(epoch FROM clock_timestamp())) + %(interval)s
                RETURNING next_at - %(interval)s - extract(epoch FROM clock_timestamp())
                """,
                {"connection": connection_id, "interval": interval},
            )
            return max(0.0, float(env.cr.fetchone()[0]))

        return in_transaction(self.env, step, tries=20)

    @api.model
    def _prepare_seconds(self, connection):
        """Seconds that one invoice of a connection took to prepare in former runs; None when not known."""
        return self.search([("connection_id", "=", connection.id)]).prepare_seconds or None

    @api.model
    def _remember(self, connection, seconds):
        """Keep what one invoice took to prepare: a slower pace at once, a quicker one half.

        :param float seconds: of the last batch, for one invoice
        """
        self.env.cr.execute(
            """
            INSERT INTO chorus_pace AS pace (connection_id, prepare_seconds)
            VALUES (%(connection)s, %(seconds)s)
            ON CONFLICT (connection_id) DO UPDATE
            SET prepare_seconds = greatest(
                %(seconds)s, (coalesce(pace.prepare_seconds, %(seconds)s) + %(seconds)s) / 2
            )
            """,
            {"connection": connection.id, "seconds": seconds},
        )
