"""Dates that were believed before such dates counted as none (9999-12-31 and the like)."""


def migrate(cr, version):
    """
    :param cr: cursor
    :param str version: that the database has
    """
    cr.execute(
        """
        UPDATE account_move SET chorus_paid_on = NULL
        WHERE chorus_paid_on > (now() AT TIME ZONE 'UTC' + interval '2 years')::date
        """
    )
    cr.execute(
        """
        UPDATE chorus_deposit_line SET payment_days = NULL
        WHERE payment_days NOT BETWEEN 0 AND 3650
            OR paid_at > now() AT TIME ZONE 'UTC' + interval '2 years'
        """
    )
    cr.execute(
        "UPDATE chorus_deposit_line SET paid_at = NULL"
        " WHERE paid_at > now() AT TIME ZONE 'UTC' + interval '2 years'"
    )
