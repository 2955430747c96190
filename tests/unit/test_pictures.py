"""The pictures of the guides: in both languages, each one different, as `dev/screenshots` makes them."""

import hashlib
import re
from pathlib import Path

import pytest

from lib.demo import screens

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("folder", ["images", "images/fr"])
def test_every_picture_is_there_once(folder):
    pictures = {path.stem: path.read_bytes() for path in (DOCS / folder).glob("*.png")}
    assert set(pictures) == set(screens.PICTURES)
    assert len({hashlib.sha256(content).digest() for content in pictures.values()}) == len(pictures)


@pytest.mark.parametrize(("guide", "folder"), [("guide_en.md", "images/"), ("guide_fr.md", "images/fr/")])
def test_the_guides_show_what_is_taken(guide, folder):
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (DOCS / guide).read_text())
    assert len(shown) >= 20
    assert {name.removeprefix(folder).removesuffix(".png") for name in shown} <= set(screens.PICTURES)
