"""Deposits, lines, attempts, events and requests, with their verbs."""

# Others extend them.
from . import chorus_attempt  # isort: skip
from . import chorus_deposit  # isort: skip
from . import chorus_deposit_line  # isort: skip
from . import chorus_request  # isort: skip
from . import (
    chorus_deposit_line_click,
    chorus_deposit_outcome,
    chorus_diagnostic,
    chorus_migration,
    chorus_seal,
    chorus_validation,
    res_company_seal,
    res_company_validation,
)
