from . import (
    account_move_send_wizard,
    chorus_adopt,
    chorus_complete,
    chorus_correct,
    chorus_flow_number,
    chorus_hand,
    chorus_recycle,
    chorus_send,
    chorus_switch,
    chorus_test_data,
)
