"""What an accountant does at the screen, in French, beside Odoo's own scheduled actions.

She sends; her buyers answer; the screen that she looks at shows it by itself, and she answers from there.
"""

import pytest
from running import running

from lib.demo import demo_company
from lib.server import databases, invariants
from lib.server.browser import Browser

pytestmark = pytest.mark.long
# What the buyers say: status, words, and what the open invoice then shows.
TOLD = {
    "completed": ("SUSPENDUE", "Il manque le bon de livraison", "bon de livraison"),
    "recycled": ("A_RECYCLER", "Engagement inconnu", "Engagement inconnu"),
    "rejected": ("REJETEE", "Prestation non commandée", "Prestation non commandée"),
}
LIST = "/odoo/action-account.action_move_out_invoice_type"
# The rows of the customer to whom the tests write.
ROWS = "[...document.querySelectorAll('.o_data_row')].filter(row => /sans paramètre/.test(row.textContent))"
BANNER = "document.querySelector('.o_chorus_banner')?.textContent || ''"


@pytest.fixture(scope="module")
def server(environment, tmp_path_factory):
    source, folder = databases.with_addon(environment), tmp_path_factory.mktemp("stories")
    with (
        databases.temporary(environment, "stories", source) as name,
        running(environment, name, folder) as started,
    ):
        yield started
        assert invariants.broken(name, settled=False) == []


@pytest.fixture(scope="module")
def browser(server):
    """A browser in the hands of the demo's accountant."""
    [(login, password)] = demo_company.USERS.items()
    [user] = server.administrator.call("res.users", "search", [("login", "=", login)])
    server.administrator.call("res.users", "write", [user], {"lang": "fr_FR"})
    [company] = server.accountant.context["allowed_company_ids"]
    with Browser(language="fr-FR") as opened:
        opened.log_in(server.scene.server.url, login, password, company)
        opened.wait_for(".o_action_manager > *", 60)
        yield opened


@pytest.fixture(scope="module")
def sent(server, browser):
    """Invoices chosen in the list and sent; the list shows by itself that the buyers have them."""
    moves = dict(zip(TOLD, server.invoices(len(TOLD)), strict=True))
    browser.open(f"{server.scene.server.url}{LIST}")
    browser.wait(f"{ROWS}.length === {len(moves)}", 120)
    browser.run(f"{ROWS}.forEach(row => row.querySelector('.o_list_record_selector input').click())")
    browser.click(".o_control_panel button[name=action_chorus_send]")
    browser.click(".modal button[name=action_send]:enabled")
    browser.wait(f"{ROWS}.every(row => /Chez l/.test(row.textContent))", 120)
    assert server.taken([*moves.values()]) == [1] * len(moves)
    return moves


@pytest.fixture
def told(server, browser, sent, request):
    """The form of an invoice that stood open while its buyer answered."""
    status, words, shown = TOLD[request.param]
    browser.open(f"{server.scene.server.url}{LIST}/{sent[request.param]}")
    browser.wait_for(".o_form_view .o_chorus_banner", 60)
    server.buyer(sent[request.param], status, words)
    server.make_due("cron_follow")
    browser.wait(f"document.querySelector('.o_form_view').textContent.includes({shown!r})", 120)
    return sent[request.param]


def remote(server, move):
    """What Chorus Pro has of the invoice."""
    [name] = [row["name"] for row in server.read([move], "name")]
    return next(invoice for invoice in server.control("ledger")["invoices"] if invoice["number"] == name)


@pytest.mark.parametrize("told", ["completed"], indirect=True)
def test_a_suspended_invoice_is_completed(server, browser, told):
    browser.click("button[name=action_chorus_complete]")
    browser.fill(".modal [name=comment] textarea", "Voici le bon de livraison signé.")
    browser.click(".modal button[name=action_complete]")
    browser.wait(f"({BANNER}).includes('Complétée') && !document.querySelector('.modal')", 120)
    assert remote(server, told)["status"] == "COMPLETEE"


@pytest.mark.parametrize("told", ["recycled"], indirect=True)
def test_an_invoice_to_recycle_is_passed_on(server, browser, told):
    browser.click("button[name=action_chorus_recycle]")
    browser.fill(".modal [name=engagement] input", "EJ2026042")
    browser.click(".modal button[name=action_recycle]")
    browser.wait("!document.querySelector('.modal, button[name=action_chorus_recycle]')", 120)
    assert remote(server, told)["status"] != "A_RECYCLER"


@pytest.mark.parametrize("told", ["rejected"], indirect=True)
def test_a_rejection_is_acknowledged(server, browser, told):
    browser.click("button[name=action_chorus_correct]")
    browser.click(".modal button[name=action_correct]")
    # In test no corrected copy is proposed.
    browser.wait("!document.querySelector('.modal, button[name=action_chorus_correct]')", 120)
    request = f"SELECT state FROM chorus_request WHERE kind = 'acknowledge' AND move_id = {told}"
    server.poll(lambda: server.sql(request) == ["done"], 120, "the rejection is acknowledged")
