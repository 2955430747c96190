"""Databases as a former state of the addon left them, for the tests of upgrades."""

import contextlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .. import console, paths
from . import databases, odoo

# Released versions, as the changelog names them, with the last commit of each: their databases are upgraded.
RELEASED = {"19.0.1.0.0": "d867157"}
# Versions in between, which whoever followed the branch may have: the last commit of each.
BETWEEN = {"19.0.1.1.0": "f738d73", "19.0.1.2.0": "a107722", "19.0.1.3.0": "be9a036"}
FIRST = RELEASED["19.0.1.0.0"]


def sources(commit):
    """A folder for Odoo's addons path with the addon as it was at a commit, taken from the clone's history.

    Stop when the clone's history does not reach back to it.
    """
    folder = paths.cache() / "former" / commit
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=_made(folder.parent)) as scratch:
            place = Path(scratch, "addons", paths.NAME)
            place.mkdir(parents=True)
            _unpack(commit, place)
            # Another run may have been quicker: its files are the same.
            with contextlib.suppress(OSError):
                place.parent.rename(folder)
    return folder


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _unpack(commit, place):
    known = ["git", "-C", paths.ROOT, "cat-file", "-e", f"{commit}^{{commit}}"]
    if not shutil.which("git") or subprocess.run(known, capture_output=True).returncode:
        raise console.Stop(
            f"The history of this clone does not reach back to commit {commit}, from whose database the"
            " upgrade is tried. Get the whole history (git fetch --unshallow), then start again."
        )
    archive = place.parent / "archive.tar"
    command = ["git", "-C", paths.ROOT, "archive", "-o", archive, commit]
    subprocess.run(command, check=True)
    with tarfile.open(archive) as files:
        files.extractall(place, filter="data")
    archive.unlink()


def addons_path(environment, commit):
    """The value of --addons-path that takes the former addon instead of the clone."""
    return ",".join([*environment.odoo.addons, os.fspath(sources(commit))])


def database(environment, commit=FIRST):
    """The name of the template database in which the former addon is installed, made the first time."""
    own = ["--addons-path", addons_path(environment, commit)]

    def build(name):
        with console.step(f"Installing the addon of commit {commit} into a template database"):
            databases.copy(databases.base(environment), name)
            odoo.run(environment, ["-d", name, "-i", paths.NAME, *own], log="template-former")

    return databases.template(environment, "former", f"{databases.base(environment)}:{commit}", build)


def script(environment, name, text, log, commit=FIRST):
    """Run Python text in the shell of the former addon (see odoo.script)."""
    own = ["--addons-path", addons_path(environment, commit)]
    return odoo.script(environment, name, text, log=log, args=own)
