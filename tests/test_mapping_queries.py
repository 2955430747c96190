"""One pass: the queries of mapping and checking do not grow with invoices, lines, products or customers."""

from odoo.tests import tagged

from .invoices import InvoicesCommon


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingQueries(InvoicesCommon):
    def make_different(self, count):
        """Invoices with customers, products, taxes, units and bank accounts of their own."""
        moves = self.books["account.move"]
        for number in range(count, 2 * count):
            products = self.env["product.product"].create(
                [
                    {"name": f"Bench {number} {place}", "default_code": f"B-{number}-{place}"}
                    for place in range(3)
                ]
            )
            unit = self.env["uom.uom"].create({"name": f"Crate {number}", "rec20_code": "XCR"})
            taxes = self.make_tax(20) + self.make_tax(
                0.1, amount_type="fixed", include_base_amount=True, sequence=0
            )
            customer = self.make_customer(name=f"Mairie {number}")
            bank = self.bank.copy({"acc_number": self.other_iban(number), "allow_out_payment": True})
            moves += self.make_invoice(
                *(
                    self.line(
                        10,
                        -1 if place else 9,
                        taxes,
                        product_id=product.id,
                        product_uom_id=unit.id,
                        discount=place,
                    )
                    for place, product in enumerate(products)
                ),
                self.text("line_note", "Thank you"),
                partner_id=customer.id,
                partner_bank_id=bank.id,
                narration=f"<p>Order {number}</p>",
            )
        return moves

    def other_iban(self, number):
        rest = f"30006000011234567{number:04}89"
        check = 98 - int("".join(str(int(sign, 36)) for sign in f"{rest}FR00")) % 97
        return f"FR{check:02}{rest}"

    def queries(self, moves, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work(moves)
        return self.env.cr.sql_log_count - before

    def test_a_batch_takes_the_queries_of_one(self):
        few, many = self.make_different(2), self.make_different(8)
        for work in (
            lambda moves: moves._chorus_invoices("production"),
            lambda moves: moves._chorus_findings("production"),
        ):
            work(few)
            self.assertEqual(self.queries(many, work), self.queries(few, work))
        self.assertEqual([self.codes(invoice, severity="block") for invoice in many], [set()] * len(many))
