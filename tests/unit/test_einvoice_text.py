"""Text travels whole: cleaned of what XML cannot carry, never cut."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from einvoice import clean_text, split_text

anything = st.one_of(st.none(), st.text(st.characters(exclude_categories=())), st.integers(), st.binary())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, ""),
        ("", ""),
        (42, "42"),
        ("  deux  mots\t", "deux mots"),
        ("a\r\nb\u2028c\x0bd", "a b c d"),
        ("blanc\u00a0insécable\u202fici", "blanc insécable ici"),
        ("\x00\x1b[1mgras\x7f\x9f", "[1mgras"),
        ("\ud83d seul", "seul"),
        ("fin\ufffe\uffff\U0001ffff\ufdd0", "fin"),
        ("e\u0301te\u0301", "été"),
        ("co\u00adupure\u200b\ufeff", "coupure"),
        ("😀 👩‍🔧 漢字", "😀 👩‍🔧 漢字"),
        ("\u200fالعربية\u200f", "\u200fالعربية\u200f"),
        ("A & B <C> ]]>", "A & B <C> ]]>"),
    ],
)
def test_one_line_is_cleaned(before, after):
    assert clean_text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a \n\n\n\n b", "a\n\nb"),
        ("\n\n a\tb \n\n", "a b"),
        ("x" * 3000, "x" * 3000),
    ],
)
def test_line_breaks_are_kept_where_they_matter(before, after):
    assert clean_text(before, multiline=True) == after


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(anything, st.booleans())
def test_whatever_comes_xml_carries_it(value, multiline):
    text = clean_text(value, multiline)
    element = etree.Element("a")
    element.text = text
    assert (etree.fromstring(etree.tostring(element)).text or "") == text
    assert clean_text(text, multiline) == text


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(anything, st.integers(1, 50))
@example("\u0958" * 60, 50)
def test_a_split_text_is_whole_and_each_piece_fits_as_it_is_sent(text, limit):
    pieces = split_text(text, limit)
    assert all(0 < len(clean_text(piece, multiline=True)) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(clean_text(text, multiline=True).split())


def test_a_text_is_split_between_words():
    assert split_text("un deux trois", 8) == ["un deux", "trois"]
    assert split_text("anticonstitutionnellement", 10) == ["anticonsti", "tutionnell", "ement"]
    assert split_text("court", 10) == ["court"]
    assert split_text("  ", 10) == []
