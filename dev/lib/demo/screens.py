"""What `dev/screenshots` shows: each function brings one screen of the demo before the camera.

`PICTURES` is name → Picture, in the order in which they are taken.
"""

import dataclasses
import json
from collections.abc import Callable

from ..server.rpc import poll
from . import demo_company, demo_data, demo_invoices, demo_scenario

DESK, PHONE = (1440, 900), (390, 844)


@dataclasses.dataclass
class Picture:
    """A screen: who looks at it, what opens it (`show(scene, browser)`), when in the demo, how wide."""

    login: str
    show: Callable
    before_send: bool = False
    size: tuple[int, int] = DESK
    notices: bool = False
    """whether what slides in at the corner belongs to the picture"""


def play_on(scene):
    """After the demo: one invoice comes back to be redirected, one is refused; production is prepared."""
    ledger = scene.simulator.control("ledger")
    ids = {invoice["number"]: invoice["id"] for invoice in ledger["invoices"]}
    decisions = {
        "decimals": ("A_RECYCLER", "Le numéro d'engagement n'est pas celui de ce service."),
        "accents": ("REJETEE", "Prestation non commandée."),
    }
    for key, (status, comment) in decisions.items():
        body = {"status": status, "comment": comment}
        scene.simulator.control(f"invoices/{ids[_number(scene, key)]}/status", body)

    # Odoo may be following the former decisions just now: it is told again until the news is there.
    def told():
        scene.make_due("cron_follow")
        return _in_state(scene, "recycle") and _in_state(scene, "refused")

    poll(told, 240, "the buyers' decisions", pause=2)
    _prepare_production(scene, scene.login())


def _prepare_production(scene, admin):
    company = admin.ref("base.demo_company_fr")
    admin.context = {"allowed_company_ids": [company]}
    siret = demo_data.COMPANY["company_registry"]
    scene.simulator.control(f"structures/{siret}", {"name": demo_data.COMPANY["name"], "public": False})
    values = {"auth_url": scene.simulator.auth_url, "api_url": scene.simulator.url}
    values |= scene.simulator.CREDENTIALS
    # An application of its own, as in real life: the same keys for both are warned of.
    values["client_id"] = "simulator-production"
    scene.simulator.control("clients", {"client_id": values["client_id"], "secret": values["client_secret"]})
    admin.context["chorus_environment"] = "production"
    connection = admin.call("chorus.connection", "action_configure", [])["res_id"]
    admin.call("chorus.connection", "write", [connection], values)
    admin.call("chorus.connection", "action_refresh_token", [connection])


# ---------------------------------------------------------------- finding


def _move(scene, key):
    """Id and number of the demo's invoice `key` (see demo_data.INVOICES)."""
    label = demo_data.INVOICES[key]["lines"][0]["name"]
    domain = [("invoice_line_ids.name", "=", label), ("state", "=", "posted")]
    rows = demo_company.accountant(scene).search_read("account.move", domain, ["name"], order="id", limit=1)
    return rows[0]["id"], rows[0]["name"]


def _number(scene, key):
    return _move(scene, key)[1]


def _in_state(scene, state):
    """The ids of the invoices that came to this state in the demo."""
    field = demo_scenario.STATE_FIELD
    return demo_company.accountant(scene).call("account.move", "search", [(field, "=", state)])


def _partner(scene, key):
    domain = [("name", "=", demo_data.CUSTOMERS[key][0])]
    return demo_company.accountant(scene).call("res.partner", "search", domain)[0]


def _connection_id(scene, environment):
    domain = [("environment", "=", environment)]
    return scene.login().call("chorus.connection", "search", domain)[0]


# ---------------------------------------------------------------- moving about


def go(scene, browser, path, selector):
    """Open a path of Odoo's web client and wait until the element is there."""
    browser.open(f"{scene.server.url}/odoo/{path}")
    browser.wait_for(selector, 120)
    # Images, avatars and the chatter come after the page.
    browser.wait("!document.querySelector('.o_loading_indicator, .o-mail-Chatter .fa-spin')")


def _click_text(browser, selector, text):
    """Click the first element that matches and whose text has `text`, once it is there."""
    find = (
        f"[...document.querySelectorAll({json.dumps(selector)})]"
        f".find(element => element.textContent.includes({json.dumps(text)}))"
    )
    browser.wait(find)
    browser.run(f"{find}.click()")


def _scroll_to(browser, selector, block="center"):
    browser.wait_for(selector)
    browser.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: '{block}'}})")


def press(browser, name, then=".modal .o_form_view"):
    """Press a button by its name and wait until the element is there."""
    browser.click(f"button[name={name}]:not([disabled])")
    browser.wait_for(then, 120)


# ---------------------------------------------------------------- the administrator's screens


def _new_connection(scene, browser):
    """The production connection as the settings make it: before a key was typed."""
    admin = scene.login()
    company = admin.ref("base.demo_company_fr")
    admin.context = {"allowed_company_ids": [company], "chorus_environment": "production"}
    made = admin.call("chorus.connection", "action_configure", [])["res_id"]
    go(scene, browser, f"chorus.connection/{made}", ".o_chorus_step")


def _connection(scene, browser):
    go(scene, browser, f"chorus.connection/{_connection_id(scene, 'test')}", ".o_form_view")


def _checklist(scene, browser):
    _connection(scene, browser)
    press(browser, "action_check_all", ".o_notification")
    browser.wait_for(".o_chorus_step .text-bg-success")


def _test_data(scene, browser):
    """The file of the test data set, read and not yet imported."""
    file = scene.folder / demo_data.DATA_SET_NAME
    file.write_bytes(demo_data.data_set_file())
    _connection(scene, browser)
    press(browser, "action_import_test_data")
    browser.choose_file(".modal input[type=file]", file)
    browser.wait_for(".modal [name=understood]")


def _switch(scene, browser):
    go(scene, browser, f"chorus.connection/{_connection_id(scene, 'production')}", ".o_form_view")
    press(browser, "action_switch_environment")
    browser.click(".modal input[data-value=production]")
    browser.wait_for(".modal [name=changes]")


def _settings(scene, browser):
    go(scene, browser, "action-account.action_account_config", ".settings")
    title = "[...document.querySelectorAll('h2')].find(title => title.textContent.trim() === 'Chorus Pro')"
    browser.wait(title)
    browser.run(f"{title}.scrollIntoView({{block: 'start'}})")


def _simulator(scene, browser):
    browser.open(f"{scene.simulator.url}/")


# ---------------------------------------------------------------- customers


def _customer(scene, browser):
    go(scene, browser, f"res.partner/{_partner(scene, 'state')}", ".o_form_view")
    browser.click("a[name=accounting]")


def _customer_new(scene, browser):
    """A new customer of whom the SIRET is typed: the rest is offered."""
    go(scene, browser, "action-account.res_partner_action_customer/new", ".o_form_view")
    browser.click("a[name=accounting]")
    browser.click("div[name=company_registry] input")
    browser.run("document.querySelector('div[name=company_registry] input').focus()")
    browser.type("26999999900018")
    browser.press("Tab")
    browser.wait_for("button[name=chorus_fill]")


def _structure(scene, browser):
    domain = [("siret", "=", demo_data.CUSTOMERS["state"][1])]
    found = demo_company.accountant(scene).call("chorus.structure", "search", domain)
    go(scene, browser, f"chorus.structure/{found[0]}", ".o_form_view")


# ---------------------------------------------------------------- before sending


def _draft(scene, browser):
    """A draft whose customer asks for a service that is not there."""
    session = demo_company.accountant(scene)
    customer = _partner(scene, "service")
    found = session.call("account.move", "search", [("state", "=", "draft"), ("partner_id", "=", customer)])
    if not found:
        line = demo_invoices.line_values(
            demo_data.line("Applique murale", 129, 4), demo_invoices.taxes(session)
        )
        values = {"move_type": "out_invoice", "partner_id": customer, "invoice_line_ids": [(0, 0, line)]}
        found = [session.create("account.move", values)]
    go(scene, browser, f"account.move/{found[0]}", ".o_form_view .alert")


def _fields(scene, browser):
    """What Chorus Pro wants to know of an invoice, on its second tab."""
    go(scene, browser, f"account.move/{_move(scene, 'state')[0]}", ".o_form_view .o_statusbar_status")
    browser.click("a[name=other_info]")
    _scroll_to(browser, "[name=chorus_process]")


def _invoices(scene, browser):
    go(scene, browser, "action-account.action_move_out_invoice_type", ".o_data_row, .o_kanban_record")


def _send(*keys):
    """The Send screen for these invoices of the demo, opened from the list; for all in sight without."""

    def show(scene, browser):
        _invoices(scene, browser)
        if keys:
            for key in keys:
                row = f".o_data_row:has([data-tooltip={json.dumps(_number(scene, key))}])"
                browser.click(f"{row} .o_list_record_selector input")
        else:
            browser.click("thead .o_list_record_selector input")
        browser.click(".o_control_panel button[name=action_chorus_send]")
        browser.wait_for(".modal .o_data_row", 120)

    return show


def _send_and_print(scene, browser):
    go(scene, browser, f"account.move/{_move(scene, 'plain')[0]}", ".o_form_view .o_statusbar_status")
    press(browser, "action_invoice_sent")


def _phone_send(scene, browser):
    go(scene, browser, f"account.move/{_move(scene, 'no_service')[0]}", ".o_form_view")
    browser.click(".o_cp_action_menus .dropdown-toggle")
    _click_text(browser, ".o-dropdown-item", "Chorus")
    browser.wait_for(".modal .o_form_view", 120)


# ---------------------------------------------------------------- after sending


def _filters(scene, browser):
    _invoices(scene, browser)
    browser.click(".o_searchview_dropdown_toggler")
    _scroll_to(browser, ".o_filter_menu .o_menu_item:last-of-type")


def _to_act(scene, browser):
    go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_to_act", ".o_data_row")


def _overview(scene, browser):
    go(scene, browser, "chorus-pro", ".o_chorus_overview .card")


def _deposits(scene, browser):
    go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_deposits", ".o_data_row")


def _deposit(scene, browser):
    session = demo_company.accountant(scene)
    found = session.call("chorus.deposit", "search", [("state", "in", ("rejected", "partial"))], limit=1)
    go(scene, browser, f"chorus.deposit/{found[0]}", ".o_form_view")


def _invoice(state, button=None):
    """An invoice in this state; `button` is the one whose screen is wanted."""

    def show(scene, browser):
        go(scene, browser, f"account.move/{_in_state(scene, state)[0]}", ".o_form_view")
        browser.wait_for(".o_form_view .o_statusbar_status")
        if button:
            press(browser, button)

    return show


def _history(scene, browser):
    _invoice("paid")(scene, browser)
    browser.click("a[name=chorus_history]")
    _scroll_to(browser, "[name=chorus_due_date]", "end")


def _notice(scene, browser):
    """Send one more from the list, go on with something else, and be told when it is done."""
    session = demo_company.accountant(scene)
    fresh = session.call("account.move", "copy", [_move(scene, "paid")[0]])[0]
    domain = [("name", "=like", "INV/%")]
    order = {"order": "sequence_number desc", "limit": 1}
    [last] = session.search_read("account.move", domain, ["sequence_prefix", "sequence_number"], **order)
    number = f"{last['sequence_prefix']}{last['sequence_number'] + 1:05d}"
    session.call("account.move", "write", [fresh], {"name": number})
    session.call("account.move", "action_post", [fresh])
    go(scene, browser, f"account.move/{fresh}", ".o_form_view")
    browser.click(".o_cp_action_menus .dropdown-toggle:has(.fa-cog)")
    _click_text(browser, ".o-dropdown-item", "Chorus")
    press(browser, "action_send", ".o_notification")
    _invoices(scene, browser)
    # The websocket listens once the page is idle.
    browser.wait_for(".o_notification:has(button)", 120)


_WHO = "comptable"
PICTURES = {
    "connection-new": Picture("admin", _new_connection, before_send=True),
    "connection": Picture("admin", _connection),
    "checklist": Picture("admin", _checklist),
    "test-data": Picture("admin", _test_data),
    "settings": Picture("admin", _settings),
    "production": Picture("admin", _switch),
    "customer": Picture(_WHO, _customer, before_send=True),
    "customer-new": Picture(_WHO, _customer_new, before_send=True),
    "structure": Picture(_WHO, _structure, before_send=True),
    "invoice-draft": Picture(_WHO, _draft, before_send=True),
    "invoice-fields": Picture(_WHO, _fields, before_send=True),
    "send-one": Picture(_WHO, _send("plain"), before_send=True),
    "send": Picture(_WHO, _send(), before_send=True),
    "send-bad": Picture(_WHO, _send("no_service", "no_siret", "long_number"), before_send=True),
    "send-and-print": Picture(_WHO, _send_and_print, before_send=True),
    "phone-send": Picture(_WHO, _phone_send, before_send=True, size=PHONE),
    "overview": Picture(_WHO, _overview),
    "invoices": Picture(_WHO, _invoices),
    "filters": Picture(_WHO, _filters),
    "to-act": Picture(_WHO, _to_act),
    "invoice-suspended": Picture(_WHO, _invoice("suspended")),
    "complete": Picture(_WHO, _invoice("suspended", "action_chorus_complete")),
    "redirect": Picture(_WHO, _invoice("recycle", "action_chorus_recycle")),
    "correct": Picture(_WHO, _invoice("refused", "action_chorus_correct")),
    "invoice-rejected": Picture(_WHO, _invoice("rejected")),
    "invoice-paid": Picture(_WHO, _invoice("paid")),
    "history": Picture(_WHO, _history),
    "deposits": Picture(_WHO, _deposits),
    "deposit": Picture(_WHO, _deposit),
    "notice": Picture(_WHO, _notice, notices=True),
    "phone-overview": Picture(_WHO, _overview, size=PHONE),
    "phone-invoices": Picture(_WHO, _invoices, size=PHONE),
    "phone-invoice": Picture(_WHO, _invoice("suspended"), size=PHONE),
    "simulator": Picture("admin", _simulator),
}
