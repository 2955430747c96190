"""Clicks, scheduled actions, faults, deaths and the buyer in any order: the ledger is the judge."""

from contextlib import contextmanager
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..chorus_api import ChorusClient
from ..worker.preparer import Preparer
from ..worker.reports import Reports
from ..worker.resolver import Resolver
from ..worker.sender import Sender
from .protocol import ProtocolCommon
from .test_protocol_faults import DEPOSIT, REPORT, SEARCH

FAULTS = st.sampled_from(
    [
        (DEPOSIT, "drop_before"),
        (DEPOSIT, "drop_after_accept"),
        (DEPOSIT, "http_500"),
        (DEPOSIT, "http_429"),
        (DEPOSIT, "truncated_json"),
        (DEPOSIT, "expired_token"),
        (DEPOSIT, "empty_403"),
        (REPORT, "http_500"),
        (REPORT, "object_for_array"),
        (REPORT, "unknown_status"),
        (SEARCH, "http_500"),
        (SEARCH, "page_cap"),
        ("oauth", "http_500"),
    ]
)
# Where the process dies: a method of the worker or of the client, and on which side of it. After a method
# of the worker means before its transaction is committed.
DEATHS = st.sampled_from(
    [
        (Preparer, "_make_deposits", "before"),
        (Preparer, "_make_deposits", "after"),
        (Sender, "start", "before"),
        (Sender, "start", "after"),
        (ChorusClient, "deposit_flow", "before"),
        (ChorusClient, "deposit_flow", "after"),
        (Sender, "end", "after"),
        (Resolver, "_resolved", "before"),
        (ChorusClient, "flow_report", "after"),
        (Reports, "_write_one", "after"),
    ]
)
BUYER = st.sampled_from(["SUSPENDUE", "MANDATEE", "MISE_EN_PAIEMENT", "REJETEE", "A_RECYCLER"])


class Killed(BaseException):
    """The process is gone: nothing that handles errors sees it."""


class Protocol(RuleBasedStateMachine):
    """What may happen between a click and the end; ``case`` is the test that runs it."""

    case = None

    @initialize(count=st.integers(1, 3), group=st.sampled_from([1, 3]), known=st.booleans())
    def begin(self, count, group, known):
        case = self.case
        case.simulator.control("settings", {"duplicate_check": known})
        case.company.chorus_group_size = group
        case.connection.auto_resend = True
        self.moves = case.make_invoices(count)
        self.numbers = set(self.moves.mapped("name"))
        self.clicked = case.env["account.move"]

    @rule(which=st.integers(1, 7))
    def click(self, which):
        """Somebody selects some of the invoices, among them those that left long ago."""
        chosen = self.moves.browse(move.id for index, move in enumerate(self.moves) if which & 1 << index)
        if chosen:
            self.case.queue(chosen)
            self.clicked |= chosen

    @rule(index=st.integers(0, 2))
    def reset_to_draft(self, index):
        """An accountant takes an invoice back, if she may, and posts it again."""
        move = self.moves[index % len(self.moves)].with_user(self.case.accountant)
        try:
            with self.case.env.cr.savepoint():
                move.button_draft()
                move.action_post()
                self.case._print(move.sudo())
        except UserError:
            return
        self.clicked -= move.sudo(False).with_env(self.case.env)

    @rule()
    def send(self):
        self.case.run_send()

    @rule()
    def follow(self):
        self.case.run_follow()

    @rule(death=DEATHS)
    def die_while_sending(self, death):
        with self._dying(*death):
            self.case.run_send()

    @rule(death=DEATHS)
    def die_while_following(self, death):
        with self._dying(*death):
            self.case.run_follow()

    @contextmanager
    def _dying(self, place, method, when):
        original = getattr(place, method)

        def dies(*args, **kwargs):
            if when == "after":
                original(*args, **kwargs)
            raise Killed

        try:
            with patch.object(place, method, dies):
                yield
        except Killed:
            self.case.env.invalidate_all()

    @rule(fault=FAULTS, count=st.integers(1, 3))
    def disturb(self, fault, count):
        options = {"n": 1} if fault[1] == "page_cap" else {}
        self.case.simulator.fault(*fault, count=count, **options)

    @rule(hours=st.sampled_from([0.05, 1, 26]))
    def wait(self, hours):
        self.case.pass_time(hours=hours)

    @rule(status=BUYER)
    def buyer_acts(self, status):
        for invoice in self.case.simulator.ledger()["invoices"]:
            if invoice["number"] in self.numbers and invoice["status"] == "MISE_A_DISPOSITION":
                self.case.simulator.set_status(invoice["id"], status, "motif")
                break

    @invariant()
    def nothing_is_doubled(self):
        doubled = self.case.simulator.ledger()["doubled"]
        assert not [pair for pair in doubled if pair["number"] in self.numbers], doubled

    @invariant()
    def what_is_shown_is_there(self):
        self.case.env.invalidate_all()
        held = {item["number"] for item in self.case.simulator.ledger()["invoices"]}
        for line in self.moves.chorus_line_ids:
            assert line.state != "integrated" or line.number in held, line.number

    def teardown(self):
        """Faults off, time goes by: every invoice that was sent and not taken back is with its buyer."""
        case = self.case
        case.simulator.no_faults()
        for hours in (1, 26, 1, 1, 1, 26, 1, 1, 1):
            case.pass_time(hours=hours)
            case.run_send()
            case.run_follow()
            if all(case.line(move).state == "integrated" for move in self.clicked):
                break
        for move in self.clicked:
            case.assertState(move, "integrated")
            case.assertGreaterEqual(len(case.taken(move.name)), 1)
        self.nothing_is_doubled()


@tagged("post_install", "post_install_l10n", "-at_install")
class TestMachine(ProtocolCommon):
    """The protocol under any order of events."""

    printed = True

    def test_whatever_happens_nothing_is_lost_or_doubled(self):
        machine = type("ProtocolHere", (Protocol,), {"case": self})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=12,
                stateful_step_count=12,
                deadline=None,
                derandomize=True,
                # Without shrinking: the time stays bounded when something is found.
                phases=(Phase.explicit, Phase.generate),
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
