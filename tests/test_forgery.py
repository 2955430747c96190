"""Accountants send and follow; what Chorus Pro said, and what was sent to it, they cannot make up."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .test_rights_matrix import RemoteCommon

# Whatever a caller puts into the context of a call: none of it opens a door.
CONTEXTS = (
    {},
    {"chorus_worker": True, "chorus_code": True, "su": True, "sudo": 1, "bypass_access": True},
    {"chorus_code": "<the code of l10n_fr_chorus_pro>", "install_mode": True, "skip_readonly_check": True},
)
VALUES = {
    "char": "forged",
    "text": "forged",
    "boolean": True,
    "integer": 3,
    "date": "2020-01-01",
    "datetime": "2020-01-01 00:00:00",
}


@tagged("post_install", "post_install_l10n", "-at_install")
class TestForgery(RemoteCommon):
    def setUp(self):
        super().setUp()
        self.move = self.deliver()
        self.unfreeze()

    def guarded(self, model):
        """Name → a value of the right type, for the addon's read-only fields of a model."""
        fields = self.env[model]._fields.items()
        return {
            name: self.value_for(field)
            for name, field in fields
            if name.startswith("chorus_") and field.readonly and not field.compute
        }

    def value_for(self, field):
        if field.type == "selection":
            return field.get_values(self.env)[-1]
        if field.type == "many2one":
            return self.env[field.comodel_name].search([], limit=1).id
        if field.type == "one2many":
            return [Command.clear()]
        return VALUES[field.type]

    # ---------------------------------------------------------------- invoices and customers

    def test_the_state_of_an_invoice_cannot_be_written(self):
        guarded = self.guarded("account.move")
        self.assertLessEqual({"chorus_state", "chorus_status_code", "chorus_legal_digest"}, guarded.keys())
        before = self.move.read(list(guarded))
        for role in ("invoicing", "accountant", "manager"):
            with self.acting_as(role), mute_logger("odoo.http"):
                for name, value in guarded.items():
                    with self.subTest(role=role, field=name):
                        self.assertTrue(self.refused("account.move", "write", self.move.ids, {name: value}))
        with self.acting_as("accountant"), mute_logger("odoo.http"):
            values = {"chorus_state": "paid"}
            for context in CONTEXTS:
                for method, args in (
                    ("write", [self.move.ids, values]),
                    ("web_save", [self.move.ids, values, {}]),
                    ("copy", [self.move.ids, values]),
                    ("create", [[{"move_type": "out_invoice", **values}]]),
                ):
                    with self.subTest(method=method, context=context):
                        self.assertTrue(self.refused("account.move", method, *args, context=context))
        self.assertEqual(self.move.read(list(guarded)), before)

    def test_a_customer_cannot_be_declared_a_test_customer(self):
        partners = self.env["res.partner"].with_user(self.accountant).with_context(**CONTEXTS[1])
        self.assertIn("chorus_test_customer", self.guarded("res.partner"))
        for call in (
            lambda: partners.create({"name": "x", "chorus_test_customer": True}),
            lambda: partners.browse(self.customer.id).write({"chorus_test_customer": True}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_defaults_do_not_reach_guarded_fields(self):
        values = {
            name: value for name, value in self.guarded("account.move").items() if name.startswith("chorus_s")
        }
        defaults = {f"default_{name}": value for name, value in values.items()}
        for name, value in values.items():
            self.env["ir.default"].with_user(self.accountant).set("account.move", name, value, user_id=True)
        with self.acting_as("accountant"):
            created = self.rpc("account.move", "create", [{"move_type": "out_invoice"}], context=defaults)
        self.assertFalse(
            any(self.env["account.move"].browse(created).read(list(values))[0][n] for n in values)
        )

    # ---------------------------------------------------------------- lines, through the screens

    def test_a_poisoned_context_leaves_an_ordinary_line(self):
        poison = {
            "default_state": "integrated",
            "default_status_code": "MISE_EN_PAIEMENT",
            "default_chorus_invoice_id": "1",
            "default_number": "FORGED",
            "default_followed": False,
            "default_environment": "production",
            "default_deposit_id": self.line(self.move).deposit_id.id,
            "default_message": "forged",
        }
        self.env["ir.default"].with_user(self.accountant).set(
            "chorus.deposit.line", "status_code", "MISE_EN_PAIEMENT", user_id=True
        )
        unsent = self.make_invoice()
        with self.acting_as("accountant"):
            wizard = self.rpc("account.move", "action_chorus_send", unsent.ids, context=poison)["res_id"]
            self.rpc("chorus.send", "action_send", [wizard], context=poison)
        line = unsent.chorus_line_ids
        self.assertEqual((line.state, line.environment, line.followed), ("queued", "test", True))
        self.assertFalse(
            any((line.status_code, line.chorus_invoice_id, line.number, line.deposit_id, line.message))
        )

    def test_a_stopped_invoice_does_not_become_ready(self):
        stopped = self.make_invoice(post=False)
        wizard = self.open_wizard(stopped, "action_chorus_send")
        self.assertEqual(wizard.line_ids.state, "stopped")
        with self.acting_as("accountant"), mute_logger("odoo.http"):
            self.assertTrue(
                self.refused("chorus.send.line", "write", wizard.line_ids.ids, {"state": "ready"})
            )
            command = [Command.create({"move_id": stopped.id, "environment": "test", "state": "ready"})]
            self.assertTrue(self.refused("chorus.send", "write", wizard.ids, {"line_ids": command}))
            self.assertTrue(
                self.refused(
                    "chorus.send", "create", [{"move_ids": [Command.set(stopped.ids)], "line_ids": command}]
                )
            )

    def test_nothing_found_cannot_be_linked(self):
        unsent = self.make_invoice()
        wizard = self.open_wizard(unsent, "action_chorus_adopt")
        wizard.action_search()
        self.assertEqual(wizard.line_ids.state, "absent")
        forged = {"state": "found", "chorus_invoice_id": "1", "status_code": "MISE_EN_PAIEMENT"}
        with self.acting_as("accountant"), mute_logger("odoo.http"):
            self.assertTrue(self.refused("chorus.adopt.line", "write", wizard.line_ids.ids, forged))
            self.rpc("chorus.adopt", "action_link", wizard.ids, context={"default_state": "found"})
        self.assertFalse(unsent.chorus_line_ids)

    def test_another_persons_file_does_not_come_with_the_zip(self):
        secret = self.env["ir.attachment"].sudo().create({"name": "secret", "raw": b"PERSONAL FILE"})
        wizard = self.open_wizard(self.make_invoice(), "action_chorus_hand")
        with self.acting_as("accountant"), mute_logger("odoo.http"):
            values = {"attachment_id": secret.id, "state": "made", "filename": "x"}
            self.assertTrue(self.refused("chorus.hand.line", "write", wizard.line_ids.ids, values))
            with self.allow_pdf_render():
                self.rpc(
                    "chorus.hand", "action_make", wizard.ids, context={"default_attachment_id": secret.id}
                )
            content = self.url_open(f"/l10n_fr_chorus_pro/hand/{wizard.id}", timeout=120).content
        self.assertTrue(content.startswith(b"PK"))
        self.assertNotIn(b"PERSONAL FILE", content)

    def test_nobody_sends_again_while_the_machine_still_looks(self):
        deposit = self.line(self.move).deposit_id
        deposit.flush_recordset()
        self.env.cr.execute("UPDATE chorus_deposit SET state = 'unconfirmed' WHERE id = %s", [deposit.id])
        deposit.invalidate_recordset()
        for method in ("action_send_again", "action_give_up"):
            with self.subTest(method=method), self.assertRaisesRegex(UserError, "not waiting for a decision"):
                getattr(deposit.with_user(self.accountant), method)()

    # ---------------------------------------------------------------- other people's invoices

    def test_a_screen_does_not_tell_of_another_companys_invoice(self):
        self.move.sudo().write({"buyer_reference": "MARKER-SERVICE", "chorus_message": "MARKER-MESSAGE"})
        models = ("chorus.complete", "chorus.recycle", "chorus.correct")
        with self.acting_as("elsewhere"), mute_logger("odoo.http"):
            for model in models:
                spec = {name: {} for name in self.env[model]._fields if not name.startswith("_")}
                for method, args in (
                    ("onchange", [[], {"move_id": self.move.id}, ["move_id"], spec]),
                    ("create", [[{"move_id": self.move.id}]]),
                ):
                    with self.subTest(model=model, method=method):
                        try:
                            answer = self.rpc(model, method, *args)
                            if method == "create":
                                answer = self.rpc(model, "web_read", answer, spec)
                        except JsonRpcException as error:
                            answer = str(error)
                        self.assertNotIn("MARKER", str(answer))

    # ---------------------------------------------------------------- where invoices go

    def test_only_administrators_say_where_invoices_go(self):
        clerk = new_test_user(
            self.env,
            login="chorus_rights_clerk",
            groups="base.group_erp_manager,account.group_account_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        company = self.company.with_user(clerk)
        company.sequence = 5
        for values in (
            {"chorus_environment": False},
            {"chorus_group_size": 50},
            {"chorus_responsible_id": clerk.id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                company.write(values)

    # ---------------------------------------------------------------- what is kept ten years

    def test_deposited_files_cannot_be_changed_by_anybody(self):
        deposit = self.line(self.move).deposit_id
        request = (
            self.env["chorus.request"]
            .sudo()
            .create({"line_id": self.line(self.move).id, "kind": "complete", "state": "done"})
        )
        sent = (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {"name": "sent.pdf", "raw": b"%PDF sent", "res_model": request._name, "res_id": request.id}
            )
        )
        files = sent | self.env["ir.attachment"].sudo().search(
            [("res_model", "=", "chorus.deposit"), ("res_id", "=", deposit.id), ("res_field", "!=", False)]
        )
        self.assertEqual(len(files), 2)
        before = [(file.raw, file.name, file.res_id) for file in files]
        for role in ("invoicing", "accountant", "manager", "administrator"):
            with self.acting_as(role), mute_logger("odoo.http"):
                for file in files:
                    for method, args in (
                        ("write", [{"raw": "other"}]),
                        ("write", [{"res_id": 0, "res_model": False}]),
                        ("write", [{"name": "other"}]),
                        ("unlink", []),
                    ):
                        with self.subTest(role=role, method=method, args=args):
                            self.assertTrue(self.refused("ir.attachment", method, file.ids, *args))
        self.assertEqual([(file.raw, file.name, file.res_id) for file in files], before)

    def test_granting_rights_does_not_open_what_code_writes(self):
        models = (
            "chorus.deposit",
            "chorus.deposit.line",
            "chorus.status.event",
            "chorus.attempt",
            "chorus.request",
        )
        for model in models:
            self.env["ir.model.access"].sudo().create(
                {
                    "name": model,
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": self.env.ref("account.group_account_invoice").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
            )
            record = self.env[model].sudo().search([], limit=1).with_user(self.accountant)
            for operation in ("write", "create", "unlink"):
                with self.subTest(model=model, operation=operation), self.assertRaises(AccessError):
                    record.check_access(operation)

    def test_what_was_sent_cannot_be_deleted_by_code_either(self):
        line = self.line(self.move)
        for record in (line.deposit_id, line, self.move):
            with self.subTest(model=record._name), self.assertRaises(UserError):
                record.sudo().unlink()


@tagged("post_install", "post_install_l10n", "-at_install")
class TestForgeryInProduction(RemoteCommon):
    environment = "production"

    def setUp(self):
        super().setUp()
        self.move = self.deliver()

    def test_what_was_sent_stays_whatever_the_context(self):
        for values in (
            {"name": "X/1"},
            {"partner_id": self.env.user.partner_id.id},
            {"buyer_reference": "X"},
        ):
            for context in CONTEXTS:
                with self.subTest(values=values, context=context), self.assertRaises(UserError):
                    self.move.with_user(self.accountant).with_context(**context).write(values)
