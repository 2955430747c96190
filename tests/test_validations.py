"""A holder of contracts validates what her subcontractors send to Chorus Pro."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date, mute_logger

from .common import SUPPLIER
from .life import LifeCommon

LIST = "factures/v1/rechercher/aTraiter/valideur"
TREAT = "factures/v1/traiter/factureAValider"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestValidations(LifeCommon):
    def setUp(self):
        super().setUp()
        self.company.chorus_validates = True
        self.company.chorus_responsible_id = self.accountant

    def subcontract(self, **values):
        """A subcontractor sends an invoice, and it is noticed here; return its record, as the accountant."""
        sent = self.simulator.control("subcontractor", {"validator": SUPPLIER, **values})
        self._run("_cron_validate")
        return self.validation(sent["number"])

    def validation(self, number):
        self.env.invalidate_all()
        return self.env["chorus.validation"].with_user(self.accountant).search([("number", "=", number)])

    def there(self, validation):
        return next(
            item["status"]
            for item in self.simulator.ledger()["invoices"]
            if item["number"] == validation.number
        )

    def test_who_has_not_switched_it_on_makes_no_call_and_sees_no_menu(self):
        menu = self.env.ref("l10n_fr_chorus_pro.menu_chorus_validations")
        menus = self.env["ir.ui.menu"].with_user(self.accountant)
        self.assertNotIn(menu.id, menus._load_menus_blacklist())
        self.company.chorus_validates = False
        self.assertIn(menu.id, menus._load_menus_blacklist())
        self.simulator.control("subcontractor", {"validator": SUPPLIER})
        self._run("_cron_validate")
        self.assertEqual(self.calls_of(LIST), [0])
        self.assertFalse(self.env["chorus.validation"].search([]))

    def test_what_waits_is_listed_with_its_exact_total_and_asked_for_in_time(self):
        validation = self.subcontract(total=1200.55, contract="M-17")
        self.assertEqual(
            (validation.state, validation.framework, validation.contract), ("to_validate", "A9", "M-17")
        )
        self.assertEqual(validation.amount_total, 1200.55)
        self.assertEqual(validation.deadline, validation.deposited_on + timedelta(days=15))
        self.assertEqual(validation.days_left, (validation.deadline - fields.Date.today()).days)
        activity = validation.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.accountant))
        self.assertLess(activity.date_deadline, validation.deadline)
        self.assertIn(format_date(self.env, validation.deadline, lang_code="en_US"), activity.note)
        self._run("_cron_validate")
        self.assertEqual(len(self.validation(validation.number)), 1)

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.worker.channel")
    def test_one_that_cannot_be_written_is_told_and_stops_no_other(self):
        """An automated rule raises: without an answer the invoice would count as accepted, unseen."""
        model = self.env.registry["chorus.validation"]
        create = model.create

        def raging(records, values):
            if values["contract"] == "M-13":
                raise ValueError("An automated rule refuses it")
            return create(records, values)

        sent = {"validator": SUPPLIER, "contract": "M-13"}
        bad, worse = (self.simulator.control("subcontractor", sent) for _invoice in range(2))
        before = self.company.partner_id.activity_ids
        with patch.object(model, "create", raging):
            good = self.subcontract(contract="M-14")
            self.assertEqual(good.state, "to_validate")
            self._run("_cron_validate")
        [told] = self.company.partner_id.activity_ids - before
        self.assertEqual(told.user_id, self.accountant)
        self.assertIn("An automated rule refuses it", told.note)
        for number in (bad["number"], worse["number"]):
            self.assertIn(number, told.note)
        # The rule is gone: she is asked for her answer, and no longer to look at the portal.
        self._run("_cron_validate")
        self.assertEqual(self.validation(bad["number"]).state, "to_validate")
        self.assertEqual(len(self.validation(bad["number"]).activity_ids), 1)
        self.assertFalse(self.company.partner_id.activity_ids - before)

    def test_accepting_tells_chorus_pro_and_ends_the_activity(self):
        validation = self.subcontract()
        validation.action_accept()
        self.assertEqual(self.validation(validation.number).state, "accepted")
        self.assertEqual(self.there(validation), "VALIDEE_1")
        self.assertEqual(validation.answered_by_id, self.accountant)
        self.assertFalse(validation.activity_ids)
        self.assertTrue(validation.message_ids)
        with self.assertRaises(UserError):
            validation.action_refuse()

    def test_refusing_needs_a_reason_that_the_subcontractor_reads(self):
        validation = self.subcontract(cadre="A12", rank=2)
        wizard = self.env["chorus.validation.refuse"].with_user(self.accountant)
        wizard = wizard.browse(validation.action_refuse()["res_id"])
        with self.assertRaises(UserError):
            wizard.action_refuse()
        wizard.reason = "Pas notre chantier"
        wizard.action_refuse()
        self.assertEqual(self.validation(validation.number).state, "refused")
        self.assertEqual(self.there(validation), "REFUSEE_2")

    def test_silence_for_fifteen_days_is_an_acceptance(self):
        validation = self.subcontract()
        self.pass_time(days=16)
        self._run("_cron_validate")
        validation = self.validation(validation.number)
        self.assertIn(validation.state, ("tacit", "over"))
        self.assertFalse(validation.activity_ids)

    def test_what_was_answered_on_the_portal_is_noticed(self):
        validation = self.subcontract()
        self.simulator.set_status(int(validation.chorus_invoice_id), "REFUSEE_1", "Sur le portail")
        self._run("_cron_validate")
        self.assertEqual(self.validation(validation.number).state, "refused")

    def test_a_lost_answer_is_looked_at_before_it_is_given_again(self):
        validation = self.subcontract()
        self.simulator.fault(TREAT, "drop_after_accept", count=1)
        validation.action_accept()
        self.assertEqual(self.validation(validation.number).state, "answering")
        with self.assertRaises(UserError):
            validation.action_accept()
        self._run("_cron_validate")
        self.assertEqual(self.validation(validation.number).state, "accepted")

    def test_an_answer_that_is_refused_waits_again_with_the_words(self):
        validation = self.subcontract()
        self.simulator.fault(TREAT, "refusal", count=1)
        validation.action_accept()
        validation = self.validation(validation.number)
        self.assertEqual(validation.state, "to_validate")
        self.assertTrue(validation.message)
        self.assertTrue(validation.activity_ids)

    def test_the_invoice_can_be_read(self):
        validation = self.subcontract()
        validation.action_read()
        self.assertTrue(validation.sudo().file_id.raw.startswith(b"%PDF"))

    def test_nobody_writes_an_answer_by_hand(self):
        validation = self.subcontract()
        with self.assertRaises(AccessError):
            validation.with_user(self.administrator).write({"state": "accepted"})
