"""The last gate before the other channels, and decisions that stay ours whatever module stands outside.

Odoo puts modules that depend on more outside those that depend on less. What such a module answers without
asking further in (no ``super()``) cannot be corrected by inheriting; so once all modules are loaded, the
methods in question are wrapped on the class of the registry itself.
"""

import functools

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
