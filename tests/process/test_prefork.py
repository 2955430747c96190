"""Odoo as people run it: several processes, their limits of time, a temporary folder that others clean."""

import urllib.request

import pytest

from lib.production import ways
from lib.production.deployment import Deployment, attempt


def test_a_multi_process_server_has_its_websocket_worker(start_odoo, poll):
    server = start_odoo(workers=1, cron_threads=0)

    def healthy():
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{server.gevent_port}/web/health", timeout=5
            ) as answer:
                return answer.status == 200
        except OSError:
            return False

    assert poll(healthy, 120, "the websocket worker answers")
    assert "ImportError" not in server.text()


@pytest.mark.long
def test_slow_printing_comes_to_its_end_within_a_short_limit(environment):
    """Six invoices printed at once would take longer than the limit: small batches, each written down."""
    slow = Deployment(
        "slow",
        "15 s to print an invoice, limit_time_real_cron = 75",
        count=6,
        workers=1,
        cron_threads=1,
        print_seconds=15,
        extra=("--limit-time-real-cron", "75"),
        seconds=200,
    )
    found = attempt(environment, slow)
    assert found["passed"], found


@pytest.mark.long
def test_a_cleaned_temporary_folder_changes_no_page(environment):
    cleaned = Deployment(
        "cleaned",
        "temporary folder and fonts cleaned under a running server",
        count=2,
        after_click=ways.clean_and_click_again,
        check=ways.same_fonts,
    )
    found = attempt(environment, cleaned)
    assert found["passed"], found
