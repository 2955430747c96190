"""An invoice that somebody redirected on the portal of Chorus Pro: Odoo follows what the search tells."""

import base64
import json
import urllib.request

from odoo.tests import tagged

from .common import ENGAGEMENT_DUTY
from .life import LifeCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRedirectedOnThePortal(LifeCommon):
    printed = True

    def redirect(self, move, siret, **references):
        """What a person does on the portal, without Odoo knowing."""
        simulator = self.simulator
        form = b"grant_type=client_credentials&scope=openid"
        form += b"&client_id=simulator-client&client_secret=simulator-secret"
        with urllib.request.urlopen(simulator.auth_url, form) as answer:
            token = json.load(answer)["access_token"]
        body = {
            "identifiantFactureCPP": self.chorus_id(move.name),
            "commentaire": "portal",
            "destinataire": {"codeDestinataire": siret},
            "reference": references,
        }
        headers = {
            "Authorization": f"Bearer {token}",
            "cpro-account": base64.b64encode(b"TECH_1_1@cpro.fr:simulator-password").decode(),
            "Content-Type": "application/json",
        }
        url = f"{simulator.url}/cpro/factures/v1/recycler"
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)).close()
        for _hour in range(3):
            self.pass_time(hours=1)
            self.run_follow()

    def redirected(self, **values):
        move = self.deliver()
        recipient = self.make_customer(ENGAGEMENT_DUTY, name="Hospital", **values) if values else None
        self.buyer(move, "A_RECYCLER", "Wrong recipient")
        self.redirect(move, ENGAGEMENT_DUTY, numeroBonCommande="EJ77")
        return move, recipient

    def test_recipient_engagement_and_payment_period_follow(self):
        move, hospital = self.redirected(chorus_payment_delay="50")
        self.assertEqual(self.line(move).buyer_siret, ENGAGEMENT_DUTY)
        self.assertEqual(move.chorus_recipient_id, hospital)
        self.assertEqual(move.purchase_order_reference, "EJ77")
        self.assertEqual((move.chorus_due_date - move.chorus_available_on).days, 50)
        self.assertNotEqual(move.commercial_partner_id, hospital, "the entry keeps its customer")
        told = move.message_ids.filtered(lambda message: "Hospital" in (message.body or ""))
        self.assertEqual(len(told), 1)
        self.pass_time(hours=1)
        self.run_follow()
        self.assertEqual(len(move.message_ids.filtered(lambda m: "Hospital" in (m.body or ""))), 1)

    def test_the_payment_period_is_that_of_the_recipient_also_when_it_changes(self):
        move, hospital = self.redirected(chorus_payment_delay="50")
        self.customer.chorus_payment_delay = "60"
        self.env.invalidate_all()
        self.assertEqual((move.chorus_due_date - move.chorus_available_on).days, 50)
        hospital.chorus_payment_delay = "30"
        self.env.invalidate_all()
        self.assertEqual((move.chorus_due_date - move.chorus_available_on).days, 30)

    def test_a_recipient_that_nobody_knows_here_is_told_with_its_siret(self):
        move, _none = self.redirected()
        self.assertEqual(self.line(move).buyer_siret, ENGAGEMENT_DUTY)
        self.assertFalse(move.chorus_recipient_id)
        self.assertTrue(any(ENGAGEMENT_DUTY in (message.body or "") for message in move.message_ids))

    def test_a_number_with_two_blanks_does_not_leave(self):
        move = self.make_invoice(post=False)
        move.name = "FA  12"
        move.action_post()
        self._print(move)
        blocking = {f["code"] for f in move._chorus_findings("test")[move.id] if f["severity"] == "block"}
        self.assertEqual(blocking, {"number_blanks"})
