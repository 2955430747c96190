"""The identity of an invoice (``chorus_api.InvoiceIdentity``) between mapping, lines and searches; SIRETs.

Where Odoo keeps the numbers that the next series keeps elsewhere, there is one accessor for each: everybody
else asks here (``tests/unit/test_accessors.py``); docs/odoo_20.md says what changes.
"""

from odoo import models
from odoo.exceptions import AccessError

from ...chorus_api import InvoiceIdentity
from ...einvoice import compact_code

# For views' domains, dependencies and writing; who reads asks ``res.partner._chorus_own_siret()``.
SIRET_FIELD = "company_registry"


def is_siret(text):
    """Return whether ``text`` has 14 digits; the SIRETs of the test data sets often fail the Luhn check."""
    return len(text) == 14 and text.isascii() and text.isdigit()


def siret_domain(sirets):
    """Return the domain of the partners that have one of these SIRETs, written without blanks."""
    return [(SIRET_FIELD, "in", list(sirets))]


def of_invoice(invoice):
    """
    :param invoice: ``einvoice.Invoice``, as it is or was sent
    """
    return InvoiceIdentity(
        seller=invoice.seller.siret,
        buyer=invoice.buyer.siret,
        number=invoice.number,
        date=invoice.issue_date,
        total=float(invoice.totals.grand),
    )


def of_line(line):
    """What was sent for a line, frozen when its file was made.

    :param line: ``chorus.deposit.line``
    """
    return InvoiceIdentity(
        seller=line.seller_siret,
        buyer=line.buyer_siret,
        number=line.number,
        date=line.invoice_date,
        total=line.amount_total,
    )


def to_values(identity):
    """The fields of ``chorus.deposit.line`` that keep an identity."""
    return {
        "number": identity.number,
        "seller_siret": identity.seller,
        "buyer_siret": identity.buyer,
        "invoice_date": identity.date,
        "amount_total": identity.total,
    }


_ACCOUNT_FIELD = "acc_number"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _chorus_own_siret(self):
        """Return the SIRET that stands on this partner itself, without blanks and invisible signs.

        It is public, and ``''`` when there is none.
        """
        return compact_code(self.sudo()[SIRET_FIELD] or "")


class ResCompany(models.Model):
    _inherit = "res.company"

    def _chorus_check_may_change_seller(self):
        """
        :raises AccessError: when one of these companies sends to Chorus Pro and the user is no administrator
        """
        sending = self.sudo().filtered("chorus_environment")[:1]
        if sending and not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "%(company)s sends its invoices to Chorus Pro, and its SIRET is part of that: only an"
                    " administrator of Odoo (Administration: Settings) may change it. Ask one of them.",
                    company=sending.name,
                )
            )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def _chorus_account_number(self):
        """Return the number of the account as it was typed, ``''`` for no account."""
        return self[_ACCOUNT_FIELD] or ""
