"""The static files of Odoo and of the addon over HTTP: what wkhtmltopdf fetches while Odoo runs tests.

In tests Odoo's own server answers a print's requests only when the test lets it (they would wait for the
test's database lock), and a font that cannot be fetched makes the text of a page invisible.
"""

import contextlib
import http.server
import threading
from pathlib import Path

from .. import paths
from ..machine import ports
from . import odoo


@contextlib.contextmanager
def serve(environment):
    """Serve /MODULE/static/... on 127.0.0.1 as long as the `with` lasts; yields the address."""
    base = Path(environment.odoo.pythonpath) / "odoo" / "addons"
    folders = [base, *map(Path, odoo.addons_path(environment).split(","))]
    port = ports.reserve()[0]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(folders))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(folders):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            parts = Path(path.split("?")[0].lstrip("/")).parts
            if len(parts) < 3 or parts[1] != "static" or ".." in parts:
                return str(paths.ROOT / "no such file")
            found = (folder.joinpath(*parts) for folder in folders)
            return str(next((file for file in found if file.is_file()), paths.ROOT / "no such file"))

        def log_message(self, *_args):
            """Say nothing: a test's log is Odoo's."""

    return Handler
