"""`pip install .` puts the addon on Odoo's addons path, whatever the clone is called."""

import os
import subprocess
import zipfile

import pytest

from lib import paths
from lib.machine import processes
from lib.server import databases, odoo

ADDON = f"odoo/addons/{paths.NAME}"
WANTED = (
    "__manifest__.py",
    "models/deposit/chorus_deposit.py",
    "views/deposit/chorus_deposit_views.xml",
    "security/ir.model.access.csv",
    "data/neutralize.sql",
    "i18n/fr.po",
    "static/src/overview/overview.js",
    "einvoice/data/sRGB2014.icc",
    "chorus_api/client.py",
    "chorus_api/py.typed",
    "einvoice/py.typed",
    "mapping/py.typed",
    "rendering/py.typed",
)
WHERE = """
import odoo.addons.l10n_fr_chorus_pro as addon
module = env["ir.module.module"].search([("name", "=", "l10n_fr_chorus_pro")])
result = [module.state, addon.__file__, env["chorus.deposit"].search_count([])]
print("@where " + " ".join(map(str, result)), flush=True)
"""


def pip(environment, *args, cwd=paths.ROOT):
    command = [environment.python, "-m", "pip", "-q", *map(str, args)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert not done.returncode, done.stdout + done.stderr


@pytest.fixture
def wheel(environment, tmp_path):
    """The wheel of this clone, as pip builds it."""
    pip(environment, "wheel", "--no-build-isolation", "--no-deps", "--no-index", "-w", tmp_path, ".")
    (found,) = tmp_path.glob("*.whl")
    return found


def test_the_wheel_holds_the_addon_and_no_tools_of_developers(wheel):
    assert wheel.name.startswith("odoo_addon_l10n_fr_chorus_pro-19.0.")
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in WANTED if f"{ADDON}/{name}" not in names]
    outside = [name for name in names if not name.startswith(f"{ADDON}/") and ".dist-info/" not in name]
    assert not outside
    parts = {part for name in names for part in name.removeprefix(f"{ADDON}/").split("/")}
    assert not parts & {"dev", ".dev", ".ci", ".git", "process", "unit", "__pycache__", "pyproject.toml"}
    # Nothing makes the namespaces of Odoo ordinary packages: other wheels share them.
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & set(names)


def test_odoo_finds_and_installs_the_addon_from_the_wheel(environment, wheel, tmp_path):
    site = tmp_path / "site"
    pip(environment, "install", "--no-deps", "--no-index", "--target", site, wheel)
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([environment.odoo.pythonpath, str(site)])}
    with databases.temporary(environment, "wheel") as database:
        args = ["-d", database, "--addons-path", ",".join(environment.odoo.addons), "--no-http"]
        line = odoo.command(environment, [*args, "-i", paths.NAME, "--stop-after-init"])
        with processes.Process(line, "wheel-install", env=variables, cwd=tmp_path) as run:
            assert run.wait(600) == 0, run.tail(40)
        line = odoo.command(environment, args, "shell")
        with processes.Process(line, "wheel", env=variables, cwd=tmp_path, text=WHERE) as run:
            status = run.wait(600)
            told = [row for row in run.text().splitlines() if "@where" in row]
    assert status == 0 and told, run.tail(40)
    assert told[0].split("@where ")[1].split() == ["installed", str(site / ADDON / "__init__.py"), "0"]
