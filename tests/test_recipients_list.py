"""The list of all public recipients: one download for hundreds of calls, and never a wrong word by it."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import freeze_time, tagged

from ..chorus_api import ChorusClient
from ..models.connection.chorus_connection_token import client_of
from ..models.directory import chorus_structure_listed
from ..models.directory.chorus_structure_listed import FEWEST, SPOT_CHECKS
from .common import ChorusCommon

DOWNLOAD = "transverses/v1/telecharger/annuaire/destinataire"
SEARCH, CONSULT = "structures/v1/rechercher", "structures/v1/consulter"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRecipientsList(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connections = self.connection = self.connect()
        self.days = 0
        # By the clock that a test has set, the time of a run is long used up.
        self.left = 100
        self.startPatcher(patch.object(chorus_structure_listed, "seconds_left", lambda: self.left))

    # ---------------------------------------------------------------- the stage

    def customers(self, count, first=0, company=None, **duties):
        """SIRETs of customers of a company that the scheduled refresh has looked up."""
        sirets = [str(21000000000000 + 17 * number) for number in range(first, first + count)]
        for siret in sirets:
            self.simulator.set_structure(siret, **{"name": f"École {siret}", **duties})
        company = company or self.company
        self.env["res.partner"].with_company(company).create(
            [
                {
                    "name": f"École {siret}",
                    "is_company": True,
                    "company_registry": siret,
                    "dematerialized_invoice_type": "facturx",
                    "company_id": company.id,
                }
                for siret in sirets
            ]
        )
        self.refresh()
        return sirets

    def refresh(self, day=0):
        """Run the scheduled action so many days from now.

        :return: calls about structures that it took, by route
        """
        self.simulator.advance((day - self.days) * 86400)
        self.days = day
        with freeze_time(fields.Datetime.now() + timedelta(days=day)):
            for connection in self.connections:
                connection.action_refresh_token()
            self.simulator.control("calls", method="DELETE")
            with self.enter_registry_test_mode():
                self.env.ref("l10n_fr_chorus_pro.cron_directory").method_direct_trigger()
        self.env.invalidate_all()
        counts = self.simulator.calls()["counts"]
        return {
            route: count for route, count in counts.items() if route == DOWNLOAD or "structures/" in route
        }

    def rows(self, sirets):
        return self.env["chorus.structure"].search([("siret", "in", sirets), ("environment", "=", "test")])

    def remembered(self):
        """What is remembered of the last reading, a code."""
        stored = self.env["ir.config_parameter"].sudo().get_param("l10n_fr_chorus_pro.recipients_list.test")
        return json.loads(stored)["why"] if stored else None

    def set_form(self, form, **settings):
        self.simulator.control("settings", {"recipients_file": form, **settings})

    def keep_list(self):
        """From now on the list says what it says now, dated after the answers, whatever Chorus Pro says."""
        self.simulator.control(
            "settings", {"recipients_file_day": str(fields.Date.today() + timedelta(days=2))}
        )
        with client_of(self.connection) as client:
            archive = client.recipients_file()
        self.startPatcher(patch.object(ChorusClient, "recipients_file", lambda _client: archive))

    def assertConfirmed(self, sirets):
        rows = self.rows(sirets)
        self.assertEqual(len(rows), len(sirets))
        self.assertFalse(rows.filtered("last_error"))
        due = fields.Datetime.now() + timedelta(days=self.days + 6)
        self.assertFalse(rows.filtered(lambda row: row.next_look_up < due), "each is refreshed")
        self.assertEqual(len(rows.filtered("listed_at")), len(sirets) - SPOT_CHECKS)

    def assertAskedOneByOne(self, counts, sirets):
        """As without a list: each was asked about, and nothing was confirmed."""
        self.assertGreaterEqual(counts.get(CONSULT, 0), len(sirets), counts)
        self.assertGreaterEqual(counts.get(SEARCH, 0), len(sirets), counts)
        rows = self.rows(sirets)
        self.assertFalse(rows.filtered("listed_at"))
        self.assertFalse(rows.filtered(lambda row: row.next_look_up <= fields.Datetime.now()))

    # ---------------------------------------------------------------- fewer calls

    def test_three_hundred_known_customers_are_refreshed_by_one_download(self):
        sirets = self.customers(240)
        sirets += self.customers(60, 240, needs_service=True, services=[{"code": "DST"}, {"code": "DRH"}])
        counts = self.refresh(day=8)
        self.assertEqual(counts.pop(DOWNLOAD), 1)
        self.assertLessEqual(sum(counts.values()), 3 * SPOT_CHECKS, counts)
        self.assertConfirmed(sirets)
        self.assertEqual(self.refresh(day=8), {}, "nothing is due any more")

    def test_tables_say_the_same_as_elements_also_in_the_charset_of_windows(self):
        sirets = self.customers(FEWEST, needs_engagement=True)
        for day, form in ((8, "csv"), (16, "windows")):
            with self.subTest(form):
                self.set_form(form)
                counts = self.refresh(day=day)
                self.assertEqual(counts.pop(DOWNLOAD), 1)
                self.assertLessEqual(sum(counts.values()), 2 * SPOT_CHECKS, counts)
                self.assertFalse(self.rows(sirets).filtered(lambda row: row.requirement != "engagement"))
        self.assertEqual(self.remembered(), "read")

    def test_what_only_consulting_tells_takes_one_call_fewer(self):
        sirets = self.customers(FEWEST)
        self.set_form("bare")
        counts = self.refresh(day=8)
        self.assertEqual(counts[DOWNLOAD], 1)
        self.assertEqual(counts[CONSULT], len(sirets))
        self.assertEqual(counts[SEARCH], SPOT_CHECKS, "active, as the list says")

    def test_a_few_are_not_worth_a_download(self):
        sirets = self.customers(FEWEST - 1)
        counts = self.refresh(day=8)
        self.assertNotIn(DOWNLOAD, counts)
        self.assertEqual(counts[CONSULT], len(sirets))

    def test_customers_of_all_companies_of_an_environment_count(self):
        other = self.env["res.company"].create({"name": "Autre", "country_id": self.company.country_id.id})
        self.connections |= self.connect(company_id=other.id)
        sirets = self.customers(12) + self.customers(12, 12, company=other)
        counts = self.refresh(day=8)
        self.assertEqual(counts.pop(DOWNLOAD), 1)
        self.assertLessEqual(sum(counts.values()), 2 * SPOT_CHECKS, counts)
        self.assertConfirmed(sirets)

    # ---------------------------------------------------------------- never a wrong word

    def test_what_the_list_says_differently_chorus_pro_is_asked_about(self):
        sirets = self.customers(FEWEST + 4)
        services = self.customers(1, 50, needs_service=True, services=[{"code": "DST"}, {"code": "DRH"}])
        duty, closed, owner, renamed = sirets[:4]
        self.simulator.set_structure(duty, needs_engagement=True)
        self.simulator.set_structure(closed, active=False)
        self.simulator.set_structure(owner, moa_only=True)
        self.simulator.set_structure(renamed, name="Collège")
        self.simulator.set_structure(
            services[0], services=[{"code": "DST", "needs_engagement": True}, {"code": "DAF"}]
        )
        counts = self.refresh(day=8)
        self.assertEqual(counts[DOWNLOAD], 1)
        self.assertLessEqual(counts[SEARCH], 5 + SPOT_CHECKS)
        self.assertEqual(self.rows([duty]).requirement, "engagement")
        self.assertFalse(self.rows([closed]).active_in_chorus)
        self.assertTrue(self.rows([owner]).moa_only)
        self.assertEqual(self.rows([renamed]).name, "Collège")
        self.assertEqual(
            set(self.rows(services).service_ids.filtered("active_in_chorus").mapped("code")), {"DST", "DAF"}
        )

    def test_the_call_wins_over_the_list(self):
        """The list says that some are closed; they are asked about, and stay open."""
        sirets = self.customers(FEWEST + 4)
        for siret in sirets[:2]:
            self.simulator.set_structure(siret, active=False)
        self.keep_list()
        for siret in sirets[:2]:
            self.simulator.set_structure(siret, active=True)
        counts = self.refresh(day=8)
        self.assertLessEqual(counts[SEARCH], 2 + SPOT_CHECKS)
        self.assertTrue(all(self.rows(sirets).mapped("active_in_chorus")))

    def test_a_list_that_is_not_kept_up_to_date_confirms_nothing(self):
        """It agrees with what is known, and Chorus Pro says something else by now."""
        sirets = self.customers(FEWEST)
        self.keep_list()
        for siret in sirets:
            self.simulator.set_structure(siret, needs_engagement=True)
        with self.assertLogs("odoo.addons.l10n_fr_chorus_pro.models.directory", "WARNING"):
            counts = self.refresh(day=8)
        self.assertAskedOneByOne(counts, sirets)
        self.assertEqual(set(self.rows(sirets).mapped("requirement")), {"engagement"})
        self.assertEqual(self.remembered(), "contradicted")

    def test_what_the_list_does_not_name_is_asked_about(self):
        self.keep_list()
        sirets = self.customers(FEWEST)
        self.assertAskedOneByOne(self.refresh(day=8), sirets)
        self.assertTrue(all(self.rows(sirets).mapped("known")))

    def test_the_rule_of_a_service_in_use_is_confirmed_or_asked_for(self):
        services = [{"code": "DST", "needs_engagement": True}]
        sirets = self.customers(FEWEST, needs_service=True, services=services)
        contact = self.env["res.partner"].search([("company_registry", "=", sirets[0])])
        contact.chorus_service_code = "DST"
        counts = self.refresh(day=8)
        self.assertEqual(counts["structures/v1/consulter/service"], 1, "nobody had asked for it")
        service = self.rows(sirets[:1]).service_ids
        self.assertTrue(service.needs_engagement)
        self.assertTrue(service.rule_looked_up_at)
        self.assertLessEqual(sum(self.refresh(day=16).values()), 1 + 4 * SPOT_CHECKS)
        self.simulator.set_structure(sirets[0], services=[{"code": "DST"}])
        self.refresh(day=24)
        self.assertFalse(service.needs_engagement)

    def test_who_asks_for_a_structure_gets_the_word_of_chorus_pro(self):
        sirets = self.customers(FEWEST)
        with freeze_time(fields.Datetime.now() + timedelta(days=8)):
            self.connection.action_refresh_token()
            # What a click has no time for is left to the scheduled action.
            self.env["chorus.structure"]._look_up(self.connection, sirets, seconds=-1)
        counts = self.refresh(day=9)
        self.assertNotIn(DOWNLOAD, counts)
        self.assertAskedOneByOne(counts, sirets)

    # ---------------------------------------------------------------- nothing gets worse

    def test_a_list_that_is_of_no_use_leaves_the_calls_of_old_and_rests(self):
        sirets = self.customers(FEWEST)
        cases = {
            "unknown": "unknown_form",
            "no_zip": "broken",
            "damaged": "broken",
            "inverted": "disagrees",
        }
        for form, why in cases.items():
            with self.subTest(form):
                self.env["ir.config_parameter"].sudo().search([("key", "like", "recipients_list")]).unlink()
                self.set_form(form)
                day = self.days + 8
                with self.assertLogs("odoo.addons.l10n_fr_chorus_pro.models.directory", "WARNING") as log:
                    counts = self.refresh(day)
                self.assertEqual(counts.pop(DOWNLOAD), 1)
                self.assertAskedOneByOne(counts, sirets)
                self.assertEqual(self.remembered(), why)
                self.assertEqual(len(log.output), 1, "told once")
        for days, downloads in ((8, 0), (16, 0), (24, 0), (32, 1)):
            counts = self.refresh(day + days)
            self.assertEqual(counts.get(DOWNLOAD, 0), downloads, days)

    def test_a_list_of_last_month(self):
        sirets = self.customers(FEWEST)
        self.set_form("xml", recipients_file_day=str(fields.Date.today() - timedelta(days=20)))
        self.assertAskedOneByOne(self.refresh(day=8), sirets)
        self.assertEqual(self.remembered(), "old")

    def test_a_list_made_before_the_last_answer(self):
        sirets = self.customers(FEWEST)
        self.set_form("xml", recipients_file_day=str(fields.Date.today() - timedelta(days=2)))
        self.assertAskedOneByOne(self.refresh(day=8), sirets)

    def test_a_list_of_the_day_of_the_last_answer(self):
        """It was made at three in the morning, by a clock whose time zone nobody tells."""
        sirets = self.customers(FEWEST)
        self.set_form("xml", recipients_file_day=str(fields.Date.today()))
        self.assertAskedOneByOne(self.refresh(day=8), sirets)

    def test_a_list_made_after_the_last_answer_whatever_the_time_zone(self):
        sirets = self.customers(FEWEST)
        self.set_form("xml", recipients_file_day=str(fields.Date.today() + timedelta(days=2)))
        self.assertEqual(self.refresh(day=8)[DOWNLOAD], 1)
        self.assertConfirmed(sirets)

    def test_a_list_that_does_not_tell_when_it_was_made(self):
        sirets = self.customers(FEWEST)
        self.set_form("xml", recipients_file_day="1980-01-01")
        with self.assertLogs("odoo.addons.l10n_fr_chorus_pro.models.directory", "WARNING"):
            counts = self.refresh(day=8)
        self.assertAskedOneByOne(counts, sirets)
        self.assertEqual(self.remembered(), "undated")

    def test_a_route_that_is_refused_or_fails(self):
        sirets = self.customers(FEWEST)
        for kind, options, why in (
            ("empty_403", {}, "access_denied"),
            ("bare_status", {"status": 404}, "route_not_found"),
            ("bare_status", {"status": 400}, "bad_request"),
            ("http_500", {}, "unanswered"),
            ("html", {}, "unreadable_answer"),
        ):
            with self.subTest(kind, **options):
                self.env["ir.config_parameter"].sudo().search([("key", "like", "recipients_list")]).unlink()
                self.simulator.fault(DOWNLOAD, kind, count=None, **options)
                counts = self.refresh(self.days + 8)
                self.simulator.no_faults()
                self.assertEqual(counts.pop(DOWNLOAD), 1)
                self.assertAskedOneByOne(counts, sirets)
                self.assertEqual(self.remembered(), why)

    def test_a_connection_at_fault_rests_and_the_list_is_read_next_time(self):
        sirets = self.customers(FEWEST)
        self.simulator.fault(DOWNLOAD, "http_429", count=None)
        self.assertEqual(self.refresh(day=8), {DOWNLOAD: 1})
        self.assertIsNone(self.remembered())
        self.simulator.no_faults()
        self.assertEqual(self.refresh(day=9)[DOWNLOAD], 1)
        self.assertConfirmed(sirets)

    def test_with_little_time_left_there_is_no_download(self):
        sirets = self.customers(FEWEST)
        self.left = 30
        self.assertAskedOneByOne(self.refresh(day=8), sirets)
        self.assertIsNone(self.remembered())

    def test_a_reading_that_takes_too_long_is_given_up(self):
        sirets = self.customers(FEWEST)
        times = iter([100])
        with patch.object(chorus_structure_listed, "seconds_left", lambda: next(times, 5)):
            counts = self.refresh(day=8)
        self.assertEqual(counts.pop(DOWNLOAD), 1)
        self.assertAskedOneByOne(counts, sirets)
        self.assertEqual(self.remembered(), "out_of_time")

    def test_a_run_that_is_cut_does_not_fetch_the_list_anew(self):
        sirets = self.customers(FEWEST)
        self.set_form("bare")
        self.simulator.fault(CONSULT, "http_429", count=None, skip=SPOT_CHECKS + 2)
        self.assertEqual(self.refresh(day=8)[DOWNLOAD], 1)
        self.simulator.no_faults()
        counts = self.refresh(day=8.1)
        self.assertNotIn(DOWNLOAD, counts)
        self.assertLess(counts[CONSULT], len(sirets))
