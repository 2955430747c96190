"""Pruning a stylesheet: what may match stays as it is and in order, what cannot goes, doubts are told."""

import pytest

from rendering.documents import inline, separate
from rendering.stylesheet import Doubt, parse, prune, tokens

PAGE = (
    '<html><head></head><body class="o_body">'
    '<table id="lines"><tr><td class="num">1</td></tr></table></body></html>'
)


def pruned(css, document=PAGE):
    return prune(parse(css), tokens(document), document)


@pytest.mark.parametrize(
    "rule",
    [
        "td{a:b}",
        "TD{a:b}",
        "*{a:b}",
        ".num{a:b}",
        "#lines .num{a:b}",
        "table > tr td.num:first-child{a:b}",
        "td:not(.absent){a:b}",
        "td:is(.absent, .num){a:b}",
        "[data-x='.absent']{a:b}",
        "td[class*=absent]{a:b}",
        ":root{--x:y}",
        "::selection{a:b}",
        ".absent, .num{a:b}",
        ".w-50\\%{a:b}",
        "tbody td{a:b}",
        "@page{margin:0}",
        "@keyframes k{0%{a:b}100%{a:c}}",
        "@media print{td{a:b}}",
        "@media print{@media (min-width:1px){td{a:b}}}",
        '.num:before{content:"}"}',
        ".num{background:url(\"data:image/svg+xml;utf8,<svg fill='{;}'/>\")}",
        "@import url(/fonts.css);",
    ],
)
def test_a_rule_that_may_match_is_kept_as_it_is(rule):
    assert pruned(rule) == rule


@pytest.mark.parametrize(
    "rule",
    [
        ".absent{a:b}",
        "#absent{a:b}",
        "ul{a:b}",
        "td .absent:hover{a:b}",
        ".absent td, ul li, #none{a:b}",
        "td.num.absent{a:b}",
        "@media print{.absent{a:b}}",
        "@media print{@supports (a:b){ul{a:b}}}",
        "/* td{} */ .absent{a:b}",
    ],
)
def test_a_rule_that_cannot_match_is_dropped(rule):
    assert pruned(rule) == ""


def test_the_order_is_kept():
    assert pruned("td{a:1}.absent{a:2}@media print{td{a:3}ul{a:4}}.num{a:5}") == (
        "td{a:1}@media print{td{a:3}}.num{a:5}"
    )


def test_only_the_fonts_in_use_are_kept():
    fonts = "@font-face{font-family:'Lato';src:url(/l)}@font-face{font-family:Icons;src:url(/i)}"
    css = f"{fonts}td{{font:1em Lato}}"
    assert "Icons" not in pruned(css)
    assert "'Lato'" in pruned(css)
    assert "Icons" in pruned(css, PAGE.replace("<td ", "<td style='font-family:icons' "))


@pytest.mark.parametrize(
    "css",
    [
        "td{a:url(relative.png)}",
        "td{a:b",
        "td{a:b}}",
        "td{content:'x}",
        "a{b:c}</style>",
        "td:not(.x{a:b}",
    ],
)
def test_what_is_not_understood_is_a_doubt(css):
    with pytest.raises(Doubt):
        pruned(css)


def load(css):
    return lambda address: parse(css)


LINK = '<link type="text/css" rel="stylesheet" href="/web/assets/1/a.css"/>'


def test_links_become_styles_that_serve_all_documents():
    body = f"<html><head>{LINK}</head><body><p>x</p></body></html>"
    footer = f"<html><head>{LINK}</head><body><em>y</em></body></html>"
    documents = inline([body, footer], load("p{a:b}em{a:b}ul{a:b}"))
    assert all("<style>p{a:b}em{a:b}</style>" in document for document in documents)
    assert all("<link" not in document for document in documents)


@pytest.mark.parametrize(
    "part",
    [
        "<script>document.body.className = 'x'</script>",
        '<script src="/x.js"></script>',
        '<link rel="stylesheet" media="print" href="/web/assets/1/a.css"/>',
        '<img src="/web/image/12"/>',
    ],
)
def test_a_document_that_could_change_or_needs_a_session_is_a_doubt(part):
    with pytest.raises(Doubt):
        inline([f"<html><head></head><body>{part}</body></html>"], load(""))


def test_odoo_s_page_numbers_and_static_images_are_no_doubt():
    part = "<script>function subst() { var x = 1; }</script><img src='/web/static/logo.png'/>"
    assert inline([f"<html><head></head><body>{part}</body></html>"], load(""))


HEADERS = '<div id="heads"><div class="header">one <div>deep</div></div>\n <div>two</div></div>'


def test_each_print_gets_its_own_header():
    page = f"<html><body>{HEADERS}<p>after</p></body></html>"
    first, second = separate(page, "heads", 2)
    assert first == (
        '<html><body><div id="heads"><div class="header">one <div>deep</div></div></div>'
        "<p>after</p></body></html>"
    )
    assert second == '<html><body><div id="heads"><div>two</div></div><p>after</p></body></html>'


def test_a_layout_without_headers_serves_every_print():
    page = '<body><div id="heads"></div></body>'
    assert separate(page, "heads", 2) == [page, page]


@pytest.mark.parametrize(
    "inner",
    [
        "<div>one</div>",
        "<div>one</div><p>two</p>",
        "<div>one</div>text<div>two</div>",
        "<div>one<!-- <div> --></div><div>two</div>",
        "<div>one</div><div>two",
        "<div>one</div><script>'<div>'</script><div>two</div>",
    ],
)
def test_headers_that_cannot_be_told_apart_are_a_doubt(inner):
    with pytest.raises(Doubt):
        separate(f'<body><div id="heads">{inner}</div></body>', "heads", 2)


def test_a_layout_of_another_kind_is_a_doubt():
    with pytest.raises(Doubt):
        separate("<body><section>one</section></body>", "heads", 1)
