"""Flow numbers become unique among a company's own deposits: those that repeat one are marked before that."""


def migrate(cr, version):
    """
    :param cr: cursor
    :param str version: that the database has
    """
    cr.execute("ALTER TABLE chorus_deposit ADD COLUMN IF NOT EXISTS flow_repeated boolean")
    cr.execute(
        """
        UPDATE chorus_deposit AS deposit SET flow_repeated = TRUE
        WHERE origin = 'api' AND flow_number IS NOT NULL AND EXISTS (
            SELECT FROM chorus_deposit AS former
            WHERE former.origin = 'api' AND former.id < deposit.id
                AND former.company_id = deposit.company_id AND former.environment = deposit.environment
                AND former.flow_number = deposit.flow_number
        )
        """
    )
