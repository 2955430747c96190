"""Who sells, who buys, who is paid, where it was delivered (BG-4, BG-7, BG-10, BG-13)."""

from functools import partial

from odoo import models

from ..einvoice import terms


def compact(identifier):
    """A SIRET, VAT number or account number without blanks, in capitals; None when empty.

    >>> compact(" fr 12 345 ")
    'FR12345'
    """
    return "".join((identifier or "").split()).upper() or None


def vat_number(partner):
    """A partner's VAT number; ``/`` is how Odoo says that there is none."""
    number = compact(partner.vat)
    return None if number == "/" else number


class AccountMove(models.Model):
    _inherit = "account.move"

    def _chorus_seller(self, common):
        company = self.company_id
        foreign_vat = self.fiscal_position_id.foreign_vat
        return common.once(
            ("seller", company.id, foreign_vat), partial(self._chorus_make_seller, common, foreign_vat)
        )

    def _chorus_make_seller(self, common, foreign_vat):
        company = self.company_id
        partner = company.partner_id
        siret = compact(company.company_registry)
        if common.environment == "test":
            # Only the fictitious structures of the qualification data set exist there.
            siret = compact(common.connection(company).supplier_siret) or siret
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

    def _chorus_buyer(self, common):
        return common.once(
            ("buyer", self.company_id.id, self.partner_id.id), partial(self._chorus_make_buyer, common)
        )

    def _chorus_make_buyer(self, common):
        partner, customer = self.partner_id, self.commercial_partner_id
        siret, name = compact(customer.company_registry), customer.name
        if common.environment == "test":
            connection = common.connection(self.company_id)
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

    def _chorus_ship_to(self, common):
        """BG-13, only when the goods went somewhere else than the buyer's address, or must be said to.

        An intra-community supply always says where it went (EN 16931 BR-IC-12).
        """
        delivery = self.partner_shipping_id
        abroad = delivery.country_id != self.company_id.country_id
        if not delivery or (delivery == self.partner_id and not abroad):
            return None
        return common.once(("ship_to", delivery.id), partial(self._chorus_make_ship_to, delivery))

    def _chorus_make_ship_to(self, delivery):
        name = delivery.name or delivery.commercial_partner_id.name
        return terms.Party(name=name, address=_address(delivery))

    def _chorus_payee(self):
        """BG-10: the factor, whom the buyer pays instead of the seller."""
        factor = self.chorus_factor_id
        return terms.Party(name=factor.name, siret=compact(factor.company_registry)) if factor else None


def _address(partner):
    return terms.Address(
        country=partner.country_id.code or None,
        line_one=partner.street or None,
        line_two=partner.street2 or None,
        city=partner.city or None,
        postcode=partner.zip or None,
        subdivision=partner.state_id.name or None,
    )
