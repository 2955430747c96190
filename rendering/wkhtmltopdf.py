"""Runs of wkhtmltopdf on documents that are ready, with web fonts made local, so that none waits for any.

No database and no server: a run may be in a thread. Temporary folders that a killed process leaves behind are
taken away by the next print. A print takes no more processors and memory than this process may use.

wkhtmltopdf does not wait for a font that comes late: text in it is invisible, without any error (seen with
0.12.3 and patched Qt: italics were missing on half of the pages of a busy machine). The fonts of the report
stylesheet are files of the addons: under the names that the stylesheet gives them, in a folder that
fontconfig reads, the same glyphs come out at the same places, byte for byte.
"""

import base64
import contextlib
import fcntl
import io
import logging
import math
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fontTools.ttLib import TTFont, TTLibError

from .documents import split

SOURCE = re.compile(r"url\(\s*['\"]?(/[\w/.-]+/static/[^'\")?#]+\.ttf)[^)]*\)", re.IGNORECASE)
SOURCES = re.compile(r"\bsrc\s*:[^;}]*", re.IGNORECASE)
ADDON_FILE = re.compile(r"url\(\s*['\"]?/")
FAMILY = re.compile(r"font-family\s*:\s*['\"]?([^;\"'}]+)", re.IGNORECASE)
WEIGHT = re.compile(r"font-weight\s*:\s*(\w+)", re.IGNORECASE)
ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
WEIGHTS = {"normal": 400, "bold": 700} | {str(weight): weight for weight in range(100, 1000, 100)}
STYLES = {(400, False): "Regular", (400, True): "Italic", (700, False): "Bold", (700, True): "Bold Italic"}
BOLD, ITALIC_BIT, REGULAR = 1 << 5, 1, 1 << 6  # OS/2 fsSelection
# Held by the process that uses the folder: the kernel frees it when that process ends, however it ends.
LOCK = "lock"
# A folder without a lock is about to get it, or its process died before.
HOUR = 3600
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""


def inside(face: str, read: Callable[[str], bytes]) -> str:
    """A ``@font-face`` rule with its font inside; nothing in place of one on a server that is not Odoo's.

    :param str face: as the stylesheet has it
    :param read: path of an addon's static file → bytes; raises ``OSError`` or ``ValueError``
    :rtype: str
    """
    if not ADDON_FILE.search(face):
        return ""
    source = SOURCE.search(face)
    if not source:
        return face
    try:
        content = base64.b64encode(read(source[1].lstrip("/"))).decode()
    except (OSError, ValueError):
        # Debian's package leaves some fonts out.
        return ""
    rest = SOURCES.sub("", face).rstrip().removesuffix("}")
    return f"{rest};src:url(data:font/ttf;base64,{content})}}"


class LocalFonts:
    """The fonts that this process has made local. Safe to share between threads.

    Their folder is shared with other processes and stays when they end; whoever takes files out of it, they
    are there again at the next use.

    :param read: path of an addon's static file → bytes; raises ``OSError`` or ``ValueError``
    :param place: gives the folder, which is made when it is missing and belongs to the server's user alone
    """

    def __init__(self, read: Callable[[str], bytes], place: Callable[[], str | Path]) -> None:
        self._read, self._place = read, place
        self._lock = threading.Lock()
        self._known: dict[tuple[str, ...], bool] = {}
        self._files: dict[str, bytes] = {}

    def provide(self, faces: Sequence[str]) -> bool:
        """Make all the faces of one family local.

        :param list[str] faces: ``@font-face`` rules
        :return: whether they are; when one is not, none of them may be taken out of the stylesheet
        """
        key = tuple(faces)
        with self._lock:
            if key not in self._known:
                self._known[key] = self._make(faces)
            return self._known[key]

    def configuration(self) -> str | None:
        """Path of the fontconfig file that knows the local fonts, None when there are none.

        :raises OSError: when they are gone and cannot be written again
        """
        with self._lock:
            if not self._files:
                return None
            self._write()
            return str(self._folder / "fonts.conf")

    @property
    def _folder(self) -> Path:
        return Path(self._place())

    def _make(self, faces: Sequence[str]) -> bool:
        if not any(ADDON_FILE.search(face) for face in faces):
            # A font on somebody's server (Odoo has one for other scripts): a print never depends on it, nor
            # tells that server about an invoice. The system's fonts take its place.
            return True
        try:
            made = dict(_named(face, self._read) for face in faces)
        except FileNotFoundError:
            # Debian's package leaves some fonts out. Fetching it would fail too, and show no text at all.
            return True
        except (OSError, ValueError, KeyError, TTLibError):
            return False
        before, self._files = self._files, self._files | made
        try:
            self._write()
        except OSError:
            self._files = before
            return False
        return True

    def _write(self) -> None:
        """Write what is missing of the files; a cheap look when nothing is."""
        folder = self._folder
        text = CONFIGURATION.format(folder=escape(str(folder)))
        for name, content in {"fonts.conf": text.encode(), **self._files}.items():
            if _size(folder / name) != len(content):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _replace(folder / name, content)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file that another process may be reading: the old one or the new one, never a half."""
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(fresh, path)
    except OSError:
        os.unlink(fresh)
        raise


def _named(face: str, read: Callable[[str], bytes]) -> tuple[str, bytes]:
    """File name and content of the font of one ``@font-face``, under the names that the rule gives it.

    :raises ValueError: on a rule that a local font cannot stand for
    """
    source, named = SOURCE.search(face), FAMILY.search(face)
    if not source or not named or "unicode-range" in face.lower():
        raise ValueError("not a whole font of an addon")
    weight_text = WEIGHT.search(face)
    weight = WEIGHTS[weight_text[1].lower()] if weight_text else 400
    italic, family = bool(ITALIC.search(face)), named[1].strip()
    font = TTFont(io.BytesIO(read(source[1].lstrip("/"))))
    _rename(font, family, weight, italic)
    out = io.BytesIO()
    font.save(out)
    return f"{re.sub(r'[^A-Za-z0-9]', '', family)}-{weight}{'i' if italic else ''}.ttf", out.getvalue()


def _rename(font: Any, family: str, weight: int, italic: bool) -> None:
    style = STYLES.get((weight, italic)) or f"W{weight}{' Italic' if italic else ''}"
    postscript = f"{family}-{style}".replace(" ", "")
    font["name"].names = []
    for number, text in (
        (1, family), (2, style), (3, postscript), (4, f"{family} {style}"), (6, postscript), (16, family),
        (17, style),
    ):  # fmt: skip
        font["name"].setName(text, number, 3, 1, 0x409)
    heavy = weight >= 700
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = (
        (ITALIC_BIT if italic else 0) | (BOLD if heavy else 0) | (REGULAR if style == "Regular" else 0)
    )
    font["head"].macStyle = (1 if heavy else 0) | (2 if italic else 0)


@contextlib.contextmanager
def scratch(prefix: str) -> Iterator[str]:
    """A folder of this process alone, removed afterwards; those of dead processes are removed first.

    :param str prefix: start of its name, which no other program uses
    :rtype: Iterator[str]
    """
    _sweep(Path(tempfile.gettempdir()), prefix)
    with contextlib.ExitStack() as stack:
        while True:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
            )
            if _locked(folder, stack):
                break
        yield folder


def _locked(folder: str, stack: contextlib.ExitStack) -> bool:
    """Lock a folder that was just made; False when another print swept it away before it was locked."""
    path = Path(folder, LOCK)
    try:
        lock = stack.enter_context(path.open("w"))
    except FileNotFoundError:
        return False
    fcntl.flock(lock, fcntl.LOCK_EX)
    return path.exists()


def _sweep(place: Path, prefix: str) -> None:
    for folder in place.glob(f"{prefix}*"):
        # Another user's, or taken away meanwhile by another process.
        with contextlib.suppress(OSError):
            if folder.lstat().st_uid == os.geteuid():
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    try:
        # Held until all is gone: who made the folder just now waits for its lock, then sees that.
        with open(folder / LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        if folder.lstat().st_mtime < time.time() - HOUR:
            shutil.rmtree(folder, ignore_errors=True)


MOST_PROCESSES = 4
# One wkhtmltopdf with the pages of ten invoices.
PROCESS_BYTES = 256 * 1024 * 1024
CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")
MEMORY = Path("/proc/meminfo")


def processes(per_processor: int = 1) -> int:
    """How many programs may run at once: by processors and memory that are ours, between 1 and 4.

    :param int per_processor: programs that keep one processor busy
    """
    wanted = min(MOST_PROCESSES, per_processor * processors())
    return max(1, int(min(wanted, free_memory() / PROCESS_BYTES)))


def processors() -> int:
    """Processors that this process may use: its affinity, and its share by cgroup; at least 1.

    A container or a service with a quota still sees all the processors of its host.
    """
    shares = [quota for folder in _folders("cpu") if (quota := _quota(folder))]
    return max(1, math.floor(min([len(os.sched_getaffinity(0)), *shares])))


def free_memory() -> float | int:
    """Bytes that this process may still take; infinite when the system does not say."""
    lines = [line.split() for line in _text(MEMORY).splitlines()]
    free = [int(line[1]) * 1024 for line in lines if line[0] == "MemAvailable:"]
    for folder in _folders("memory"):
        limits = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
        for most, used in limits:
            most, used = _text(folder / most), _text(folder / used)
            # Without a limit, "max" or a number beyond any memory.
            if most.isdigit() and used.isdigit():
                free.append(int(most) - int(used))
    return min(free, default=math.inf)


def _quota(folder: Path) -> float | None:
    """Processors that a cgroup may use, None when it has no limit. Version 2, else version 1."""
    words = _text(folder / "cpu.max").split()
    words = words or [_text(folder / "cpu.cfs_quota_us"), _text(folder / "cpu.cfs_period_us")]
    if len(words) != 2 or not all(word.isdigit() for word in words):
        return None
    return int(words[0]) / int(words[1])


def _folders(controller: str) -> Iterator[Path]:
    """The folders of this process's cgroup and of those around it, version 2 and 1."""
    for line in _text(OWN_CGROUPS).splitlines():
        _number, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        folder = CGROUPS / controllers if controllers else CGROUPS
        # A container sees its own cgroup as the root, though under the path that it has outside.
        yield folder
        for part in Path(path).parts[1:]:
            folder /= part
            yield folder


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


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
