from odoo import models

from . import server_time


class IrCron(models.Model):
    _inherit = "ir.cron"

    @classmethod
    def _process_job(cls, cron_cr, job):
        """Note when the worker began, so that an action knows how long it may work."""
        with server_time.job(cron_cr):
            return super()._process_job(cron_cr, job)
