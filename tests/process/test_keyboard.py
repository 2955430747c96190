"""Sending without a mouse, in a real browser, and the notice that comes back when it is done."""

import pytest
from test_security_processes import BUYER, CONNECTED, SUPPLIER

from lib.server import databases
from lib.server.browser import Browser

INVOICES = """
accountant = env["res.users"].create({{
    "name": "Accountant", "login": "accountant", "password": "accountant", "lang": "fr_FR",
    "company_id": company.id, "company_ids": [(6, 0, company.ids)],
    "group_ids": [(4, env.ref("account.group_account_user").id)],
}})
invoices = env["account.move"].create([{{
    "move_type": "out_invoice", "partner_id": customer.id, "invoice_date": "2026-11-20",
    "partner_bank_id": bank.id,
    "invoice_line_ids": [(0, 0, {{"name": "Work", "price_unit": 100, "tax_ids": [(6, 0, tax.ids)]}})],
}} for _number in range(2)])
invoices.action_post()
result = {{"company": company.id, "names": invoices.mapped("name")}}
env.cr.commit()
"""
FOCUS = "document.activeElement"
# Buttons of the dialog that a screen reader could not name.
UNNAMED = """
[...document.querySelectorAll('.modal button')].filter(
    one => !(one.textContent.trim() || one.ariaLabel || one.title || one.dataset.tooltip)
).map(one => one.outerHTML)
"""
ENTRY = "document.querySelector('.o-dropdown-item.focus')?.textContent || ''"
ROWS = "[...document.querySelectorAll('.o_data_row')]"
BANNER = "[...document.querySelectorAll('.modal [role=alert]')].map(one => one.textContent).join()"


@pytest.fixture
def page(start_odoo, simulator, shell, database):
    """A browser in the hands of an accountant, before the list of the two invoices of the customer."""
    connected = CONNECTED.format(
        supplier=SUPPLIER, buyer=BUYER, auth_url=simulator.auth_url, url=simulator.url,
        credentials=simulator.CREDENTIALS, count=0,
    )  # fmt: skip
    made = shell(connected + INVOICES.format())
    server = start_odoo(cron_threads=1)
    databases.set_parameter(database, "report.url", server.url)
    with Browser(language="fr-FR") as browser:
        browser.log_in(server.url, "accountant", "accountant", made["company"])
        browser.wait_for(".o_action_manager > *", 60)
        browser.open(f"{server.url}/odoo/action-account.action_move_out_invoice_type")
        browser.wait_for(".o_data_row", 120)
        yield browser, made


def test_two_invoices_are_sent_by_keys_alone_and_the_end_is_told(page, simulator):
    browser, made = page
    # The cursor stands in the search bar: the customer's invoices, all of them, the menu of what can be done.
    browser.wait(f"{FOCUS}.classList.contains('o_searchview_input')")
    browser.type("Commune")
    browser.wait_for(".o_searchview_autocomplete")
    browser.press("Enter")
    browser.wait("document.querySelectorAll('.o_data_row').length === 2")
    browser.press("ArrowDown")
    browser.press(" ")
    browser.wait_for(".o_cp_action_menus .dropdown-toggle .fa-cog")
    browser.press("u", alt=True)
    browser.wait_for(".o-dropdown--menu .o-dropdown-item")
    for _entry in range(30):
        if "Envoyer à Chorus" in browser.run(ENTRY):
            break
        browser.press("ArrowDown")
    browser.press("Enter")
    browser.wait_for(".modal .o_data_row", 60)
    assert browser.run("document.querySelectorAll('.modal [name=line_ids] .o_data_row').length") == 2
    # Who does not see hears what it is, and where it goes; the cursor stands on the button that sends.
    assert browser.run("document.querySelector('.modal').getAttribute('role')") == "dialog"
    assert "PRODUCTION" in browser.run(BANNER)
    assert browser.run(UNNAMED) == []
    browser.wait(f"{FOCUS}.name === 'action_send'")
    # The cursor stays in the dialog, and comes round.
    seen = []
    for _step in range(12):
        browser.press("Tab")
        seen.append(browser.run(f"{FOCUS}.closest('.modal') && ({FOCUS}.name || '?')"))
    assert None not in seen
    assert "action_send" in seen
    for _step in range(12):
        if browser.run(f"{FOCUS}.name") == "action_send":
            break
        browser.press("Tab")
    browser.press("Enter")
    # It goes on without us: the list shows by itself what became of them, nobody reads it again.
    browser.wait(f"{ROWS}.length === 2 && {ROWS}.every(row => /Déposée|Chez l/.test(row.textContent))", 120)
    # At the end it is said, with a click to it, until it was read.
    browser.wait_for(".o_notification .o_notification_buttons button", 120)
    notice = browser.run("document.querySelector('.o_notification:has(.o_notification_buttons)').textContent")
    assert "Prises en charge par Chorus Pro\u00a0: 2" in notice
    browser.click(".o_notification .o_notification_buttons button")
    browser.wait("document.querySelectorAll('.o_data_row').length === 2")
    deposits = simulator.control("ledger")["deposits"]
    taken = [file["number"] for deposit in deposits for file in deposit["files"]]
    assert sorted(taken) == sorted(made["names"])
