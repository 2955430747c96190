"""The pictures of the guides: in both languages, each one different, as `dev/screenshots` makes them."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

from lib.demo import screens_beyond, story

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("folder", ["images", "images/fr"])
def test_every_picture_is_there_once(folder):
    pictures = {path.stem: path.read_bytes() for path in (DOCS / folder).glob("*.png")}
    assert set(pictures) == set(screens_beyond.PICTURES)
    assert len({hashlib.sha256(content).digest() for content in pictures.values()}) == len(pictures)


@pytest.mark.parametrize(("guide", "folder"), [("guide_en.md", "images/"), ("guide_fr.md", "images/fr/")])
def test_the_guides_show_what_is_taken(guide, folder):
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (DOCS / guide).read_text())
    assert len(shown) >= 20
    assert {name.removeprefix(folder).removesuffix(".png") for name in shown} <= set(screens_beyond.PICTURES)


@pytest.mark.parametrize("folder", ["images", "images/fr"])
def test_the_moving_picture_is_made_of_the_pictures_that_are_there(folder, tmp_path):
    for step in story.STEPS:
        shutil.copy(DOCS / folder / f"{step}.png", tmp_path)
    story.compose(tmp_path)
    with Image.open(tmp_path / story.NAME) as fresh, Image.open(DOCS / folder / story.NAME) as told:
        assert fresh.n_frames == told.n_frames == len(story.STEPS)
        for frame in range(fresh.n_frames):
            fresh.seek(frame)
            told.seek(frame)
            assert fresh.convert("RGB").tobytes() == told.convert("RGB").tobytes(), story.STEPS[frame]
