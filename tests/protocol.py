"""The queue, the simulator and the clock, for the tests of the deposit protocol."""

import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command, fields
from odoo.addons.l10n_fr_chorus_pro.models.base.chorus_invariants import WORK, broken
from odoo.tests.test_cursor import TestCursor

from ..chorus_api import ChorusClient
from ..worker.channel import Channel, SharedClient
from ..worker.preparer import Preparer
from ..worker.resolver import LookFirst
from ..worker.sender import Sender
from ..worker.turns import schedule
from .common import ChorusCommon

# A page with a text, as wkhtmltopdf with patched Qt prints it.
PAGE = Path(__file__).resolve().parent / "unit" / "data" / "page_patched_qt.pdf"
# Work that is due later, and the moments for which its scheduled action is waked.
_WAITS = f"""
    SELECT work.what, work.due, work.company_id, work.environment, work.state, (
        SELECT array_agg(call_at) FROM ir_cron_trigger WHERE cron_id = name.res_id
    )
    FROM ({WORK}) AS work
    JOIN res_company AS company ON company.id = work.company_id
    JOIN ir_model_data AS name ON name.module = 'l10n_fr_chorus_pro' AND name.name = work.cron
    WHERE work.due > %(now)s
        AND (work.state NOT IN ('queued', 'ready') OR company.chorus_environment = work.environment)
"""


class ProtocolCommon(ChorusCommon):
    """A connected company with one customer; the worker's transactions share the test's."""

    # Whether invoices come with a legal PDF (a stored page), so that no time goes into printing pages.
    printed = False
    # Whether the tests write records themselves that no run would write: the tables need not make sense then.
    made_up = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulator.reset()
        cls.customer = cls.make_customer()

    def setUp(self):
        super().setUp()
        if not type(self)._registry_patched:
            self.registry_enter_test_mode()
        self.connection = self.connect()

    def tearDown(self):
        """Whatever happened in the test, the tables must say what can be true."""
        self.env.flush_all()
        for invariant, rows in () if self.made_up else broken(self._rows, fields.Datetime.now()):
            with self.subTest(invariant=invariant.name):
                self.fail(f"{invariant.sentence}: {rows[:5]}")
        if not self.made_up:
            self.assertEqual(self.asleep(), [], "it waits, and nothing wakes its scheduled action in time")
        super().tearDown()

    def asleep(self):
        """What will be due and finds its scheduled action asleep: neither waked by then, nor overdue already.

        What a connection that cannot be used keeps waiting is told to a person instead (``TestSilence``).
        """
        now = fields.Datetime.now()
        self.env.cr.execute(_WAITS, {"now": now})
        found = []
        for what, due, company_id, environment, state, wakings in self.env.cr.fetchall():
            company = self.env["res.company"].browse(company_id)
            connection = self.env["chorus.connection"].sudo()._for(company, environment)
            if not connection or connection._why_not_usable():
                continue
            # One that failed a moment ago is used when its rest ends.
            latest = max(due, connection.rest_until or due)
            if state in ("queued", "ready"):
                latest = max(latest, connection.deposit_rest_until or due)
            if not any(now - timedelta(minutes=1) <= waking <= latest for waking in wakings or ()):
                found.append((what, due))
        return found

    def _rows(self, statement, values):
        self.env.cr.execute(statement, values)
        return self.env.cr.fetchall()

    # -- building -------------------------------------------------------------------------------------

    def make_invoice(self, price=100.0, post=True, **values):
        """A posted customer invoice of one line at the company's default VAT."""
        move = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": fields.Date.today(),
                    "partner_bank_id": self._bank().id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Entretien des espaces verts",
                                "quantity": 1,
                                "price_unit": price,
                                "tax_ids": [Command.set(self.company_data["default_tax_sale"].ids)],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
            if self.printed:
                self._print(move)
        return move

    def _print(self, move):
        self.env["ir.attachment"].sudo().create(
            {
                "name": "page.pdf",
                "raw": PAGE.read_bytes(),
                "mimetype": "application/pdf",
                "res_model": move._name,
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
                "company_id": move.company_id.id,
            }
        )

    def make_invoices(self, count, **values):
        return self.env["account.move"].union(*(self.make_invoice(**values) for _i in range(count)))

    def _bank(self):
        partner = self.company.partner_id
        return partner.bank_ids[:1] or self.env["res.partner.bank"].create(
            {"partner_id": partner.id, "acc_number": "FR7630006000011234567890189", "allow_out_payment": True}
        )

    def post(self, deposit):
        """Let one deposit leave by the steps of a sending, whatever else waits; return what came of it."""
        channel = self.channel()
        if error := LookFirst(channel).look(deposit.id):
            return error
        sender = Sender(channel)
        with SharedClient(channel) as shared, sender.taken([deposit.id]) as files:
            return sender.conclude([sender.deliver(file, shared) for file in files]).get(deposit.id)

    def channel(self, environment="test", seconds=60):
        """The way of this company to one environment, as a run of a scheduled action has it."""
        return Channel(self.env(su=True), self.company.id, environment, time.monotonic() + seconds)

    def prepare(self, environment="test"):
        """Make the files of what is queued, and send nothing."""
        return Preparer(self.channel(environment)).prepare()

    # -- acting ---------------------------------------------------------------------------------------

    def queue(self, moves, environment="test"):
        """What the click does, as the accountant."""
        conflicts = moves.with_user(self.accountant)._chorus_queue(environment)
        self.env.flush_all()
        return conflicts

    def run_send(self):
        """One run of the scheduled action that sends."""
        self._run("_cron_send")

    def run_follow(self):
        """One run of the scheduled action that follows."""
        self._run("_cron_follow")

    def _run(self, method):
        self.env.flush_all()
        with self.allow_pdf_render():
            getattr(self.env["chorus.worker"], method)()
        self.env.invalidate_all()

    def watch_look_ups(self):
        """The look-ups of the directory that are made from now on: their names, and how many transactions are
        open during each, as two lists."""
        called, begun = [], []
        for name in ("search_structures", "structure", "services", "service"):
            call = getattr(ChorusClient, name)

            def ask(client, *args, name=name, call=call, **options):
                called.append(name)
                begun.append(sum(bool(cursor._savepoint) for cursor in TestCursor._cursors_stack))
                return call(client, *args, **options)

            self.startPatcher(patch.object(ChorusClient, name, ask))
        return called, begun

    def end_run(self):
        """What a run does at its end, after steps that were played one by one or a run that was killed."""
        self.env.flush_all()
        for what in ("send", "follow"):
            schedule(self.env(su=True), what)
        self.env.invalidate_all()

    @contextmanager
    def later(self, **delta):
        """Let time pass: for the simulator for good, for the module inside the block."""
        self.simulator.advance(timedelta(**delta).total_seconds())
        with freeze_time(fields.Datetime.now() + timedelta(**delta)):
            yield

    def pass_time(self, **delta):
        """Let time pass for the simulator and, until the end of the test, for the module."""
        self.simulator.advance(timedelta(**delta).total_seconds())
        self.shift_clock(**delta)

    def shift_clock(self, **delta):
        """Move the module's clock alone, until the end of the test."""
        freezer = freeze_time(fields.Datetime.now() + timedelta(**delta))
        freezer.start()
        self.addCleanup(freezer.stop)

    def search_past_horizon(self):
        """Let the worker look for unconfirmed deposits until it may send them again, or ask a person."""
        for hours in (25, 1, 1):
            self.pass_time(hours=hours)
            self.run_send()

    def settle(self, move, environment="test"):
        """Let hours go by and both scheduled actions run until the invoice is with its buyer."""
        for hours in (1, 25, 1, 1, 1, 1):
            self.pass_time(hours=hours)
            self.run_send()
            self.run_follow()
            if self.line(move, environment).state == "integrated":
                break

    def line(self, move, environment="test"):
        self.env.invalidate_all()
        return move._chorus_line(environment)

    # -- looking --------------------------------------------------------------------------------------

    def taken(self, number=None):
        """Files that the simulator has taken, as (seller SIRET, number) in order."""
        files = [
            (file["seller_siret"], file["number"])
            for deposit in self.simulator.ledger()["deposits"]
            for file in deposit["files"]
        ]
        return [entry for entry in files if number in (None, entry[1])]

    def chorus_id(self, number):
        """Chorus Pro's identifier of an integrated invoice."""
        return next(item["id"] for item in self.simulator.ledger()["invoices"] if item["number"] == number)

    def assertState(self, move, state, environment="test"):
        line = self.line(move, environment)
        self.assertEqual(line.state, state, f"{move.name}: {line.message}")
