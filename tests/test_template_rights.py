"""Whoever may write mail templates reaches every method with sudo(): none of them gives a secret."""

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.connection.chorus_connection_token import good_token
from .common import ChorusCommon

# Whoever writes such a template reads in the log that it cannot be rendered.
LOGGERS = ("template", "render_mixin")
EXPRESSIONS = (
    "connection._credential('password')",
    "connection._credential('client_secret')",
    "connection._good_token()",
    "connection._token_renewal()(None)",
    "connection._client().login",
    "connection.password",
    "connection.client_secret",
    "connection.read()[0]",
    "connection.export_data(['password', 'client_secret'])",
    "connection._get_diagnostic()",
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTemplateRights(ChorusCommon):
    def setUp(self):
        super().setUp()
        self.connection = self.connect("production")
        self.editor = new_test_user(
            self.env,
            login="chorus_template_editor",
            groups="account.group_account_invoice,mail.group_mail_template_editor",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.token = good_token(self.connection.sudo())

    def render(self, expression):
        """What a template of the editor shows of an invoice."""
        move = self.init_invoice("out_invoice", partner=self.make_customer(), amounts=[100], post=True)
        template = (
            self.env["mail.template"]
            .with_user(self.editor)
            .create(
                {
                    "name": "Hostile",
                    "model_id": self.env["ir.model"]._get_id("account.move"),
                    "subject": f"{{{{ {expression} }}}}",
                }
            )
        )
        return template._render_field("subject", move.ids)[move.id]

    def test_no_expression_of_a_template_gives_a_secret(self):
        secrets = (
            self.simulator.CREDENTIALS["client_secret"],
            self.simulator.CREDENTIALS["password"],
            self.token,
        )
        self.assertTrue(all(secrets))
        reach = "object.env['chorus.connection'].sudo().search([('environment', '=', 'production')], limit=1)"
        # The door is open for what is no secret: the test would see it.
        self.assertEqual(self.render(f"{reach}.login"), self.simulator.CREDENTIALS["login"])
        for expression in EXPRESSIONS:
            with self.subTest(expression):
                try:
                    with mute_logger(*(f"odoo.addons.mail.models.mail_{name}" for name in LOGGERS)):
                        shown = self.render(expression.replace("connection", reach, 1))
                except Exception as error:
                    shown = str(error)
                for secret in secrets:
                    self.assertNotIn(secret, str(shown))
