"""How the addon's code says that it acts itself, and what only code writes, whatever rights others take.

``readonly`` on a field only concerns screens: a remote call could write it.

Whoever calls a method by RPC chooses its whole context, so that a plain flag in it proves nothing. What comes
over the wire is text, numbers, lists and mappings; never this object.

Texts with expressions (mail templates, reports) reach ``sudo()``, ``with_user()`` and every context; so
rights prove nothing while one is rendered: the thread knows that it renders, and then nobody is the code.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, models
from odoo.exceptions import AccessError

KEY = "chorus_code"


class _Code:
    def __repr__(self):
        return "<the code of l10n_fr_chorus_pro>"


BY_CODE = {KEY: _Code()}


def is_by_code(env):
    """Return whether the addon's own code set up this environment (``with_context(**BY_CODE)``)."""
    return env.context.get(KEY) is BY_CODE[KEY] and not is_rendering()


_rendering = ContextVar("l10n_fr_chorus_pro_rendering", default=False)


@contextmanager
def rendering():
    """Around the rendering of a text that people write, with expressions in it."""
    before = _rendering.set(True)
    try:
        yield
    finally:
        _rendering.reset(before)


def is_rendering():
    """Return whether what runs now was called by an expression of such a text."""
    return _rendering.get()


def check_not_rendering(env):
    """
    :raises AccessError: when an expression of a text wants what only the code, or a person, may do
    """
    if is_rendering():
        raise AccessError(
            env._(
                "A template or a report only shows what Chorus Pro says: it sends nothing and changes nothing"
                " of it. Take the expression that does out of the text."
            )
        )


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


class ChorusWrittenByCode(models.AbstractModel):
    """Refuses every write that code does not make with its own rights, whatever access rights are granted.

    It also covers what Odoo derives from it: files of such records cannot be changed or removed either.
    """

    _name = "chorus.written.by.code"
    _inherit = ["chorus.kept.from.texts"]
    _description = "Written by the code of Chorus Pro only"

    def _check_access(self, operation):
        if operation != "read" and not self.env.su:
            return self, self._chorus_refusal
        return super()._check_access(operation)

    def _chorus_refusal(self):
        return AccessError(
            self.env._("%s: only Chorus Pro's answers and the addon itself write this.", self._description)
        )

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super
        """The code's own defaults only.

        Odoo's also come from the caller's context (``default_state``) and from settings of the user
        (``ir.default``): both would be written with the rights of the code.
        """
        defaults = {}
        for name in fields:
            field = self._fields.get(name)
            if field and field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults


class ChorusGuardedFields(models.AbstractModel):
    """Refuses values of the addon's read-only fields that its code does not write itself."""

    _name = "chorus.guarded.fields"
    _description = "Fields Written by the Code of Chorus Pro Only"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._chorus_check_not_forged(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._chorus_check_not_forged(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        """Neither the caller's context nor settings of the user fill the guarded fields."""
        return super().default_get([name for name in fields if not self._chorus_is_guarded(name)])

    @api.model
    def _chorus_is_guarded(self, name):
        field = name.startswith("chorus_") and self._fields.get(name)
        return bool(field and field.readonly and not field.compute)

    @api.model
    def _chorus_check_not_forged(self, vals):
        """
        :raises AccessError: when somebody else than the code writes one of the guarded fields
        """
        if is_by_code(self.env) or (self.env.su and not is_rendering()):
            return
        forged = [name for name in vals if self._chorus_is_guarded(name)]
        if forged:
            raise AccessError(
                self.env._("Only Chorus Pro's answers and the addon itself write: %s", ", ".join(forged))
            )


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "chorus.guarded.fields"]


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "chorus.guarded.fields"]
