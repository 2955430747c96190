"""Invoices of subcontractors that wait for a company's word: listed, answered, and followed to their end."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from odoo.exceptions import UserError

from ..chorus_api import ChorusClient, errors
from ..chorus_api.invoice_actions import exact_total, framework
from ..models.base.transactions import advisory_lock, fresh_env, is_unlocked
from .channel import Channel, Env, guarded, in_words_of_company

_logger = logging.getLogger(__name__)

# Keys of the advisory locks of answers, apart from those of deposits, requests and chains.
_ANSWERS = -(15 * 10**8)
OURS = ("FACTURE", "")


def serve_validations(env: Env, deadline: float) -> None:
    """Ask for every company that has switched it on, and for no other."""
    with fresh_env(env) as new_env:
        companies = new_env["res.company"].search(
            [("chorus_validates", "=", True), ("chorus_environment", "!=", False)]
        )
        places = [(company.id, company.chorus_environment) for company in companies]
    for place in places:
        channel = Channel(env, *place, deadline)
        if guarded("probe", channel.may_begin) and not channel.time_is_up():
            guarded("validations", Validations(channel).look)


class Validations:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        # By number of the invoice: why what Chorus Pro says of it could not be written.
        self._failed: dict[str, Exception] = {}

    def look(self) -> None:
        """Note what waits for the company, and what became of what waits no longer."""
        with self.channel.fresh() as env:
            siret = self.channel.connection_in(env)._own_siret()
            waits = env["chorus.validation"]._open_of(self.channel.company_id, self.channel.environment)
            known = {int(validation.chorus_invoice_id): validation.number for validation in waits}
            ids = {int(validation.chorus_invoice_id): validation.id for validation in waits}
        if not siret:
            return
        try:
            with self.channel.client(uuid.uuid4().hex[:12]) as client:
                listed = [
                    summary
                    for summary in client.iter_to_validate(siret)
                    if summary.id and summary.kind in OURS
                ]
                new = [self._values(client, summary) for summary in listed if summary.id not in known]
                told = [(ids[summary.id], summary.status) for summary in listed if summary.id in known]
                gone = set(known) - {summary.id for summary in listed}
                told += self._became(client, {invoice_id: known[invoice_id] for invoice_id in gone}, ids)
        except errors.ChorusError as error:
            _logger.info("What waits for validation could not be asked: %s", error)
            self.channel.note_fault(error)
            return
        self.channel.write_each(
            new,
            lambda env, some: [env["chorus.validation"]._seen(values) for values in some],
            self._unwritten,
        )
        self.channel.write_each(told, self._follow_each, self._unwritten)
        # A person hears of those: without an answer the invoice counts as accepted. When all is written, it
        # is closed.
        self.channel.transaction(
            lambda env: env["chorus.validation"]._tell_unwritten(
                env["res.company"].browse(self.channel.company_id), self._failed
            )
        )

    def _values(self, client: ChorusClient, summary: Any) -> dict[Any, Any]:
        """The fields of a new record; the exact total stands in the invoice alone."""
        try:
            detail = client.validator_invoice(summary.id)
        except errors.Refused as error:
            _logger.info("Invoice %s to validate cannot be read: %s", summary.id, error)
            detail = {}
        total = exact_total(detail) or summary.total or 0
        return {
            "company_id": self.channel.company_id,
            "environment": self.channel.environment,
            "chorus_invoice_id": str(summary.id),
            "number": summary.number,
            "supplier_siret": summary.supplier,
            "supplier_name": summary.supplier_name,
            "recipient_siret": summary.recipient,
            "recipient_name": summary.recipient_name,
            "framework": framework(detail).partition("_")[0] or False,
            "contract": summary.market,
            "engagement": summary.engagement,
            "invoice_date": summary.issued_on,
            "deposited_on": summary.deposited_on,
            "amount_total": float(total),
            "currency_id": self._currency(summary.currency),
            "validator_id_there": str(summary.validator_id or "") or False,
            "rank": 2 if summary.status.endswith("_2") else 1,
            "status_code": summary.status,
        }

    def _currency(self, code: str) -> Any:
        with self.channel.fresh() as env:
            currencies = env["res.currency"].with_context(active_test=False)
            return currencies.search([("name", "=", code or "EUR")], limit=1).id

    def _became(
        self, client: ChorusClient, gone: dict[int, str], ids: dict[int, int]
    ) -> list[tuple[int, Any]]:
        """(id of the record, status) of invoices that are listed no more."""
        found = []
        for invoice_id, number in gone.items():
            for summary in client.iter_validated(number):
                if summary.id == invoice_id:
                    found.append((ids[invoice_id], summary.status))
        return found

    def _follow_each(self, env: Env, told: Iterable[tuple[int, str]]) -> None:
        for validation_id, status in told:
            self._follow(env, validation_id, status)

    def _follow(self, env: Env, validation_id: int, status: str) -> None:
        if is_unlocked(env.cr, _ANSWERS - validation_id):
            validation = env["chorus.validation"].browse(validation_id).try_lock_for_update()
            if validation:
                in_words_of_company(validation)._told(status)

    def _unwritten(self, env: Env, item: Any, error: Exception) -> None:
        known = None if isinstance(item, dict) else env["chorus.validation"].browse(item[0])
        self._failed[known.number if known else item["number"]] = error

    # -- answering ------------------------------------------------------------------------------------

    def answer(self, validation_id: int, accept: bool, reason: str) -> None:
        """Tell Chorus Pro what a person answers. Noted before the call, which is made outside every lock but
        the one that says "this process lives".

        :raises UserError: when it waits for no answer any more, or Chorus Pro cannot be asked
        """
        user_id, words = self.channel.env.uid, self.channel.env["chorus.words"]
        with advisory_lock(self.channel.env, _ANSWERS - validation_id) as free:
            if not free:
                raise UserError(self.channel.env._("It is being answered now: wait a moment."))
            call = self.channel.transaction(
                lambda env: (
                    env["chorus.validation"].browse(validation_id)._take_answer(accept, reason, user_id)
                )
            )
            status: str | None = None
            error: Exception | None = None
            try:
                with self.channel.client(uuid.uuid4().hex[:12]) as client:
                    status = client.validate_invoice(
                        call["invoice_id"],
                        accept,
                        reason,
                        rank=call["rank"],
                        validator_id=call["validator_id"],
                    )
            except (errors.ChorusError, UserError) as caught:
                error = caught
            sentence = words._error_sentence(error) if isinstance(error, errors.ChorusError) else str(error)
            self.channel.transaction(
                lambda env: self._note_answer(env, validation_id, accept, status, error, sentence)
            )

    def _note_answer(
        self,
        env: Env,
        validation_id: int,
        accept: bool,
        status: str | None,
        error: Exception | None,
        sentence: str,
    ) -> None:
        validation = env["chorus.validation"].browse(validation_id)
        if not error:
            if status:
                validation.status_code = status
            validation._settled("accepted" if accept else "refused")
        elif getattr(error, "outcome", None) == "unknown":
            # Its status is read by the next run: it stays "being answered".
            validation.message = env._("The answer was lost. The status is looked at before anything else.")
        else:
            validation._not_answered(sentence)
