"""The invoice: its state, what may be done with it, its road, its payment; the overview."""

from . import (
    account_move_automatic,
    account_move_channel,
    account_move_chorus,
    account_move_engagement,
    account_move_ereporting,
    account_move_follows,
    account_move_guard,
    account_move_header,
    account_move_payment_period,
    account_move_replaced,
    account_move_requests,
    account_move_retention,
    account_move_screens,
    chorus_late_rate,
    chorus_overview,
)
