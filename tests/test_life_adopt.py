import io
import zipfile
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo.addons.l10n_fr_chorus_pro.chorus_api import ChorusClient, InvoiceSearch
from odoo.addons.l10n_fr_chorus_pro.models.base.chorus_authority import BY_CODE
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date

from ..models.connection.chorus_connection_token import client_of
from .life import SEARCH, LifeCommon

DEPOSIT = "factures/v1/deposer/flux"


class AdoptCommon(LifeCommon):
    def deposit_outside(self, *moves, environment="test"):
        """Deposit the files of ``moves`` the way another tool does; return the flow numbers."""
        flows = []
        with self.allow_pdf_render():
            built = self.env["account.move"].union(*moves).sudo()._chorus_build_files(environment)
        for move in moves:
            with client_of(self.connection.sudo()) as client:
                receipt = client.deposit_flow(built[move.id].content, f"autre_{move.id}.pdf")
            flows.append(receipt.flow_number)
        self.pass_time(hours=1)
        return flows

    def adopt(self, moves, **values):
        wizard = self.open_wizard(moves, "action_chorus_adopt")
        wizard.write(values)
        wizard.action_search()
        return wizard


@tagged("post_install", "post_install_l10n", "-at_install")
class TestAdopt(AdoptCommon):
    """Invoices that another tool deposited are found by their number, compared and followed."""

    def test_found_linked_and_followed(self):
        move, absent = self.make_invoices(2)
        flow = self.deposit_outside(move)[0]
        wizard = self.adopt(move | absent)
        states = {line.move_id: line.state for line in wizard.line_ids}
        self.assertEqual(states, {move: "found", absent: "absent"})
        wizard.action_link()
        line = self.line(move)
        self.assertEqual((line.state, line.flow_number), ("integrated", flow))
        self.assertEqual(line.deposit_id.origin, "adopted")
        self.assertEqual(line.status_code, "MISE_A_DISPOSITION")
        self.buyer(move, "MANDATEE")
        self.assertEqual(self.story(move), "approved")
        self.assertFalse(self.line(absent))
        self.assertIn(move.id, self.queue(move), "it cannot be sent a second time")

    def test_another_invoice_under_the_same_number_is_not_linked(self):
        move = self.make_invoice()
        self.deposit_outside(move)
        # In the same month, since the number holds the year.
        another_day = move.invoice_date.replace(day=1 if move.invoice_date.day > 1 else 2)
        move.sudo().with_context(**BY_CODE, skip_readonly_check=True).invoice_date = another_day
        wizard = self.adopt(move)
        self.assertEqual(wizard.line_ids.state, "different")
        self.assertIn(format_date(self.env, another_day), wizard.line_ids.remark)
        wizard.action_link()
        self.assertFalse(self.line(move))

    def test_by_flow_number_one_call_for_all(self):
        moves = self.make_invoices(2)
        flow = self.deposit_outside(*moves)[0]
        before = self.calls_of(SEARCH)[0]
        wizard = self.adopt(moves, flow_number=flow)
        self.assertEqual(self.calls_of(SEARCH)[0] - before, 1)
        self.assertEqual(sorted(wizard.line_ids.mapped("state")), ["absent", "found"])

    def test_invoice_on_its_way_from_here_is_left_alone(self):
        move = self.deliver()
        wizard = self.adopt(move)
        self.assertEqual(wizard.line_ids.state, "known")

    def test_reader_cannot_adopt(self):
        move = self.make_invoice()
        user = self.accountant.copy({"login": "chorus_reader"})
        user.sudo().group_ids = [(6, 0, [self.env.ref("account.group_account_readonly").id])]
        with self.assertRaises(AccessError):
            move.with_user(user).action_chorus_adopt()


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTypedFlowNumber(AdoptCommon):
    """An unconfirmed deposit whose flow number a person has found on the portal."""

    def setUp(self):
        super().setUp()
        self.move = self.make_invoice()
        self.queue(self.move)
        self.simulator.fault(DEPOSIT, "drop_after_accept", count=1)
        self.run_send()
        self.assertState(self.move, "unconfirmed")
        self.deposit = self.line(self.move).deposit_id

    def type_number(self, number):
        action = self.deposit.with_user(self.accountant).action_type_flow_number()
        wizard = self.env[action["res_model"]].with_user(self.accountant).browse(action["res_id"])
        wizard.flow_number = number
        result = wizard.action_adopt()
        self.env.invalidate_all()
        return result

    def test_right_number_is_taken(self):
        number = self.simulator.ledger()["deposits"][-1]["flow_number"]
        self.pass_time(hours=1)
        self.type_number(f" {number} ")
        self.assertState(self.move, "integrated")
        self.assertEqual(self.deposit.flow_number, number)
        self.assertEqual(self.deposit.state, "integrated")

    def test_number_of_another_deposit_is_refused(self):
        other = self.make_invoice()
        flow = self.deposit_outside(other)[0]
        for number in (flow, "CPP9999999999999999999999"):
            with self.subTest(number=number), self.assertRaises(UserError):
                self.type_number(number)
        self.assertState(self.move, "unconfirmed")


@tagged("post_install", "post_install_l10n", "-at_install")
class TestHandDeposit(AdoptCommon):
    """One ZIP for whoever deposits on the portal; the invoices are followed all the same."""

    def make(self, moves):
        wizard = self.open_wizard(moves, "action_chorus_hand")
        with self.allow_pdf_render():
            wizard.action_make()
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard

    def read_zip(self, wizard):
        from odoo.addons.l10n_fr_chorus_pro.controllers.zip_stream import stream

        content = b"".join(stream(wizard._files()))
        return zipfile.ZipFile(io.BytesIO(content))

    def test_files_are_made_and_the_invoices_followed(self):
        moves = self.make_invoices(2)
        wizard = self.make(moves)
        self.assertEqual(self.story(moves[0]), "hand")
        self.assertIn(moves[0].id, self.queue(moves[0]), "nobody can send it a second time from here")
        archive = self.read_zip(wizard)
        self.assertIsNone(archive.testzip())
        self.assertEqual(len(archive.namelist()), 2)
        content = archive.read(archive.namelist()[0])
        self.assertTrue(content.startswith(b"%PDF"))
        with client_of(self.connection.sudo()) as client:
            client.deposit_flow(content, "portail.pdf")
        self.pass_time(hours=1)
        self.run_follow()
        self.assertEqual(sorted(self.line(move).state for move in moves), ["hand", "integrated"])
        found = moves.filtered(lambda move: self.line(move).state == "integrated")
        self.assertTrue(self.line(found).chorus_invoice_id)
        self.buyer(found, "SUSPENDUE", "Il manque une pièce")
        self.assertEqual(found.chorus_todo, "complete")

    def test_not_deposited_after_all(self):
        move = self.make_invoice()
        self.make(move)
        move.with_user(self.accountant).action_chorus_not_by_hand()
        self.assertEqual(self.story(move), "cancelled")
        self.assertEqual(self.queue(move), {})

    def test_invoice_that_is_not_ready_is_left_out_with_the_reason(self):
        draft, good = self.make_invoice(post=False), self.make_invoice()
        wizard = self.open_wizard(draft | good, "action_chorus_hand")
        states = {line.move_id: line.state for line in wizard.line_ids}
        self.assertEqual(states, {draft: "stopped", good: "ready"})
        self.assertTrue(wizard.line_ids.filtered(lambda line: line.move_id == draft).remark)

    def test_nobody_else_gets_the_files(self):
        wizard = self.make(self.make_invoice())
        with self.assertRaises(AccessError):
            wizard.with_user(self.invoicing_user)._files()
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.accountant.sudo().write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            wizard.with_user(self.accountant)._files()

    def test_two_of_one_number_tell_one_story(self):
        """Chorus Pro lists the number twice: what becomes of the other one is not this invoice's story."""
        move = self.make_invoices(1)
        wizard = self.make(move)
        archive = self.read_zip(wizard)
        with client_of(self.connection.sudo()) as client:
            client.deposit_flow(archive.read(archive.namelist()[0]), "portail.pdf")
        self.pass_time(hours=1)
        with client_of(self.connection.sudo()) as client:
            [ours] = client.iter_invoices(InvoiceSearch(number=move.name))
        other = replace(
            ours,
            id=ours.id + 1000,
            status="REJETEE",
            status_at=ours.status_at + timedelta(minutes=1),
        )
        with patch.object(ChorusClient, "iter_invoices", lambda *_args, **_kwargs: iter([ours, other])):
            self.run_follow()
        line = self.line(move)
        self.assertEqual((line.chorus_invoice_id, line.status_code), (str(ours.id), ours.status))
        self.assertEqual(line.event_ids.mapped("code"), [ours.status])
