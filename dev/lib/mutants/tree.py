"""Where a mutation stands in the code, and a copy of the code in which it is made."""

import ast
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from .. import console, paths

# What may be mutated: the addon's own code and the client of Chorus Pro.
_FOLDERS = ("models", "worker", "mapping", "wizards", "chorus_api")


class Place(NamedTuple):
    """The text from ``start`` to ``end`` of a file (its path in the clone)."""

    path: Path
    start: int
    end: int


def sources(root=paths.ROOT):
    """The files that may be mutated: list of paths in the clone."""
    found = [path.relative_to(root) for folder in _FOLDERS for path in (root / folder).rglob("*.py")]
    return sorted(path for path in found if "__pycache__" not in path.parts)


def find(where, old):
    """Where the text ``old`` stands inside the function, class or constant ``where``.

    :raises console.Stop: when it is not there, or more than once
    """
    found = []
    for path in sources():
        text = (paths.ROOT / path).read_text(encoding="utf-8")
        if where not in text or old not in text:
            continue
        for start, end in _spans(text, where):
            at = text.find(old, start, end)
            while at >= 0:
                found.append(Place(path, at, at + len(old)))
                at = text.find(old, at + 1, end)
    if len(set(found)) != 1:
        places = ", ".join(sorted({str(place.path) for place in found})) or "nowhere"
        raise console.Stop(
            f"{where}: the text stands {len(set(found))} times ({places}), once is wanted: {old}"
        )
    return found[0]


def check_tests(catchers):
    """Whether the tests that are to catch exist, by name.

    :raises console.Stop: when one does not: without it, nothing would be caught, or everything
    """
    texts = [path.read_text(encoding="utf-8") for path in (paths.ROOT / "tests").rglob("*.py")]
    for catcher in catchers:
        if catcher.part == "chaos":
            continue
        for name in re.findall(r"[Tt]est\w+", catcher.tests):
            if not any(f"class {name}(" in text or f"def {name}" in text for text in texts):
                raise console.Stop(f"There is no test {name}")


def tests_in(file):
    """Names of the tests that a file of pytest holds, as a set."""
    return set(re.findall(r"^ *def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def _spans(text, where):
    """Beginning and end, as offsets, of what is called ``where`` in a module."""
    starts = offsets(text)
    for node in ast.walk(ast.parse(text)):
        names = [getattr(node, "name", None)] if isinstance(node, _NAMED) else []
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        if where in names:
            yield starts[node.lineno - 1], starts[node.end_lineno]


_NAMED = (ast.FunctionDef, ast.ClassDef)


def offsets(text):
    """Offset at which each line begins, and the end of the text."""
    found = [0]
    for line in text.splitlines(keepends=True):
        found.append(found[-1] + len(line))
    return found


class Copy:
    """A copy of what git knows of the clone, under the addon's name, to be mutated."""

    def __init__(self, folder):
        self.root = folder / paths.NAME
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(
            ["git", "-C", paths.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        for name in filter(None, listed.stdout.split("\0")):
            source, target = paths.ROOT / name, self.root / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def mutate(self, place, new):
        """Put ``new`` in place of the text; returns a function that puts the former text back."""
        file = self.root / place.path
        before = file.read_text(encoding="utf-8")
        after = before[: place.start] + new + before[place.end :]
        ast.parse(after)
        file.write_text(after, encoding="utf-8")
        return lambda: file.write_text(before, encoding="utf-8")
