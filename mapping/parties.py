"""Who sells, who buys, who is paid, where it was delivered (BG-4, BG-7, BG-10, BG-13)."""

from typing import Any

from ..einvoice import terms
from .batch import Batch
from .kinds import Record
from .texts import compact


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
