"""A company whose SIRET is not attached to the technical account hears of it on each invoice."""

from odoo.tests import tagged

from .common import COMPANY_SIRET
from .protocol import ProtocolCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestFindingsCompany(ProtocolCommon):
    def setUp(self):
        super().setUp()
        self.production = self.connect("production").with_user(self.administrator)
        self.move = self.make_invoice()

    def told(self, environment="production"):
        """The finding's sentence on the invoice, for the accountant, or ``None``."""
        self.env.invalidate_all()
        findings = self.move.with_user(self.accountant)._chorus_findings(environment)[self.move.id]
        return next((item for item in findings if item["code"] == "company_not_attached"), None)

    def test_nothing_is_said_before_anything_was_asked(self):
        self.assertIsNone(self.told())

    def test_not_attached_then_attached(self):
        self.production.action_check_all()
        finding = self.told()
        self.assertEqual(finding["severity"], "warn")
        self.assertIn(COMPANY_SIRET, finding["message"])
        self.assertEqual((finding["model"], finding["field"]), ("res.company", "company_registry"))
        self.assertEqual(finding["res_id"], self.company.id)
        self.assertIsNone(self.told("test"), "in test the data set's SIRET takes its place")
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
        self.production.action_check_all()
        self.assertIsNone(self.told())

    def test_another_siret_was_not_asked_about(self):
        self.production.action_check_all()
        self.company.sudo().company_registry = "33254021516357"
        self.assertIsNone(self.told())

    def test_an_answer_that_did_not_come_changes_nothing(self):
        self.production.action_check_all()
        self.simulator.fault("*", "http_503", count=20)
        self.production.action_check_all()
        self.assertTrue(self.told())
