"""What others use alone: the client and the simulator from their folders, the page that tries a call."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from lib import paths
from lib.machine import processes
from lib.server.browser import Browser

USE = """
import sys
from chorus_pro_api import ChorusClient, Endpoints, fetch_token
address = sys.argv[1]
endpoints = Endpoints(address + "/api/oauth/token", address)
token = fetch_token(endpoints, "simulator-client", "simulator-secret")
with ChorusClient(endpoints, "TECH_1_1@cpro.fr", "simulator-password", token.value) as client:
    print(len(client.search_structures(siret="12345678200051").items))
"""


@pytest.fixture(scope="module")
def alone(environment, tmp_path_factory):
    """A folder into which the two parts were installed from copies of their folders, without the clone."""
    tmp_path = tmp_path_factory.mktemp("parts")
    for name in ("simulator", "chorus_api"):
        copy = tmp_path / "sources" / name
        shutil.copytree(paths.ROOT / name, copy, ignore=shutil.ignore_patterns("__pycache__"))
        command = [
            environment.python,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            tmp_path / "site",
            copy,
        ]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=tmp_path)
        assert not done.returncode, done.stdout + done.stderr
    return tmp_path / "site"


def test_the_simulator_and_the_client_work_without_the_clone(environment, alone, tmp_path):
    variables = {**os.environ, "PYTHONPATH": str(alone)}
    program = alone / "bin" / "chorus-pro-simulator"
    assert program.read_text().startswith("#!")
    command = [environment.python, program, "--port", "0", "--data", tmp_path / "data"]
    process = subprocess.Popen(
        list(map(str, command)), env=variables, cwd=tmp_path, stdout=subprocess.PIPE, text=True,
        preexec_fn=processes.die_with_parent,
    )  # fmt: skip
    try:
        address = next(line.split()[-1] for line in process.stdout if line.startswith("listening on"))
        done = subprocess.run(
            [environment.python, "-c", USE, address],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert not done.returncode, done.stderr
        assert done.stdout.split() == ["1"]
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_the_parts_say_that_they_have_types(alone):
    for package in ("chorus_pro_simulator", "chorus_pro_api"):
        assert (alone / package / "py.typed").exists(), package


def test_the_parts_declare_what_they_import(alone):
    wanted = {"chorus_pro_simulator": {"lxml", "pypdf"}, "chorus_pro_api": {"requests", "urllib3"}}
    for package, declared in wanted.items():
        imported = set()
        for file in (alone / package).rglob("*.py"):
            for line in file.read_text().splitlines():
                words = line.split()
                if words[:1] in (["import"], ["from"]) and not words[1].startswith("."):
                    imported.add(words[1].split(".")[0])
        assert imported - set(sys.stdlib_module_names) - {"__future__"} == declared


def test_a_person_tries_a_call_on_the_page_of_the_simulator(simulator):
    with Browser() as browser:
        browser.open(f"{simulator.url}/try")
        browser.fill("#secret", simulator.CREDENTIALS["client_secret"])
        browser.fill("#password", simulator.CREDENTIALS["password"])
        browser.fill("#route", "/cpro/structures/v1/rechercher")
        body = browser.run("JSON.parse(document.getElementById('body').value)")
        assert "identifiantStructure" in body["structure"]
        wanted = {
            "structure": {"identifiantStructure": "12345678200051", "typeIdentifiantStructure": "SIRET"}
        }
        browser.fill("#body", json.dumps(wanted))
        browser.click("#form button")
        browser.wait("document.getElementById('answer').textContent", 60)
        status, _line, answer = browser.run("document.getElementById('answer').textContent").partition("\n")
        assert status == "HTTP 200"
        assert json.loads(answer)["listeStructures"][0]["identifiantStructure"] == "12345678200051"
        assert not browser.errors
