"""`dev/screenshots [NAME ...]`: plays the demo and takes the documentation's pictures of the real screens.

They go to docs/images/NAME.png, in English (`--lang fr_FR` for French); without names, all of them.
"""

import argparse
import tempfile
from pathlib import Path

from . import console, demo_company, demo_scenario, paths, postgres, stage
from .browser import Browser


def main(environment, args):
    """Take the pictures that `args` ask for; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/screenshots", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_PICTURES)}")
    parser.add_argument("--lang", default="en_US", help="language of the screens")
    parser.add_argument("--to", default=paths.ROOT / "docs" / "images", type=Path, help="folder")
    options = parser.parse_args(args)
    unknown = set(options.names) - set(_PICTURES)
    if unknown:
        parser.error(f"unknown picture: {', '.join(sorted(unknown))}")
    with (
        tempfile.TemporaryDirectory(dir=paths.work()) as folder,
        postgres.server(),
        stage.fresh_stage(environment, "shots", Path(folder)) as scene,
    ):
        wanted = [name for name in _PICTURES if not options.names or name in options.names]

        def take(moment):
            _set_language(scene, options.lang)
            for name in wanted:
                if (name in _BEFORE_SEND) == (moment == "before"):
                    _take(scene, name, options.to / f"{name}.png", options.lang)

        demo_scenario.play(scene, before_send=lambda _moves: take("before"))
        take("after")
    return 0


def _set_language(scene, language):
    admin = scene.login()
    users = admin.call("res.users", "search", [("share", "=", False)])
    admin.call("res.users", "write", users, {"lang": language})


def _take(scene, name, path, language):
    login, show = _PICTURES[name]
    password = {"admin": "admin", **demo_scenario.USERS}[login]
    company = scene.login().ref("base.demo_company_fr")
    with console.step(f"Picture {name}"), Browser(language=language.replace("_", "-")) as browser:
        browser.log_in(scene.server.url, login, password, company)
        show(scene, browser)
        browser.screenshot(path)
        for error in browser.errors:
            console.error(f"{name}: {error}")


def _go(scene, browser, path, selector):
    browser.open(f"{scene.server.url}/odoo/{path}")
    browser.wait_for(selector, 120)
    # Images, avatars and the chatter come after the page.
    browser.wait("!document.querySelector('.o_loading_indicator, .o-mail-Chatter .fa-spin')")


def _state(scene, state):
    """The id of an invoice that ended in this state of the demo."""
    field = demo_scenario.STATE_FIELD
    session = demo_company.accountant(scene)
    return session.call("account.move", "search", [(field, "=", state)], limit=1)[0]


def _connection(scene, browser):
    admin = scene.login()
    found = admin.call("chorus.connection", "search", [("environment", "=", demo_company.ENVIRONMENT)])
    _go(scene, browser, f"chorus.connection/{found[0]}", ".o_form_view")


def _settings(scene, browser):
    _go(scene, browser, "action-account.action_account_config", ".settings")
    browser.wait(
        "[...document.querySelectorAll('h2')].some(title => title.textContent.trim() === 'Chorus Pro')"
    )
    browser.run(
        "[...document.querySelectorAll('h2')].find(title => title.textContent.trim() === 'Chorus Pro')"
        ".scrollIntoView({block: 'center'})"
    )


def _invoices(scene, browser):
    _go(scene, browser, "action-account.action_move_out_invoice_type", ".o_data_row")


def _send(scene, browser):
    """The Send screen, opened from the list's actions on all the invoices in sight."""
    _invoices(scene, browser)
    browser.click("thead .o_list_record_selector input")
    browser.click(".o_cp_action_menus .dropdown-toggle:has(.fa-cog)")
    browser.wait("[...document.querySelectorAll('.o-dropdown-item')].some(e => /Chorus/.test(e.textContent))")
    browser.run(
        "[...document.querySelectorAll('.o-dropdown-item')].find(e => /Chorus/.test(e.textContent)).click()"
    )
    browser.wait_for(".modal .o_form_view", 120)


def _invoice(state):
    def show(scene, browser):
        _go(scene, browser, f"account.move/{_state(scene, state)}", ".o_form_view .o_statusbar_status")

    return show


def _deposits(scene, browser):
    _go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_deposits", ".o_data_row")


def _overview(scene, browser):
    _go(scene, browser, "chorus-pro", ".o_chorus_overview .card")


def _customer(scene, browser):
    session = demo_company.accountant(scene)
    partner = session.call("res.partner", "search", [("chorus_service_code", "!=", False)], limit=1)
    partner = partner or session.call("res.partner", "search", [("name", "=", "Destinataire État")])
    _go(scene, browser, f"res.partner/{partner[0]}", ".o_form_view")
    browser.click("a[name=accounting]")


def _simulator(scene, browser):
    browser.open(f"{scene.simulator.url}/")


_BEFORE_SEND = {"customer", "send"}
# name: (login, what brings the page before the camera)
_PICTURES = {
    "settings": ("admin", _settings),
    "connection": ("admin", _connection),
    "customer": ("comptable", _customer),
    "overview": ("comptable", _overview),
    "send": ("comptable", _send),
    "invoices": ("comptable", _invoices),
    "invoice-suspended": ("comptable", _invoice("suspended")),
    "invoice-rejected": ("comptable", _invoice("rejected")),
    "deposits": ("comptable", _deposits),
    "simulator": ("admin", _simulator),
}
