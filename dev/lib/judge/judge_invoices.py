"""Random invoices, good and bad, for judging the findings: Hypothesis makes the good ones, slips the others.

A slip is what a careless person, mapping or directory entry may do to an invoice. The same seed gives the
same invoices.
"""

import random
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from einvoice.terms import Attachment, Invoice, PaymentMeans, Recipient

from ..samples import invoices as make

_BAD_SHARE = 0.6
_STRANGE_SIRETS = ("12345678900017", "123456782", "1234567820005", "ABCDEFGHIJKLMN", "", None)
_STRANGE_SERVICES = ("NO_SUCH_SERVICE", "FACTURES_PUBLIQUES", "factures_publiques", "S" * 101, " ", None)
_STRANGE_ENGAGEMENTS = ("1300000099", "9999999999", "E" * 51, " ", None)
_VALUES = (
    None, "", "  ", "\x00", "x", "&<>", "x" * 60, "x" * 1100, "0", "FR", "ZZ", "380", "261", "751", "A2",
    "A4", "A26", "S1", "S", "E", "O", "K", "AE", "G", "Z", "1", "20", "30", "58", "123", "USD", "HUR",
    "VATEX-EU-AE", make.BUYER_SIRET, make.IBAN, "FR7630006000011234567890180", "DE89370400440532013000",
    Decimal(0), Decimal("0.01"), Decimal(-1), Decimal("1.005"), Decimal("12345678901"), Decimal("1E+20"),
    Decimal("0.0000001"), date(2026, 1, 1), date(2027, 1, 1), True, (),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One invoice to judge. ``slips`` names what was done to it; none for a good one."""

    invoice: Invoice
    slips: tuple[str, ...]


class Maker:
    """Makes cases for the structures of a directory.

    ``recipients`` maps each SIRET that may be addressed to its ``terms.Recipient``; ``suppliers`` are SIRETs
    of structures that send only.
    """

    def __init__(self, seed, recipients, suppliers):
        self._seed = seed
        self._random = random.Random(seed)
        self._recipients = recipients
        self._open = [siret for siret, recipient in recipients.items() if _takes_invoices(recipient)]
        self._suppliers = suppliers

    def cases(self, count, first=0, numbers=()):
        """Return ``count`` cases; ``first`` is the place of the first one, ``numbers`` may be used again."""
        found = []
        for place, invoice in enumerate(_good(count, self._seed + first), first):
            number = f"{place:04}{invoice.number}"[:20].strip()
            invoice = self._addressed(replace(invoice, number=number))
            slips = ()
            if self._random.random() < _BAD_SHARE:
                invoice, slips = self._slip(invoice, [case.invoice.number for case in found] + list(numbers))
            found.append(Case(invoice, slips))
        return found

    def _addressed(self, invoice):
        """Address an invoice to a structure, with all that it requires."""
        siret = self._random.choice(self._open)
        recipient = self._recipients[siret]
        codes = [
            code
            for code, (active, _needs) in (recipient.services or {}).items()
            if active and code != "FACTURES_PUBLIQUES"
        ]
        wanted = recipient.needs_service or recipient.needs_service_or_engagement
        service = self._random.choice(codes) if codes and (wanted or self._random.random() < 0.5) else None
        by_service = bool(service) and recipient.services[service][1]
        engagement = "1300000001" if recipient.needs_engagement or by_service else None
        if not engagement and self._random.random() < 0.3:
            engagement = self._random.choice(("1300000002", "BC-2026/17"))
        buyer = replace(invoice.buyer, siret=siret)
        return replace(invoice, buyer=buyer, buyer_reference=service, order_reference=engagement)

    def _slip(self, invoice, numbers):
        slips = []
        for _place in range(self._random.choice((1, 1, 1, 2))):
            slip = self._random.choice(_SLIPS)
            changed = slip(self, invoice, numbers)
            if changed != invoice:
                invoice, name = changed, slip.__name__.strip("_")
                slips.append(name)
        return invoice, tuple(slips)

    # ------------------------------------------------------------ slips

    def _any_term(self, invoice, _numbers):
        return self._changed(invoice)

    def _buyer(self, invoice, _numbers):
        others = (*self._recipients, *self._suppliers, *_STRANGE_SIRETS, invoice.seller.siret)
        return replace(invoice, buyer=replace(invoice.buyer, siret=self._random.choice(others)))

    def _service(self, invoice, _numbers):
        known = [code for recipient in self._recipients.values() for code in recipient.services or ()]
        code = self._random.choice((*known, *_STRANGE_SERVICES, *_STRANGE_SERVICES))
        return replace(invoice, buyer_reference=code)

    def _service_of_the_buyer(self, invoice, _numbers):
        recipient = self._recipients.get(invoice.buyer.siret)
        known = list((recipient and recipient.services) or ()) or [None]
        return replace(invoice, buyer_reference=self._random.choice(known))

    def _service_in_other_letters(self, invoice, _numbers):
        code = invoice.buyer_reference
        return replace(invoice, buyer_reference=code and self._random.choice((code.lower(), f" {code} ")))

    def _engagement(self, invoice, _numbers):
        known = (*_STRANGE_ENGAGEMENTS, invoice.number)
        return replace(invoice, order_reference=self._random.choice(known))

    def _number_again(self, invoice, numbers):
        return replace(invoice, number=self._random.choice(numbers)) if numbers else invoice

    def _number(self, invoice, _numbers):
        number = invoice.number
        odd = ("", " ", f"{number}.1", f"{number}é", f"{number:x<21}", f"{number:x<25}", f" {number} ", None)
        return replace(invoice, number=self._random.choice(odd))

    def _seller(self, invoice, _numbers):
        siret = self._random.choice(_STRANGE_SIRETS[1:])
        return replace(invoice, seller=replace(invoice.seller, siret=siret))

    def _payment(self, invoice, _numbers):
        code = self._random.choice((None, "", "01", "1", "57", "ZZZ", "30", "31", "42", "58", "10", "97"))
        accounts = self._random.choice((invoice.payment.accounts, ()))
        return replace(invoice, payment=PaymentMeans(code, None, accounts))

    def _account(self, invoice, _numbers):
        numbers = ("FR7630006000011234567890180", "FR76", "12345", "fr7630006000011234567890189", "")
        accounts = tuple(
            replace(account, number=self._random.choice(numbers)) for account in invoice.payment.accounts
        )
        return replace(invoice, payment=replace(invoice.payment, accounts=accounts))

    def _dates(self, invoice, _numbers):
        day = make.TODAY + timedelta(self._random.choice((1, 30, -4000)))
        return replace(invoice, **{self._random.choice(("issue_date", "due_date", "delivery_date")): day})

    def _codes(self, invoice, _numbers):
        name = self._random.choice(("type_code", "process", "currency", "guideline", "vat_point_code"))
        return replace(invoice, **{name: self._random.choice(_VALUES[:30])})

    def _line(self, invoice, _numbers):
        place = self._random.randrange(len(invoice.lines))
        line = invoice.lines[place]
        changes = self._random.choice(
            (
                {"gross_price": line.net_price, "price_discount": None},
                {"quantity": Decimal("12345678901")},
                {"quantity": Decimal("1.23456")},
                {"standard_item_id": "3" * 41},
                {"net_amount": line.net_amount + Decimal("0.001")},
                {"net_amount": line.net_amount + 1},
                {"vat": replace(line.vat, rate=Decimal("12.34"))},
                {"name": None},
                {"unit": "XYZ"},
                {"net_price": Decimal("-1")},
            )
        )
        lines = (*invoice.lines[:place], replace(line, **changes), *invoice.lines[place + 1 :])
        return replace(invoice, lines=lines)

    def _totals(self, invoice, _numbers):
        names = [item.name for item in fields(invoice.totals)]
        name = self._random.choice(names)
        value = getattr(invoice.totals, name)
        value = self._random.choice((value + 1, -value, value + Decimal("0.001"), Decimal("1E+18"), None))
        return replace(invoice, totals=replace(invoice.totals, **{name: value}))

    def _length(self, invoice, _numbers):
        choice = self._random.randrange(5)
        text = "x" * self._random.choice((50, 51, 99, 100, 101, 1025))
        if choice == 0:
            return replace(invoice, buyer=replace(invoice.buyer, name=text))
        if choice == 1:
            return replace(invoice, seller=replace(invoice.seller, name=text))
        names = ("contract_reference", "order_reference", "payment_terms")
        return replace(invoice, **{names[choice - 2]: text})

    def _attachment(self, invoice, _numbers):
        name, content = self._random.choice(
            (
                ("bon.txt", b"ok"),
                ("bon.exe", b"no"),
                ("vide.txt", b""),
                (f"{'n' * 60}.pdf", b"%PDF"),
                ("", b"x"),
            )
        )
        return replace(invoice, attachments=(Attachment(name, content),))

    # ------------------------------------------------------------ any term at all

    def _changed(self, value):
        if isinstance(value, tuple) and value:
            place = self._random.randrange(len(value))
            kind = self._random.choice(("drop", "double", "change", "change", "change"))
            if kind == "drop":
                return value[:place] + value[place + 1 :]
            if kind == "double":
                return (*value, value[place])
            return (*value[:place], self._changed(value[place]), *value[place + 1 :])
        if is_dataclass(value):
            name = self._random.choice([item.name for item in fields(value)])
            return replace(value, **{name: self._changed(getattr(value, name))})
        return self._random.choice(_VALUES)


_SLIPS = (
    Maker._any_term, Maker._any_term, Maker._any_term, Maker._any_term, Maker._buyer, Maker._buyer,
    Maker._service, Maker._service_of_the_buyer, Maker._service_in_other_letters, Maker._engagement,
    Maker._number_again, Maker._number_again, Maker._number, Maker._seller, Maker._payment, Maker._account,
    Maker._dates, Maker._codes, Maker._line, Maker._totals, Maker._length, Maker._attachment,
)  # fmt: skip


def _takes_invoices(recipient: Recipient):
    return recipient.known and recipient.active and not recipient.moa_only


def _good(count, seed):
    """``count`` correct invoices out of the strategy of the tests."""
    import hypothesis
    from einvoice_strategy import invoices, short_run

    found = []

    @hypothesis.seed(seed)
    @hypothesis.settings(short_run, max_examples=count, derandomize=False, phases=[hypothesis.Phase.generate])
    @hypothesis.given(invoices())
    def collect(invoice):
        found.append(invoice)

    while len(found) < count:  # Hypothesis may stop early where examples repeat.
        collect()
    return found[:count]
