from . import account_move, account_move_send, reports_flow, res_partner
