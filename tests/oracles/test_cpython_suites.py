"""CPython's own tests of http.client, and of what stands on it, pass with `httplib_sim.client` in its place."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).with_name("run_suite.py")

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = ["3.11", "3.12", "3.13", "3.14"]
HTTPLIB = ["test_httplib"]
CLIENTS = [
    "test_docxmlrpc",
    "test_http_cookiejar",
    "test_httpservers",
    "test_logging.HTTPHandlerTest",
    "test_robotparser",
    "test_ssl.ThreadedTests.test_socketserver",
    "test_urllib",
    "test_urllib2",
    "test_urllib2_localnet",
    "test_urllib_response",
    "test_wsgiref",
    "test_xmlrpc",
]
"""Those of the standard library that use http.client, or serve those who do, as names of their tests."""

DEVIATIONS: dict[str, str] = {}
"""Tests that pass with http.client and need not with ours, each with the reason: there is none."""

Outcomes = dict[str, str]


def interpreter_for(version: str) -> Path:
    """A CPython of this minor version that has the ``test`` package: this one, pyenv's newest, or one on the PATH."""
    for path in _interpreters(version):
        if _has_tests(path):
            return path
    pytest.skip(f"no CPython {version} with its own tests (the package test) is installed here")


def _interpreters(version: str) -> Iterator[Path]:
    if version == RUNNING:
        yield Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = pyenv.glob(f"versions/{version}.*/bin/python{version}")
    yield from sorted(installed, key=_numbers_in, reverse=True)
    if found := shutil.which(f"python{version}"):
        yield Path(found)


def _numbers_in(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _has_tests(interpreter: Path) -> bool:
    command = [str(interpreter), "-I", "-c", "import test.test_httplib"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def outcomes(interpreter: Path, kind: str, names: list[str], folder: Path) -> Outcomes:
    """What becomes of the tests of these modules, with http.client (plain), or with ours in its place (swapped)."""
    folder.mkdir()
    command = [str(interpreter), "-I", str(PROGRAM), kind, "unittest", *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: Outcomes = json.loads(done.stdout)
    return found


def compare(interpreter: Path, names: list[str], folder: Path) -> None:
    """Assert that every test that passes with http.client passes with ours."""
    with ThreadPoolExecutor() as pool:
        plain_run = pool.submit(outcomes, interpreter, "plain", names, folder / "plain")
        swapped_run = pool.submit(outcomes, interpreter, "swapped", names, folder / "swapped")
        plain, swapped = plain_run.result(), swapped_run.result()
    passed = [identity for identity, outcome in plain.items() if outcome == "passed"]
    assert passed
    found = {identity: swapped.get(identity, "missing") for identity in passed if identity not in DEVIATIONS}
    assert {identity: outcome for identity, outcome in found.items() if outcome != "passed"} == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_test_of_http_client_that_passes_with_http_client_passes_with_ours(version: str, tmp_path: Path) -> None:
    """CPython's test_httplib, of each version of Python that is installed here with its tests."""
    compare(interpreter_for(version), HTTPLIB, tmp_path)


def test_every_test_of_http_clients_users_that_passes_with_http_client_passes_with_ours(tmp_path: Path) -> None:
    """CPython's tests of urllib, xmlrpc, logging and the servers, those of the running version."""
    compare(interpreter_for(RUNNING), CLIENTS, tmp_path)


def test_the_public_names_are_those_of_http_client() -> None:
    """What ``from httplib_sim.client import *`` gives is what http.client gives; and HTTPMessage, and its constants."""
    import http.client

    import httplib_sim.client

    assert sorted(httplib_sim.client.__all__) == sorted(http.client.__all__)
    public = {name for name in vars(http.client) if not name.startswith("_")}
    modules = {"collections", "email", "errno", "http", "io", "re", "socket", "ssl", "sys", "urlsplit"}
    assert public - modules <= set(dir(httplib_sim.client))
