"""What the others are built on: states, transactions, authority, guarded fields, moments, identity."""

# Others extend them.
from . import chorus_kept_from_texts  # isort: skip
from . import chorus_written_by_code  # isort: skip
from . import (
    chorus_guarded_fields,
    ir_cron,
    res_partner_numbers,
)
