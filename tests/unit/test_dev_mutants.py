"""The mutations of dev/mutants stay true while the code moves: each text is where it says, once."""

import ast

import pytest

from lib import console, paths
from lib.mutants import drawn, tree
from lib.mutants.chosen import CHOSEN
from lib.mutants.kinds import KINDS
from lib.mutants.mutation import odoo

EVERY = [*CHOSEN, *KINDS]


@pytest.mark.parametrize("mutation", EVERY, ids=lambda mutation: mutation.what)
def test_its_text_is_there_once_and_it_changes_something(mutation):
    assert mutation.old or mutation.index
    if mutation.old:
        place = tree.find(mutation.where, mutation.old)
        text = (paths.ROOT / place.path).read_text(encoding="utf-8")
        assert text[place.start : place.end] == mutation.old != mutation.new
        ast.parse(text[: place.start] + mutation.new + text[place.end :])


def test_the_tests_that_are_to_catch_exist():
    tree.check_tests([mutation.catcher for mutation in EVERY])
    with pytest.raises(console.Stop):
        tree.check_tests([odoo("TestThatNobodyWrote")])


def test_there_are_forty_and_no_two_alike():
    assert len(CHOSEN) >= 40
    assert len({(row.where, row.old, row.new, row.index) for row in CHOSEN}) == len(CHOSEN)


def test_what_is_drawn_can_be_made_and_is_the_same_for_the_same_seed():
    found = drawn.draw(1, 40)
    assert found == drawn.draw(1, 40) != drawn.draw(2, 40)
    for mutation, place in found:
        text = (paths.ROOT / place.path).read_text(encoding="utf-8")
        assert text[place.start : place.end] == mutation.old
        ast.parse(text[: place.start] + mutation.new + text[place.end :])
    tree.check_tests([mutation.catcher for mutation, _place in found])
