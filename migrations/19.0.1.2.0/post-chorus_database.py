"""What a production connection was confirmed for moves to ``chorus.database``, which outlives it."""

from odoo.tools import sql


def migrate(cr, _version):
    """Copy the fingerprints; the next run adds the signs that are new."""
    if not sql.column_exists(cr, "chorus_connection", "fingerprint"):
        return
    cr.execute(
        """
        INSERT INTO chorus_database (company_id, fingerprint)
        SELECT company_id, fingerprint FROM chorus_connection
        WHERE environment = 'production' AND fingerprint IS NOT NULL
        ON CONFLICT (company_id) DO NOTHING
        """
    )
    cr.execute("ALTER TABLE chorus_connection DROP COLUMN fingerprint")
