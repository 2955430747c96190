"""What dev/test reads out of Odoo's log."""

from lib.suite import odoo_log, results

LOG = """\
2026-11-22 08:46:46,607 14950 INFO db odoo.addons.l10n_fr_chorus_pro.tests.test_queue: Starting TestQueue.test_a ... 
2026-11-22 08:46:47,607 14950 INFO db odoo.addons.l10n_fr_chorus_pro.tests.test_queue: Starting TestQueue.test_b ... 
2026-11-22 08:46:47,700 14950 ERROR db odoo.addons.l10n_fr_chorus_pro.tests.test_queue: FAIL: TestQueue.test_b
Traceback (most recent call last):
  File "x.py", line 3, in test_b
AssertionError: 1 != 2
2026-11-22 08:46:48,607 14950 INFO db odoo.addons.l10n_fr_chorus_pro.tests.test_queue: Starting TestQueue.test_c ... 
2026-11-22 08:46:48,700 14950 ERROR db odoo.addons.l10n_fr_chorus_pro.tests.test_queue: ERROR: Subtest TestQueue.test_c (code='A1')
ValueError: no
2026-11-22 08:46:49,607 14950 INFO db odoo.addons.l10n_fr_chorus_pro.tests.test_tour: Starting TestTour.test_t ... 
2026-11-22 08:46:49,700 14950 INFO db odoo.addons.l10n_fr_chorus_pro.tests.test_tour: skipped TestTour.test_t : Chrome executable not found
"""  # noqa: E501, W291


def outcomes(text):
    return {result.name: result.outcome for result in odoo_log.results(text)}


def test_each_test_has_its_own_outcome():
    assert outcomes(LOG) == {
        "test_queue::TestQueue.test_a": "passed",
        "test_queue::TestQueue.test_b": "failed",
        "test_queue::TestQueue.test_c": "failed",
        "test_tour::TestTour.test_t": "skipped",
    }


def test_the_traceback_comes_with_the_failure():
    failed = next(r for r in odoo_log.results(LOG) if r.name.endswith("test_b"))
    assert "AssertionError: 1 != 2" in failed.text


def test_an_error_logged_outside_any_test_is_a_failure():
    text = "2026-11-22 08:46:46,607 14950 ERROR db odoo.modules.loading: Some modules are not loaded: x"
    assert outcomes(text) == {"log::odoo.modules.loading": "failed"}


def test_a_warning_about_ours_while_it_is_installed_is_a_failure():
    same = "Two fields (a, b) of chorus.deposit() have the same label: State."
    text = f"2026-11-22 08:46:46,606 1 WARNING db odoo.addons.base.models.ir_model: {same}\n"
    assert outcomes(text) == {"log::odoo.addons.base.models.ir_model": "failed"}
    others = text.replace("chorus.deposit", "account.move")
    assert outcomes(others) == {}
    assert outcomes(LOG + text) == outcomes(LOG)


def test_a_class_that_cannot_be_set_up_is_a_failure():
    logger = "odoo.addons.l10n_fr_chorus_pro.tests.test_queue"
    text = f"2026-11-22 08:46:46,607 1 ERROR db {logger}: ERROR: setUpClass ({logger}.TestQueue)\nBoom"
    assert outcomes(text) == {f"test_queue::setUpClass ({logger}.TestQueue)": "failed"}


def test_a_skipped_test_counts_as_failed():
    strict = {result.name: result.outcome for result in results.strict(odoo_log.results(LOG))}
    assert strict["test_tour::TestTour.test_t"] == "failed"


def test_a_test_lasts_until_the_next_one_starts():
    assert [result.seconds for result in odoo_log.results(LOG)] == [1.0, 1.0, 1.0, 0.0]


def test_an_upgrade_has_ended_when_odoo_says_so():
    end = "2026-11-22 08:46:50,607 14950 INFO db odoo.registry: Registry loaded in 24.811s "
    assert not odoo_log.loaded(LOG)
    assert odoo_log.loaded(LOG + end)


def test_the_slowest_tests_are_listed_longest_first():
    found = odoo_log.results(LOG)
    assert results.slowest(found, 1).splitlines() == [
        "Slowest tests (1):",
        "   1.0 s  odoo test_queue::TestQueue.test_a",
    ]
    assert not results.slowest([])
