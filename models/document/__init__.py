"""The pages, the file, the report, Send & Print and export."""

from . import (
    account_edi_xml_cii,
    account_move_documents,
    account_move_einvoice,
    account_move_hand,
    account_move_legal_pdf,
    account_move_printed,
    account_move_render,
    account_move_send,
    account_move_send_gate,
    account_payment_term,
    chorus_outermost,
    ir_actions_report,
    res_company_mentions,
    uom_uom,
)
