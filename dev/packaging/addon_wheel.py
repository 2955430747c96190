"""Build backend (PEP 517): whool, for a repository whose root is the addon.

whool names the addon after its folder and takes every file that git knows. The clone may have any name (pip
gives it one of its own when it installs from git), and a server needs no tools of developers; so whool is
shown a copy of the files with the addon's name, made for the time of the build.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from whool import buildapi

NAME = "l10n_fr_chorus_pro"
# For developers; the source distribution keeps its own way of being built.
_LEFT_OUT = (
    ".ci/", ".git", ".pre-commit", ".prettier", "eslint.", "dev/",
    "chorus_api/pyproject.toml", "simulator/pyproject.toml",
    "tests/neighbour/", "tests/process/", "tests/unit/",
)  # fmt: skip
_BACKEND = "dev/packaging/"
_NEVER = {".git", ".dev", ".hypothesis", ".pytest_cache", ".ruff_cache", "__pycache__", "build", "dist"}


def get_requires_for_build_wheel(config_settings=None):
    return []


def get_requires_for_build_sdist(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = str(Path(metadata_directory).resolve())
    with _named(_wheel_files()):
        return buildapi.prepare_metadata_for_build_wheel(folder, config_settings)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    folder = str(Path(wheel_directory).resolve())
    with _named(_wheel_files()):
        return buildapi.build_wheel(folder, config_settings, metadata_directory)


def build_sdist(sdist_directory, config_settings=None):
    folder = str(Path(sdist_directory).resolve())
    backend = [name for name in _files() if name.startswith(_BACKEND)]
    with _named([*_wheel_files(), *backend]):
        return buildapi.build_sdist(Path(folder), config_settings)


def _wheel_files():
    return [name for name in _files() if not name.startswith(_LEFT_OUT)]


def _files():
    """What git knows here; everything but caches where there is no git, as in a source distribution.

    :return: list of paths, relative to the root
    """
    if Path(".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
        return [name for name in listed.stdout.split("\0") if name and Path(name).exists()]
    return [
        str(path) for path in sorted(Path().rglob("*")) if path.is_file() and not _NEVER & set(path.parts)
    ]


@contextlib.contextmanager
def _named(files):
    """Work in a copy of ``files`` in a folder with the addon's name."""
    root = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, NAME)
        for name in files:
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, target)
        os.chdir(copy)
        try:
            yield
        finally:
            os.chdir(root)
