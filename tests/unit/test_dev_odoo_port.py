"""`dev/odoo` gives a server a free port unless the command line names one."""

import pytest

from lib import cmd_odoo


@pytest.mark.parametrize(
    "words",
    [["-p", "8069"], ["-p8069"], ["--http-port", "8069"], ["--http-port=8069"], ["-d", "a", "-p", "1"]],
)
def test_a_port_that_is_named_is_heard(words):
    assert cmd_odoo._names_a_port(words)


@pytest.mark.parametrize("words", [[], ["-d", "mine"], ["--proxy-mode"], ["--gevent-port=1"], ["-u", "p"]])
def test_other_words_name_none(words):
    assert not cmd_odoo._names_a_port(words)
