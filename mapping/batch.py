"""What the invoices of one batch share: each thing is read, and each answer found, once."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from .items import Item, read_items
from .kinds import Record
from .money import read_accounts, read_payments
from .taxes import TaxReader
from .texts import plain

# Read together, for else the first look at any of them would read all columns of its table.
MOVE_FIELDS = [
    "name", "move_type", "state", "invoice_date", "invoice_date_due", "delivery_date", "currency_id",
    "company_id", "partner_id", "commercial_partner_id", "partner_shipping_id", "partner_bank_id",
    "fiscal_position_id", "invoice_payment_term_id", "payment_reference", "payment_state", "narration",
    "reversed_entry_id", "preferred_payment_method_line_id", "amount_total", "buyer_reference",
    "contract_reference", "purchase_order_reference", "journal_id", "chorus_process",
    "chorus_document_kind", "chorus_corrected_id", "chorus_factor_id", "chorus_period_start",
    "chorus_period_end", "chorus_other_bank_ids", "chorus_attachment_ids", "chorus_not_for_chorus",
    "debit_origin_id",
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
        self.items = read_items(moves)
        items = [item for found in self.items.values() for item in found]
        self._line_ids = [item.id for item in items]
        self._taxes = self._all("account.tax", {tax for item in items for tax in item.tax_ids})
        self._taxes += self._all("account.tax", {item.tax_line_id for item in items}) - self._taxes
        self._products = self._all("product.product", {item.product_id for item in items})
        self.units = self.env["uom.uom"]._rec20_codes(
            self._all("uom.uom", {item.product_uom_id for item in items})
        )
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
