"""Fonts of a stylesheet made local: all the faces of a family under its names, or none of them."""

import io
import shutil
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from rendering.wkhtmltopdf import LocalFonts

FACE = "@font-face{{font-family:'Lato';src:url(/web/static/{file});font-weight:{weight};font-style:{style}}}"
REGULAR = FACE.format(file="l.woff) format('woff'),url(/web/static/l.ttf", weight=400, style="normal")
BOLD_ITALIC = FACE.format(file="b.ttf", weight="bold", style="italic")


def font():
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0)})
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Wrong", "styleName": "Wrong"})
    builder.setupOS2()
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


@pytest.fixture
def fonts(tmp_path):
    files = {"web/static/l.ttf": font(), "web/static/b.ttf": font(), "web/static/bad.ttf": b"no font"}

    def read(path):
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return LocalFonts(read, lambda: tmp_path / "fonts")


def made(fonts):
    folder = Path(fonts.configuration()).parent
    return {path.name: TTFont(path) for path in folder.glob("*.ttf")}


def test_a_family_gets_the_names_that_the_stylesheet_gives_it(fonts):
    assert fonts.configuration() is None
    assert fonts.provide([REGULAR, BOLD_ITALIC])
    faces = {
        (face["name"].getDebugName(1), face["name"].getDebugName(2), face["OS/2"].usWeightClass)
        for face in made(fonts).values()
    }
    assert faces == {("Lato", "Regular", 400), ("Lato", "Bold Italic", 700)}
    assert "<dir>" in Path(fonts.configuration()).read_text()


@pytest.mark.parametrize(
    "face",
    [
        FACE.format(file="bad.ttf", weight=400, style="normal"),
        FACE.format(file="l.ttf", weight="wide", style="normal"),
        REGULAR.replace("}", ";unicode-range:U+00-FF}"),
        "@font-face{font-family:Lato;src:url(/web/static/l.woff)}",
    ],
)
def test_a_family_of_which_a_face_cannot_be_made_stays_in_the_stylesheet(fonts, face):
    assert not fonts.provide([BOLD_ITALIC, face])


def test_a_font_of_another_server_or_that_is_not_there_is_left_to_the_system(fonts):
    assert fonts.provide(["@font-face{font-family:Noto;src:url(https://cdn.example/n.ttf)}"])
    assert fonts.provide([FACE.format(file="missing.ttf", weight=400, style="normal")])
    assert fonts.configuration() is None


@pytest.mark.parametrize("gone", ["fonts.conf", "Lato-400.ttf", "."])
def test_what_others_took_away_is_there_at_the_next_use(fonts, gone):
    assert fonts.provide([REGULAR, BOLD_ITALIC])
    folder = Path(fonts.configuration()).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert gone == "." or gone in before
    shutil.rmtree(folder) if gone == "." else (folder / gone).unlink()
    assert Path(fonts.configuration()).parent == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_fonts_that_cannot_be_written_are_not_promised(fonts, tmp_path):
    (tmp_path / "fonts").write_text("no folder")
    assert not fonts.provide([REGULAR])
    assert fonts.configuration() is None
