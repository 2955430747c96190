"""Odoo as people run it: several processes, their limits of time, a temporary folder that others clean."""

import urllib.request


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

    assert poll(healthy, 60, "the websocket worker answers")
    assert "ImportError" not in server.text()
