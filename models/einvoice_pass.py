"""What the invoices of one pass share: each thing is read, and each answer found, once."""

from functools import partial

from .einvoice_items import read_items
from .einvoice_tax_reader import TaxReader
from .einvoice_texts import plain

# Read together, for else the first look at any of them would read all columns of its table.
COMPANY_FIELDS = [
    "name", "partner_id", "parent_id", "parent_path", "currency_id", "email", "phone",
    "account_price_include", "chorus_note_pmt", "chorus_note_pmd", "chorus_note_aab",
]  # fmt: skip
PARTNER_FIELDS = [
    "name", "lang", "active", "parent_id", "commercial_partner_id", "is_company", "type", "company_name",
    "commercial_company_name", "complete_name", "vat", "company_registry", "street", "street2", "zip", "city",
    "state_id", "country_id", "chorus_test_customer", "dematerialized_invoice_type",
    "invoice_edi_format_store", "invoice_sending_method",
]  # fmt: skip


class EinvoicePass:
    """The common ground of the invoices that are mapped and checked together.

    :param moves: recordset of account.move, with sudo
    :param str environment: ``'test'`` or ``'production'``
    """

    def __init__(self, moves, environment):
        self.env = moves.env(su=True)
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
        self.payments = moves._chorus_payments(self)
        self.accounts = moves._chorus_accounts()

    def _all(self, model, ids):
        return self.env[model].browse(sorted(ids - {None}))

    def once(self, key, make):
        """The value of ``key``, made by ``make()`` the first time."""
        if key not in self.memory:
            self.memory[key] = make()
        return self.memory[key]

    def of_kind(self, move, *kinds):
        """The journal items of an invoice with one of these display types, in the order of its lines.

        :rtype: list[einvoice_items.Item]
        """
        return [item for item in self.items.get(move.id, ()) if item.display_type in kinds]

    def lines(self, ids):
        """Journal items as records, read together with all others of the pass.

        :param list[int] ids:
        """
        return self.env["account.move.line"].browse(ids).with_prefetch(self._line_ids)

    def connection(self, company):
        """The company's connection in this pass's environment, possibly empty."""
        find = self.env["chorus.connection"]._for
        return self.once(("connection", company.id), partial(find, company, self.environment))

    def tax_reader(self, move):
        """What taxes mean on this invoice.

        :rtype: TaxReader
        """
        company, country = move.company_id, move.commercial_partner_id.country_id
        key = ("taxes", company.id, country.id, move.env.lang)
        taxes = self._taxes.with_env(move.env)
        return self.once(key, partial(TaxReader, taxes, company, country))

    def product(self, product_id, lang):
        """A product in the customer's language, empty without id."""
        products = self.once(("products", lang), partial(self._products_in, lang))
        return products.get(product_id) or self._products.browse()

    def _products_in(self, lang):
        return {product.id: product for product in self._products.with_context(lang=lang)}

    def plain(self, html):
        """The text of an HTML field, None when it shows nothing."""
        return self.once(("html", html), partial(plain, html)) if html else None
