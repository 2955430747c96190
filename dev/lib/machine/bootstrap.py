"""From a bare machine to a Python environment with Odoo 19: system packages, Odoo's source, venv."""

import dataclasses
import json
import os
import sys
from pathlib import Path

from .. import paths
from . import locks, odoo_source, system, venv

# Commands that meet no screen; all the others may.
_NO_BROWSER = {"odoo", "python", "simulator", "db"}
_MARK = "CHORUS_INSIDE"


@dataclasses.dataclass(frozen=True)
class Environment:
    """What a command runs in."""

    python: str
    """the interpreter of the virtual environment"""
    odoo: odoo_source.Source
    """where Odoo 19 is"""


def ready(command):
    """Set up what `command` needs and is missing; returns the Environment.

    Quick when nothing is missing. Two set-ups at once wait for one another.
    """
    system.require(browser=command not in _NO_BROWSER)
    if not (odoo_source.is_ready() and venv.is_ready()):
        with locks.held("setup"):
            odoo_source.prepare()
            venv.prepare()
    return Environment(str(venv.python()), odoo_source.find())


def current():
    """The Environment that this process was started in (by a script of dev/), or None."""
    mark = json.loads(os.environ.get(_MARK, "{}"))
    if mark.get("cache") != str(paths.cache()) or Path(sys.prefix) != Path(mark["python"]).parent.parent:
        return None
    source = {**mark["odoo"], "addons": tuple(mark["odoo"]["addons"])}
    return Environment(mark["python"], odoo_source.Source(**source))


def variables(environment):
    """The process environment for everything that runs inside.

    `CHORUS_WKHTMLTOPDF=system` leaves the machine's own wkhtmltopdf first on PATH (Debian's is made
    without patched Qt, as many servers have it).
    """
    result = dict(os.environ)
    folders = [str(Path(environment.python).parent)]
    if os.environ.get("CHORUS_WKHTMLTOPDF") != "system":
        folders.insert(0, str(venv.pdf_tools()))
    result["PATH"] = os.pathsep.join([*folders, result.get("PATH", os.defpath)])
    result["PYTHONPATH"] = environment.odoo.pythonpath
    result["PYTHONUNBUFFERED"] = "1"
    result[_MARK] = json.dumps({**dataclasses.asdict(environment), "cache": str(paths.cache())})
    return result
