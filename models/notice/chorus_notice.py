"""Whom to tell that somebody has to act, and telling: one open activity for each record and kind of news."""

from markupsafe import Markup, escape
from odoo import api, models

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
    def _person(self, record):
        """Who is told about a record.

        An invoice or a deposit is the business of whoever sent it; else of the person responsible for Chorus
        Pro, whoever made the connection, the salesperson, an administrator who keeps accounts, any other.

        :param record: of a model with a company: invoice, deposit or connection
        :return: one user: never an archived one, a robot, or one who cannot open what she is told of
        """
        record.ensure_one()
        for user in self._candidates(record.sudo()):
            if self._hears(user, record):
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
