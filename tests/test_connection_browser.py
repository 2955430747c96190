"""The administrator in a real browser: configuring, and the checklist broken and repaired step by step."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import COMPANY_SIRET, NO_DUTY, SUPPLIER, ChorusCommon

# Press the button, wait for the answer, and compare the badges of the lines with what is expected.
CHECK = """
(async () => {
    const expected = %s;
    const wait = async (find) => {
        for (let tries = 0; tries < 2400; tries++) {
            const found = find();
            if (found) return found;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("Not found: " + find);
    };
    const enabled = "button[name='action_check_all']:not([disabled])";
    const button = await wait(() => document.querySelector(enabled));
    // It goes away by itself, and may have gone when a slow machine looks.
    let told = false;
    new MutationObserver(() => (told ||= Boolean(document.querySelector(".o_notification"))))
        .observe(document.body, { childList: true, subtree: true });
    button.click();
    await wait(() => told);
    const cell = (step, place) => step.querySelector(place).innerText;
    const badges = () => Object.fromEntries([...document.querySelectorAll(".o_chorus_step")]
        .map((step) => [cell(step, "h2"), cell(step, "[name='result']")]));
    await wait(() => Object.entries(expected).every(([step, result]) => badges()[step] === result));
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""
APIS = ("factures", "structures", "transverses", "utilisateurs")
# Steps that stand apart are broken together, for each press is a browser. Of the APIs two, and two stay good.
ROUNDS = (
    ("keys",),
    ("factures", "transverses"),
    ("structures", "utilisateurs"),
    ("engagements", "data_set"),
    ("account",),
    ("attached",),
    ("bank", "password_expiry"),
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestConnectionBrowser(ChorusCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env["ir.default"].sudo().set("chorus.connection", "auth_url", self.simulator.auth_url)
        self.env["ir.default"].sudo().set("chorus.connection", "api_url", self.simulator.url)

    def test_first_set_up(self):
        self.in_french("chorus_first_set_up", "/odoo/action-account.action_account_config")
        connection = self.env["chorus.connection"].sudo().search([("company_id", "=", self.company.id)])
        self.assertEqual(connection.state, "connected")
        self.assertEqual(self.company.chorus_environment, "test")

    def test_go_to_production(self):
        self.simulator.set_structure(COMPANY_SIRET, name="Ateliers de la Loire", public=False)
        self.connect("test")
        connection = self.connect("production", switch_on=False)
        customer = self.make_customer(chorus_test_customer=True)
        self.in_french(
            "chorus_go_to_production",
            f"/odoo/action-l10n_fr_chorus_pro.chorus_connection_action/{connection.id}",
        )
        self.assertEqual(self.company.chorus_environment, "production")
        self.assertEqual(connection._max_deposit_now(), 1)
        self.assertFalse(customer.active, "an invoice to it would reach nobody")

    def in_french(self, tour, path):
        """Play the administrator's tour, with a browser in French."""
        self.administrator.sudo().lang = "fr_FR"
        self.env.flush_all()
        self.start_tour(path, tour, login=self.administrator.login, timeout=400)
        self.env.invalidate_all()

    def test_the_checklist_broken_and_repaired_step_by_step(self):
        connection = self.connect(switch_on=False)
        customer = self.make_customer(NO_DUTY, chorus_test_customer=True)
        ways = {key: way for key, *way in self.breakages(connection, customer)}
        self.assertEqual({key for together in ROUNDS for key in together}, set(ways))
        for together in ROUNDS:
            with self.subTest(steps=together):
                for key in together:
                    ways[key][1]()
                others = APIS if set(together) & set(APIS) else ()
                expected = {key: ways[key][0] for key in together}
                self.press(connection, {**dict.fromkeys(others, "Good"), **expected})
                for key in together:
                    ways[key][2]()
        self.press(connection, dict.fromkeys(connection.step_ids.mapped("key"), "Good"))

    def press(self, connection, expected):
        """Press "Check everything" in the browser; wait until the lines show what is expected of them."""
        names = {step.key: step.name for step in connection.step_ids}
        self.browser_js(
            f"/odoo/action-l10n_fr_chorus_pro.chorus_connection_action/{connection.id}",
            CHECK % {names[key]: label for key, label in expected.items()},
            "odoo.isReady",
            login=self.administrator.login,
            timeout=400,
        )

    def breakages(self, connection, customer):
        """Yield (step, what its line must show, how to break it, how to repair it)."""
        control = self.simulator.control
        client = {"client_id": "simulator-client"}
        account = {"login": "TECH_1_1@cpro.fr"}
        banks = [{"name": "Compte courant", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP"}]

        def write(**values):
            return lambda: (connection.write(values), self.env.flush_all())

        yield "keys", "To be done", write(client_secret="wrong"), write(client_secret="simulator-secret")
        for domain in APIS:
            yield (
                domain,
                "To be done",
                lambda domain=domain: control("clients", {**client, "apis": {domain: False}}),
                lambda domain=domain: control("clients", {**client, "apis": {domain: True}}),
            )
        yield (
            "engagements",
            "Look at this",
            lambda: control("clients", {**client, "terms": {"engagementsJuridiques": False}}),
            lambda: control("clients", {**client, "terms": {"engagementsJuridiques": True}}),
        )
        yield "account", "To be done", write(password="wrong"), write(password="simulator-password")
        yield (
            "attached",
            "To be done",
            lambda: control("accounts", {**account, "structures": ["35068473658377"]}),
            lambda: control("accounts", {**account, "structures": None}),
        )
        yield (
            "bank",
            "Look at this",
            lambda: self.simulator.set_structure(SUPPLIER, banks=[]),
            lambda: self.simulator.set_structure(SUPPLIER, banks=banks),
        )
        soon, later = (
            fields.Datetime.to_string(fields.Datetime.now() + timedelta(days=days)) for days in (10, 400)
        )
        yield (
            "password_expiry",
            "Look at this",
            lambda: control("accounts", {**account, "expires_at": soon}),
            lambda: control("accounts", {**account, "expires_at": later}),
        )
        yield (
            "data_set",
            "Look at this",
            lambda: (customer.write({"active": False}), self.env.flush_all()),
            lambda: (customer.write({"active": True}), self.env.flush_all()),
        )
