"""The last gate before the other electronic channels: what Chorus Pro has, or is to have, they do not get."""

from odoo import api, models

from ..base.chorus_channels import CHANNELS
from ..base.chorus_states import LIVE_SQL
from ..directory.res_partner import SENDING_METHOD
from .account_move_send import ENVELOPES


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _chorus_free_for_others(self, invoices_data):
        """The part of ``invoices_data`` that the other channels may have; of the rest, the reason is told.

        The rows of the invoices that another channel is asked for are locked, and only then Chorus Pro's
        side is read, in a transaction that begins after the lock: a click or a sending that ended meanwhile
        is seen. The lock lasts to the end of this transaction, hence over the calls of the other channels;
        whoever takes a deposit needs the same lock. A row that changed since this transaction began makes
        PostgreSQL refuse the lock: Odoo then runs the whole again.

        :param dict invoices_data: invoice → data, as Odoo hands them to its web services
        :rtype: dict
        """
        moves = self.env["account.move"].union(*invoices_data)
        ours = moves.filtered(lambda move: move.chorus_customer or move.chorus_state)
        going = ours.filtered(
            lambda move: (
                move.company_id.chorus_environment == "production"
                and SENDING_METHOD in (invoices_data[move].get("sending_methods") or ())
            )
        )
        asked = ours.filtered(lambda move: self._chorus_asked_of_others(invoices_data[move]))
        kept = going | ours.browse(ours._chorus_busy("production") | self._chorus_committed_lines(ours.ids))
        locked = (asked - kept).try_lock_for_update(allow_referencing=True)
        busy = asked - kept - locked
        kept |= locked.browse(self._chorus_committed_lines(locked.ids))
        for move in asked & kept:
            self._chorus_tell_kept(move, invoices_data[move])
        for move in busy:
            invoices_data[move]["error"] = {
                "error_title": self.env._(
                    "%s is being changed or sent by somebody else just now: it is left for later.", move.name
                ),
                # Odoo's daily action then tries it again.
                "retry": True,
            }
        return {move: data for move, data in invoices_data.items() if move not in kept | busy}

    @api.model
    def _chorus_asked_of_others(self, data):
        """The other electronic methods that were chosen for an invoice: a set of their keys."""
        return set(data.get("sending_methods") or ()) - ENVELOPES

    @api.model
    def _chorus_committed_lines(self, move_ids):
        """Ids of the invoices with a live line in production, as everybody sees it at this moment.

        :rtype: set[int]
        """
        if not move_ids:
            return set()
        with self.env.registry.cursor() as cr:
            cr.execute(
                "SELECT DISTINCT move_id FROM chorus_deposit_line"
                f" WHERE move_id = ANY(%s) AND environment = 'production' AND {LIVE_SQL}",
                (list(move_ids),),
            )
            return {row[0] for row in cr.fetchall()}

    @api.model
    def _chorus_tell_kept(self, move, data):
        """Say why another channel does not get ``move``: to whoever asks, or on the invoice.

        When nothing else is to be done with it, that is an error of the sending; else the rest goes on.
        """
        methods = dict(
            self.env["res.partner"]._fields["invoice_sending_method"]._description_selection(self.env)
        )
        asked = self._chorus_asked_of_others(data)
        told = self.env._(
            "%(number)s is with Chorus Pro, or on its way to it: it is not sent %(methods)s as well. Sent"
            " twice, it could be paid twice.",
            number=move.name,
            methods=", ".join(sorted(str(methods.get(method, method)) for method in asked)),
        )
        self._chorus_take_back(move)
        if set(data.get("sending_methods") or ()) - asked:
            move._message_log(body=told)
        else:
            data["error"] = {"error_title": told}

    @api.model
    def _chorus_take_back(self, move):
        """Another channel that was to send ``move`` by itself, and has not, does not wait for it any more."""
        for channel in CHANNELS:
            if (
                channel.state in move._fields
                and move[channel.state] in channel.waiting
                and not move[channel.sent]
            ):
                move.sudo()[channel.state] = False
