"""The oldest versions of packages that the project is declared, and tested, to work with.

Declared where installers read them: the addon's manifest (Odoo refuses to install it with older ones) and the
`pyproject.toml` of each part that is installable alone.
"""

import ast
import re
import tomllib

from .. import paths

_PARTS = ("chorus_api", "simulator")


def declared():
    """Every package that is declared.

    :return: dict package → the oldest version, as text
    """
    manifest = ast.literal_eval((paths.ROOT / "__manifest__.py").read_text())
    wanted = list(manifest["external_dependencies"]["python"])
    for part in _PARTS:
        project = tomllib.loads((paths.ROOT / part / "pyproject.toml").read_text())["project"]
        wanted += project["dependencies"]
    found = {}
    for requirement in wanted:
        name, version = re.fullmatch(r"([\w.-]+?)(?:>=([\d.]+))?", requirement).groups()
        # Without a version: any that Odoo itself came with; a part says which one it was tested with.
        if version and found.setdefault(name, version) != version:
            raise ValueError(f"{name}: declared as {found[name]} and as {version}")
    return found
