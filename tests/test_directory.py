"""The directory: what Chorus Pro says of public structures, asked when it is needed, kept per environment."""

from contextlib import contextmanager
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import (
    BOTH_DUTIES,
    ENGAGEMENT_DUTY,
    NO_DUTY,
    SERVICE_CODE,
    SERVICE_DUTY,
    STATE,
    SUPPLIER,
    ChorusCommon,
)

EITHER = "12345678200069"
MANY_SERVICES = "21999999900014"
CLOSED = "21999998100015"
WORKS_OWNER = "20999999900011"
NO_PAYMENT = "26999999900018"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDirectory(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect()
        self.structures = self.env["chorus.structure"]
        self.simulator.control("calls", method="DELETE")

    def look_up(self, *sirets):
        return self.structures._look_up(self.connection, sirets)

    def structure(self, siret, environment="test"):
        return self.structures.search([("siret", "=", siret), ("environment", "=", environment)])

    # ---------------------------------------------------------------- one structure

    def test_duties_are_read(self):
        expected = {
            NO_DUTY: "none",
            SERVICE_DUTY: "service",
            ENGAGEMENT_DUTY: "engagement",
            BOTH_DUTIES: "both",
            EITHER: "either",
        }
        self.assertEqual(set(self.look_up(*expected).values()), {""})
        for siret, requirement in expected.items():
            self.assertEqual(self.structure(siret).requirement, requirement)
            self.assertEqual(self.structure(siret).name[:12], "Destinataire")
        recipient = self.structures._recipient(EITHER, "test")
        self.assertTrue(recipient.known and recipient.active and recipient.needs_service_or_engagement)

    def test_services_come_from_all_pages_with_their_own_rule(self):
        self.simulator.fault("structures/v1/rechercher/services", "page_cap", n=10)
        self.look_up(MANY_SERVICES)
        services = self.structures._recipient(MANY_SERVICES, "test").services
        self.assertEqual(len(services), 16)
        self.assertEqual(services["SIM014"], (True, True))
        self.assertEqual(services["SIM001"], (True, False))
        self.assertFalse(services["SIM015"][0])

    def test_closed_works_owner_and_silent_payers_are_told(self):
        self.look_up(CLOSED, WORKS_OWNER, NO_PAYMENT)
        self.assertFalse(self.structures._recipient(CLOSED, "test").active)
        self.assertTrue(self.structures._recipient(WORKS_OWNER, "test").moa_only)
        self.assertFalse(self.structure(NO_PAYMENT).reports_payment)

    def test_a_private_company_receives_no_invoices(self):
        self.look_up(SUPPLIER, NO_DUTY)
        self.assertTrue(self.structures._recipient(SUPPLIER, "test").private)
        self.assertFalse(self.structures._recipient(NO_DUTY, "test").private)

    def test_a_siret_that_chorus_pro_does_not_know(self):
        self.look_up("99999999999999")
        self.assertFalse(self.structures._recipient("99999999999999", "test").known)

    def test_what_was_never_asked_is_not_invented(self):
        self.assertIsNone(self.structures._recipient(NO_DUTY, "test"))
        self.look_up(NO_DUTY)
        self.assertIsNone(self.structures._recipient(NO_DUTY, "production"))

    def test_a_service_that_disappears_stays_inactive(self):
        self.look_up(SERVICE_DUTY)
        self.simulator.set_structure(SERVICE_DUTY, services=[{"code": "NEW", "name": "Nouveau"}])
        self.look_up(SERVICE_DUTY)
        services = self.structures._recipient(SERVICE_DUTY, "test").services
        self.assertEqual(
            services,
            {SERVICE_CODE: (False, False), "SERVICE_DEST_INACTIF": (False, False), "NEW": (True, False)},
        )

    def test_a_failure_keeps_what_was_known(self):
        self.look_up(SERVICE_DUTY)
        self.simulator.fault("structures/v1/consulter", "http_500")
        answers = self.look_up(SERVICE_DUTY)
        self.assertIn("not available", answers[SERVICE_DUTY])
        self.assertTrue(self.structures._recipient(SERVICE_DUTY, "test").needs_service)
        self.assertTrue(self.structure(SERVICE_DUTY).last_error)

    def test_a_connection_at_fault_blames_no_structure(self):
        self.simulator.fault("structures/v1/rechercher", "http_429", count=None)
        before = self.simulator.calls()["counts"].get("structures/v1/rechercher", 0)
        answers = self.look_up(NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY)
        self.assertEqual(set(answers), {NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY})
        self.assertTrue(all(answers.values()))
        asked = self.simulator.calls()["counts"]["structures/v1/rechercher"] - before
        self.assertEqual(asked, 1, "the others would fail alike")
        self.assertFalse(any(self.structure(siret).failures for siret in answers))

    def test_a_refusal_without_words_shows_its_number(self):
        self.simulator.fault("structures/v1/consulter", "refusal", code=20042, label="")
        self.assertIn("codeRetour 20042", self.look_up(NO_DUTY)[NO_DUTY])

    def test_checking_many_invoices_reads_the_directory_in_one_pass(self):
        sirets = [NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY, BOTH_DUTIES, EITHER, STATE, MANY_SERVICES]
        self.look_up(*sirets)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(4):
            self.assertEqual(len(self.structures._recipients(sirets * 100, "test")), len(sirets))

    # ---------------------------------------------------------------- the buttons

    def test_an_accountant_looks_a_customer_up(self):
        customer = self.make_customer(SERVICE_DUTY).with_user(self.accountant)
        notice = customer.action_chorus_look_up()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertEqual(customer.chorus_structure_id.siret, SERVICE_DUTY)
        self.assertEqual(customer.chorus_requirement, "service")
        self.structure(SERVICE_DUTY).with_user(self.accountant).action_look_up()

    def test_several_customers_at_once_and_one_without_siret(self):
        customers = self.make_customer(NO_DUTY) | self.make_customer(False, "Sans SIRET")
        notice = customers.with_user(self.accountant).action_chorus_look_up()["params"]
        self.assertIn("Sans SIRET", notice["message"])
        self.assertTrue(self.structure(NO_DUTY).looked_up_at)
        with self.assertRaisesRegex(UserError, "14 digits"):
            customers[1].with_user(self.accountant).action_chorus_look_up()

    def test_what_a_click_has_no_time_for_is_left_to_the_refresh(self):
        before = fields.Datetime.now()
        with self.capture_refresh() as triggers:
            answers = self.structures._look_up(self.connection, [NO_DUTY, SERVICE_DUTY], seconds=-1)
        self.assertIn("scheduled refresh", answers[NO_DUTY])
        self.assertFalse(self.simulator.calls()["total"])
        self.assertTrue(triggers())
        due = self.structure(NO_DUTY).next_look_up
        self.assertTrue(before <= due <= fields.Datetime.now(), due)

    @contextmanager
    def capture_refresh(self):
        """Yield a function that counts the wake-ups of the refresh asked for meanwhile."""
        domain = [("cron_id", "=", self.env.ref("l10n_fr_chorus_pro.cron_directory").id)]
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count(domain)
        yield lambda: triggers.search_count(domain) - before

    def test_without_connection_the_reason_is_told(self):
        self.connection.active = False
        customer = self.make_customer(NO_DUTY).with_user(self.accountant)
        notice = customer.action_chorus_look_up()["params"]
        self.assertIn("No connection to Chorus Pro", notice["message"])

    def test_only_people_who_invoice_look_up_and_nobody_writes(self):
        self.look_up(NO_DUTY)
        structure = self.structure(NO_DUTY)
        outsider = self.env["res.users"].create(
            {"name": "RH", "login": "rh", "group_ids": [(6, 0, self.env.ref("base.group_user").ids)]}
        )
        for call in (
            structure.with_user(outsider).action_look_up,
            self.make_customer().with_user(outsider).action_chorus_look_up,
            lambda: structure.with_user(outsider).read(["name"]),
            lambda: structure.with_user(self.accountant).write({"needs_service": True}),
            lambda: structure.with_user(self.administrator).unlink(),
            lambda: (
                self.env["chorus.service"]
                .with_user(self.accountant)
                .create({"structure_id": structure.id, "code": "X"})
            ),
        ):
            with self.assertRaises(AccessError):
                call()

    # ---------------------------------------------------------------- the scheduled refresh

    def refresh(self):
        with self.enter_registry_test_mode():
            self.env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()

    def asked(self):
        return self.simulator.calls()["counts"].get("structures/v1/rechercher", 0)

    def test_the_refresh_touches_what_is_in_use_and_due(self):
        self.make_customer(NO_DUTY)
        self.make_customer(SERVICE_DUTY, dematerialized_invoice_type=False)
        self.refresh()
        self.assertTrue(self.structure(NO_DUTY).looked_up_at)
        self.assertFalse(self.structure(SERVICE_DUTY))
        self.assertEqual(self.asked(), 1)
        self.refresh()
        self.assertEqual(self.asked(), 1)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.connection.action_refresh_token()
            self.refresh()
        self.assertEqual(self.asked(), 2)

    def test_the_refresh_asks_no_more_than_invoices_need(self):
        for siret, calls in ((NO_DUTY, 2), (SERVICE_DUTY, 3)):
            self.make_customer(siret)
            self.simulator.control("calls", method="DELETE")
            self.refresh()
            counts = self.simulator.calls()["counts"]
            asked = {route: count for route, count in counts.items() if route.startswith("structures/")}
            self.assertEqual(sum(asked.values()), calls, asked)
        self.assertIsNone(self.structures._recipient(NO_DUTY, "test").services, "nobody asked for them")
        self.assertIn(SERVICE_CODE, self.structures._recipient(SERVICE_DUTY, "test").services)

    def test_services_that_a_person_wanted_to_see_are_kept_up_to_date(self):
        services = [{"code": "A", "name": "Accueil"}]
        self.simulator.set_structure(NO_DUTY, services=services)
        self.make_customer(NO_DUTY).with_user(self.accountant).action_chorus_look_up()
        self.simulator.set_structure(NO_DUTY, services=[*services, {"code": "B", "name": "Bureau"}])
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.connection.action_refresh_token()
            self.refresh()
        self.assertEqual(set(self.structures._recipient(NO_DUTY, "test").services), {"A", "B"})

    def test_one_failing_structure_does_not_stop_the_others(self):
        for siret in (NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY):
            self.make_customer(siret)
        self.simulator.fault("structures/v1/consulter", "http_500", count=1)
        self.refresh()
        rows = self.structures.search([("siret", "in", (NO_DUTY, SERVICE_DUTY, ENGAGEMENT_DUTY))])
        self.assertEqual(len(rows.filtered("looked_up_at")), 2)
        failed = rows.filtered("failures")
        self.assertGreater(failed.next_look_up, fields.Datetime.now())

    def test_one_failing_company_does_not_stop_the_others(self):
        other = self.env["res.company"].create({"name": "Autre"})
        self.connect(company_id=other.id, switch_on=False).password = "wrong"
        self.env["res.partner"].with_company(other).create(
            {
                "name": "Ailleurs",
                "is_company": True,
                "company_registry": STATE,
                "dematerialized_invoice_type": "facturx",
            }
        )
        self.make_customer(NO_DUTY)
        self.refresh()
        self.assertTrue(self.structure(NO_DUTY).looked_up_at)
        self.assertFalse(self.structure(STATE))

    def test_the_refresh_is_quiet_where_nothing_is_connected(self):
        self.company.chorus_environment = False
        self.connection.action_forget_secrets()
        self.make_customer(NO_DUTY)
        self.refresh()
        self.assertFalse(self.simulator.calls()["total"])
