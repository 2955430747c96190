"""Telling people: what a button gives back, whom to tell that she has to act, what open screens show anew."""

from markupsafe import Markup, escape
from odoo import api, models

from ...chorus_api import statuses
from ..base.chorus_states import INVOICE
from .chorus_sentences import CATALOGUE, say
from .chorus_sentences import explain as explain_error


def notice(kind, title, message, *, sticky=False):
    """The client action that shows a message and reads the form again.

    :param str kind: ``success``, ``warning`` or ``danger``; the last one stays until it is closed
    :param bool sticky: whether it stays in any case
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "title": title,
            "message": message,
            "sticky": sticky or kind == "danger",
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }


def dialog(wizard, title, *, large=False):
    """The action that opens one record of a screen in a dialog.

    :param wizard: the record, of a transient model
    :param bool large: as wide as the window, for lists of many columns
    """
    return {
        "type": "ir.actions.act_window",
        "name": title,
        "res_model": wizard._name,
        "res_id": wizard.id,
        "view_mode": "form",
        "views": [(False, "form")],
        "target": "new",
        **({"context": {"dialog_size": "extra-large"}} if large else {}),
    }


# What asks for a person in test must neither close nor hide what asks for her in production.
TO_ACT = {
    "production": "l10n_fr_chorus_pro.activity_chorus",
    "test": "l10n_fr_chorus_pro.activity_chorus_test",
}
# Nothing is sent or followed through a connection, and no waiting cures that.
STOPPED = {
    "production": "l10n_fr_chorus_pro.activity_stopped",
    "test": "l10n_fr_chorus_pro.activity_stopped_test",
}
# Invoices that should have gone by themselves and were not ready.
HELD_BACK = {
    "production": "l10n_fr_chorus_pro.activity_held_back",
    "test": "l10n_fr_chorus_pro.activity_held_back_test",
}
# Customers that Chorus Pro says are public bodies, and that nobody has marked.
FOUND = "l10n_fr_chorus_pro.activity_found"
PASSWORD = "l10n_fr_chorus_pro.activity_password"
REFUSED = "l10n_fr_chorus_pro.activity_refused"
# A late invoice waits for the rate of its half-year.
RATE = "l10n_fr_chorus_pro.activity_rate"


class ChorusNotice(models.AbstractModel):
    _name = "chorus.notice"
    _description = "Telling people about Chorus Pro"

    @api.model
    def _person(self, record, leaving=()):
        """Who is told about a record.

        An invoice or a deposit is the business of whoever sent it; else of the person responsible for Chorus
        Pro, whoever made the connection, the salesperson, an administrator who keeps accounts, any other.

        :param record: of a model with a company: invoice, deposit or connection
        :param leaving: users who will not be there any more
        :return: one user: never an archived one, a robot, or one who cannot open what she is told of
        """
        record.ensure_one()
        for user in self._candidates(record.sudo()):
            if user not in leaving and self._hears(user, record):
                return user
        return self.env.ref("base.user_admin")

    @api.model
    def _candidates(self, record):
        company = self._company(record)
        yield from self._senders(record)
        yield from company.chorus_responsible_id
        yield from company.chorus_connection_ids.create_uid
        if "invoice_user_id" in record._fields:
            yield from record.invoice_user_id
        users = self.env["res.users"].sudo()
        domain = [("company_ids", "in", company.ids), ("share", "=", False)]
        administrators = users.search(domain, order="id").filtered(
            lambda user: user.has_group("base.group_system")
        )
        yield from administrators.filtered(lambda user: user.has_group("account.group_account_invoice"))
        yield from administrators

    @api.model
    def _company(self, record):
        return record if record._name == "res.company" else record.company_id

    @api.model
    def _senders(self, record):
        """Who sent what a record is about: the last one first."""
        if record._name == "chorus.deposit":
            return record.line_ids.queued_by_id
        if record._name == "account.move":
            return record.chorus_line_ids.sorted("id", reverse=True).queued_by_id
        return self.env["res.users"]

    @api.model
    def _hears(self, user, record):
        if (
            not user.active
            or user.share
            or user._is_superuser()
            or self._company(record) not in user.company_ids
        ):
            return False
        # A connection is for administrators: others are told on the company's contact.
        return record._name in ("chorus.connection", "res.company") or self._may_read(user, record)

    @api.model
    def _may_read(self, user, record):
        seen = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return seen.has_access("read")

    @api.model
    def _tell(self, record, kind, note, *, summary=False, deadline=None, anew=False):
        """Give the person one open activity of this kind: a new message replaces the former one.

        :param record: invoice, deposit or connection
        :param str kind: external identifier of the kind of activity
        :param note: text, or a function of the record, in the person's language, that gives it
        :param bool anew: close the open one first, so that the person hears of it again
        :return: bool, whether a person was told
        """
        user = self._person(record)
        record = record.sudo().with_context(lang=user.lang or "en_US", mail_activity_quick_update=True)
        # It may quote what PISTE or Chorus Pro said: shown as text, whatever it looks like.
        lines = (note(record) if callable(note) else note or "").splitlines()
        body = Markup("<br/>").join(escape(line) for line in lines)
        known = self._open(record, kind)
        if anew:
            known.unlink()
        elif known:
            values = {"summary": summary, "note": body} | (
                {"user_id": user.id} if user != known[0].user_id else {}
            )
            known[0].write(values)
            known[1:].unlink()
            return True
        on_contact = record._name == "res.company" or not self._may_read(user, record)
        place = self._company(record).partner_id if on_contact else record
        given = {"summary": summary} if summary else {}
        made = place.activity_schedule(kind, date_deadline=deadline, note=body, user_id=user.id, **given)
        return bool(made) and user.active

    @api.model
    def _hand_over(self, users):
        """What these users were asked to look at becomes somebody else's: they leave, and Odoo would drop it.

        Most of it is told once, so that nobody would hear of it any more.
        """
        kinds = (
            self.env["ir.model.data"]
            .sudo()
            .search([("module", "=", "l10n_fr_chorus_pro"), ("model", "=", "mail.activity.type")])
        )
        activities = (
            self.env["mail.activity"]
            .sudo()
            .search([("user_id", "in", users.ids), ("activity_type_id", "in", kinds.mapped("res_id"))])
        )
        for activity in activities:
            record = self.env[activity.res_model].sudo().browse(activity.res_id)
            if record._name == "res.partner":
                record = self.env["res.company"].sudo().search([("partner_id", "=", record.id)], limit=1)
            if not record:
                continue
            person = self._person(record, leaving=users)
            values = {"user_id": person.id}
            if record._name == "chorus.connection" and not self._may_read(person, record):
                contact = record.company_id.partner_id
                values |= {"res_model_id": self.env["ir.model"]._get_id(contact._name), "res_id": contact.id}
            activity.write(values)

    @api.model
    def _solved(self, records, kind):
        """Close the activities of this kind: nobody has to act there any more."""
        self._open(records, kind).unlink()

    @api.model
    def _solved_everywhere(self, kind):
        """Close the activities of this kind on whatever record: what they ask for is there."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(kind)
        self.env["mail.activity"].sudo().search([("activity_type_id", "=", type_id)]).unlink()

    @api.model
    def _open(self, records, kind):
        """The open activities of a kind on records, and on the contact of their company for connections."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(kind)
        records = records.sudo()
        places = [records.partner_id] if records._name == "res.company" else [records]
        if records._name == "chorus.connection":
            places.append(records.company_id.partner_id)
        found = self.env["mail.activity"].sudo().union(*(place.activity_ids for place in places))
        return found.filtered(lambda activity: activity.activity_type_id.id == type_id)


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self.env["chorus.notice"]._hand_over(self)
        return super().write(vals)

    def action_archive(self):
        self.env["chorus.notice"]._hand_over(self)
        return super().action_archive()

    def unlink(self):
        self.env["chorus.notice"]._hand_over(self)
        return super().unlink()


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
        if not ids:
            return
        # Groups of Odoo's own: whether they exist is not asked after each invoice.
        groups = [self.env["ir.model.data"]._xmlid_to_res_id(xml_id) for xml_id in _READERS]
        for group in self.env["res.groups"].sudo().browse(groups):
            group._bus_send("l10n_fr_chorus_pro/changed", {"ids": ids})


class ChorusWords(models.AbstractModel):
    """What Chorus Pro says, in the reader's language."""

    _name = "chorus.words"
    _description = "Chorus Pro words"

    @api.model
    def _lang(self, company):
        """Language in which the machine writes for a company: its responsible person's, else its own."""
        company = company.sudo()
        return company.chorus_responsible_id.lang or company.partner_id.lang or self.env.lang

    @api.model
    def _in_french(self):
        return (self.env.context.get("lang") or self.env.user.lang or "").startswith("fr")

    @api.model
    def _flow_label(self, code):
        """Label of a flow state; an unknown code is shown as it came."""
        return self._pick(statuses.flow_state(code), "label") if code else False

    @api.model
    def _status_label(self, code):
        """Label of an invoice status; an unknown code is shown as it came."""
        return self._pick(statuses.invoice_status(code), "label") if code else False

    @api.model
    def _status_meaning(self, code):
        return self._about_status(code, "meaning")

    @api.model
    def _status_action(self, code):
        return self._about_status(code, "action")

    @api.model
    def _about_status(self, code, column):
        if not code:
            return False
        known = code if code in statuses.INVOICE_STATUSES else "unknown"
        return say(self.env, f"status.{known}.{column}")

    @api.model
    def _pick(self, row, name):
        return getattr(row, f"{name}_fr" if self._in_french() else f"{name}_en")

    @api.model
    def _error_sentence(self, error):
        """What a failed call means, with the reference under which the log has the details.

        :param error: ``chorus_api.ChorusError``
        """
        return explain_error(self.env, error)

    @api.model
    def _explained(self, explained):
        """One reason of a rejection: our sentence when the text is known, else Chorus Pro's own words."""
        key = f"rejection.{explained.code}"
        return say(self.env, key) if key in CATALOGUE else explained.raw

    @api.model
    def _state_sentence(self, state, status_code):
        """What happens next with an invoice, in one sentence."""
        row = INVOICE.get(state)
        if row and row.told_by_status and status_code:
            return self._status_action(status_code) or self._status_meaning(status_code)
        return self.env._(row.sentence) if row and row.sentence else False
