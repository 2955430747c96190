"""The packages of the operating system that the environment stands on."""

import ctypes.util
import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from .. import console
from . import locks

_PG_BIN = Path("/usr/lib/postgresql")


def postgres_bin():
    """The folder of PostgreSQL's server programs (initdb, postgres), or None."""
    versions = [p for p in _PG_BIN.glob("*/bin") if (p / "initdb").exists() and (p / "postgres").exists()]
    if versions:
        return max(versions, key=lambda p: float(p.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def postgres_version():
    """The major version of the PostgreSQL client programs, as an integer."""
    text = subprocess.run(["psql", "--version"], capture_output=True, text=True).stdout
    return int(re.search(r"(\d+)", text)[1])


def _library(name):
    return ctypes.util.find_library(name) is not None


def browser():
    """The path of the browser that Odoo's tours would find, or None."""
    names = ["google-chrome", "chromium", "chromium-browser", "google-chrome-stable"]
    return next(filter(None, map(shutil.which, names)), None)


# (what must hold, Debian packages that make it hold, what it is for)
_NEEDS = (
    (lambda: bool(importlib.util.find_spec("ensurepip")), ["python3-venv"], "virtual environment"),
    (lambda: bool(shutil.which("psql")), ["postgresql-client"], "database client"),
    (lambda: uses_other_server() or bool(postgres_bin()), ["postgresql"], "database server"),
    (lambda: _library("fontconfig"), ["libfontconfig1"], "wkhtmltopdf"),
    (lambda: _library("Xrender"), ["libxrender1"], "wkhtmltopdf"),
    (lambda: _library("Xext"), ["libxext6"], "wkhtmltopdf"),
    (lambda: _library("magic"), ["libmagic1"], "file types"),
    (lambda: bool(shutil.which("curl")), ["curl"], "tests with other people's clients"),
    (lambda: bool(shutil.which("pdftotext")), ["poppler-utils"], "tests that read PDFs"),
    (lambda: any(map(Path.exists, _FONTS)), ["fonts-dejavu-core"], "fonts in PDFs and screenshots"),
)
_BROWSER = (lambda: bool(browser()), ["chromium"], "browser tests")
_FONTS = [Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/dejavu")]


def uses_other_server():
    """Whether PG* variables name an existing PostgreSQL server to use instead of a private one."""
    return any(os.environ.get(name) for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE"))


def missing(browser=True):
    """The Debian packages still to be installed, as a list of (package, purpose)."""
    needs = [*_NEEDS, _BROWSER] if browser else _NEEDS
    return [(package, purpose) for holds, packages, purpose in needs if not holds() for package in packages]


def require(browser=True):
    """Install what is missing (Debian, root), or stop with the exact list of packages."""
    if not missing(browser):
        return
    with locks.held("apt"):
        wanted = missing(browser)
        if not wanted:
            return
        packages = [package for package, _purpose in wanted]
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            lines = "\n".join(f"     {package:<20} {purpose}" for package, purpose in wanted)
            raise console.Stop(
                "These system packages are missing and only root on Debian can install them here:\n"
                f"{lines}\n   Please run:  apt-get install --no-install-recommends {' '.join(packages)}"
            )
        with console.step(f"Installing {' '.join(packages)}"):
            _apt(["update", "-qq"])
            _apt(["install", "-y", "-qq", "--no-install-recommends", *packages])
    still = [package for package, _purpose in missing(browser)]
    if still:
        raise console.Stop(f"After the installation these are still missing: {' '.join(still)}")


def install(package):
    """Install one more Debian package, as root; for a command that needs what others do not."""
    with locks.held("apt"), console.step(f"Installing {package}"):
        _apt(["update", "-qq"])
        _apt(["install", "-y", "-qq", "--no-install-recommends", package])


def _apt(args):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *args]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise console.Stop(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
