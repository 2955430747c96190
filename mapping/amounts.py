"""Exact amounts out of Odoo's floats, and a line's price terms. Plain Python on ``Decimal``."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.000001")
# Closer than this, two decimals of a float are its noise.
NOISE = Decimal("0.0000000001")
QUANTITY_DIGITS = 10  # AIFE, Factur-X note
ZERO = Decimal(0)
HUNDRED = Decimal(100)
# Odoo spreads the rounding of a document's total over its lines, one cent at a time.
SPREAD_LIMIT = Decimal("0.02")


def to_cents(value: float) -> Decimal:
    """The monetary float ``value`` as a two-decimal ``Decimal``, never minus zero."""
    amount = Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)
    return amount if amount else ZERO.quantize(CENT)


def to_step(value: float, step: Decimal) -> Decimal:
    """``value`` rounded to ``step``, without the binary noise of a float or trailing zeros.

    >>> to_step(0.1 + 0.2, NOISE)
    Decimal('0.3')
    """
    return tidy(Decimal(repr(value)).quantize(step, ROUND_HALF_UP))


def to_quantity(value: float) -> tuple[Decimal, bool]:
    """BT-129 as on the page, and whether it had to be rounded to the digits that Chorus Pro reads.

    >>> to_quantity(0.00004)
    (Decimal('0.00004'), False)
    >>> to_quantity(1234567.123456)
    (Decimal('1234567.123'), True)
    """
    quantity = to_step(value, NOISE)
    decimals = max(0, QUANTITY_DIGITS - max(1, quantity.adjusted() + 1))
    if decimals >= -_exponent(quantity):
        return quantity, False
    return tidy(quantity.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)), True


def tidy(value: Decimal) -> Decimal:
    """``value`` without trailing zeros nor exponent."""
    value = value.normalize()
    return value.quantize(Decimal(1)) if _exponent(value) > 0 else value + ZERO


def _exponent(value: Decimal) -> int:
    # A letter for what is not finite.
    return int(value.as_tuple().exponent)


@dataclass(frozen=True, slots=True)
class LinePrice:
    """BT-129, BT-146 to BT-149 and the line's own allowance (BT-136) or charge (BT-141).

    ``quantity × net / (base_quantity or 1) − allowance + charge``, to the cent, is the line's amount.
    """

    quantity: Decimal
    net: Decimal
    gross: Decimal | None = None
    discount: Decimal | None = None
    base_quantity: Decimal | None = None
    allowance: Decimal = ZERO
    charge: Decimal = ZERO


def line_price(
    quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal, *, price_included: bool = False
) -> LinePrice:
    """The price terms that give ``amount`` exactly.

    :param Decimal quantity: as on the invoice, any sign
    :param Decimal price: unit price as on the invoice, any sign
    :param Decimal discount: percent
    :param Decimal amount: the line's amount without taxes, two decimals
    :param bool price_included: the unit price holds taxes, so that it only says the sign
    :rtype: LinePrice

    In this order: the invoice's own price; price and discount (BT-147/148); price and an allowance in
    euros; the price deduced from the amount; the amount as the price of the whole quantity. A price is
    never negative (EN 16931 BR-27): the sign goes to the quantity. A price of many decimals is said for ten
    units or more (BT-149), so that none of them is lost.
    """
    short = tidy(price.quantize(PRICE_STEP, ROUND_HALF_UP))
    if abs(short - price) <= abs(price) * PRICE_STEP:
        price = short
    return _scaled(_line_price(quantity, price, discount, amount, price_included))


def _line_price(
    quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal, price_included: bool
) -> LinePrice:
    if price < 0 or (not quantity and amount < 0):
        quantity, price = -quantity, -price
    if not quantity:
        # A line at quantity zero that carries an amount is a lump sum.
        return LinePrice(Decimal(1 if amount > 0 else -1), abs(amount)) if amount else LinePrice(ZERO, price)
    if amount and (amount < 0) != (quantity < 0):
        # A discount above 100 % turns the line's sign.
        quantity, price_included = -quantity, True
    if not price_included:
        as_printed = _as_printed(quantity, price, discount, amount)
        if as_printed:
            return as_printed
    net = tidy((amount / quantity).quantize(PRICE_STEP, ROUND_HALF_UP))
    if not _gives(quantity, net, amount):
        return LinePrice(quantity, abs(amount), base_quantity=abs(quantity))
    gross = reduction = None
    if 0 < discount < HUNDRED:
        gross = tidy((net * HUNDRED / (HUNDRED - discount)).quantize(PRICE_STEP, ROUND_HALF_UP))
        reduction = tidy(gross - net)
    return LinePrice(quantity, net, gross if reduction else None, reduction or None)


def _scaled(found: LinePrice) -> LinePrice:
    """The same price for so many units that it has the six decimals of AIFE's Factur-X note."""
    decimals = max(-_exponent(value) for value in (found.net, found.gross or ZERO))
    if decimals <= -_exponent(PRICE_STEP) or found.base_quantity:
        return found
    base = Decimal(10) ** (decimals + _exponent(PRICE_STEP))
    gross, discount = (value and tidy(value * base) for value in (found.gross, found.discount))
    return replace(found, net=tidy(found.net * base), gross=gross, discount=discount, base_quantity=base)


def _as_printed(quantity: Decimal, price: Decimal, discount: Decimal, amount: Decimal) -> LinePrice | None:
    if discount < 0:
        return None
    if not discount:
        if _gives(quantity, price, amount):
            return LinePrice(quantity, price)
        return _with_spread(quantity, price, amount)
    reduction = tidy((price * discount / HUNDRED).quantize(PRICE_STEP, ROUND_HALF_UP))
    net = tidy(price - reduction)
    if reduction and net >= 0 and _gives(quantity, net, amount):
        return LinePrice(quantity, net, price, reduction)
    allowance = (quantity * price).quantize(CENT, ROUND_HALF_UP) - amount
    if allowance > 0:
        return LinePrice(quantity, price, allowance=allowance)
    return None


def _with_spread(quantity: Decimal, price: Decimal, amount: Decimal) -> LinePrice | None:
    difference = amount - (quantity * price).quantize(CENT, ROUND_HALF_UP)
    if abs(difference) > SPREAD_LIMIT:
        return None
    if difference > 0:
        return LinePrice(quantity, price, charge=difference)
    return LinePrice(quantity, price, allowance=-difference)


def _gives(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    return (quantity * price).quantize(CENT, ROUND_HALF_UP) == amount
