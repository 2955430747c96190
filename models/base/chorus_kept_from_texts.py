"""Expressions in mail templates and reports change nothing of Chorus Pro, whatever rights they take."""

from odoo import api, models

from .chorus_authority import check_not_rendering, rendering


class ChorusKeptFromTexts(models.AbstractModel):
    """Refuses every write of an expression; ``sudo()`` skips access rights, but not this."""

    _name = "chorus.kept.from.texts"
    _description = "Not Written by Expressions of Texts"

    def check_access(self, operation):
        if operation != "read":
            check_not_rendering(self.env)
        return super().check_access(operation)


class MailRenderMixin(models.AbstractModel):
    _inherit = "mail.render.mixin"

    @api.model
    def _render_template(self, *args, **kwargs):
        with rendering():
            return super()._render_template(*args, **kwargs)


class IrQweb(models.AbstractModel):
    _inherit = "ir.qweb"

    @api.model
    def _render(self, template, values=None, **options):
        with rendering():
            return super()._render(template, values, **options)
