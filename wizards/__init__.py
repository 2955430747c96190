# What the screens about chosen invoices are built on.
from . import chorus_chosen_invoices  # isort: skip
from . import (
    account_move_send_wizard,
    chorus_adopt,
    chorus_claim,
    chorus_claim_letter,
    chorus_complete,
    chorus_correct,
    chorus_evidence,
    chorus_find,
    chorus_flow_number,
    chorus_hand,
    chorus_recycle,
    chorus_road,
    chorus_seal_check,
    chorus_send,
    chorus_switch,
    chorus_test_data,
    chorus_validation_refuse,
    partner_merge,
)
