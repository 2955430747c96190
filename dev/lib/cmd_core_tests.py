"""`dev/core-tests`: Odoo's own tests, without the addon and with it; the results must be the same.

dev/core-tests                          the selection below: sending, Factur-X, France
dev/core-tests --module account         every test of these modules instead (repeatable; installed if needed)
dev/core-tests --tags /account:TestX    any --test-tags specification instead

Both runs have fresh copies of the same database, one after the other. The exit status is 1 when a test
ends otherwise with the addon than without it. A test that fails in both is told, and is not ours.
"""

import argparse
import json
from pathlib import Path

from . import console, paths
from .machine import ports, postgres, processes
from .server import databases, odoo
from .suite import odoo_log

# What the addon touches in Odoo: sending and its documents, the Factur-X file, the French modules.
TAGS = (
    "/account:TestAccountMoveSend",
    "/account:TestAccountComposerPerformance",
    "/account:TestDownloadDocs",
    "/account:TestPortalInvoice",
    "/account_edi_ubl_cii",
    "/l10n_fr",
    "/l10n_fr_account",
    "/l10n_fr_facturx_chorus_pro",
)
_TIMEOUT = 7200


def main(environment, args):
    """Run both and compare; returns the exit status."""
    parser = argparse.ArgumentParser(
        "dev/core-tests", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--module", action="append", default=[], help="all tests of this module of Odoo")
    parser.add_argument("--tags", help="a --test-tags specification")
    parser.add_argument("--json", metavar="FILE", help="write the single results there")
    options = parser.parse_args(args)
    tags = options.tags or ",".join(f"/{module}" for module in options.module) or ",".join(TAGS)
    console.say(f"--test-tags {tags}")
    with postgres.server():
        without = _run(environment, "without", databases.base(environment), tags, options.module)
        with_addon = _run(environment, "with", databases.with_addon(environment), tags, options.module)
    differences = compare(without, with_addon)
    for name, before, after in differences:
        print(f"DIFFERENT {name}: {before} without the addon, {after} with it")
    if options.json:
        Path(options.json).write_text(json.dumps({"without": without, "with": with_addon}, indent=1) + "\n")
    print(f"{len(without)} tests without the addon, {len(with_addon)} with it, {len(differences)} different")
    return 1 if differences or not without else 0


def compare(without, with_addon):
    """What ended otherwise.

    :param dict without: name of a test → outcome
    :param dict with_addon: the same, with the addon
    :return: list of (name, outcome without, outcome with), ``absent`` where the test did not run
    """
    pairs = (
        (name, without.get(name, "absent"), with_addon.get(name, "absent"))
        for name in sorted(without.keys() | with_addon.keys())
    )
    return [(name, before, after) for name, before, after in pairs if before != after]


def _run(environment, label, source, tags, modules):
    """The outcome of each test that ``tags`` name, on a fresh copy of ``source``.

    :rtype: dict[str, str]
    """
    http, gevent = ports.reserve(2)
    with databases.temporary(environment, f"core_{label}", source) as database:
        if modules:
            odoo.run(environment, ["-d", database, "-i", ",".join(modules)], log=f"core-{label}-install")
        # wkhtmltopdf fetches styles and fonts there.
        databases.set_parameter(database, "report.url", f"http://127.0.0.1:{http}")
        args = ["-d", database, "--test-tags", tags, "--stop-after-init", "--max-cron-threads", "0"]
        args += ["--http-port", http, "--gevent-port", gevent]
        with (
            console.step(f"Tests {label} the addon"),
            processes.Process(odoo.command(environment, args), f"core-{label}") as run,
        ):
            run.wait(_TIMEOUT)
            text = run.text()
    found = {result.name: result.outcome for result in odoo_log.results(text)}
    counts = {outcome: list(found.values()).count(outcome) for outcome in sorted(set(found.values()))}
    console.say(", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing ran")
    for name, outcome in found.items():
        if outcome == "failed":
            print(f"failed {label} the addon: {name}")
    console.say(f"log: {run.log.relative_to(paths.ROOT)}")
    return found
