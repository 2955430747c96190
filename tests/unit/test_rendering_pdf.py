"""One PDF cut into the invoices it holds, and the mark of a test on every page."""

import io

import pikepdf
import pytest

from rendering.documents import split, stamp_test


def document(pages, starts=()):
    """A PDF of empty pages, each of its own width, with top-level outlines that point to ``starts``."""
    pdf = pikepdf.new()
    for number in range(pages):
        pdf.add_blank_page(page_size=(100 + number, 200))
    with pdf.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(f"Invoice {start}", start) for start in starts)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def widths(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [int(page.mediabox[2]) for page in opened.pages]


def test_one_page_each():
    assert [widths(part) for part in split(document(3), 3)] == [[100], [101], [102]]


def test_several_pages_each():
    assert [widths(part) for part in split(document(5, starts=(0, 3)), 2)] == [[100, 101, 102], [103, 104]]


@pytest.mark.parametrize(("pages", "starts"), [(3, ()), (3, (0,)), (3, (1, 2)), (4, (0, 1, 2))])
def test_documents_that_cannot_be_told_apart(pages, starts):
    assert split(document(pages, starts), 2) is None


def test_every_page_of_a_test_is_marked():
    with pikepdf.open(io.BytesIO(document(2))) as opened:
        stamp_test(opened)
        drawings = [b"".join(part.read_bytes() for part in page.Contents) for page in opened.pages]
    assert [drawing.count(b" l S") for drawing in drawings] == [13, 13]
