"""Pruning a stylesheet: what may match stays as it is and in order, what cannot goes, doubts are told."""

import pytest

from rendering.documents import draw_barcodes, inline, inline_whole, separate
from rendering.stylesheet import Doubt, Rules, parse, prune, tokens
from rendering.wkhtmltopdf import inside

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


@pytest.mark.parametrize(
    "rule",
    [":root{--x:y}", ':root, td{--x: "a;b{}"; --y: calc(1px + var(--x, 2px;))}', "@media print{td{--x:y}}"],
)
def test_a_program_without_variables_gets_no_rule_that_only_defines_some(rule):
    assert prune(parse(rule), tokens(PAGE, variables=False), PAGE) == ""
    assert pruned(rule) == rule


@pytest.mark.parametrize("rule", ["td{--x:y; color: red}", "td{color: red; --x:y}", "td{color: var(--x)}"])
def test_a_program_without_variables_gets_every_other_rule(rule):
    assert prune(parse(rule), tokens(PAGE, variables=False), PAGE) == rule


class _Counted(Rules):
    """Rules that count how often all of them are read."""

    read = 0

    def __iter__(self):
        type(self).read += 1
        return super().__iter__()


def test_a_stylesheet_is_read_once_for_documents_that_are_alike():
    groups = "".join(f"@media (min-width:{size}px){{td{{a:{size}}}}}" for size in range(100))
    rules = _Counted(parse(groups + ".num{a:b}"))
    first = prune(rules, tokens(PAGE), PAGE)
    read = _Counted.read
    other = PAGE.replace('class="num"', 'class="num number_42" id="line_42"')
    assert prune(rules, tokens(other), other) == first
    assert _Counted.read == read


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


# ---------------------------------------------------------------- the ordinary way


def test_a_whole_stylesheet_is_put_inside_whatever_the_document_holds():
    page = (
        f"<html><head>{LINK}</head><body><script>anything()</script><img src='/web/image/1'/></body></html>"
    )
    css = (
        "p{a:b}.absent{a:b}@media print{.absent{c:d}}@font-face{font-family:Unused;src:url(/w/static/x.ttf)}"
    )
    [document] = inline_whole([page], load(css), lambda face: face)
    assert "<style>p{a:b}.absent{a:b}@media print{.absent{c:d}}</style>" in document
    assert "<link" not in document


def test_conditions_of_a_stylesheet_stay_and_links_that_nobody_reads_too():
    conditional = LINK.replace("rel=", 'media="print" rel=')
    assert '<style media="print">p{a:b}</style>' in inline_whole([conditional], load("p{a:b}"), str)[0]
    assert inline_whole([LINK], lambda address: None, str) == [LINK]


def test_a_font_in_use_is_put_inside():
    face = "@font-face{font-family:'X';src:url(/w/static/x.eot);src:url(/w/static/x.ttf);font-weight:700}"
    [document] = inline_whole(
        [LINK], load(f"{face}p{{font-family:X}}"), lambda text: inside(text, str.encode)
    )
    assert (
        "@font-face{font-family:'X';;;font-weight:700;src:url(data:font/ttf;base64,dy9zdGF0aWMveC50dGY=)}"
        in (document)
    )


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("url(https://fonts.example/x.ttf)", ""),  # a print tells no stranger about an invoice
        ("url(/w/static/missing.ttf)", ""),
        ("url(/web/content/12)", "@font-face{font-family:X;src:url(/web/content/12)}"),
    ],
)
def test_a_font_that_no_addon_has(source, becomes):
    def read(path):
        raise FileNotFoundError(path)

    assert inside(f"@font-face{{font-family:X;src:{source}}}", read) == becomes


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/report/barcode/QR/a%20b/c", ("QR", "a b/c", {})),
        ("/report/barcode/QR/a+b?width=9&amp;quiet=0", ("QR", "a+b", {"width": "9", "quiet": "0"})),
        ("/report/barcode/?barcode_type=EAN13&amp;value=a+b&amp;width=9", ("EAN13", "a b", {"width": "9"})),
        ("/report/barcode?value=%C3%A9&barcode_type=Code128", ("Code128", "é", {})),
    ],
)
def test_a_barcode_is_drawn_as_the_server_would(address, asked):
    seen = []
    drawn = draw_barcodes(f"<img src='{address}'/>", lambda *told: seen.append(told) or b"png")
    assert (drawn, seen) == ("<img src='data:image/png;base64,cG5n'/>", [asked])


def test_what_cannot_be_drawn_is_left_to_the_server():
    def broken(kind, value, asked):
        raise ValueError(kind)

    for page in ("<img src='/report/barcode/QR/x'/>", "<a href='/report/barcode/QR/x'>x</a>"):
        assert draw_barcodes(page, broken) == page
    assert (
        draw_barcodes("<img src='/report/barcode/?value=x'/>", broken)
        == "<img src='/report/barcode/?value=x'/>"
    )
