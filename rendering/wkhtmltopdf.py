"""One run of wkhtmltopdf on documents that are ready. No database and no server: it may run in a thread."""

import logging
import os
import subprocess
from pathlib import Path

from .scratch import scratch
from .split import split

_logger = logging.getLogger(__name__)

SECONDS = 600


def print_documents(
    program: str,
    options: list[str],
    bodies: list[str],
    headers: list[str],
    footers: list[str],
    fontconfig: str | None = None,
) -> list[bytes] | None:
    """Print each of ``bodies`` with its own header and footer.

    :param str program: path of wkhtmltopdf, with patched Qt
    :param list[str] options: its options
    :param list[str] bodies: HTML
    :param list[str] headers: HTML for each body that holds its own header, see Odoo's ``web.minimal_layout``
    :param list[str] footers: same for the footers
    :param str fontconfig: path of a fontconfig file
    :return: one PDF for each body; None when something went wrong or is missing on the pages
    :rtype: list[bytes] | None
    """
    with scratch("chorus_print_") as folder:
        # The script in headers reads a position between the third and fourth dots of a body's path.
        if "." in folder:
            return None
        pages: list[str] = []
        for number, (body, header, footer) in enumerate(zip(bodies, headers, footers, strict=True)):
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            pages += (
                _write(place, "report.body.tmp.0.html", body),
                "--header-html", _write(place, "report.header.html", header),
                "--footer-html", _write(place, "report.footer.html", footer),
            )  # fmt: skip
        target = os.path.join(folder, "out.pdf")
        environment = os.environ | ({"FONTCONFIG_FILE": fontconfig} if fontconfig else {})
        run = subprocess.run(
            [program, *options, *pages, target],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=SECONDS,
            env=environment,
        )
        # 1: something could not be fetched, and may be missing on the pages.
        if run.returncode or not os.path.exists(target):
            _logger.warning("wkhtmltopdf ended with %s: %s", run.returncode, run.stderr[-500:])
            return None
        pdf = Path(target).read_bytes()
    if len(bodies) == 1:
        return [pdf] if pdf else None
    return split(pdf, len(bodies)) if pdf else None


def _write(folder: str, name: str, text: str) -> str:
    path = os.path.join(folder, name)
    Path(path).write_text(text, encoding="utf-8")
    return path
