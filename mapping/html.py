"""HTML of the ERP as plain text that says the same: an item a line, cells apart, links with their address."""

import re
from typing import Any

from lxml import html

BLOCKS = frozenset(
    """address article aside blockquote dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    li main nav ol p pre section table tbody tfoot thead tr ul""".split()  # noqa: SIM905
)
CELLS = frozenset({"td", "th"})
# Not shown on the page, or struck out there: no longer said.
UNSAID = frozenset({"script", "style", "head", "template", "title", "s", "del", "strike"})
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_BLANKS = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(source: Any) -> str:
    """The text of a piece of HTML; "" when it shows nothing.

    >>> html_to_text("<p>Terms</p><ul><li>one</li><li>two</li></ul>")
    'Terms\\n- one\\n- two'
    """
    if not source or not str(source).strip():
        return ""
    pieces = []
    _walk(html.fragment_fromstring(str(source), create_parent="div"), pieces, None)
    lines = ("".join(pieces)).split("\n")
    return _BLANK_LINES.sub("\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


def _walk(node: Any, pieces: list[str], numbers: Any) -> None:
    """Add what ``node`` says to ``pieces``; ``numbers`` counts the items of the list around it."""
    tag = node.tag if isinstance(node.tag, str) else None
    if not tag or tag in UNSAID or "display:none" in (node.get("style") or "").replace(" ", ""):
        return
    if tag == "br":
        pieces.append("\n")
    elif tag == "img":
        pieces.append(_flat(node.get("alt")))
    if tag in BLOCKS:
        _new_line(pieces)
    if tag == "li":
        pieces.append(f"{next(numbers)}. " if numbers else "- ")
    elif tag in CELLS and node.getprevious() is not None:
        pieces.append(" | ")
    start, within = len(pieces), _numbers(node) if tag == "ol" else numbers if tag == "li" else None
    _say(pieces, node.text, start=tag == "li")
    for child in node:
        _walk(child, pieces, within)
        _say(pieces, child.tail)
    if tag == "sup":
        pieces[start:] = ["".join(pieces[start:]).translate(RAISED)]
    elif tag == "a":
        _add_address(node, pieces, start)
    elif tag in CELLS:
        pieces[start:] = [" ".join("".join(pieces[start:]).split())]
    if tag in BLOCKS:
        _new_line(pieces)


def _numbers(node: Any) -> Any:
    first = node.get("start") or "1"
    return iter(range(int(first) if first.isdecimal() else 1, 1_000_000))


def _say(pieces: list[str], text: Any, start: bool = False) -> None:
    flat = _flat(text)
    if flat.strip() or (flat and pieces and not pieces[-1].endswith(("\n", " "))):
        pieces.append(flat.lstrip() if start or (pieces and pieces[-1].endswith(("\n", " "))) else flat)


def _flat(text: Any) -> str:
    return _BLANKS.sub(" ", text or "")


def _new_line(pieces: list[str]) -> None:
    """Begin a new line, unless this one has only the mark of a list's item."""
    if pieces and not pieces[-1].endswith(("\n", "- ", ". ")):
        pieces.append("\n")


def _add_address(node: Any, pieces: list[str], start: int) -> None:
    address, shown = (node.get("href") or "").strip(), "".join(pieces[start:]).strip()
    plain = address.removeprefix("mailto:").removeprefix("tel:")
    if not plain or address.startswith(("#", "javascript:")) or plain.rstrip("/") in shown:
        return
    bare = re.sub(r"^https?://", "", plain).rstrip("/")
    pieces.append(plain if not shown else "" if bare == shown else f" ({plain})")
