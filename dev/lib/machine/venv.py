"""The virtual environment: Odoo's requirements, the addon's, the tools', all pinned."""

import shutil
import subprocess
import sys

from .. import console, paths

_LISTS = ("odoo", "addon", "tools")


def _requirements():
    return paths.ROOT / "dev" / "requirements"


def _home():
    """The environment's folder, named after everything that decides what is in it."""
    pins = [path.read_text() for path in sorted(_requirements().glob("*.txt"))]
    return paths.cache() / f"venv-{paths.digest('.'.join(map(str, sys.version_info[:3])), *pins)}"


def python():
    """The environment's interpreter."""
    return _home() / "bin" / "python"


def pdf_tools():
    """A folder that holds one program, `wkhtmltopdf`: the one with patched Qt."""
    return _home() / "pdf"


def is_ready():
    """Whether the environment is complete."""
    return (_home() / ".ready").exists()


def prepare():
    """Build the environment if it is not complete. An interrupted build starts again."""
    if is_ready():
        return
    home = _home()
    with console.step("Building the Python environment"):
        shutil.rmtree(home, ignore_errors=True)
        _run([sys.executable, "-m", "venv", home])
        pins = ["-c", _requirements() / "constraints.txt"]
        files = [arg for name in _LISTS for arg in ("-r", _requirements() / f"{name}.txt")]
        _run([home / "bin" / "python", "-m", "pip", "install", "-qq", *pins, *files])
        pdf_tools().mkdir()
        (pdf_tools() / "wkhtmltopdf").symlink_to(home / "bin" / "wkhtmltopdf-pack")
        (home / ".ready").touch()


def _run(command):
    done = subprocess.run(
        list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        raise console.Stop(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-3000:]}")
