"""What a company has to validate as holder of a contract: invoices of its subcontractors."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..base import moments

# Source: AIFE's guide on subcontracting: no answer within this time is an acceptance.
DAYS = 15
# An activity asks in time: so many days before the last one.
BEFORE = 4
KIND = "l10n_fr_chorus_pro.activity_validation"
UNWRITTEN = "l10n_fr_chorus_pro.activity_validation_unwritten"
STATES = [
    ("to_validate", "To validate"),
    ("answering", "Being answered"),
    ("accepted", "Accepted"),
    ("refused", "Refused"),
    ("tacit", "Accepted tacitly"),
    ("over", "Settled elsewhere"),
]
OPEN = ("to_validate", "answering")
# What a status of Chorus Pro says about the validation.
TOLD = {
    "A_VALIDER_1": "to_validate",
    "A_VALIDER_2": "to_validate",
    "VALIDEE_1": "accepted",
    "VALIDEE_2": "accepted",
    "REFUSEE_1": "refused",
    "REFUSEE_2": "refused",
    "ABSENCE_VALIDATION_1_HORS_DELAI": "tacit",
    "ABSENCE_VALIDATION_2_HORS_DELAI": "tacit",
}


class ChorusValidation(models.Model):
    """One invoice that waits for this company's word. People read it and answer; only code writes it."""

    _name = "chorus.validation"
    _description = "Invoice to validate on Chorus Pro"
    _inherit = ["chorus.written.by.code", "mail.thread", "mail.activity.mixin"]
    _order = "deadline, id"
    _rec_name = "number"
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")], required=True, readonly=True
    )
    chorus_invoice_id = fields.Char("Chorus Pro identifier", required=True, readonly=True)
    number = fields.Char("Invoice number", readonly=True)
    supplier_siret = fields.Char("SIRET of the subcontractor", readonly=True)
    supplier_name = fields.Char("Subcontractor", readonly=True)
    recipient_siret = fields.Char("SIRET of the public body", readonly=True)
    recipient_name = fields.Char("Public body", readonly=True)
    framework = fields.Char(readonly=True)
    contract = fields.Char("Public contract (marché)", readonly=True)
    engagement = fields.Char("Engagement number", readonly=True)
    invoice_date = fields.Date("Date of the invoice", readonly=True)
    deposited_on = fields.Date("Deposited", readonly=True)
    deadline = fields.Date("Answer before", readonly=True)
    days_left = fields.Integer("Days left", compute="_compute_days_left")
    amount_total = fields.Monetary("Total with tax", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    validator_id_there = fields.Char("Validator on Chorus Pro", readonly=True)
    rank = fields.Integer(readonly=True, default=1, aggregator=False)
    status_code = fields.Char("Status (code)", readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, default="to_validate")
    answer = fields.Selection([("accept", "Accept"), ("refuse", "Refuse")], "Answer given", readonly=True)
    reason = fields.Text(readonly=True)
    answered_by_id = fields.Many2one("res.users", "Answered by", readonly=True)
    answered_at = fields.Datetime("Answered", readonly=True)
    message = fields.Char("What happened", readonly=True)
    file_id = fields.Many2one("ir.attachment", "Invoice to read", readonly=True)

    _once = models.UniqueIndex("(company_id, environment, chorus_invoice_id)")

    @api.depends("deadline", "state")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for validation in self:
            waits = validation.state in OPEN and validation.deadline
            validation.days_left = max((validation.deadline - today).days, 0) if waits else 0

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        raise UserError(self.env._("What was validated on Chorus Pro cannot be deleted."))

    @api.model
    def _open_of(self, company_id, environment):
        """The invoices that still wait, as far as is known here."""
        return self.search(
            Domain("company_id", "=", company_id)
            & Domain("environment", "=", environment)
            & Domain("state", "in", OPEN)
        )

    @api.model
    def _seen(self, values):
        """Write down an invoice that Chorus Pro lists for validation; a person is asked for her answer.

        :param dict values: fields, ``company_id``, ``environment`` and ``chorus_invoice_id`` among them
        """
        known = self.search(
            [(name, "=", values[name]) for name in ("company_id", "environment", "chorus_invoice_id")]
        )
        if known:
            return known
        since = values.get("deposited_on") or fields.Date.context_today(self)
        validation = self.create({**values, "deadline": fields.Date.add(since, days=DAYS)})
        validation._ask_person()
        return validation

    def _ask_person(self):
        self.ensure_one()
        wanted = fields.Date.add(self.deadline, days=-BEFORE)

        def note(record):
            return record.env._(
                "%(supplier)s sent %(number)s under your contract: accept or refuse it before %(deadline)s."
                " Without an answer it counts as accepted.",
                supplier=record.supplier_name or record.supplier_siret or "?",
                number=record.number,
                deadline=format_date(record.env, record.deadline),
            )

        self.env["chorus.notice"]._tell(
            self, KIND, note, deadline=max(wanted, fields.Date.context_today(self))
        )

    @api.model
    def _tell_unwritten(self, company, failed):
        """Tell the company's responsible person of invoices whose news could not be written down here; the
        activity is closed when there are none.

        :param company: record of res.company
        :param dict failed: the subcontractor's number of the invoice → the error, for instance of a rule of
            another module
        """
        if not failed:
            self.env["chorus.notice"]._solved(company, UNWRITTEN)
            return
        error = next(iter(failed.values()))

        def note(record):
            return record.env._(
                "What Chorus Pro says of invoice %(number)s, which waits for your company's answer, could not"
                " be written down here (%(error)s): an automated rule or another module may refuse it. Look"
                " at the invoice on the portal: without an answer it counts as accepted.",
                number=", ".join(failed),
                error=str(error)[:200] or type(error).__name__,
            )

        self.env["chorus.notice"]._tell(company, UNWRITTEN, note)

    def _settled(self, state, words=False, **values):
        """Nobody has to answer any more."""
        self.ensure_one()
        self.write({"state": state, "message": words, **values})
        label = dict(self._fields["state"]._description_selection(self.env))[state]
        self.message_post(body=" – ".join(part for part in (label, self.reason, words) if part))
        self.env["chorus.notice"]._solved(self, KIND)

    def _told(self, status):
        """Chorus Pro gives a status: the record follows it.

        :param str status: code
        """
        self.ensure_one()
        state = TOLD.get(status)
        self.status_code = status
        if state == "to_validate":
            if self.state == "answering":
                self.write(
                    {
                        "state": "to_validate",
                        "message": self.env._("Chorus Pro has not noted the answer: give it again."),
                    }
                )
            return
        if state is None and self.answer:
            state = "accepted" if self.answer == "accept" else "refused"
        self._settled(state or "over")

    def _take_answer(self, accept, reason, user_id):
        """Note what a person answers, before Chorus Pro is told; the caller commits.

        :return: dict of what to tell Chorus Pro with
        :raises UserError: when it waits for no answer any more
        """
        self.ensure_one()
        if not self.try_lock_for_update() or self.state != "to_validate":
            raise UserError(self.env._("%s waits for no answer any more: look at its state.", self.number))
        self.write(
            {
                "state": "answering",
                "answer": "accept" if accept else "refuse",
                "reason": reason or False,
                "answered_by_id": user_id,
                "answered_at": moments.now(self.env),
                "message": False,
            }
        )
        there = self.validator_id_there
        return {
            "invoice_id": int(self.chorus_invoice_id),
            "rank": self.rank if self.rank in (1, 2) else 1,
            "validator_id": int(there) if there else None,
        }

    def _not_answered(self, words):
        """Chorus Pro has not taken the answer: it waits again."""
        self.write(
            {
                "state": "to_validate",
                "answer": False,
                "answered_by_id": False,
                "answered_at": False,
                "message": words,
            }
        )
