"""Invoices show at once what was taken: nothing waits to be told to them any more."""

from odoo import SUPERUSER_ID, api
from odoo.tools import sql


def migrate(cr, _version):
    """Show what a process that died had not told yet; the column goes."""
    if not sql.column_exists(cr, "chorus_deposit", "untold"):
        return
    cr.execute("SELECT id FROM chorus_deposit WHERE untold")
    ids = [row[0] for row in cr.fetchall()]
    deposits = api.Environment(cr, SUPERUSER_ID, {})["chorus.deposit"].browse(ids)
    deposits.line_ids.move_id._chorus_sync_state()
    real = deposits.filtered(lambda deposit: deposit.environment == "production")
    real.line_ids.move_id._chorus_mark_sent()
    cr.execute("ALTER TABLE chorus_deposit DROP COLUMN untold")
