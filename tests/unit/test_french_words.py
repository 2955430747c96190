"""One word per thing: the French of screens, guide and README against a word list, the guide's labels against
the screens."""

import json
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(__file__).parent / "data"
# What is never said → what is said instead.
WORDS = json.loads((DATA / "french_words.json").read_text())
# Emphasised in the guide, and on none of our screens: the portals' menus, Odoo's own, and plain emphasis.
ELSEWHERE = set(json.loads((DATA / "guide_words.json").read_text()))
GUIDE = (ROOT / "docs" / "guide_fr.md").read_text()
LABEL = re.compile(r"\*\*([^*]+)\*\*|\*([^*\n]+(?:\n[^*\n]+)?)\*")


@pytest.fixture(scope="module")
def screens():
    return polib.pofile(str(ROOT / "i18n" / "fr.po"))


def plain(text):
    text = text.replace("\u00a0", " ").replace("…", "").replace("’", "'")
    return " ".join(text.split()).strip(" :.").casefold()


@pytest.mark.parametrize("word", WORDS)
def test_a_thing_has_one_word(word, screens):
    texts = [entry.msgstr for entry in screens]
    texts += [GUIDE, (ROOT / "docs" / "LISEZMOI.md").read_text()]
    found = [
        match[0] for text in texts for match in [re.search(rf".{{0,30}}(?:{word}).{{0,30}}", text)] if match
    ]
    assert found == [], f"say: {WORDS[word]}"


def labels():
    """Every emphasised text of the guide, the steps of a path one by one."""
    found = (match[1] or match[2] for match in LABEL.finditer(GUIDE))
    return {plain(part) for text in found for part in text.split("→")}


def test_a_label_of_the_guide_is_on_a_screen(screens):
    known = {plain(entry.msgstr) for entry in screens}
    assert sorted(labels() - known - ELSEWHERE) == []


def test_no_word_is_listed_in_vain(screens):
    known = {plain(entry.msgstr) for entry in screens}
    assert sorted(ELSEWHERE - (labels() - known)) == []
