"""The semantic invoice of EN 16931 out of one invoice of the ERP: kind, parties, references and notes."""

from datetime import date
from typing import Any

from ..einvoice import split_text, terms
from .batch import Batch
from .kinds import Record
from .lines import LineMapper, LineParts, period, totals, vat_point
from .payment import PaymentMapper, subrogation
from .texts import LineTexts, code, compact, first_piece, stripped


class PartyMapper:
    """The parties of the invoices of one batch.

    :param Batch batch:
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def seller(self, move: Record) -> terms.Party:
        """BG-4."""
        company, foreign_vat = move.company_id, move.fiscal_position_id.foreign_vat
        establishment = self._establishment(move)
        key = ("seller", company.id, foreign_vat, establishment)
        return self._batch.once(key, lambda: self._make_seller(company, foreign_vat, establishment))

    @staticmethod
    def _establishment(move: Record) -> str | None:
        """SIRET of the establishment that issues the journal's invoices, or None for the company's own."""
        if not move.company_id.chorus_establishments:
            return None
        return compact(move.journal_id.chorus_siret)

    def _make_seller(
        self, company: Record, foreign_vat: str | None, establishment: str | None
    ) -> terms.Party:
        partner = company.partner_id
        siret = establishment or compact(partner._chorus_own_siret())
        if self._batch.environment == "test":
            # Only the fictitious structures of the qualification data set exist there.
            siret = compact(self._batch.connection(company).supplier_siret) or siret
        # A branch shares the VAT number of its legal entity, not its SIRET.
        vat = compact(foreign_vat) or vat_number(partner) or vat_number(company.root_id.partner_id)
        contact = terms.Contact(phone=company.phone or None, email=company.email or None)
        return terms.Party(
            name=company.name,
            siret=siret,
            vat_number=vat,
            # BT-32 stands in for the VAT number that a company under art. 293 B has not (BR-E-02).
            tax_id=None if vat else (siret or "")[:9] or None,
            address=_address(partner),
            contact=contact if contact.phone or contact.email else None,
        )

    def buyer(self, move: Record) -> terms.Party:
        """BG-7."""
        company, partner = move.company_id, move.partner_id
        return self._batch.once(
            ("buyer", company.id, partner.id),
            lambda: self._make_buyer(company, partner, move.commercial_partner_id),
        )

    def _make_buyer(self, company: Record, partner: Record, customer: Record) -> terms.Party:
        siret, name = compact(customer._chorus_own_siret()), customer.name
        if self._batch.environment == "test":
            connection = self._batch.connection(company)
            stand_in = connection and connection._test_recipient_for(customer)
            if stand_in:
                siret, name = compact(stand_in.siret), stand_in.name
        contact_name = partner.name if partner != customer and partner.name else None
        return terms.Party(
            name=name,
            siret=siret,
            vat_number=vat_number(customer),
            address=_address(partner),
            contact=terms.Contact(name=contact_name) if contact_name else None,
        )

    def ship_to(self, move: Record) -> terms.Party | None:
        """BG-13, only when the goods went somewhere else than the buyer's address, or must be said to.

        An intra-community supply always says where it went (EN 16931 BR-IC-12).
        """
        delivery = move.partner_shipping_id
        abroad = delivery.country_id != move.company_id.country_id
        if not delivery or (delivery == move.partner_id and not abroad):
            return None
        return self._batch.once(("ship_to", delivery.id), lambda: _delivery(delivery))

    @staticmethod
    def payee(move: Record) -> terms.Party | None:
        """BG-10: the factor, whom the buyer pays instead of the seller."""
        factor = move.chorus_factor_id
        return terms.Party(name=factor.name, siret=compact(factor._chorus_own_siret())) if factor else None


def vat_number(partner: Record) -> str | None:
    """A partner's VAT number; ``/`` is how Odoo says that there is none."""
    number = compact(partner.vat)
    return None if number == "/" else number


def _delivery(partner: Record) -> Any:
    # An address without country is none (BR-57): the group is optional, its name stays.
    address = _address(partner) if partner.country_id else None
    return terms.Party(name=partner.name or partner.commercial_partner_id.name, address=address)


def _address(partner: Record) -> terms.Address:
    return terms.Address(
        country=partner.country_id.code or None,
        line_one=partner.street or None,
        line_two=partner.street2 or None,
        city=partner.city or None,
        postcode=partner.zip or None,
        subdivision=partner.state_id.name or None,
    )


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
        """The invoices that this one corrects, cancels or deducts, or whose retention it asks for.

        :rtype: account.move
        """
        corrected = move.reversed_entry_id or move.chorus_corrected_id or move.chorus_retention_of_id
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
        if contractor := main_contractor(move):
            texts.append(contractor)
        if move.chorus_factor_id and move.move_type == "out_invoice":
            texts.append(subrogation(move))
        company = move.company_id
        mentions = self._batch.once(("mentions", company.id, move.env.lang), lambda: _mentions(company))
        return (*(terms.Note(text) for text in texts), *parts.notes, *mentions)


def main_contractor(move: Record) -> str | None:
    """Who validates an invoice of a subcontractor or co-contractor, in the language of ``move``.

    Neither a Factur-X nor its deposit (``deposer/flux``) has a place for the validator.

    :param move: record of account.move
    """
    contractor = move.chorus_validator_id
    if not contractor or move.chorus_process not in ("A9", "A12"):
        return None
    siret = compact(contractor._chorus_own_siret())
    if not siret:
        return move.env._("Main contractor, who validates this invoice: %s", contractor.name)
    return move.env._(
        "Main contractor, who validates this invoice: %(name)s, SIRET %(siret)s",
        name=contractor.name,
        siret=siret,
    )


def _mentions(company: Record) -> Any:
    return [
        terms.Note(company[name].strip(), subject)
        for name, subject in MENTIONS
        if (company[name] or "").strip()
    ]


class InvoiceMapper:
    """Maps the invoices of one batch.

    :param Batch batch:
    """

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._parties = PartyMapper(batch)
        self._payment = PaymentMapper(batch)
        self._references = ReferenceMapper(batch)

    def map_all(self) -> dict[int, terms.Invoice]:
        """The semantic invoices of the batch, each in its customer's language.

        :rtype: dict[int, einvoice.terms.Invoice]
        """
        moves, invoices = self.batch.moves, {}
        # French, where it is installed, for a customer without language.
        french = moves.env["res.lang"]._get_data(code="fr_FR")
        default = "fr_FR" if french else moves.env.lang or "en_US"
        self._references.read_down_payments(moves)
        groups = moves.grouped(lambda move: (move.partner_id.lang or default, move.company_id))
        for (lang, company), group in groups.items():
            for move in group.with_context(lang=lang).with_company(company):
                invoices[move.id] = self.map(move)
        return invoices

    def map(self, move: Record) -> terms.Invoice:
        """One semantic invoice, in the language of its environment.

        :param move: record of account.move, of the batch
        :rtype: einvoice.terms.Invoice
        """
        parts = LineMapper(self.batch, move).parts()
        if parts.problems:
            self.batch.problems[move.id] = parts.problems
        breakdown, amounts = totals(parts, self._payment.prepaid(move))
        references = self._references
        origins = references.origins(move)
        payment_terms, more_terms = first_piece(self._payment.terms(move) or "", LineTexts.LIMIT)
        return terms.Invoice(
            number=move.name if move.name and move.name != "/" else "",
            issue_date=move.invoice_date or date.today(),
            type_code=references.type_code(move),
            currency=move.currency_id.name,
            seller=self._parties.seller(move),
            buyer=self._parties.buyer(move),
            lines=tuple(parts.lines),
            breakdown=breakdown,
            totals=amounts,
            payment=self._payment.means(move),
            process=move.chorus_process or "A1",
            notes=references.notes(move, parts, origins, more_terms),
            vat_point_code=vat_point(parts),
            buyer_reference=code(references.buyer_service(move)),
            order_reference=code(move.purchase_order_reference),
            contract_reference=code(move.contract_reference),
            preceding=references.preceding(origins),
            payee=self._parties.payee(move),
            ship_to=self._parties.ship_to(move),
            delivery_date=move.delivery_date or None,
            period=period(move.chorus_period_start, move.chorus_period_end),
            allowances=tuple(parts.document_level),
            payment_reference=code(move.payment_reference),
            payment_terms=payment_terms,
            due_date=self._payment.due_date(move),
            attachments=tuple(map(_attachment, move.chorus_attachment_ids)),
        )


def _attachment(attachment: Record) -> terms.Attachment:
    return terms.Attachment(
        name=attachment.name,
        content=attachment.raw or b"",
        mime=attachment.mimetype or "application/octet-stream",
        description=stripped(attachment.description),
    )
