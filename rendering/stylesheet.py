"""The part of a stylesheet that can matter to given documents.

Nine tenths of the time that wkhtmltopdf takes for an invoice is the parsing and matching of Odoo's report
stylesheet (408 kB), again for each body, header and footer. A rule is dropped here only when one of the
tags, classes or ids that every one of its selectors needs occurs nowhere in the documents: what is kept is
a superset of what can match, in the same order, each rule untouched. Whatever is not understood raises
``Doubt``, and the caller prints the ordinary way.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

NAME = r"-?[_a-zA-Z\u0080-\uffff][-_a-zA-Z0-9\u0080-\uffff]*"
TOKEN = re.compile(rf"([.#]?)({NAME})")
# What says nothing about which tags, classes or ids an element must have.
PSEUDO = re.compile(rf"::?{NAME}")
ATTRIBUTE = re.compile(r"\[[^\]]*\]")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
URL = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
FAMILY = re.compile(r"font-family\s*:\s*([^;}]+)", re.IGNORECASE)
ABSOLUTE = ("/", "data:", "http:", "https:", "#")
# At-rules whose block holds rules that are pruned like the others.
GROUPS = ("@media", "@supports")
DOCUMENT_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")
# One expression each: they begin with fixed letters, which is what makes them fast on long documents.
DOCUMENT_ATTRIBUTES = {
    ".": re.compile(r"""class\s*=\s*(?:"([^"]*)"|'([^']*)')"""),
    "#": re.compile(r"""id\s*=\s*(?:"([^"]*)"|'([^']*)')"""),
}
# What a rule needs that does nothing but define variables: a program that knows them.
VARIABLES = "--"
# An element that is there without being written (HTML parsers add them).
IMPLIED_TAGS = frozenset({"html", "head", "body", "tbody", "colgroup"})


# Makes the ``@font-face`` texts of a family local, and tells whether it could.
Provide = Callable[[list[str]], bool]


class Doubt(ValueError):
    """The stylesheet or the documents hold something that pruning could get wrong."""


class Rule(NamedTuple):
    """``text`` as written; ``needs`` holds, for each selector, what an element or its parents must have.

    ``needs`` None: kept whatever the documents hold. ``rules`` are those inside a group, ``families`` the
    font families that a ``@font-face`` defines.
    """

    text: str
    needs: tuple[frozenset[str], ...] | None = None
    rules: tuple["Rule", ...] = ()
    families: tuple[str, ...] = ()


class Rules(tuple[Rule, ...]):
    """The rules of one stylesheet. Thousands: compared by identity, so that a cache need not read them."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def parse(css: str) -> Rules:
    """The rules of a stylesheet, in order.

    :raises Doubt: on relative addresses, unbalanced braces, or what could end a ``<style>`` element
    """
    if "</" in css:
        raise Doubt("the stylesheet could end its element")
    for match in URL.finditer(css):
        if not match[2].startswith(ABSOLUTE):
            raise Doubt(f"relative address {match[2][:80]}")
    return Rules(_rules(COMMENT.sub(" ", css)))


def tokens(*documents: str, variables: bool = True) -> frozenset[str]:
    """All the tags (``p``), classes (``.page``) and ids (``#wrap``) that occur in HTML documents.

    :param bool variables: whether the program that shows them knows variables of CSS
    """
    found = {*IMPLIED_TAGS, VARIABLES} if variables else set(IMPLIED_TAGS)
    for document in documents:
        found.update(tag.lower() for tag in DOCUMENT_TAG.findall(document))
        for mark, attribute in DOCUMENT_ATTRIBUTES.items():
            for double, single in attribute.findall(document):
                found.update(mark + name for name in (double or single).split())
    return frozenset(found)


def prune(rules: Rules, present: frozenset[str], *documents: str, provide: Provide | None = None) -> str:
    """The rules that can match in documents that hold ``present``, and the fonts in use.

    A font is in use when its name occurs in a kept rule or anywhere in ``documents``.

    :param Rules rules: from ``parse``
    :param frozenset[str] present: from ``tokens``
    :param provide: list of the ``@font-face`` texts of a family → whether the fonts are there without them
    :rtype: str
    """
    kept = _kept(rules, present & _named(rules))
    text = "".join(rule for rule in kept if isinstance(rule, str))
    place = (text + "".join(documents)).lower()
    faces: dict[str, list[str]] = {}
    for rule in kept:
        if not isinstance(rule, str) and rule.families[0] in place:
            faces.setdefault(rule.families[0], []).append(rule.text)
    fetched = {family for family, texts in faces.items() if not (provide and provide(texts))}
    return "".join(
        rule if isinstance(rule, str) else rule.text
        for rule in kept
        if isinstance(rule, str) or rule.families[0] in fetched
    )


def whole(rules: Rules, *documents: str, face: Callable[[str], str]) -> str:
    """All the rules in order, for documents of which nothing is known; only fonts out of use are left out.

    :param face: text of a ``@font-face`` rule → what takes its place
    :rtype: str
    """
    texts = ["" if rule.families else _written(rule) for rule in rules]
    place = ("".join(texts) + "".join(documents)).lower()
    return "".join(
        face(rule.text) if rule.families and rule.families[0] in place else text
        for rule, text in zip(rules, texts, strict=True)
    )


def _written(rule: Rule) -> str:
    if not rule.rules:
        return rule.text
    return f"{rule.text}{{{''.join(_written(inner) for inner in rule.rules)}}}"


@lru_cache(maxsize=16)
def _named(rules: Rules) -> frozenset[str]:
    """All that a stylesheet asks for: what else documents hold makes no difference."""
    return frozenset(_names(rules))


def _names(rules: Iterable[Rule]) -> Iterator[str]:
    for rule in rules:
        for need in rule.needs or ():
            yield from need
        yield from _names(rule.rules)


# The documents of a company are alike. Without the groups inside, of which one stylesheet has dozens.
@lru_cache(maxsize=64)
def _kept(rules: Rules, present: frozenset[str]) -> list[Rule | str]:
    return _matching(rules, present)


def _matching(rules: Iterable[Rule], present: frozenset[str]) -> list[Rule | str]:
    """Kept texts in order; a font-face stays a ``Rule``, since other rules decide on it."""
    kept: list[Rule | str] = []
    for rule in rules:
        if rule.families:
            kept.append(rule)
        elif rule.rules:
            inner = _matching(rule.rules, present)
            if inner:
                texts = (part if isinstance(part, str) else part.text for part in inner)
                kept.append(f"{rule.text}{{{''.join(texts)}}}")
        elif rule.needs is None or any(need <= present for need in rule.needs):
            kept.append(rule.text)
    return kept


def _rules(css: str) -> Iterator[Rule]:
    position = 0
    while True:
        start = _next(css, position, "{;}")
        if start < 0:
            if css[position:].strip():
                raise Doubt("text after the last rule")
            return
        prelude = css[position:start].strip()
        if css[start] == "}":
            raise Doubt("unbalanced braces")
        if css[start] == ";":
            position = start + 1
            if prelude:
                yield Rule(f"{prelude};")
            continue
        end = _closing(css, start)
        block = css[start + 1 : end]
        yield _rule(prelude, block)
        position = end + 1


def _rule(prelude: str, block: str) -> Rule:
    lowered = prelude.lower()
    if lowered.startswith(GROUPS):
        return Rule(prelude, rules=Rules(_rules(block)))
    text = f"{prelude}{{{block}}}"
    if lowered.startswith("@font-face"):
        names = FAMILY.findall(block)
        if len(names) != 1:
            raise Doubt("a font without one name")
        return Rule(text, families=(names[0].strip().strip("'\"").lower(),))
    if lowered.startswith("@"):
        return Rule(text)
    variables = {VARIABLES} if _defines_variables(block) else set()
    return Rule(text, needs=tuple(_needs(selector) | variables for selector in _selectors(prelude)))


def _defines_variables(block: str) -> bool:
    """Whether a rule does nothing else."""
    if not block.lstrip().startswith("--"):
        return False
    parts = _without_parentheses(STRING.sub("", block)).split(";")
    return all(part.lstrip().startswith("--") for part in parts if part.strip())


def _needs(selector: str) -> frozenset[str]:
    """What must occur somewhere in a document for the selector to match anything."""
    if "\\" in selector:
        return frozenset()
    selector = ATTRIBUTE.sub("", STRING.sub("", selector))
    selector = PSEUDO.sub("", _without_parentheses(selector))
    return frozenset(mark + (name if mark else name.lower()) for mark, name in TOKEN.findall(selector))


def _without_parentheses(text: str) -> str:
    """``text`` without what stands in parentheses: alternatives and negations need nothing."""
    kept, depth = [], 0
    for char in text:
        depth += char == "("
        if not depth:
            kept.append(char)
        depth -= char == ")"
    if depth:
        raise Doubt("unbalanced parentheses")
    return "".join(kept)


def _selectors(prelude: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for position, char in enumerate(prelude):
        depth += char in "(["
        depth -= char in ")]"
        if char == "," and not depth:
            parts.append(prelude[start:position])
            start = position + 1
    return [*parts, prelude[start:]]


SPECIAL = re.compile(r"[{};\"'(]")


def _next(css: str, position: int, wanted: str) -> int:
    """Position of the next of ``wanted`` outside strings and parentheses, -1 when there is none."""
    while match := SPECIAL.search(css, position):
        char, position = match[0], match.start()
        if char in wanted:
            return position
        position = _past(css, position) if char in "\"'(" else position + 1
    return -1


def _past(css: str, position: int) -> int:
    """The position after the string or parenthesis that opens at ``position``."""
    if css[position] == "(":
        # An unquoted address may hold quotes or semicolons, but no closing parenthesis.
        end = css.find(")", position)
        inner = STRING.match(css, position + 1)
        if inner:
            end = css.find(")", inner.end())
        if end < 0:
            raise Doubt("unbalanced parentheses")
        return end + 1
    match = STRING.match(css, position)
    if not match:
        raise Doubt("a string that does not end")
    return match.end()


def _closing(css: str, start: int) -> int:
    depth, position = 0, start
    while True:
        found = _next(css, position, "{}")
        if found < 0:
            raise Doubt("unbalanced braces")
        depth += 1 if css[found] == "{" else -1
        if not depth:
            return found
        position = found + 1
