"""A wkhtmltopdf as slow as one wants, in front of the real one."""

import shutil

_SLOW = """#!/bin/bash
# Called for its version it answers at once; each document costs its time.
case " $* " in *" --version "*) exec "{real}" "$@";; esac
count=0
for word in "$@"; do [ "$word" = --header-html ] && count=$((count + 1)); done
for word in "$@"; do [ -f "$word" ] && grep -q -s "{endless}" "$word" && sleep 3600; done
sleep "$(awk "BEGIN {{ print ($count ? $count : 1) * {seconds} }}")"
exec "{real}" "$@"
"""
# An invoice with these words in a line is never printed.
ENDLESS = "Impression sans fin"


def slow(folder, seconds):
    """A folder for PATH: its wkhtmltopdf takes `seconds` more for each invoice, an hour for ENDLESS ones."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "wkhtmltopdf"
    program.write_text(_SLOW.format(real=shutil.which("wkhtmltopdf"), seconds=seconds, endless=ENDLESS))
    program.chmod(0o755)
    return folder
