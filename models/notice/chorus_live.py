"""Results come by themselves: open lists and forms are told which invoices changed, once per transaction."""

from odoo import api, models

_WAITING = "l10n_fr_chorus_pro.changed"
# Who reads invoices; a message holds ids and nothing else.
_READERS = ("account.group_account_invoice", "account.group_account_readonly")


class ChorusLive(models.AbstractModel):
    _name = "chorus.live"
    _description = "Open screens follow Chorus Pro"

    @api.model
    def _changed(self, moves):
        """Have the screens that show one of these invoices read it again, as soon as this is committed."""
        precommit = self.env.cr.precommit
        if _WAITING not in precommit.data:
            precommit.data[_WAITING] = set()
            precommit.add(self._tell)
        precommit.data[_WAITING].update(moves.ids)

    @api.model
    def _tell(self):
        ids = sorted(self.env.cr.precommit.data.pop(_WAITING, ()))
        for xml_id in _READERS if ids else ():
            self.env.ref(xml_id).sudo()._bus_send("l10n_fr_chorus_pro/changed", {"ids": ids})
