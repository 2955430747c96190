"""Decisions that stay ours whatever module stands outside: the last word about Chorus Pro customers.

Odoo puts modules that depend on more outside those that depend on less. What such a module answers without
asking further in (no ``super()``) cannot be corrected by inheriting; so once all modules are loaded, the
methods in question are wrapped on the class of the registry itself.
"""

import functools

from odoo import api, models

_MARK = "_chorus_outermost"


def _asking(decide):
    """A wrapper that lets the model's method ``decide`` answer, with the others' answer at hand."""

    def around(others, self, *args, **kwargs):
        return getattr(self, decide)(functools.partial(others, self), *args, **kwargs)

    return around


def _free_for_others(others, self, invoices_data):
    return others(self, self._chorus_free_for_others(invoices_data))


def _out_of_ereporting(others, self, *args, **kwargs):
    return None if self._chorus_out_of_ereporting() else others(self, *args, **kwargs)


def _to_report(others, self):
    return self.env["account.move"]._chorus_to_report(self, others(self))


# By model: method → what stands around it. What no module of the database defines is left out.
WRAPPED = {
    "account.move.send": {
        "_is_applicable_to_company": _asking("_chorus_applicable_to_company"),
        "_is_applicable_to_move": _asking("_chorus_applicable_to_move"),
        "_get_default_sending_methods": _asking("_chorus_default_methods"),
        "_get_default_invoice_edi_format": _asking("_chorus_default_format"),
        "_call_web_service_after_invoice_pdf_render": _free_for_others,
    },
    "account.move": {"_l10n_fr_pdp_get_transaction_type": _out_of_ereporting},
    "l10n.fr.pdp.reports.flow": {"_get_moves": _to_report},
}


class ChorusOutermost(models.AbstractModel):
    """Wraps the methods when the registry is ready, and unwraps them before it is set up anew."""

    _name = "chorus.outermost"
    _description = "Chorus Pro: Last Word about its Customers"

    def _register_hook(self):
        for model_class, name, around in self._chorus_places():
            _wrap(model_class, name, around)
        return super()._register_hook()

    def _unregister_hook(self):
        for model_class, name, _around in self._chorus_places():
            _unwrap(model_class, name)
        return super()._unregister_hook()

    @api.model
    def _chorus_places(self):
        """Yield (class of the registry, method, wrapper): the models, and those built on them.

        A screen is a model of its own; where a module gives it a method that hides the one of its base, that
        one is wrapped as well.
        """
        registry = self.env.registry
        for name, methods in WRAPPED.items():
            if not (base := registry.get(name)):
                continue
            for model_class in map(registry.get, registry.descendants([name], "_inherit")):
                own = (
                    model_class.__mro__[1 : model_class.__mro__.index(base)]
                    if model_class is not base
                    else None
                )
                for method, around in methods.items():
                    hidden = own is not None and any(method in cls.__dict__ for cls in own)
                    if hasattr(base, method) and (own is None or hidden):
                        yield model_class, method, around


def _wrap(model_class, name, around):
    former = model_class.__dict__.get(name)
    if hasattr(former, _MARK):
        return

    def wrapper(self, *args, **kwargs):
        # Looked up at each call: the classes further in may change.
        others = former or getattr(super(model_class, type(self)), name)
        return around(others, self, *args, **kwargs)

    functools.update_wrapper(wrapper, getattr(model_class, name))
    setattr(wrapper, _MARK, former)
    setattr(model_class, name, wrapper)


def _unwrap(model_class, name):
    wrapper = model_class.__dict__.get(name)
    if not hasattr(wrapper, _MARK):
        return
    if former := getattr(wrapper, _MARK):
        setattr(model_class, name, former)
    else:
        delattr(model_class, name)
