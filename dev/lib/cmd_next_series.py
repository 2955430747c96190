"""`dev/next-series`: what Odoo 20 changes, and where this tree meets it.

Reads text only. Prints a row for each change with the number of places and the files; --write renews the
table of docs/odoo_20.md.
"""

import argparse
import re
from dataclasses import dataclass

from . import console, paths

_ROOMS = ("models", "wizards", "worker", "mapping", "controllers", "views", "data", "security", "static/src")
DOCUMENT = "docs/odoo_20.md"
_BEGIN, _END = "<!-- table -->", "<!-- end of table -->"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the next series: ``pattern`` finds the places, ``cure`` says what to do there."""

    what: str
    pattern: str
    cure: str


CHANGES = (
    Change(
        "SIRET in `additional_identifiers['FR_SIRET']`, no more in `company_registry`",
        r"company_registry",
        "the accessor of the customer's and company's SIRET, the views, one domain",
    ),
    Change(
        "`res.partner.bank.acc_number` → `account_number`",
        r"acc_number",
        "the accessor of the account number",
    ),
    Change(
        "`peppol_eas`, `peppol_endpoint` → `routing_scheme`, `routing_endpoint`",
        r"peppol_(eas|endpoint)",
        "nothing depends on their values",
    ),
    Change(
        "`ir.model.access` and `ir.rule` → `ir.access`",
        r'model="ir\.rule"|^access_',
        "one file of each to write anew",
    ),
    Change(
        "`_get_default_sending_methods` returns a list",
        r"_get_default_sending_methods",
        "answered in the type that came in",
    ),
    Change("typed `get_str`, `get_bool` of parameters", r"\.get_param\(", "one call each"),
    Change("`ir.attachment.datas` → `raw`", r"\bdatas\b", "use `raw`"),
    Change("Owl 3: `t-out` only", r"\bt-(esc|raw)=", "`t-out`"),
    Change("no Font Awesome in the web client", r"\bfa fa-|icon=\"fa-", "the new icon set"),
    Change("`content_disposition` has moved", r"content_disposition", "one import"),
)


def main(_environment, args):
    """Print the table (or write it into the document); returns 0."""
    parser = argparse.ArgumentParser(
        "dev/next-series", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="into docs/odoo_20.md")
    options = parser.parse_args(args)
    table = render()
    if options.write:
        document = paths.ROOT / DOCUMENT
        head, _begin, rest = document.read_text().partition(_BEGIN)
        document.write_text(f"{head}{_BEGIN}\n{table}\n{_END}{rest.partition(_END)[2]}")
        console.say(f"{document.name} is up to date")
    else:
        print(table)
    return 0


def render():
    """The table as Markdown."""
    rows = ["| what changes | places | files | cure |", "|---|---|---|---|"]
    for change in CHANGES:
        found = places(change)
        files = ", ".join(f"`{name}`" for name in found) or "none"
        rows.append(f"| {change.what} | {sum(found.values())} | {files} | {change.cure} |")
    return "\n".join(rows)


def places(change):
    """Where a change is met.

    :return: dict file (from the root) → number of lines
    """
    pattern, found = re.compile(change.pattern, re.MULTILINE), {}
    for room in _ROOMS:
        for file in sorted((paths.ROOT / room).rglob("*")):
            if file.suffix in (".py", ".xml", ".csv", ".js", ".sql"):
                count = len(pattern.findall(file.read_text()))
                if count:
                    found[str(file.relative_to(paths.ROOT))] = count
    return found
