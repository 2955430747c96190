"""Sends through Odoo's common hook, and answers for Chorus Pro's customers without asking further in.

Its network is a folder (system parameter ``chorus_neighbour.folder``): each invoice sent is a line of
``sent``; while ``hold`` is there, the call does not come back, and ``inside`` says that it has begun.
"""

import time
import uuid
from pathlib import Path

from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _neighbour(self, key):
        return self.env["ir.config_parameter"].sudo().get_param(f"chorus_neighbour.{key}")

    @api.model
    def _get_default_sending_methods(self, move):
        methods = ["email"] if not move.commercial_partner_id.vat else ["email", "peppol"]
        return methods if self._neighbour("answers_lists") else set(methods)

    @api.model
    def _get_default_invoice_edi_format(self, move, **kwargs):
        return "ubl_bis3"

    @api.model
    def _is_applicable_to_company(self, method, company):
        return method != "chorus_pro"

    @api.model
    def _is_applicable_to_move(self, method, move, **move_data):
        return method != "chorus_pro"

    @api.model
    def _call_web_service_after_invoice_pdf_render(self, invoices_data):
        super()._call_web_service_after_invoice_pdf_render(invoices_data)
        ours = {move: data for move, data in invoices_data.items() if "peppol" in data["sending_methods"]}
        if not ours:
            return
        moves = self.env["account.move"].union(*ours)
        if not self._neighbour("locks_nothing"):
            moves.lock_for_update()
        self._neighbour_sends(moves)
        if self._neighbour("breaks"):
            for data in ours.values():
                data["error"] = {"error_title": "The neighbour's call broke"}
        if self._can_commit():
            self.env.cr.commit()

    @api.model
    def _neighbour_sends(self, moves):
        """The call itself; what came of it is written after it, and committed by whoever asked."""
        folder = Path(self._neighbour("folder"))
        with (folder / "sent").open("a") as ledger:
            ledger.writelines(f"{move.name}\n" for move in moves)
        (folder / "inside").touch()
        while (folder / "hold").exists():
            time.sleep(0.02)
        for move in moves.sudo():
            if self._neighbour("breaks"):
                move.peppol_move_state = "error"
            else:
                move.peppol_message_uuid = uuid.uuid4().hex
                move.peppol_move_state = "processing"
