"""The comparison of dev/core-tests: a test that ends otherwise with the addon is never overlooked."""

from lib import cmd_core_tests


def test_only_what_ended_otherwise_is_different():
    without = {"same": "passed", "broken": "passed", "gone": "passed", "known": "failed", "healed": "failed"}
    with_addon = {**without, "broken": "failed", "healed": "passed", "new": "failed"}
    del with_addon["gone"]
    assert cmd_core_tests.compare(without, with_addon) == [
        ("broken", "passed", "failed"),
        ("gone", "passed", "absent"),
        ("healed", "failed", "passed"),
        ("new", "absent", "failed"),
    ]
