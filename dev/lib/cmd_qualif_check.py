"""`dev/qualif-check`: asks the qualification space and says where it deviates from our reference.

dev/qualif-check [--config FILE] [--supplier SIRET] [--patience 1800] [--json FILE]

Run by a person with keys of the qualification space, never by a machine that tests by itself. Two invoices
of 12 euros are deposited to a recipient of the test data set: the SIRETs as this addon writes them (scheme
0002), and as other senders do (0009). The keys are read from CHORUS_CLIENT_ID,
CHORUS_CLIENT_SECRET, CHORUS_LOGIN and CHORUS_PASSWORD, else from the file (JSON with client_id,
client_secret, login, password, or INI with these in a section [chorus]), else asked for. They are neither
shown nor written. Ends with status 1 when something deviates.
"""

import argparse
import configparser
import getpass
import json
import os
import sys
from pathlib import Path

from . import console, paths

_KEYS = ("client_id", "client_secret", "login", "password")


def main(environment, args):
    """Run the check; returns 1 when something deviates."""
    options = _arguments(args)
    sys.path.insert(0, str(paths.ROOT))  # for the pure packages
    import chorus_api

    from . import cmd_facturx_samples
    from .qualification.qualif_check import Check

    endpoints = _endpoints(chorus_api, options.base_urls)
    keys = _keys(options.config)
    check = Check(
        endpoints,
        keys,
        render=cmd_facturx_samples.render,
        patience=options.patience,
        supplier=options.supplier,
        recipient=options.recipient,
        say=console.say,
    )
    record = check.run()
    hide = _hider(keys)
    if options.json:
        told = {"facts": record.facts, "deviations": record.deviations, "times": record.times}
        Path(options.json).write_text(hide(json.dumps(told, indent=1, ensure_ascii=False)) + "\n")
    _print(record, hide)
    return 1 if record.deviations else 0


def _arguments(args):
    parser = argparse.ArgumentParser(
        "dev/qualif-check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", metavar="FILE", help="JSON or INI file with the keys")
    parser.add_argument(
        "--base-urls", nargs=2, metavar=("AUTH", "API"), help="addresses, instead of the qualification's"
    )
    parser.add_argument("--supplier", metavar="SIRET", help="whose invoice (default: the first attached)")
    parser.add_argument("--recipient", metavar="SIRET", default="12345678200051", help="default: %(default)s")
    parser.add_argument("--patience", type=int, default=1800, help="seconds to follow (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the record there")
    return parser.parse_args(args)


def _endpoints(chorus_api, base_urls):
    """The addresses, which may be those of the qualification space or of this machine, never production's."""
    if not base_urls:
        if os.environ.get("CI"):
            raise console.Stop("the qualification space is for people: this is a machine that tests (CI)")
        return chorus_api.OFFICIAL["test"]
    try:
        endpoints = chorus_api.Endpoints(*base_urls)
    except chorus_api.EndpointError as error:
        raise console.Stop(f"these addresses cannot be used: {error.code}") from None
    production = chorus_api.OFFICIAL["production"]
    if endpoints.auth_url == production.auth_url or endpoints.api_url == production.api_url:
        raise console.Stop("these are the addresses of production: nothing is tried there")
    if not all(map(chorus_api.allowed_host, (endpoints.auth_url, endpoints.api_url))):
        raise console.Stop("keys are only sent to the State's portal or to this machine")
    return endpoints


def _keys(config):
    found = _read(Path(config)) if config else {}
    keys = {name: os.environ.get(f"CHORUS_{name.upper()}") or found.get(name) for name in _KEYS}
    for name, value in keys.items():
        if not value:
            if not sys.stdin.isatty():
                raise console.Stop(f"{name} is missing: set CHORUS_{name.upper()} or use --config")
            keys[name] = getpass.getpass(f"{name}: ")
    return keys


def _read(path):
    """Keys of a file; its content is never part of an error."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise console.Stop(f"{path} cannot be read ({type(error).__name__})") from None
    try:
        found = json.loads(text)
    except ValueError:
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text)
        except configparser.Error:
            raise console.Stop(f"{path} is neither JSON nor INI") from None
        found = dict(parser["chorus"]) if parser.has_section("chorus") else {}
    if not isinstance(found, dict):
        raise console.Stop(f"{path} holds no keys")
    return {name: str(found[name]).strip() for name in _KEYS if found.get(name)}


def _hider(keys):
    """A last guard: takes the keys out of a text, should the other side have echoed one."""
    secrets = sorted((keys[name] for name in _KEYS), key=len, reverse=True)

    def hide(text):
        for secret in secrets:
            text = text.replace(secret, "***")
        return text

    return hide


def _print(record, hide):
    slowest = sorted(record.times, key=lambda entry: -entry[1])[:5]
    for name, value in record.facts.items():
        print(hide(f"{name}: {value}"))
    print("slowest calls: " + ", ".join(f"{route} {seconds} s" for route, seconds in slowest))
    for where, what in record.deviations:
        print(hide(f"DEVIATES {where}: {what}"))
    print(f"{len(record.deviations)} deviations from the reference")
