"""Where things are: the clone, its working folder, the cache shared by all clones."""

import hashlib
import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NAME = "l10n_fr_chorus_pro"
# An addon that only tests install: another electronic channel beside ours.
NEIGHBOUR = ROOT / "tests" / "neighbour"


def cache():
    """The folder for downloads, Odoo, the virtual environment and databases, outside the clone.

    `CHORUS_CACHE` names it, else `$XDG_CACHE_HOME/l10n_fr_chorus_pro`, else `~/.cache/l10n_fr_chorus_pro`.
    """
    named = os.environ.get("CHORUS_CACHE")
    if named:
        path = Path(named).expanduser().resolve()
    else:
        path = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / NAME
    path.mkdir(parents=True, exist_ok=True)
    return path


def work():
    """The clone's own folder for logs and results (`.dev/`, ignored by git)."""
    path = ROOT / ".dev"
    path.mkdir(exist_ok=True)
    return path


def logs():
    """This run's folder for logs, one file per process started; the last 20 runs are kept."""
    path = work() / "logs" / os.environ.get("CHORUS_RUN", "other")
    if not path.exists():
        # Several may begin at once.
        path.mkdir(parents=True, exist_ok=True)
        for old in sorted(path.parent.iterdir(), key=lambda entry: entry.stat().st_mtime)[:-20]:
            shutil.rmtree(old, ignore_errors=True)
    return path


def addons():
    """A folder for Odoo's addons path that holds one link, `l10n_fr_chorus_pro`, to the clone."""
    folder = cache() / "addons" / digest(str(ROOT))
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / NAME
    if not link.is_symlink() or link.resolve() != ROOT:
        fresh = folder / f".{NAME}.{os.getpid()}"
        fresh.symlink_to(ROOT)
        fresh.replace(link)
    return folder


def digest(*parts):
    """Ten hexadecimal digits that stand for these strings."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]
