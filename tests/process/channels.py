"""Chorus Pro and another electronic channel in one database: what the tests of one channel play with."""

import contextlib
import threading

from test_security_processes import BUYER, CONNECTED, SUPPLIER

from lib.server import databases, odoo, rpc
from lib.server.simulator import Simulator

# Text for Odoo's shell, after CONNECTED: an accountant, and the neighbour's network.
PEOPLE = """
env["res.users"].create({{
    "name": "Anne", "login": "anne", "password": "anne-anne-anne",
    "company_id": company.id, "company_ids": [(6, 0, company.ids)],
    "group_ids": [
        (4, env.ref(name).id) for name in ("account.group_account_user", "base.group_partner_manager")
    ],
}})
admin = env.ref("base.user_admin")
admin.company_ids += company
customer.email = "mairie@example.com"
if "peppol_verification_state" in customer._fields:
    customer.with_company(company).peppol_verification_state = "valid"
env["ir.config_parameter"].set_param("chorus_neighbour.folder", "{folder}")
env["res.partner.category"].create({{"name": "Flow"}})
env.cr.commit()
result = {{"company": company.id, "customer": customer.id, "bank": bank.id, "tax": tax.id}}
"""
PREPARE = """
from odoo.addons.l10n_fr_chorus_pro.worker.channel import Channel
from odoo.addons.l10n_fr_chorus_pro.worker.preparer import Preparer

while Preparer(Channel(env, {company}, "production")).prepare():
    pass
env.cr.commit()
"""
CRON_SEND = 'env.ref("l10n_fr_chorus_pro.cron_send").method_direct_trigger()\nenv.cr.commit()\n'


class Scene:
    """One Odoo server with both channels, a simulator of Chorus Pro, and the neighbour's ledger."""

    def __init__(self, environment, database, server, simulator, folder, made):
        self.environment, self.database, self.server = environment, database, server
        self.simulator, self.folder, self.made = simulator, folder, made
        self.anne = self.login("anne", "anne-anne-anne")
        self.admin = self.login("admin", "admin")

    def login(self, login, password):
        session = rpc.Session(self.server.url, self.database, login, password)
        session.context = {"allowed_company_ids": [self.made["company"]]}
        return session

    def sql(self, statement):
        return databases.sql(self.database, statement)

    def shell(self, text):
        return odoo.script(self.environment, self.database, text, log="shell")

    def parameter(self, key, value):
        """A setting of the neighbour; False removes it."""
        self.admin.call("ir.config_parameter", "set_param", f"chorus_neighbour.{key}", value)

    # -- people -----------------------------------------------------------------------------------------

    def invoices(self, count, **values):
        """Posted invoices of the public customer, which has no VAT number: their ids."""
        line = {"name": "Work", "price_unit": 100, "tax_ids": [(6, 0, [self.made["tax"]])]}
        ids = self.anne.create(
            "account.move",
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.made["customer"],
                    "invoice_date": "2026-11-20",
                    "partner_bank_id": self.made["bank"],
                    "invoice_line_ids": [(0, 0, line)],
                    **values,
                }
                for _number in range(count)
            ],
        )
        self.anne.call("account.move", "action_post", ids)
        return ids

    def look(self, moves):
        """Open the Send screen: its id, and by invoice (state, reasons)."""
        screen = self.anne.call("account.move", "action_chorus_send", moves)["res_id"]
        lines = self.anne.search_read(
            "chorus.send.line", [("wizard_id", "=", screen)], ["move_id", "state", "reasons"]
        )
        return screen, {line["move_id"][0]: (line["state"], line["reasons"] or "") for line in lines}

    def click(self, moves):
        """Open the Send screen and press Send; by invoice (state, reasons) of what the screen said."""
        screen, found = self.look(moves)
        if any(state in ("ready", "warned") for state, _reasons in found.values()):
            self.anne.call("chorus.send", "action_send", [screen])
        return found

    def send_and_print(self, move, methods=None, session=None):
        """Odoo's own screen; with what it proposes when ``methods`` is not given."""
        session = session or self.anne
        context = {**session.context, "active_model": "account.move", "active_ids": [move]}
        values = {"move_id": move, **({"sending_methods": methods} if methods is not None else {})}
        with self.registered():
            wizard = session.create("account.move.send.wizard", values, context=context)
            session.call("account.move.send.wizard", "action_send_and_print", [wizard], context=context)

    @contextlib.contextmanager
    def registered(self):
        """The company registered for Peppol: a newer release of Odoo asks to register before it sends.

        Not for good: its screen for several invoices breaks by itself in a registered company.
        """
        column = "account_peppol_proxy_state"
        table = "information_schema.columns WHERE table_name = 'res_company'"
        if not self.sql(f"SELECT 1 FROM {table} AND column_name = '{column}'"):
            yield
            return
        set_it = f"UPDATE res_company SET {column} = '{{}}' WHERE id = {self.made['company']}"
        self.sql(set_it.format("receiver"))
        try:
            yield
        finally:
            self.sql(set_it.format("not_registered"))

    def batch(self, moves):
        """Several invoices by Odoo's own screen; the daily action sends them."""
        context = {**self.anne.context, "active_model": "account.move", "active_ids": moves}
        wizard = self.anne.create(
            "account.move.send.batch.wizard", {"move_ids": [(6, 0, moves)]}, context=context
        )
        self.anne.call("account.move.send.batch.wizard", "action_send_and_print", [wizard], context=context)
        self.run("account.ir_cron_account_move_send")

    def run(self, xmlid="l10n_fr_chorus_pro.cron_send"):
        """Run a scheduled action once, to its end."""
        self.admin.call("ir.cron", "method_direct_trigger", [self.admin.ref(xmlid)])

    def set(self, move, **columns):
        """Write what another module writes, committed, whatever the value."""
        columns = ", ".join(
            f"{name} = {'NULL' if value is None else repr(value)}" for name, value in columns.items()
        )
        self.sql(f"UPDATE account_move SET {columns} WHERE id = {move}")

    # -- what came of it ----------------------------------------------------------------------------------

    def name(self, move):
        return self.sql(f"SELECT name FROM account_move WHERE id = {move}")[0]

    def taken(self, moves):
        """How often Chorus Pro took each invoice."""
        ledger = self.simulator.control("ledger")["deposits"]
        names = [file["number"] for deposit in ledger for file in deposit["files"]]
        return [names.count(self.name(move)) for move in moves]

    def others(self, moves):
        """How often the neighbour sent each invoice."""
        sent = self.folder / "sent"
        names = sent.read_text().split("\n") if sent.exists() else []
        return [names.count(self.name(move)) for move in moves]

    def state(self, move):
        """State of the invoice's last line, and why, as it is stored."""
        rows = self.sql(
            "SELECT state || '|' || coalesce(message, '') FROM chorus_deposit_line"
            f" WHERE move_id = {move} ORDER BY id DESC LIMIT 1"
        )
        return tuple(rows[0].split("|", 1)) if rows else (None, "")

    def told(self, move):
        """All that a person reads in the invoice's chatter and its open activities."""
        bodies = self.sql(
            f"SELECT body FROM mail_message WHERE model = 'account.move' AND res_id = {move} UNION ALL "
            f"SELECT note FROM mail_activity WHERE res_model = 'account.move' AND res_id = {move}"
        )
        return "\n".join(bodies)

    @contextlib.contextmanager
    def held(self, call):
        """The neighbour's call, begun by ``call()`` in a thread, does not come back while the block runs."""
        failures = []

        def run():
            try:
                call()
            except rpc.Refused as refusal:
                failures.append(str(refusal))

        (self.folder / "inside").unlink(missing_ok=True)
        (self.folder / "hold").touch()
        thread = threading.Thread(target=run)
        thread.start()
        try:
            rpc.poll((self.folder / "inside").exists, 120, "the neighbour's call", pause=0.05)
            yield failures
        finally:
            (self.folder / "hold").unlink()
            thread.join(300)


@contextlib.contextmanager
def scene(environment, folder):
    """A scene on a database of its own."""
    network = folder / "network"
    network.mkdir()
    credentials = Simulator.CREDENTIALS
    with (
        databases.temporary(environment, "channels", databases.with_addon(environment)) as database,
        Simulator(folder / "simulator") as simulator,
    ):
        odoo.run(environment, ["-d", database, "-i", "chorus_neighbour"], log="neighbour")
        # A production connection is bound to the address at which it was made; logging in changes it.
        databases.set_parameter(database, "web.base.url.freeze", "True")
        connected = CONNECTED.format(
            supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
            credentials=credentials, count=0,
        )  # fmt: skip
        people = connected + PEOPLE.format(folder=network)
        made = odoo.script(environment, database, people, log="shell")
        server = odoo.Server(environment, database, cron_threads=0)
        databases.set_parameter(database, "report.url", server.url)
        with server:
            yield Scene(environment, database, server, simulator, network, made)
