"""What the invoices of one batch share: each thing is read, and each answer found, once.

The journal items are read in one query as plain rows, since they are most of what is mapped.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from odoo.tools import SQL

from ..einvoice import terms
from .amounts import ZERO, TaxReader, to_cents
from .kinds import Env, Record
from .texts import compact, plain, stripped

# UN/ECE Recommendation 20 revision 17, and X-codes of Recommendation 21 (EN 16931 BT-130).
REC20_OF_XMLID = {
    "product_uom_unit": "C62",
    "product_uom_pack_6": "XPK",
    "product_uom_dozen": "DZN",
    "product_uom_hour": "HUR",
    "product_uom_day": "DAY",
    "product_uom_minute": "MIN",
    "product_uom_millimeter": "MMT",
    "product_uom_cm": "CMT",
    "product_uom_meter": "MTR",
    "product_uom_km": "KMT",
    "product_uom_square_meter": "MTK",
    "product_uom_milliliter": "MLT",
    "product_uom_litre": "LTR",
    "product_uom_cubic_meter": "MTQ",
    "product_uom_gram": "GRM",
    "product_uom_kgm": "KGM",
    "product_uom_ton": "TNE",
    "product_uom_oz": "ONZ",
    "product_uom_lb": "LBR",
    "product_uom_inch": "INH",
    "product_uom_foot": "FOT",
    "product_uom_yard": "YRD",
    "product_uom_mile": "SMI",
    "product_uom_square_foot": "FTK",
    "product_uom_floz": "OZA",
    "product_uom_qt": "QT",
    "product_uom_gal": "GLL",
    "product_uom_cubic_inch": "INQ",
    "product_uom_cubic_foot": "FTQ",
    "product_uom_kwh": "KWH",
}

WITH_TAXES = frozenset({"product", "epd"})


class Item(NamedTuple):
    """One journal item. Relations are ids; ``tax_ids`` stand in the order in which Odoo applies them."""

    id: int
    move_id: int
    display_type: str
    name: str | None
    product_id: int | None
    product_uom_id: int | None
    quantity: float
    price_unit: float
    discount: float
    tax_line_id: int | None
    amount_currency: float
    date_maturity: date | None
    extra_tax_data: dict | None
    chorus_period_start: date | None
    chorus_period_end: date | None
    # Of Odoo's deferred revenues, where they are installed.
    deferred_start_date: date | None
    deferred_end_date: date | None
    # Of sections and subsections.
    collapse_composition: bool | None
    collapse_prices: bool | None
    tax_ids: tuple[int, ...]


def read_items(moves: Record) -> dict[int, list[Item]]:
    """The items of each invoice in the order of its lines; an invoice without any is absent.

    :param moves: recordset of account.move, with sudo
    :rtype: dict[int, list[Item]]
    """
    items: dict[int, list[Item]] = defaultdict(list)
    if moves.ids:
        rows: list[Any] = moves.env.execute_query(_query(moves))
        taxes = _tax_ids(moves.env, [row[0] for row in rows if row[2] in WITH_TAXES])
        for row in rows:
            items[row[1]].append(Item(*(*row, taxes.get(row[0], ()))))
    return dict(items)


def typed_items(move: Record) -> list[Item]:
    """The items that an invoice will have, out of what is on the screen: Odoo makes them as it saves.

    Not among them: the line of a cash rounding, which Odoo adds to a saved invoice only.

    :param move: a new record of account.move, with sudo, that may stand for a saved one
    """
    bases, _taxes = move._get_rounded_base_and_tax_lines(round_from_tax_lines=False)
    taxes = move.env["account.tax"]
    taxes._add_accounting_data_in_base_lines_tax_details(bases, move.company_id)
    results = taxes._prepare_tax_lines(bases, move.company_id)
    items, amounts = [], {}
    for base, to_update in results["base_lines_to_update"]:
        amount = to_update["amount_currency"]
        if base["special_type"] == "early_payment":
            items.append(_item(move, "epd", amount_currency=amount, tax_ids=base["tax_ids"]._ids))
        elif base["record"]:
            amounts[base["record"]] = amount
    for line in move.invoice_line_ids.sorted(lambda line: (line.sequence, line._origin.id or math.inf)):
        items.append(_typed_item(move, line, amounts.get(line, 0.0)))
    parts = taxes.env["account.tax.repartition.line"]
    for values in results["tax_lines_to_add"]:
        tax = parts.browse(values["tax_repartition_line_id"]).tax_id
        items.append(_item(move, "tax", amount_currency=values["amount_currency"], tax_line_id=tax.id))
    for key, values in move.needed_terms.items():
        due = {"amount_currency": values["amount_currency"], "date_maturity": key["date_maturity"] or None}
        items.append(_item(move, "payment_term", **due))
    return items


def _typed_item(move: Record, line: Record, amount: float) -> Item:
    values = {name: line[name] or None for name in Item._fields[3:] if name in line._fields}
    for name in ("product_id", "product_uom_id", "tax_line_id"):
        values[name] = line[name]._origin.id or None
    for name in ("quantity", "price_unit", "discount"):
        values[name] = line[name]
    kind = line.display_type or "product"
    taxes = line.tax_ids._origin if kind in WITH_TAXES else ()
    values["tax_ids"] = tuple(tax.id for tax in sorted(taxes, key=lambda tax: (tax.sequence, tax.id)))
    return _item(move, kind, **values | {"id": line.id, "amount_currency": amount})


def _item(move: Record, kind: str, **values: Any) -> Item:
    """An item without what ``values`` does not say."""
    plain: dict[str, Any] = dict.fromkeys(Item._fields)
    plain |= {"quantity": 0.0, "price_unit": 0.0, "discount": 0.0, "amount_currency": 0.0, "tax_ids": ()}
    return Item(**{**plain, "move_id": move.id, "display_type": kind, **values})


def _query(moves: Record) -> Any:
    lines = moves.env["account.move.line"]
    query = lines._search([("move_id", "in", moves.ids)], order="sequence, id")
    return query.select(*(_column(lines, name) for name in Item._fields[:-1]))


def _column(lines: Record, name: str) -> Any:
    field = lines._fields.get(name)
    if field is None:
        return SQL("NULL")
    column = SQL.identifier(lines._table, name, to_flush=field)
    # The cast spares a call of Python for each number.
    return SQL("COALESCE(%s, 0)::float8", column) if field.type in ("float", "monetary") else column


def _tax_ids(env: Env, line_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The taxes of each line that has some.

    :rtype: dict[int, tuple[int, ...]]
    """
    found = defaultdict(tuple)
    if line_ids:
        field = env["account.move.line"]._fields["tax_ids"]
        sequence = env["account.tax"]._fields["sequence"]
        for line_id, tax_id in env.execute_query(
            SQL(
                "SELECT rel.%(line)s, tax.id FROM %(relation)s rel"
                " JOIN account_tax tax ON tax.id = rel.%(tax)s"
                " WHERE rel.%(line)s IN %(line_ids)s ORDER BY %(sequence)s, tax.id",
                relation=SQL.identifier(field.relation),
                line=SQL.identifier(field.column1),
                tax=SQL.identifier(field.column2),
                line_ids=tuple(line_ids),
                sequence=SQL.identifier("tax", "sequence", to_flush=sequence),
            )
        ):
            found[line_id] += (tax_id,)
    return found


MONEY_JOURNALS = frozenset({"bank", "cash", "credit"})


@dataclass(slots=True)
class Payments:
    """What settled an invoice: ``money`` through a bank or cash journal, ``other`` by anything else.

    ``others`` are the entries of the second kind, ``journals`` the types of the first.
    """

    money: Decimal = ZERO
    other: Decimal = ZERO
    others: list = field(default_factory=list)
    journals: set = field(default_factory=set)


NOTHING_PAID = Payments()


def read_payments(env: Env, due: dict[int, int]) -> Any:
    """What settled each invoice. Those on which nothing was reconciled are absent.

    :param dict[int, int] due: the invoice of each receivable item, by ids
    :rtype: dict[int, Payments]
    """
    found = defaultdict(Payments)
    if not due:
        return found
    for side, other_side, amount in (
        ("debit_move_id", "credit_move_id", "debit_amount_currency"),
        ("credit_move_id", "debit_move_id", "credit_amount_currency"),
    ):
        partials = env["account.partial.reconcile"].search_fetch(
            [(side, "in", list(due))], [side, other_side, amount]
        )
        partials[other_side].move_id.fetch(["move_type", "journal_id"])
        for paid in partials:
            payments, entry = found[due[paid[side].id]], paid[other_side].move_id
            value = to_cents(paid[amount])
            if entry.move_type == "entry" and entry.journal_id.type in MONEY_JOURNALS:
                payments.money += value
                payments.journals.add(entry.journal_id.type)
            else:
                payments.other += value
                payments.others.append(entry)
    return found


def read_accounts(moves: Record) -> dict[int, terms.BankAccount]:
    """All accounts that may be named on these invoices, read together.

    :rtype: dict[int, einvoice.terms.BankAccount]
    """
    banks = moves.partner_bank_id | moves.chorus_other_bank_ids | moves.chorus_factor_id.bank_ids
    return {bank.id: _account(bank) for bank in banks}


def _account(bank: Record) -> terms.BankAccount:
    return terms.BankAccount(
        number=compact(bank._chorus_account_number()) or "",
        bic=compact(bank.bank_bic),
        holder=stripped(bank.acc_holder_name),
        iban=bank.acc_type == "iban",
    )


# Read together, for else the first look at any of them would read all columns of its table.
MOVE_FIELDS = [
    "name", "move_type", "state", "invoice_date", "invoice_date_due", "delivery_date", "currency_id",
    "company_id", "partner_id", "commercial_partner_id", "partner_shipping_id", "partner_bank_id",
    "fiscal_position_id", "invoice_payment_term_id", "payment_reference", "payment_state", "narration",
    "reversed_entry_id", "preferred_payment_method_line_id", "amount_total", "buyer_reference",
    "contract_reference", "purchase_order_reference", "journal_id", "chorus_process",
    "chorus_document_kind", "chorus_corrected_id", "chorus_factor_id", "chorus_period_start",
    "chorus_period_end", "chorus_other_bank_ids", "chorus_attachment_ids", "chorus_not_for_chorus",
    "debit_origin_id", "chorus_retention_of_id", "chorus_validator_id",
]  # fmt: skip
COMPANY_FIELDS = [
    "name", "partner_id", "parent_id", "parent_path", "currency_id", "email", "phone",
    "account_price_include", "chorus_note_pmt", "chorus_note_pmd", "chorus_note_aab",
    "chorus_establishments",
]  # fmt: skip
PARTNER_FIELDS = [
    "name", "lang", "active", "parent_id", "commercial_partner_id", "is_company", "type", "company_name",
    "commercial_company_name", "complete_name", "vat", "company_registry", "street", "street2", "zip", "city",
    "state_id", "country_id", "chorus_test_customer", "dematerialized_invoice_type",
    "invoice_edi_format_store", "invoice_sending_method",
]  # fmt: skip


def read_units(units: Record) -> dict[int, str | None]:
    """Codes of UN/ECE Recommendation 20 of units, None when nobody said what the unit is.

    :param units: recordset of uom.uom
    """
    codes = {unit.id: unit.rec20_code.strip().upper() if unit.rec20_code else None for unit in units}
    if unnamed := [unit_id for unit_id, code in codes.items() if not code]:
        names = (
            units.env["ir.model.data"]
            .sudo()
            .search_fetch(
                [("model", "=", "uom.uom"), ("module", "=", "uom"), ("res_id", "in", unnamed)],
                ["name", "res_id"],
            )
        )
        for name in names:
            codes[name.res_id] = REC20_OF_XMLID.get(name.name)
    return codes


class Batch:
    """The common ground of the invoices that are mapped and checked together.

    ``moves`` are the customer invoices and credit notes of the batch, with sudo; ``problems`` what the
    semantic invoice has no room for: by move id, (finding's code, record, parameters).

    :param moves: recordset of account.move
    :param str environment: ``'test'`` or ``'production'``
    :param also: names of more fields of the invoices, where they exist, that the caller will read
    """

    def __init__(self, moves: Record, environment: str, also: Iterable[str] = ()) -> None:
        self.env = moves.env(su=True)
        moves, kinds = moves.sudo(), moves.get_sale_types()
        moves.fetch([name for name in (*MOVE_FIELDS, *also) if name in moves._fields])
        self.moves = moves = moves.filtered(lambda move: move.move_type in kinds)
        self.environment = environment
        self.memory = {}
        self.problems = {}
        for company, group in moves.grouped("company_id").items():
            company.fetch(COMPANY_FIELDS)
            partners = group.partner_id | group.commercial_partner_id | group.partner_shipping_id
            (partners | company.partner_id).with_company(company).fetch(PARTNER_FIELDS)
        # What is on a screen, and not saved, has no rows.
        typed = moves.filtered(lambda move: not move.id)
        self.items = read_items(moves - typed) | {move.id: typed_items(move) for move in typed}
        items = [item for found in self.items.values() for item in found]
        self._line_ids = [item.id for item in items]
        self._taxes = self._all("account.tax", {tax for item in items for tax in item.tax_ids})
        self._taxes += self._all("account.tax", {item.tax_line_id for item in items}) - self._taxes
        self._products = self._all("product.product", {item.product_id for item in items})
        self.units = read_units(self._all("uom.uom", {item.product_uom_id for item in items}))
        self.payments = read_payments(self.env, self._receivables())
        self.accounts = read_accounts(moves)

    def _receivables(self) -> dict[int, int]:
        """The invoice of each receivable item on which something may have been reconciled, by ids."""
        moves = self.moves.filtered(lambda move: move.payment_state != "not_paid")
        return {item.id: move.id for move in moves for item in self.of_kind(move, "payment_term")}

    def _all(self, model: str, ids: set[Any]) -> Record:
        return self.env[model].browse(sorted(ids - {None}))

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """The value of ``key``, made by ``make()`` the first time."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    def of_kind(self, move: Record, *kinds: str) -> list[Item]:
        """The journal items of an invoice with one of these display types, in the order of its lines.

        :rtype: list[items.Item]
        """
        return [item for item in self.items.get(move.id, ()) if item.display_type in kinds]

    def lines(self, ids: Iterable[int]) -> Record:
        """Journal items as records, read together with all others of the batch.

        :param list[int] ids:
        """
        return self.env["account.move.line"].browse(ids).with_prefetch(self._line_ids)

    def connection(self, company: Record) -> Record:
        """The company's connection in this batch's environment, possibly empty."""
        find = self.env["chorus.connection"]._for
        return self.once(("connection", company.id), partial(find, company, self.environment))

    def tax_reader(self, move: Record) -> TaxReader:
        """What taxes mean on this invoice.

        :rtype: TaxReader
        """
        company, country = move.company_id, move.commercial_partner_id.country_id
        key = ("taxes", company.id, country.id, move.env.lang)
        taxes = self._taxes.with_env(move.env)
        return self.once(key, partial(TaxReader, taxes, company, country))

    def product(self, product_id: int | None, lang: str | None) -> Record:
        """A product in the customer's language, empty without id."""
        products = self.once(("products", lang), partial(self._products_in, lang))
        return products.get(product_id) or self._products.browse()

    def _products_in(self, lang: str | None) -> dict[int, Record]:
        return {product.id: product for product in self._products.with_context(lang=lang)}

    def plain(self, html: str | None) -> str | None:
        """The text of an HTML field, None when it shows nothing."""
        return self.once(("html", html), partial(plain, html)) if html else None
