"""The pages, the file, the report, Send & Print and export."""

from . import (
    account_move_documents,
    account_move_render,
    account_move_send,
    chorus_outermost,
    res_company_mentions,
    uom_uom,
)
