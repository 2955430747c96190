"""`dev/i18n [--check]`: the module's terms, as Odoo exports them, and their French translation.

Writes i18n/l10n_fr_chorus_pro.pot anew and brings i18n/fr.po up to date with it: translations are kept,
new terms are added empty and listed, terms that are gone leave. With --check nothing is written; the exit
status is 1 when fr.po lacks a term, holds an empty translation or one whose placeholders or tags differ.
"""

import argparse

from . import console, paths
from .machine import postgres
from .server import databases, odoo
from .texts import terms

_EXPORT = """
from odoo.tools.translate import trans_export

with open({path!r}, "wb") as target:
    trans_export(None, ["l10n_fr_chorus_pro"], target, "po", env)
"""


def main(environment, args):
    """Export the terms and merge them; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/i18n", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, only judge fr.po")
    options = parser.parse_args(args)
    template = _exported(environment)
    folder = paths.ROOT / "i18n"
    french = terms.merged(template, terms.read(folder / "fr.po"))
    if options.check:
        faults = terms.faults(template, terms.read(folder / "fr.po"))
    else:
        terms.write(template, folder / f"{paths.NAME}.pot")
        terms.write(french, folder / "fr.po")
        faults = terms.faults(template, french)
    for fault, source in faults:
        console.error(f"{fault}: {source!r}")
    console.say(f"{len(template)} terms, {len(faults)} to see to in French")
    return 1 if faults and options.check else 0


def _exported(environment):
    path = paths.work() / "terms.pot"
    with postgres.server():
        source = databases.with_addon(environment)
        with databases.temporary(environment, "i18n", source) as database:
            odoo.script(environment, database, _EXPORT.format(path=str(path)), "i18n")
    return terms.words(terms.read(path))
