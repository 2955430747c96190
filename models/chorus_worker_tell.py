"""What the invoices show of a sending: written for many at once, after each deposit's own transaction."""

from odoo import api, fields, models

from .transactions import fresh_env, in_transaction

# Deposits in one transaction.
TOLD_AT_ONCE = 200


class ChorusDeposit(models.Model):
    _inherit = "chorus.deposit"

    untold = fields.Boolean("Taken, and not shown on its invoices yet", readonly=True)

    _untold_index = models.Index("(company_id, environment) WHERE untold")

    def _tell_invoices(self):
        """Show on the invoices that Chorus Pro took them; nobody has to help any more."""
        self.line_ids.move_id._chorus_sync_state()
        real = self.filtered(lambda deposit: deposit.environment == "production")
        real.line_ids.move_id._chorus_mark_sent()
        self._close_call_for_help()
        self.untold = False


class ChorusWorker(models.AbstractModel):
    _inherit = "chorus.worker"

    @api.model
    def _tell_invoices(self, company_id, environment):
        """Show on the invoices of a channel what was taken, also by a process that died before it did."""
        while deposit_ids := self._untold(company_id, environment):
            told = self._guarded("tell", self._tell_some, company_id, environment, deposit_ids)
            if told is None:
                # One of them must not keep the others from being told.
                for deposit_id in deposit_ids:
                    self._guarded("tell", self._tell_some, company_id, environment, [deposit_id])
                break

    @api.model
    def _tell_what_was_left(self):
        """Tell the invoices of every channel in which a process died before it told them."""
        with fresh_env(self.env) as env:
            env.cr.execute("SELECT DISTINCT company_id, environment FROM chorus_deposit WHERE untold")
            channels = env.cr.fetchall()
        for channel in channels:
            self._tell_invoices(*channel)

    @api.model
    def _untold(self, company_id, environment):
        with fresh_env(self.env) as env:
            env.cr.execute(
                "SELECT id FROM chorus_deposit WHERE untold AND company_id = %s AND environment = %s"
                " ORDER BY id LIMIT %s",
                (company_id, environment, TOLD_AT_ONCE),
            )
            return [row[0] for row in env.cr.fetchall()]

    @api.model
    def _tell_some(self, company_id, environment, deposit_ids):
        in_transaction(self.env, lambda env: self._tell(env, company_id, environment, deposit_ids))
        return len(deposit_ids)

    @api.model
    def _tell(self, env, company_id, environment, deposit_ids):
        env.cr.execute(
            "SELECT id FROM chorus_deposit WHERE untold AND id = ANY(%s) ORDER BY id FOR UPDATE",
            (deposit_ids,),
        )
        deposits = env["chorus.deposit"].browse([row[0] for row in env.cr.fetchall()])
        deposits = deposits.with_context(lang=env["chorus.words"]._lang(deposits.company_id))
        if deposits:
            deposits._tell_invoices()
            self._connection(deposits.env, company_id, environment)._report_recovery()
