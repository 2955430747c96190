"""Each fault on the way to Chorus Pro: the state right after it, and that the invoice arrives once."""

import errno
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from ..worker.sender import Outcome, Sender, recover_dead
from .common import server_configuration
from .protocol import ProtocolCommon

DEPOSIT = "factures/v1/deposer/flux"
REPORT = "transverses/v1/consulterCRDetaille"
SEARCH = "factures/v1/rechercher/fournisseur"
SETTINGS = "odoo.addons.l10n_fr_chorus_pro.chorus_api.transport.Settings"

# Fault of one call of the deposit, its options, and the invoice's state right afterwards.
DEPOSIT_FAULTS = (
    ("http_500", {}, "unconfirmed"),
    ("http_500", {"when": "after"}, "unconfirmed"),
    ("http_502_no_type", {}, "unconfirmed"),
    ("http_502_no_type", {"when": "after"}, "unconfirmed"),
    ("http_503", {"retry_after": 30}, "unconfirmed"),
    ("drop_before", {}, "unconfirmed"),
    ("drop_after_accept", {}, "unconfirmed"),
    ("truncated_json", {}, "unconfirmed"),
    ("html", {}, "unconfirmed"),
    ("html", {"when": "after"}, "unconfirmed"),
    ("huge_answer", {"bytes": 25_000_000}, "unconfirmed"),
    ("http_429", {"retry_after": 60}, "ready"),
    ("empty_403", {}, "ready"),
    ("expired_token", {}, "sent"),
    ("wrong_length", {}, "sent"),
    ("slow", {"seconds": 0.1}, "sent"),
    ("slow_body", {"seconds": 0.1}, "sent"),
)


@tagged("post_install", "post_install_l10n", "-at_install")
class TestDepositFaults(ProtocolCommon):
    """What goes wrong while a file is posted."""

    printed = True

    @classmethod
    def _request_handler(cls, session, request, /, **kw):
        # A name that never resolves leads nowhere outside.
        if ".invalid" in request.url:
            return _super_send(session, request, **kw)
        return super()._request_handler(session, request, **kw)

    def test_each_fault_leaves_a_state_from_which_the_invoice_arrives_once(self):
        for kind, options, state in DEPOSIT_FAULTS:
            with self.subTest(kind=kind, **options):
                move = self.make_invoice()
                self.queue(move)
                self.simulator.fault(DEPOSIT, kind, count=1, **options)
                self.run_send()
                self.assertState(move, state)
                self.settle(move)
                self.assertState(move, "integrated")
                self.assertEqual(len(self.taken(move.name)), 1)
                self.assertFalse(self.connection.activity_ids, "a call for help closes itself")

    def test_functional_refusal_is_told_and_may_be_sent_again(self):
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "refusal", count=1)
        self.run_send()
        self.assertState(move, "failed")
        self.assertEqual(len(move.activity_ids), 1)
        self.assertEqual(self.queue(move), {})
        self.settle(move)
        self.assertState(move, "integrated")
        self.assertFalse(move.activity_ids)

    def test_answer_that_takes_too_long_is_searched(self):
        """The server works on when the client has lost its patience."""
        move = self.make_invoice()
        self.queue(move)
        self.simulator.fault(DEPOSIT, "slow", count=1, when="after", seconds=3)
        with patch(f"{SETTINGS}.__init__", _impatient):
            self.run_send()
        self.assertState(move, "unconfirmed")
        self.settle(move)
        self.assertState(move, "integrated")
        self.assertEqual(len(self.taken(move.name)), 1)

    def test_server_that_cannot_be_reached_rests_the_connection(self):
        # What the recipient requires is known: nothing is asked before a file leaves.
        self.queue(self.make_invoice())
        self.run_send()
        port = self.simulator.url.rsplit(":", 1)[1]
        for url in ("http://127.0.0.1:9", "https://chorus.invalid", f"https://127.0.0.1:{port}"):
            with self.subTest(url=url), server_configuration(allowed_hosts="chorus.invalid"):
                first, second = self.make_invoice(), self.make_invoice()
                self.queue(first | second)
                # As if the address itself had stopped to answer: the token is still good.
                self.env.flush_all()
                self.env.cr.execute("UPDATE chorus_connection SET api_url = %s", (url,))
                self.env.invalidate_all()
                self.run_send()
                self.assertState(first, "ready")
                self.assertState(second, "ready")
                tried = (self.line(first) | self.line(second)).deposit_id.mapped("attempt_number")
                self.assertEqual(sorted(tried), [0, 1], "the others are not tried in vain")
                self.connection.api_url = self.simulator.url
                self.connection.action_refresh_token()
                self.settle(first)
                self.assertState(first, "integrated")
                self.assertState(second, "integrated")

    def test_directory_that_cannot_be_reached_rests_the_connection(self):
        """Nothing is tried that would fail as well: the invoices wait as they are."""
        move = self.make_invoice()
        self.queue(move)
        self.env.flush_all()
        self.env.cr.execute("UPDATE chorus_connection SET api_url = 'http://127.0.0.1:9'")
        self.env.invalidate_all()
        self.run_send()
        self.assertState(move, "queued")
        self.assertTrue(self.connection.rest_until)
        self.assertFalse(self.line(move).deposit_id.attempt_ids)
        self.connection.api_url = self.simulator.url
        self.connection.action_refresh_token()
        self.settle(move)
        self.assertState(move, "integrated")

    def test_token_server_down_sends_nothing_and_goes_on_later(self):
        move = self.make_invoice()
        self.queue(move)
        self.connection.sudo().token_expiry = fields.Datetime.now()
        self.simulator.fault("oauth", "http_500", count=20)
        self.run_send()
        self.assertState(move, "ready")
        self.assertEqual(self.taken(), [])
        self.simulator.no_faults()
        self.settle(move)
        self.assertState(move, "integrated")

    def test_keys_refused_by_mistake_heal_by_themselves(self):
        """PISTE was seen to refuse good keys: that must not stop everything until somebody looks."""
        move = self.make_invoice()
        self.queue(move)
        self.connection.sudo().token_expiry = fields.Datetime.now()
        self.simulator.control("clients", {"client_id": "simulator-client", "secret": "another"})
        self.run_send()
        self.assertEqual(self.connection.state, "refused")
        self.assertEqual(len(self.connection.activity_ids), 1)
        self.assertEqual(self.taken(), [])
        self.pass_time(hours=2)
        self.run_send()
        self.assertEqual(len(self.connection.activity_ids), 1, "told once")
        self.simulator.control("clients", {"client_id": "simulator-client", "secret": "simulator-secret"})
        self.pass_time(hours=2)
        self.run_send()
        self.assertEqual(self.connection.state, "connected")
        self.assertState(move, "sent")
        self.assertFalse(self.connection.activity_ids, "the call for help closed itself")

    def test_clock_two_hours_off_changes_nothing(self):
        # At noon both clocks are on the same day: Chorus Pro takes no invoice of a day that has not come.
        now = fields.Datetime.now()
        noon = now.replace(hour=12, minute=0, second=0) + timedelta(days=1)
        self.pass_time(seconds=(noon - now).total_seconds())
        today = noon.date()
        for hours in (-2, 4):
            with self.subTest(hours=hours):
                self.shift_clock(hours=hours)
                move = self.make_invoice(invoice_date=today)
                self.queue(move)
                self.run_send()
                self.assertState(move, "sent")
                self.settle(move)
                self.assertState(move, "integrated")
                self.assertEqual(len(self.taken(move.name)), 1)

    def test_full_disk_leaves_the_invoice_in_the_queue(self):
        move = self.make_invoice()
        self.queue(move)
        full = OSError(errno.ENOSPC, "No space left on device")
        with (
            patch.object(type(self.env["ir.attachment"]), "_file_write", side_effect=full),
            patch.object(type(self.env["ir.attachment"]), "_storage", return_value="file"),
            mute_logger("odoo.addons.l10n_fr_chorus_pro.worker.preparer"),
        ):
            self.run_send()
        self.assertState(move, "queued")
        self.assertFalse(self.line(move).deposit_id)
        self.assertIn("OSError", self.line(move).message)
        self.settle(move)
        self.assertState(move, "integrated")

    def test_damaged_file_never_leaves(self):
        move = self.make_invoice()
        self.queue(move)
        self.prepare()
        deposit = self.line(move).deposit_id
        deposit.sudo().sha256 = "0" * 64
        self.run_send()
        self.assertState(move, "failed")
        self.assertEqual(self.taken(), [])
        self.assertTrue(move.activity_ids)

    @mute_logger("odoo.addons.l10n_fr_chorus_pro.worker.sender", "odoo.addons.base.models.ir_attachment")
    def test_file_store_that_is_away_fails_no_file(self):
        """A network drive that is not there for a minute must not have everything clicked again."""
        moves = self.make_invoices(2)
        self.queue(moves)
        self.prepare()
        deposits = self.line(moves[0]).deposit_id | self.line(moves[1]).deposit_id
        domain = [
            ("res_model", "=", "chorus.deposit"),
            ("res_field", "=", "file"),
            ("res_id", "in", deposits.ids),
        ]
        stored = self.env["ir.attachment"].sudo().search(domain)
        self.assertEqual(len(stored), 2)
        kept = {file.id: file.store_fname for file in stored}
        self._store(dict.fromkeys(kept, "00/away"))
        self.run_send()
        for move in moves:
            self.assertState(move, "ready")
            self.assertTrue(move.activity_ids)
        self._store(kept)
        self.pass_time(hours=1, minutes=1)
        self.run_send()
        for move in moves:
            self.assertState(move, "sent")

    def _store(self, names):
        """Say by what names files are kept in Odoo's file store, by id of the attachment."""
        for number, name in names.items():
            self.env.cr.execute("UPDATE ir_attachment SET store_fname = %s WHERE id = %s", (name, number))
        self.env.invalidate_all()

    def test_file_of_an_invoice_that_went_another_way_never_leaves(self):
        self.company.chorus_group_size = 2
        moves = self.make_invoices(2)
        self.queue(moves)
        self.prepare()
        deposit = self.line(moves[0]).deposit_id
        self.assertEqual(deposit.line_count, 2)
        self.env.cr.execute(
            "UPDATE chorus_deposit_line SET state = 'integrated' WHERE id = %s", (self.line(moves[0]).id,)
        )
        self.env.invalidate_all()
        self.run_send()
        self.assertEqual(deposit.state, "cancelled")
        self.assertEqual(self.taken(moves[0].name), [])
        self.run_send()
        self.assertState(moves[1], "sent")
        self.assertEqual(len(self.taken(moves[1].name)), 1)

    def test_late_certainty_is_worth_more_than_a_guess(self):
        """The process was taken for dead, yet it knows that nothing left: no search is needed."""
        from ..chorus_api import errors

        move = self.make_invoice()
        self.queue(move)
        self.prepare()
        deposit = self.line(move).deposit_id
        sender, env = Sender(self.channel()), self.env(su=True)
        [file] = sender.start(env, {deposit.id: "slow"})
        self.env.flush_all()
        recover_dead(env)
        self.assertState(move, "unconfirmed")
        error = errors.NotSent("connection_refused")
        sender.end(env, [Outcome(deposit.id, file.attempt, file.journal_id, None, error, 1.0)])
        self.assertState(move, "ready")


def _impatient(self, **values):
    for name, field in type(self).__dataclass_fields__.items():
        object.__setattr__(self, name, values.get(name, field.default))
    object.__setattr__(self, "read_timeout", 0.5)
