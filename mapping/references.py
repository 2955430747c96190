"""The kind of document, what it refers to, and its notes (BT-3, BT-10, BG-3, BG-1)."""

from typing import Any

from ..einvoice import split_text, terms
from .batch import Batch
from .kinds import Record
from .lines import LineParts
from .subrogation import subrogation
from .texts import LineTexts

INVOICE, CREDIT_NOTE, DOWN_PAYMENT = "380", "381", "386"

# UNTDID 4451: recovery costs, late payment, discount (XP Z12-012 BR-FR-05).
MENTIONS = (("chorus_note_pmt", "PMT"), ("chorus_note_pmd", "PMD"), ("chorus_note_aab", "AAB"))


class ReferenceMapper:
    """The references and notes of the invoices of one batch.

    :param Batch batch:
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def type_code(self, move: Record) -> str:
        """BT-3: what the accountant chose, else what the sales app says."""
        if move.move_type == "out_refund":
            return CREDIT_NOTE
        if move.chorus_document_kind:
            return move.chorus_document_kind
        return DOWN_PAYMENT if move._is_downpayment() else INVOICE

    def buyer_service(self, move: Record) -> str | None:
        """BT-10: the invoice's service; in test, that of the recipient who takes the buyer's place."""
        batch, customer = self._batch, move.commercial_partner_id
        if batch.environment == "test" and (connection := batch.connection(move.company_id)):
            code = batch.once(("service", customer.id), lambda: connection._test_service_for(customer))
            if code is not None:
                return code
        return move.buyer_reference

    def origins(self, move: Record) -> Record:
        """The invoices that this one corrects, cancels or deducts.

        :rtype: account.move
        """
        corrected = move.reversed_entry_id or move.chorus_corrected_id
        if not corrected and "debit_origin_id" in move._fields:
            corrected = move.debit_origin_id
        deducted = () if corrected else self._deducted(move)
        if not deducted:
            return corrected
        paid_down = self._batch.lines(deducted)._get_downpayment_lines().move_id
        return paid_down.filtered(lambda origin: origin.state == "posted" and origin != move)

    def _deducted(self, move: Record) -> Record:
        """Ids of the lines that may deduct a down payment.

        When an order was cut down below what was paid, the sales app gives the rest back by a credit note.
        """
        back = -1 if move.move_type == "out_refund" else 1
        return [item.id for item in self._batch.of_kind(move, "product") if item.quantity * back < 0]

    def read_down_payments(self, moves: Record) -> Any:
        """Let the sales app read what these invoices deduct at once, not invoice by invoice."""
        deducted = [line_id for move in moves for line_id in self._deducted(move)]
        lines = self._batch.lines(deducted)
        lines._get_downpayment_lines().move_id.fetch(["state", "name", "invoice_date"])

    @staticmethod
    def preceding(origins: Record) -> tuple[terms.Preceding, ...]:
        """BG-3. Chorus Pro reads one preceding invoice (XP Z12-012 BR-FR-CPRO-20)."""
        if len(origins) != 1:
            return ()
        return (terms.Preceding(origins.name or "", origins.invoice_date or None),)

    def notes(
        self, move: Record, parts: LineParts, origins: Record, payment_terms: list[str]
    ) -> tuple[terms.Note, ...]:
        """BG-1: the terms printed on the invoice, texts that no line holds, and the legal mentions.

        :param LineParts parts:
        :param origins: from ``origins``
        :param list[str] payment_terms: what BT-20 has no room for
        """
        texts = [*payment_terms]
        if narration := self._batch.plain(move.narration):
            texts += split_text(narration, LineTexts.LIMIT)
        if len(origins) > 1:
            names = ", ".join(origins.sorted("name").mapped("name"))
            texts.append(move.env._("Deducted down payment invoices: %s", names))
        if move.chorus_factor_id and move.move_type == "out_invoice":
            texts.append(subrogation(move))
        company = move.company_id
        mentions = self._batch.once(("mentions", company.id, move.env.lang), lambda: _mentions(company))
        return (*(terms.Note(text) for text in texts), *parts.notes, *mentions)


def _mentions(company: Record) -> Any:
    return [
        terms.Note(company[name].strip(), subject)
        for name, subject in MENTIONS
        if (company[name] or "").strip()
    ]
