from odoo import api, fields, models

from .transactions import in_transaction


class ChorusPace(models.Model):
    """When the next call of a connection may start: one row each, shared by all processes and hosts."""

    _name = "chorus.pace"
    _inherit = ["chorus.written.by.code"]
    _description = "Chorus Pro pace of calls"
    _log_access = False

    connection_id = fields.Many2one("chorus.connection", required=True, readonly=True, ondelete="cascade")
    next_at = fields.Float("Next call, seconds of the database server's clock", readonly=True, digits=False)

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
