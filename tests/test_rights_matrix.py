"""Rights as they are over the wire: every role, model, operation and public method (rights_table)."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.addons.base.models import ir_actions_report as base_report
from odoo.tests import HttpCase, JsonRpcException, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from . import rights_table as table
from .life import LifeCommon

REFUSALS = {
    "odoo.exceptions.AccessError",
    "odoo.exceptions.MissingError",
    "odoo.http.SessionExpiredException",
    "werkzeug.exceptions.Forbidden",
    "werkzeug.exceptions.NotFound",
}
ADDON = "odoo.addons.l10n_fr_chorus_pro."
RUN_WKHTMLTOPDF = base_report._run_wkhtmltopdf


class RemoteCommon(HttpCase, LifeCommon):
    """One user per role, and calls as a browser makes them."""

    made_up = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = (
            cls.env["res.company"]
            .sudo()
            .create({"name": "Elsewhere", "country_id": cls.env.ref("base.fr").id})
        )
        cls.users = {role: cls.make_user(role) for role in table.ROLES}
        cls.accountant = cls.users["accountant"]
        cls.administrator = cls.users["administrator"]

    def setUp(self):
        super().setUp()
        # Our prints ask the server for nothing: they need not wait for its turn, as Odoo's do in such tests.
        self.startPatcher(patch.object(base_report, "_run_wkhtmltopdf", RUN_WKHTMLTOPDF))

    @classmethod
    def make_user(cls, role):
        company = cls.other_company if role == "elsewhere" else cls.company
        return new_test_user(
            cls.env,
            login=f"chorus_role_{role}",
            groups=table.GROUPS[role],
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            # The customer herself: the portal shows her the invoice.
            **({"partner_id": cls.customer.id} if role == "portal" else {}),
        )

    @contextmanager
    def acting_as(self, role):
        """Calls inside the block come from a browser in which this person is logged in ("public": nobody)."""
        self.env.flush_all()
        if role == "public":
            self.authenticate(None, None)
        else:
            self.authenticate(self.users[role].login, self.users[role].login)
        yield
        self.env.invalidate_all()

    def rpc(self, model, method, *args, **kwargs):
        """The answer to a call as the web client makes it; raises JsonRpcException with the error's name."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
            timeout=120,
        )

    def refused(self, model, method, *args, **kwargs):
        """Whether the call is stopped for want of rights; other errors come from beyond that gate."""
        try:
            answer = self.rpc(model, method, *args, **kwargs)
        except JsonRpcException as error:
            return str(error) in REFUSALS
        self.answer = answer
        return False


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRightsMatrix(RemoteCommon):
    def setUp(self):
        super().setUp()
        self.move = self.deliver()
        self.records = self.make_records()
        self.unfreeze()

    def make_records(self):
        """One record of each model, of the accountant's company; screens are opened by their users."""
        line = self.line(self.move)
        structure = (
            self.env["chorus.structure"].sudo().create({"siret": "12345678200099", "environment": "test"})
        )
        mine = self.env(user=self.accountant)
        admin = self.env(user=self.administrator)
        unsent = self.make_invoice()
        paces = self.env["chorus.pace"].sudo()
        self.env["chorus.database"].sudo()._bind(self.company)
        records = {
            "account.move": self.move,
            "res.partner": self.customer,
            "res.config.settings": admin["res.config.settings"].create({}),
            "chorus.connection": self.connection,
            "chorus.connection.step": self.connection.step_ids[:1],
            "chorus.pace": paces.search([("connection_id", "=", self.connection.id)])
            or paces.create({"connection_id": self.connection.id}),
            "chorus.database": self.env["chorus.database"]._of(self.company),
            "chorus.deposit": line.deposit_id,
            "chorus.deposit.line": line,
            "chorus.attempt": line.deposit_id.attempt_ids[:1],
            "chorus.status.event": line.event_ids[:1],
            "chorus.request": self.env["chorus.request"]
            .sudo()
            .create({"line_id": line.id, "kind": "acknowledge", "state": "refused"}),
            "chorus.structure": structure,
            "chorus.service": self.env["chorus.service"]
            .sudo()
            .create({"structure_id": structure.id, "code": "S", "name": "S"}),
            "chorus.engagement": self.env["chorus.engagement"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "test",
                    "number": "1",
                    "checked_at": "2026-01-01 00:00:00",
                }
            ),
            "chorus.late.rate": self.env["chorus.late.rate"]
            .sudo()
            .create({"date_from": "1990-01-01", "rate": 1.0}),
            "chorus.migration": admin["chorus.migration"].create({}),
            "chorus.send": mine["chorus.send"].create({"move_ids": unsent.ids}),
            "chorus.adopt": mine["chorus.adopt"].create({"move_ids": unsent.ids}),
            "chorus.hand": mine["chorus.hand"].create({"move_ids": unsent.ids}),
            "chorus.claim": mine["chorus.claim"].create({"move_ids": self.move.ids}),
            "chorus.complete": mine["chorus.complete"].create({"move_id": self.move.id}),
            "chorus.recycle": mine["chorus.recycle"].create({"move_id": self.move.id}),
            "chorus.correct": mine["chorus.correct"].create({"move_id": self.move.id}),
            "chorus.evidence": mine["chorus.evidence"].create({"move_ids": self.move.ids}),
            "chorus.seal": self.env["chorus.seal"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "number": 1,
                    "model": "chorus.deposit",
                    "res_id": line.deposit_id.id,
                    "content": "{}",
                    "previous": "0",
                    "digest": "0",
                }
            ),
            "chorus.validation": self.env["chorus.validation"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "test",
                    "chorus_invoice_id": "1",
                    "number": "ST-1",
                    "deadline": "2030-01-01",
                }
            ),
            "chorus.seal.check": mine["chorus.seal.check"].create({}),
            "chorus.flow.number": mine["chorus.flow.number"].create({"deposit_id": line.deposit_id.id}),
            "chorus.switch": admin["chorus.switch"].create({"company_id": self.company.id, "target": "off"}),
            "chorus.test.data": admin["chorus.test.data"].create({"connection_id": self.connection.id}),
        }
        records["chorus.road"] = mine["chorus.road"].create(
            {"partner_ids": self.customer.ids, "target": "away"}
        )
        records["chorus.road.line"] = records["chorus.road"].line_ids
        claim = records["chorus.claim"]
        records["chorus.claim.line"] = claim.line_ids
        records["chorus.validation.refuse"] = mine["chorus.validation.refuse"].create(
            {"validation_id": records["chorus.validation"].id}
        )
        records["chorus.evidence.line"] = records["chorus.evidence"].line_ids
        records["chorus.claim.letter"] = (
            mine["chorus.claim.letter"]
            .sudo()
            .create({"wizard_id": claim.id, "partner_id": self.customer.id, "filename": "x.pdf"})
        )
        records["chorus.find"] = mine["chorus.find"].create({})
        records["chorus.find.line"] = (
            mine["chorus.find.line"].sudo().create({"wizard_id": records["chorus.find"].id, "siret": "1"})
        )
        records["chorus.adopt"].action_search()
        records["chorus.send.line"] = records["chorus.send"].line_ids
        records["chorus.send.reason"] = (
            mine["chorus.send.reason"]
            .sudo()
            .create({"wizard_id": records["chorus.send"].id, "text": "x", "count": 1})
        )
        records["chorus.adopt.line"] = records["chorus.adopt"].line_ids
        records["chorus.hand.line"] = records["chorus.hand"].line_ids
        records["chorus.test.data.line"] = admin["chorus.test.data.line"].create(
            {"wizard_id": records["chorus.test.data"].id, "siret": "1", "name": "x"}
        )
        for model, record in records.items():
            self.assertEqual(len(record), 1, model)
        return records

    # ---------------------------------------------------------------- records

    def test_operations_on_records(self):
        wrong = []
        for index, role in enumerate(table.ROLES):
            with self.acting_as(role), mute_logger("odoo.http", "odoo.sql_db"):
                for model, letters in table.MODELS.items():
                    wrong += [
                        f"{role} {model} {operation}: {'refused' if allowed else 'allowed'}"
                        for operation, allowed, got in self.tried(model, letters[index])
                        if allowed != got
                    ]
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def tried(self, model, letters):
        """Yield (operation, expected, what happened) for each operation on the record of a model."""
        record_id = self.records[model].id
        field, value = table.FIELD[model]
        mine = [("id", "=", record_id)]
        reading = {
            "read": ("read", [record_id], [field]),
            "web_read": ("web_read", [record_id], {field: {}}),
            "search": ("search", mine),
            "sort": ("search", mine, 0, 1, field),
            "filter": ("search", [*mine, "|", (field, "=", False), (field, "!=", False)]),
            "group": ("formatted_read_group", mine, [table.GROUP_BY.get(model, field)], ["__count"]),
            "export": ("export_data", [record_id], [field]),
        }
        for operation, call in reading.items():
            self.answer = None
            got = not self.refused(model, *call) and bool(self.answer)
            yield operation, "r" in letters, got
        if value is not True or "w" not in letters:
            yield "write", "w" in letters, not self.refused(model, "write", [record_id], {field: value})
        yield "create", "c" in letters, not self.refused(model, "create", [table.NEW.get(model, {})])
        if "u" not in letters:
            yield "unlink", False, not self.refused(model, "unlink", [record_id])
            yield "copy", "c" in letters and "r" in letters, not self.refused(model, "copy", [record_id])

    def test_whoever_may_delete_can(self):
        for model, role in (("chorus.late.rate", "manager"), ("chorus.test.data.line", "administrator")):
            with self.acting_as(role):
                self.assertFalse(self.refused(model, "unlink", self.records[model].ids))

    def test_columns_of_secrets(self):
        with self.acting_as("administrator"), mute_logger("odoo.http"):
            for model, columns in table.SECRETS.items():
                record_id = self.records[model].id
                for column in columns:
                    for call in (
                        ("read", [record_id], [column]),
                        ("web_read", [record_id], {column: {}}),
                        ("search", [(column, "!=", False)]),
                        ("search", [], 0, None, column),
                        ("formatted_read_group", [], [column], ["__count"]),
                        ("export_data", [record_id], [column]),
                        ("write", [record_id], {column: "x"}),
                        ("create", [{"environment": "production", column: "x"}]),
                    ):
                        with self.subTest(column=column, call=call[0]):
                            self.assertTrue(self.refused(model, *call))

    # ---------------------------------------------------------------- methods

    def test_methods_by_name(self):
        wrong = []
        # Who is refused first: those who may change what the others find.
        for allowed in (False, True):
            for role in table.ROLES:
                with self.acting_as(role), mute_logger("odoo.http", "odoo.sql_db"):
                    for (model, method), roles in table.METHODS.items():
                        if (role in roles) == allowed and self.called(model, method) != allowed:
                            wrong.append(f"{role} {model}.{method}: {'refused' if allowed else 'allowed'}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def called(self, model, method):
        args = () if table.ARGUMENTS.get((model, method), ()) is None else (self.records[model].ids,)
        with self.allow_pdf_render():
            return not self.refused(model, method, *args, **table.KEYWORDS.get((model, method), {}))

    def test_nobody_calls_without_logging_in(self):
        with self.acting_as("public"), mute_logger("odoo.http"):
            for model, method in table.METHODS:
                self.assertFalse(self.called(model, method), f"{model}.{method}")
            for model, record in self.records.items():
                self.assertTrue(self.refused(model, "read", record.ids, ["id"]), model)

    def test_private_methods_stay_private(self):
        private = (
            ("chorus.worker", "_cron_send"),
            ("chorus.worker", "_wake"),
            ("chorus.connection", "_for"),
            ("chorus.connection", "_credential"),
            ("chorus.deposit.line", "_move_to"),
            ("account.move", "_chorus_link"),
            ("chorus.words", "_tell"),
        )
        with self.acting_as("administrator"), mute_logger("odoo.http"):
            for model, method in private:
                self.assertTrue(self.refused(model, method, []), f"{model}.{method}")

    # ---------------------------------------------------------------- other ways in

    def test_files_over_http(self):
        deposit = self.records["chorus.deposit"]
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "chorus.deposit"),
                    ("res_id", "=", deposit.id),
                    ("res_field", "=", "file"),
                ]
            )
        )
        self.assertTrue(attachment)
        for role in (*table.ROLES, "public"):
            may = role in table.ACCOUNTING
            with self.acting_as(role), mute_logger("odoo.http"):
                for path in (
                    f"/web/content/chorus.deposit/{deposit.id}/file",
                    f"/web/content/{attachment.id}",
                ):
                    answer = self.url_open(path, timeout=120)
                    got = answer.status_code == 200 and answer.content.startswith(b"%PDF")
                    self.assertEqual(got, may, f"{role} {path}: {answer.status_code}")

    def test_the_zip_of_a_hand_deposit_is_its_makers_only(self):
        wizard = self.records["chorus.hand"]
        for role in (*table.ROLES, "public"):
            with self.acting_as(role), mute_logger("odoo.http"):
                answer = self.url_open(f"/l10n_fr_chorus_pro/hand/{wizard.id}", timeout=120)
                self.assertEqual(answer.content.startswith(b"PK"), role == "accountant", role)

    def test_the_server_action(self):
        action = self.env.ref("l10n_fr_chorus_pro.action_send_to_chorus")
        for role in (*table.ROLES, "public"):
            with self.acting_as(role), mute_logger("odoo.http"):
                try:
                    self.make_jsonrpc_request(
                        "/web/action/run",
                        {
                            "action_id": action.id,
                            "context": {"active_model": "account.move", "active_ids": self.move.ids},
                        },
                        timeout=120,
                    )
                    allowed = True
                except JsonRpcException:
                    allowed = False
            self.assertEqual(allowed, role in table.ACCOUNTING, role)

    def test_the_other_protocols_give_the_same_answers(self):
        connection = self.records["chorus.connection"]
        database = self.env.cr.dbname
        for role in ("portal", "internal", "accountant", "administrator"):
            user = self.users[role]
            self.env.flush_all()
            with mute_logger("odoo.http"):
                answer = self.url_open(
                    "/jsonrpc",
                    timeout=120,
                    json={
                        "jsonrpc": "2.0",
                        "method": "call",
                        "params": {
                            "service": "object",
                            "method": "execute_kw",
                            "args": [
                                database,
                                user.id,
                                user.login,
                                "chorus.connection",
                                "read",
                                [connection.ids],
                            ],
                        },
                    },
                ).json()
            self.assertEqual("result" in answer, role == "administrator", role)
            self.assertNotIn("simulator-secret", str(answer))


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRightsTable(TransactionCase):
    """A new model or public method without a row is found here."""

    def test_every_model_has_a_row(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if any(
                cls.__module__.startswith(ADDON) and name == getattr(cls, "_name", None)
                for cls in model.mro()
            )
        }
        ours = {name for name in models if name.startswith("chorus.")}
        self.assertEqual(ours, set(table.MODELS) | table.ABSTRACT)

    def test_every_public_method_has_a_row(self):
        self.assertEqual(set(self.public_methods()), set(table.METHODS))

    def public_methods(self):
        """(model, method) of what the addon adds to what can be called remotely."""
        for name, model in self.env.registry.items():
            added, others = set(), set()
            for cls in model.mro():
                public = {
                    attribute
                    for attribute, value in vars(cls).items()
                    if callable(value) and not attribute.startswith("_") and not isinstance(value, type)
                }
                (added if cls.__module__.startswith(ADDON) else others).update(public)
            for method in added - others:
                yield name, method
