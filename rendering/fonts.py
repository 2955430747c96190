"""Web fonts made local, so that a print neither fetches nor waits for any.

wkhtmltopdf does not wait for a font that comes late: text in it is invisible, without any error (seen
with 0.12.3 and patched Qt: italics were missing on half of the pages of a busy machine). The fonts of the
report stylesheet are files of the addons: under the names that the stylesheet gives them, in a folder that
fontconfig reads, the same glyphs come out at the same places, byte for byte.
"""

import base64
import io
import os
import re
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from fontTools.ttLib import TTFont, TTLibError

SOURCE = re.compile(r"url\(\s*['\"]?(/[\w/.-]+/static/[^'\")?#]+\.ttf)[^)]*\)", re.IGNORECASE)
SOURCES = re.compile(r"\bsrc\s*:[^;}]*", re.IGNORECASE)
ADDON_FILE = re.compile(r"url\(\s*['\"]?/")
FAMILY = re.compile(r"font-family\s*:\s*['\"]?([^;\"'}]+)", re.IGNORECASE)
WEIGHT = re.compile(r"font-weight\s*:\s*(\w+)", re.IGNORECASE)
ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
WEIGHTS = {"normal": 400, "bold": 700} | {str(weight): weight for weight in range(100, 1000, 100)}
STYLES = {(400, False): "Regular", (400, True): "Italic", (700, False): "Bold", (700, True): "Bold Italic"}
BOLD, ITALIC_BIT, REGULAR = 1 << 5, 1, 1 << 6  # OS/2 fsSelection
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
