"""Our own words have a contrast of 4.5 at least: no muted grey of Odoo's, no badge in its blue and green."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENS = [
    path for folder in ("views", "wizards", "static/src") for path in sorted((ROOT / folder).rglob("*.xml"))
]
STYLES = (ROOT / "static/src/chorus.scss").read_text()
LEAST = 4.5


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_can_be_read_on_white():
    colours = re.findall(r"color: (#[0-9a-f]{6})", STYLES)
    assert len(colours) == 4
    assert [colour for colour in colours if contrast(colour, "#ffffff") < LEAST] == []


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_no_screen_takes_a_grey_that_is_too_light(path):
    assert "text-muted" not in path.read_text()


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_every_badge_of_a_field_has_our_colours(path):
    badges = re.findall(r"<field [^>]*widget=\"badge\"[^>]*>", path.read_text())
    assert [badge for badge in badges if "o_chorus_badge" not in badge] == []
