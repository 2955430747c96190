"""The pictures of what stands beyond sending, on a stage of their own: Chorus Pro's clock is moved there."""

from ..server.rpc import poll
from . import demo_beyond, demo_company, demo_data
from .screens import PICTURES as STORY
from .screens import Picture, go, press

_WHO = "comptable"
_UNDECIDED = (
    {"total": 12480.0},
    {"total": 3150.4, "seller": "44306184100047"},
    {"total": 960.0, "cadre": "A12", "seller": "44306184100047"},
)


def prepare(scene):
    """Subcontractors' invoices, an invoice that is paid late, customers that nobody has marked."""
    accountant = demo_company.prepare(scene)
    admin = scene.login()
    admin.context = dict(accountant.context)
    demo_beyond.validate(scene, accountant, admin)
    for order in _UNDECIDED:
        scene.simulator.control("subcontractor", {"validator": demo_data.SUPPLIER_SIRET, **order})
    scene.make_due("cron_validate")
    domain = [("state", "=", "to_validate")]

    def listed():
        return accountant.call("chorus.validation", "search_count", domain) == len(_UNDECIDED)

    poll(listed, 120, "the subcontractors' invoices", pause=2)
    demo_beyond.claim(scene, accountant, admin)
    unmarked = {"Ville à trouver": "12345678200028", "Fournisseur privé": demo_data.SUPPLIER_SIRET}
    for name, siret in unmarked.items():
        accountant.create("res.partner", {"name": name, "company_registry": siret, "customer_rank": 1})


def _late(scene):
    # The only one that left in production.
    return demo_company.accountant(scene).call("account.move", "search", [("chorus_state", "!=", False)])[0]


def _validations(scene, browser):
    go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_validations", ".o_data_row")


def _validation(scene, browser):
    _validations(scene, browser)
    browser.click(".o_data_row .o_data_cell")
    browser.wait_for(".o_form_view button[name=action_accept]")


def _on_the_late_one(button):
    def show(scene, browser):
        go(scene, browser, f"account.move/{_late(scene)}", ".o_form_view .o_statusbar_status")
        browser.click("a[name=chorus_history]")
        press(browser, button)

    return show


def _evidence(scene, browser):
    _on_the_late_one("action_chorus_evidence")(scene, browser)
    press(browser, "action_make", ".modal button[name=action_download]:not(.d-none)")


def _seals(scene, browser):
    go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_seal_check", ".modal .o_form_view")
    press(browser, "action_verify", ".modal .alert")


def _find(scene, browser):
    go(scene, browser, "action-l10n_fr_chorus_pro.action_chorus_find", ".o_form_view")
    press(browser, "action_ask", ".o_form_view .o_data_row .o_chorus_badge .text-bg-success")


BEYOND = {
    "validations": Picture(_WHO, _validations),
    "validation": Picture(_WHO, _validation),
    "claim": Picture(_WHO, _on_the_late_one("action_chorus_claim")),
    "evidence": Picture(_WHO, _evidence),
    "seals": Picture("admin", _seals),
    "find-customers": Picture(_WHO, _find),
}
PICTURES = STORY | BEYOND
