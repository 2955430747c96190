"""The addon beside the modules that people have: installed together, one channel for each invoice."""

import pytest
from test_security_processes import BUYER, CONNECTED, CREDENTIALS, CRONS, SUPPLIER

from lib.server import databases, odoo
from lib.server.simulator import Simulator

NEIGHBOURS = (
    "sale",
    "account_peppol",
    "portal",
    "account_edi_ubl_cii",
    "l10n_fr_account",
    "snailmail_account",
)
# An invoice goes by Chorus Pro; another of the same customer went by Peppol; a private company's may.
SEND = """
accountant = env["res.users"].create({{
    "name": "Accountant", "login": "accountant",
    "company_id": company.id, "company_ids": [(6, 0, company.ids)],
    "group_ids": [(4, env.ref(name).id) for name in (
        "account.group_account_user", "base.group_partner_manager", "sales_team.group_sale_salesman")],
}})
# Later releases than that of February 2026 offer Peppol to registered companies only.
company.account_peppol_proxy_state = "receiver"
private = customer.copy({{"name": "Menuiserie", "dematerialized_invoice_type": False}})
private.write({{"invoice_edi_format": "ubl_bis3", "company_registry": "73282932000074"}})
for partner in customer | private:
    partner.write({{"peppol_eas": "0009", "peppol_endpoint": partner.company_registry}})
    partner.peppol_verification_state = "valid"
env.flush_all()
env = env(user=accountant)
send = env["account.move.send"].with_company(company)
product = env["product.product"].sudo().create({{
    "name": "Bench", "type": "service", "invoice_policy": "order",
}})


def order(partner):
    sale = env["sale.order"].create({{"partner_id": partner.id, "order_line": [
        (0, 0, {{"product_id": product.id, "price_unit": 100, "tax_ids": [(6, 0, tax.ids)]}})]}})
    sale.action_confirm()
    invoice = sale.sudo()._create_invoices().sudo(False).with_env(env)
    invoice.partner_bank_id = bank
    invoice.action_post()
    return invoice


def ways(move):
    methods = send._get_default_sending_methods(move)
    data = {{"sending_methods": methods}}
    return {{
        "default": sorted(methods),
        "chorus": send._is_applicable_to_move("chorus_pro", move, **data),
        "peppol": send._is_applicable_to_move("peppol", move, **data),
    }}


def wizard(move):
    return env["account.move.send.wizard"].with_context(
        active_model="account.move", active_ids=move.ids).create({{}})


by_chorus, by_peppol, elsewhere = order(customer), order(customer), order(private)
result = {{"number": by_chorus.name, "before": ways(by_chorus), "elsewhere": ways(elsewhere)}}
screen = wizard(by_chorus)
result["alerts"] = sorted(screen.alerts or {{}})
screen.sending_methods = ["chorus_pro", "peppol"]
result["both"] = {{
    "alerts": sorted(screen.alerts or {{}}),
    "peppol": send._is_applicable_to_move("peppol", by_chorus, sending_methods=["chorus_pro", "peppol"]),
}}
screen.sending_methods = ["chorus_pro"]
screen.action_send_and_print()
result["after"] = ways(by_chorus)
result["peppol_state"] = by_chorus.sudo().peppol_move_state
by_peppol.sudo().peppol_move_state = "processing"
result["went_by_peppol"] = ways(by_peppol)
result["told"] = [alert["message"] for alert in (wizard(by_peppol).alerts or {{}}).values()]
result["on_the_send_screen"] = env["chorus.send"].create({{"move_ids": by_peppol.ids}}).line_ids.state
result["installed"] = env["ir.module.module"].sudo().search([
    ("name", "in", {neighbours}), ("state", "=", "installed")]).mapped("name")
result["id"] = by_chorus.id
env.cr.commit()
"""


@pytest.fixture
def simulator(tmp_path):
    """A simulator with the credentials of the connection."""
    options = [f"--{name.replace('_', '-')}={value}" for name, value in CREDENTIALS.items()]
    with Simulator(tmp_path / "simulator", args=options) as running:
        yield running


def test_one_channel_for_each_invoice_beside_peppol_sale_and_portal(
    environment, database, simulator, shell, start_odoo, sql
):
    odoo.run(environment, ["-d", database, "-i", ",".join(NEIGHBOURS)], log="neighbours")
    server = start_odoo(cron_threads=0)
    databases.set_parameter(database, "report.url", server.url)
    connected = CONNECTED.format(
        supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
        credentials=CREDENTIALS, count=0,
    )  # fmt: skip
    found = shell(connected + SEND.format(neighbours=NEIGHBOURS))
    assert set(found["installed"]) == set(NEIGHBOURS)
    # A public customer is not a Peppol one, though reachable there; nobody is asked to choose it.
    assert found["before"] == {"default": ["chorus_pro"], "chorus": True, "peppol": False}
    assert not [alert for alert in found["alerts"] if "peppol" in alert]
    assert not found["both"]["peppol"]
    assert "chorus_pro_one_channel" in found["both"]["alerts"]
    # With somebody else, Peppol is what it always was.
    assert found["elsewhere"]["peppol"]
    assert "peppol" in found["elsewhere"]["default"]
    assert not found["elsewhere"]["chorus"]
    # Clicked: no way is open any more.
    assert (found["after"]["chorus"], found["after"]["peppol"]) == (False, False)
    assert found["peppol_state"] in (False, "ready"), "nothing was sent by Peppol"
    # Gone by Peppol: not by Chorus Pro as well, and it is said.
    assert not found["went_by_peppol"]["chorus"]
    assert any("Peppol" in message for message in found["told"]), found["told"]
    assert found["on_the_send_screen"] == "stopped"
    shell(CRONS)
    deposits = simulator.control("ledger")["deposits"]
    taken = [file["number"] for deposit in deposits for file in deposit["files"]]
    assert taken == [found["number"]]
    assert sql(f"SELECT chorus_state FROM account_move WHERE id = {found['id']}")[0] in ("sent", "integrated")
