"""What the project says of itself stands where it says."""

import re

from lib import paths
from lib.machine import minima
from lib.server import former
from lib.suite import parts

ROOT = paths.ROOT


def pins():
    lines = (ROOT / "dev/requirements/constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_hooks_use_the_pinned_tools():
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    used = dict(re.findall(r"\[((?:ruff|pylint-odoo))==([\d.]+)\]", text))
    assert set(used) == {"ruff", "pylint-odoo"}
    assert used == {name: pins()[name] for name in used}


def test_hooks_come_from_nowhere_else():
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: *(\S+)", text)) == {"local"}


def test_each_released_version_is_upgraded_from():
    released = re.findall(r"^## (\d+(?:\.\d+){4})", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released
    assert set(released) == set(former.RELEASED)


def test_links_between_documents_lead_somewhere():
    broken = []
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert not broken


def test_what_is_checked_says_that_it_has_types():
    for package in parts.TYPED:
        assert (ROOT / package / "py.typed").exists(), package


def test_the_documents_tell_the_oldest_versions():
    wanted = [f"{name}>={version}" for name, version in minima.declared().items()]
    # What stands on them stands with the client and the simulator, each alone.
    wanted = [text for text in wanted if not text.startswith(("urllib3", "pypdf"))]
    for document in ("README.md", "docs/LISEZMOI.md"):
        text = (ROOT / document).read_text()
        missing = [requirement for requirement in wanted if requirement not in text]
        assert not missing, f"{document}: {missing}"


def test_every_oldest_version_is_no_newer_than_the_pin():
    def number(version):
        return [int(part) for part in re.findall(r"\d+", version)]

    for name, version in minima.declared().items():
        assert number(version) <= number(pins()[name]), name
