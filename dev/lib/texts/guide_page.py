"""A guide as a web page: the part of Markdown that our guides use, and nothing more.

Headings, paragraphs, lists, quotes, tables; inside them bold, italics, code and links. Pictures are left out:
they are in docs/images, which Odoo does not serve.
"""

import html
import re

_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #212529 }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.25; color: #27306b } h2 { margin-top: 2.5rem; border-bottom: 2px solid #e3e6f5 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
td, th { border: 1px solid #ced4da; padding: .4rem .6rem; text-align: left; vertical-align: top }
th { background: #eef0fa } code { background: #f1f3f5; padding: 0 .2rem; border-radius: .2rem }
blockquote { border-left: 4px solid #ced4da; margin-left: 0; padding-left: 1rem; color: #495057 }
@media (max-width: 40rem) { table { display: block; overflow-x: auto } }
@media print { body { max-width: none } a { color: inherit } }
nav { position: sticky; top: 0; background: #fff; padding: .5rem 0; display: flex; gap: .5rem }
nav input { flex: 1 1 12rem; padding: .4rem; font: inherit }
nav button { padding: .4rem .8rem; font: inherit }
[hidden] { display: none } @media print { nav { display: none } }
"""
# What is typed hides the chapters without it, whatever its accents.
_SEARCH = """
const plain = (text) => text.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").toLowerCase();
const parts = [];
for (const element of document.querySelectorAll("main > *")) {
    if (/^H[1-3]$/.test(element.tagName) || !parts.length) parts.push([]);
    parts.at(-1).push(element);
}
document.querySelector("nav input").addEventListener("input", ({ target }) => {
    const words = plain(target.value).split(/\\s+/);
    for (const part of parts) {
        const text = plain(part.map((element) => element.textContent).join(" "));
        const hidden = !words.every((word) => text.includes(word));
        part.forEach((element) => (element.hidden = hidden));
    }
});
"""
_WORDS = {
    "fr": ("Chercher dans le guide", "Imprimer"),
    "en": ("Search in the guide", "Print"),
}
_INLINE = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"&lt;(https://[^&]+)&gt;"), r'<a href="\1">\1</a>'),
    (re.compile(r"\[([^\]]+)\]\(([^)]+)\)"), r'<a href="\2">\1</a>'),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\*(.+?)\*"), r"<em>\1</em>"),
)
_ITEM = re.compile(r"(\d+\.|-) ")


def page(text, language):
    """The Markdown `text` as a whole HTML page in `language` (`fr`, `en`)."""
    title = text.splitlines()[0].removeprefix("# ")
    search, press = _WORDS[language]
    body = "\n".join(_block(block) for block in re.split(r"\n{2,}", text.strip()) if block[:2] != "![")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<nav><input type="search" aria-label="{search}" placeholder="{search}"/>'
        f'<button type="button" onclick="print()">{press}</button></nav>\n'
        f"<main>\n{body}\n</main>\n<script>{_SEARCH}</script>\n</body>\n"
        "</html>\n"
    )


def _block(block):
    if heading := re.fullmatch(r"(#+) (.*)", block):
        level = len(heading[1])
        return f'<h{level} id="{_anchor(heading[2])}">{_inline(heading[2])}</h{level}>'
    if block.startswith("|"):
        return _table(block.splitlines())
    if block.startswith("> "):
        return f"<blockquote>{_inline(block.replace('> ', ''))}</blockquote>"
    if _ITEM.match(block):
        return _list(block)
    return f"<p>{_inline(block)}</p>"


def _list(block):
    kind = "ul" if block.startswith("- ") else "ol"
    items = re.split(r"\n(?=\d+\. |- )", block)
    inside = "".join(f"<li>{_inline(_ITEM.sub('', item, count=1))}</li>" for item in items)
    return f"<{kind}>{inside}</{kind}>"


def _table(lines):
    head, _rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    # The corner above the first column heads nothing.
    cells = "".join(f"<th>{_inline(cell)}</th>" if cell else "<td></td>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead>\n<tbody>{body}</tbody></table>"


def _inline(text):
    text = html.escape(" ".join(line.strip() for line in text.splitlines()), quote=False)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    # A page links to the pages beside it; what is only in docs/ is named without a link.
    text = re.sub(r'href="(guide_\w+)\.md"', r'href="\1.html"', text)
    return re.sub(r'<a href="\w+\.md">(.*?)</a>', r"\1", text)


def _anchor(heading):
    """The anchor that code forges give to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
