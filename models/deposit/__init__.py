"""Deposits, lines, attempts, events and requests, with their verbs."""

# Others extend them.
from . import chorus_deposit  # isort: skip
from . import chorus_deposit_line  # isort: skip
from . import chorus_request  # isort: skip
from . import (
    chorus_attempt,
    chorus_deposit_line_after_all,
    chorus_deposit_line_automatic,
    chorus_deposit_line_click,
    chorus_deposit_line_outcome,
    chorus_deposit_line_reason,
    chorus_deposit_outcome,
    chorus_diagnostic,
    chorus_line_redirected,
    chorus_migration,
    chorus_request_outcome,
    chorus_seal,
    chorus_seal_check,
    chorus_status_event,
    chorus_validation,
    res_company_seal,
    res_company_validation,
)
