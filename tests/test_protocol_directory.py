from unittest.mock import patch

from odoo.tests import tagged

from ..chorus_api import ChorusClient
from ..models.directory.chorus_structure import ChorusService
from .common import ENGAGEMENT_DUTY, NO_DUTY, SERVICE_CODE, SERVICE_DUTY
from .protocol import ProtocolCommon

SEARCH, CONSULT, SERVICE = (
    f"structures/v1/{name}" for name in ("rechercher", "consulter", "consulter/service")
)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestDirectoryBeforeSending(ProtocolCommon):
    """A recipient that nobody looked up is looked up before a file is made: the invoice is stopped here, not
    rejected there."""

    printed = True

    def setUp(self):
        super().setUp()
        self.simulator.control("calls", method="DELETE")

    def invoice_to(self, siret, **values):
        return self.make_invoice(partner_id=self.make_customer(siret).id, **values)

    def send(self, moves):
        self.queue(moves)
        self.run_send()

    def asked(self):
        counts = self.simulator.calls()["counts"]
        return [counts.get(route, 0) for route in (SEARCH, CONSULT, SERVICE)]

    def test_duties_of_a_new_customer_are_known_before_its_first_invoice_leaves(self):
        wrong = self.invoice_to(SERVICE_DUTY) | self.invoice_to(ENGAGEMENT_DUTY)
        unknown = self.invoice_to("73282932000074")
        right = self.invoice_to(SERVICE_DUTY, buyer_reference=SERVICE_CODE) | self.invoice_to(NO_DUTY)
        self.send(wrong | unknown | right)
        for move, words in zip(
            wrong | unknown, ("service code", "engagement number", "knows no"), strict=True
        ):
            self.assertState(move, "blocked")
            self.assertIn(words, self.line(move).message)
        for move in right:
            self.assertState(move, "sent")
        self.assertEqual([number for _siret, number in self.taken()], right.mapped("name"))

    def test_directory_is_asked_once(self):
        self.send(self.invoice_to(NO_DUTY) | self.invoice_to(NO_DUTY))
        self.assertEqual(self.asked()[:2], [1, 1])
        self.send(self.invoice_to(NO_DUTY))
        self.assertEqual(self.asked()[:2], [1, 1])

    def test_rule_of_a_service_of_a_large_structure(self):
        """Its services are listed without their rules: each rule is asked for when an invoice needs it."""
        services = [{"code": f"SVC-{place:02}", "needs_engagement": place == 7} for place in range(25)]
        self.simulator.set_structure(NO_DUTY, services=services)
        customer = self.make_customer(NO_DUTY)
        customer.with_user(self.accountant).action_chorus_look_up()
        self.assertEqual(self.asked(), [1, 1, 0])
        strict, free = (
            self.make_invoice(partner_id=customer.id, buyer_reference=code) for code in ("SVC-07", "SVC-08")
        )
        self.send(strict | free)
        self.assertState(strict, "blocked")
        self.assertIn("SVC-07", self.line(strict).message)
        self.assertState(free, "sent")
        self.assertEqual(self.asked(), [1, 1, 2])
        self.send(self.make_invoice(partner_id=customer.id, buyer_reference="SVC-08"))
        self.assertEqual(self.asked(), [1, 1, 2])

    def test_a_service_named_where_none_is_required_is_asked_for_before_the_invoice_leaves(self):
        self.send(self.invoice_to(NO_DUTY))
        wrong = self.invoice_to(NO_DUTY, buyer_reference="INCONNU")
        self.send(wrong)
        self.assertState(wrong, "blocked")
        self.assertIn("INCONNU", self.line(wrong).message)
        self.assertEqual(self.asked()[:2], [2, 2])
        self.send(self.invoice_to(NO_DUTY, buyer_reference="INCONNU"))
        self.assertEqual(self.asked()[:2], [2, 2], "once")

    def test_nobody_waits_for_the_network_behind_a_row(self):
        self.simulator.set_structure(NO_DUTY, services=[{"code": f"SVC-{place:02}"} for place in range(25)])
        customer = self.make_customer(NO_DUTY)
        customer.with_user(self.accountant).action_chorus_look_up()
        moves = [self.make_invoice(partner_id=customer.id, buyer_reference=f"SVC-{n:02}") for n in range(2)]
        written = []
        write, ask = ChorusService.write, ChorusClient.service

        def keep(services, values):
            written.append(services)
            return write(services, values)

        def service(client, *place):
            self.assertFalse(written, "what was answered is written when all has been asked")
            return ask(client, *place)

        with (
            patch.object(ChorusService, "write", keep),
            patch.object(ChorusClient, "service", service),
        ):
            self.send(moves[0] | moves[1])
        self.assertTrue(written)

    def test_no_transaction_is_open_while_the_directory_is_asked(self):
        """Dozens of new customers take a minute: PostgreSQL keeps no snapshot for that."""
        self.simulator.set_structure(NO_DUTY, services=[{"code": f"SVC-{place:02}"} for place in range(25)])
        known = self.make_customer(NO_DUTY)
        known.with_user(self.accountant).action_chorus_look_up()
        moves = self.make_invoice(partner_id=known.id, buyer_reference="SVC-03")
        moves |= self.invoice_to(SERVICE_DUTY, buyer_reference=SERVICE_CODE)
        moves |= self.invoice_to(ENGAGEMENT_DUTY)
        called, begun = self.watch_look_ups()
        self.send(moves)
        self.assertEqual(set(called), {"search_structures", "structure", "services", "service"})
        self.assertEqual(set(begun), {1}, "that which holds the lock of the turn")

    def test_directory_that_does_not_answer_keeps_no_invoice_back(self):
        self.simulator.fault(SEARCH, "http_503", count=None)
        moves = self.invoice_to(SERVICE_DUTY, buyer_reference=SERVICE_CODE)
        self.send(moves)
        self.assertState(moves, "sent")
        self.assertEqual(self.asked()[0], 1)
        more = self.invoice_to(SERVICE_DUTY, buyer_reference=SERVICE_CODE)
        self.send(more)
        self.assertEqual(self.asked()[0], 1, "it rests after a failure")
        self.simulator.no_faults()
        with self.later(days=1):
            self.send(self.invoice_to(SERVICE_DUTY))
            self.assertEqual(self.asked()[0], 2)
