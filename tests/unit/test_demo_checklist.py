"""How the demo judges a step of the checklist that was broken and repaired."""

import pytest

from lib.demo import demo_checklist

NOTICE = {"message": "Next: Bank details. Nothing is declared."}
BROKEN = {
    "name": "Bank details",
    "result": "failed",
    "message": "Nothing is declared.",
    "explanation": "In Chorus Pro: Structure.",
    "advice": "Nothing is declared.\nIn Chorus Pro: Structure.",
    "link": "https://portal.example",
}
REPAIRED = {**BROKEN, "result": "ok", "message": ""}


def test_a_step_that_was_told_and_is_good_again_has_no_fault():
    assert not list(demo_checklist.faults(NOTICE, BROKEN, REPAIRED))


@pytest.mark.parametrize(
    ("notice", "broken", "repaired", "fault"),
    [
        ({}, {"result": "ok"}, {}, "broken, it shows ok"),
        ({}, {"message": ""}, {}, "does not say"),
        ({}, {"advice": "Nothing is declared."}, {}, "does not say"),
        ({}, {"explanation": ""}, {}, "does not say"),
        ({}, {"link": False}, {}, "does not say"),
        ({"message": "Next: something else."}, {}, {}, "next thing to do"),
        ({}, {}, {"result": "failed"}, "repaired, it shows failed"),
    ],
)
def test_each_fault_is_seen(notice, broken, repaired, fault):
    [told] = demo_checklist.faults({**NOTICE, **notice}, {**BROKEN, **broken}, {**REPAIRED, **repaired})
    assert fault in told
