"""Whoever may write mail templates takes any right in them: none lets an expression act for Chorus Pro."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .protocol import ProtocolCommon

# How an expression comes to all rights.
WAYS = (
    "sudo()",
    "with_user(1)",
    "sudo().with_user(1)",
    "with_env(object.env(su=True))",
    "with_env(object.env(user=1, su=True, context={'chorus_code': True}))",
    "sudo().with_context(chorus_code=True, ir_cron_progress_id=1, cron_id=1)",
)
# What it then does to the invoice (``move``), which has a file waiting.
WRITES = (
    "move.write({'chorus_state': 'paid'})",
    "move.update({'chorus_state': 'paid'})",
    "move.copy({'chorus_state': 'paid'})",
    "move._chorus_withdraw()",
    "move.chorus_line_ids.write({'state': 'integrated'})",
    "move.chorus_line_ids.unlink()",
    "(lambda lines: lines.write({'state': 'integrated'}))(move.chorus_line_ids)",
    "move.chorus_line_ids._move_to('ready')",
    "move.env['chorus.deposit'].create({'company_id': move.company_id.id, 'environment': 'test'})",
    "move.env['chorus.deposit.line'].create({'move_id': move.id, 'company_id': move.company_id.id})",
    "move.env['chorus.request'].create({'line_id': move.chorus_line_ids.id, 'kind': 'complete'})",
    "move.env['chorus.database'].create({'company_id': move.company_id.id})",
    "move.env['chorus.connection'].search([]).write({'login': 'FORGED'})",
    "move.env['chorus.connection'].search([]).unlink()",
    "move.company_id.write({'chorus_environment': False})",
    "move.partner_id.write({'chorus_test_customer': True})",
    "move.env['chorus.worker']._cron_send()",
    "move.env['chorus.worker']._cron_follow()",
    "move.chorus_line_ids._integrated()",
    "move.chorus_line_ids._rejected([])",
    "move.env['chorus.structure']._cron_refresh_directory()",
    "move.env['chorus.connection']._cron_watch_connections()",
)
LOGGERS = (
    "odoo.addons.mail.models.mail_template",
    "odoo.addons.mail.models.mail_render_mixin",
    "odoo.addons.base.models.ir_cron",
    "odoo.addons.l10n_fr_chorus_pro.models.chorus_worker",
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTemplateWrites(ProtocolCommon):
    printed = True

    def setUp(self):
        super().setUp()
        self.editor = new_test_user(
            self.env,
            login="chorus_template_writer",
            groups="account.group_account_invoice,mail.group_mail_template_editor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.move = self.make_invoice()
        self.queue(self.move)

    def render(self, expression, field="subject"):
        text = f"{{{{ {expression} }}}}" if field == "subject" else f'<p t-out="{expression}"/>'
        template = (
            self.env["mail.template"]
            .with_user(self.editor)
            .create(
                {"name": "Hostile", "model_id": self.env["ir.model"]._get_id("account.move"), field: text}
            )
        )
        return template._render_field(field, self.move.ids)[self.move.id]

    def facts(self):
        """What must stay as it is."""
        self.env.flush_all()
        self.env.invalidate_all()
        line = self.move.sudo().chorus_line_ids
        return (
            self.move.chorus_test_state,
            self.move.chorus_state,
            (line.id, line.state, line.deposit_id.id),
            self.connection.exists().login,
            self.company.chorus_environment,
            self.customer.chorus_test_customer,
            self.env["account.move"].search_count([]),
            self.env["chorus.deposit.line"].search_count([]),
            self.env["chorus.request"].search_count([]),
            self.simulator.ledger(),
        )

    def check_refused(self, expression, field="subject"):
        before = self.facts()
        with mute_logger(*LOGGERS), self.assertRaises(Exception) as caught:
            self.render(expression, field)
        self.env.invalidate_all(flush=False)
        self.assertEqual(self.facts(), before)
        return caught.exception

    def test_no_right_lets_an_expression_write_or_send(self):
        # The door is open for what only reads.
        self.assertEqual(self.render("object.sudo().chorus_line_ids.state"), "queued")
        for write in WRITES:
            with self.subTest(write):
                error = self.check_refused(write.replace("move.", "object.sudo()."))
                # Odoo says of a new template only that its text is wrong.
                said = []
                while error:
                    said.append(str(error))
                    error = error.__cause__ or error.__context__
                self.assertRegex(" ".join(said), "only shows|Only Chorus Pro's answers and the addon itself")

    def test_no_way_to_rights_is_better(self):
        for way in WAYS:
            for write in (WRITES[0], WRITES[4], WRITES[16]):
                for field in ("subject", "body_html"):
                    with self.subTest(way=way, write=write, field=field):
                        self.check_refused(write.replace("move.", f"object.{way}."), field)

    def test_the_scheduled_action_may_be_waked_and_works_by_itself(self):
        cron = "object.env.ref('l10n_fr_chorus_pro.cron_send').sudo()"
        before = self.facts()
        self.render(f"{cron}._trigger()")
        with mute_logger(*LOGGERS):
            self.render(f"{cron}.method_direct_trigger()")
        self.assertEqual(self.facts(), before)
        self.run_send()
        self.assertEqual(self.move.sudo().chorus_line_ids.state, "sent")

    def test_reports_and_server_actions_belong_to_administrators(self):
        for model in ("ir.ui.view", "ir.actions.server", "ir.actions.report", "ir.cron", "base.automation"):
            if model in self.env:
                for operation in ("create", "write"):
                    with self.subTest(model=model, operation=operation), self.assertRaises(AccessError):
                        self.env[model].with_user(self.editor).check_access(operation)

    def test_a_report_that_writes_is_refused(self):
        view = self.env["ir.ui.view"].create(
            {
                "name": "hostile",
                "type": "qweb",
                "key": "l10n_fr_chorus_pro.hostile",
                "arch": """<t t-name="hostile"><p t-out="o.sudo().write({'chorus_state': 'paid'})"/></t>""",
            }
        )
        before = self.facts()
        with self.assertRaisesRegex(Exception, "Only Chorus Pro's answers"):
            self.env["ir.qweb"].with_user(self.editor)._render(
                view.id, {"o": self.move.with_user(self.editor)}
            )
        self.assertEqual(self.facts(), before)
