"""What stands in the way of an invoice, and the screen that says it."""

from . import account_move_findings, account_move_findings_elsewhere, account_move_findings_screen
