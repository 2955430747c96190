"""What a person gives to support: a reference that the log has too, a diagnostic without secrets."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.connection.chorus_connection_secret import credential_of
from ..models.connection.chorus_connection_token import good_token
from .protocol import ProtocolCommon

SECRET, PASSWORD, CLIENT = "marker-of-the-secret", "marker-of-the-password", "marker-of-the-client"


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSupport(ProtocolCommon):
    def references(self, logged):
        """The references of the calls that the log tells of."""
        return {line.rsplit("call ", 1)[1].split(",")[0] for line in logged.output if "call " in line}

    def test_a_refused_token_has_a_reference_that_is_in_the_log(self):
        self.connection.client_secret = "not the right secret"
        with self.assertLogs("odoo.addons.l10n_fr_chorus_pro.chorus_api", "WARNING") as logged:
            notice = self.connection.action_refresh_token()
        shown = notice["params"]["message"].rsplit("(reference ", 1)[1].rstrip(")")
        self.assertIn(shown, self.references(logged))
        self.assertIn(shown, self.connection.last_error)

    def test_a_lost_answer_has_a_reference_that_is_in_the_log_and_the_journal(self):
        move = self.make_invoice()
        self.simulator.fault("factures/v1/deposer/flux", "drop_after_accept", count=1)
        self.queue(move)
        with self.assertLogs("odoo.addons.l10n_fr_chorus_pro.chorus_api", "WARNING") as logged:
            self.run_send()
        deposit = self.line(move).deposit_id
        attempt = deposit.attempt_ids.filtered(lambda row: row.kind == "send")
        self.assertIn(attempt.correlation_id, self.references(logged))

    def test_the_diagnostic_of_a_connection_tells_states_and_no_secret(self):
        self.queue(self.make_invoice())
        self.run_send()
        self.connection.write({"client_secret": SECRET, "password": PASSWORD, "client_id": CLIENT})
        # Even where a remote text came to hold them.
        self.connection.last_error = f"words with {SECRET}, {PASSWORD}, {CLIENT} (reference 0123abcd)"
        text = self.connection.with_user(self.administrator).diagnostic
        for marker in (SECRET, PASSWORD, CLIENT, self.connection.login):
            self.assertNotIn(marker, text)
        for told in ("reference 0123abcd", "deposit.line sent: 1", "environment: test", "state: draft"):
            self.assertIn(told, text)

    def test_the_token_is_taken_out(self):
        connection = self.connection.sudo()
        token = good_token(connection)
        self.assertTrue(token)
        connection.last_error = f"Bearer {token}"
        self.assertIn("Bearer ***", connection.diagnostic)
        self.assertNotIn(token, connection.diagnostic)

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.chorus_api")
    def test_the_diagnostic_of_a_deposit_tells_its_attempts_to_whoever_may_read_it(self):
        move = self.make_invoice()
        self.simulator.fault("factures/v1/deposer/flux", "http_500", count=1)
        self.queue(move)
        self.run_send()
        self.connection.last_error = f"remote words with {credential_of(self.connection, 'password')}"
        deposit = self.line(move).deposit_id
        text = deposit.with_user(self.accountant).diagnostic
        sending = deposit.attempt_ids.filtered(lambda row: row.kind == "send")[-1:]
        for told in (sending.correlation_id, "HTTP 500", move.name, deposit.sha256):
            self.assertIn(told, text)
        self.assertNotIn("simulator-password", text)

    def test_the_diagnostic_of_a_connection_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.connection.with_user(self.accountant).read(["diagnostic"])
