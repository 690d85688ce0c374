"""The own test suites of clients that stand on http.client, with http.client and with ours in its place.

Law: for hands, not for CI: it needs the network. Each suite has a virtual environment of its own, with the released
package and what its tests need; the tests come from the package's source distribution. `run_suite` runs them.

Usage: ``python -m tests.oracles.client_suites [urllib3[==VERSION]] [requests[==VERSION]] [--python INTERPRETER]``
"""

# ruff: noqa: T201  a program that prints

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = Path(__file__).with_name("run_suite.py")
RETRIES: Final = 2

Outcomes = dict[str, str]


@dataclass(frozen=True)
class Suite:
    """What a package's tests need beside the package, and the arguments with which pytest runs them."""

    requirements: tuple[str, ...]
    arguments: tuple[str, ...]


SUITES: Final = {
    "requests": Suite(
        ("pysocks", "pytest<10", "pytest-cov", "pytest-httpbin==2.1.0", "pytest-timeout", "httpbin~=0.10.0", "trustme"),
        ("--timeout=60", "tests"),
    ),
    "urllib3": Suite(
        (
            "anyio[trio]>=4.8.0",
            "brotli>=1.2.0",
            "h2>=4.1.0",
            "httpx>=0.28.1",
            "hypercorn==0.15.0",
            "pyopenssl>=25.0.0",
            "pysocks>=1.7.1",
            "pytest==9.1.1",
            "pytest-socket>=0.7.0",
            "pytest-timeout>=2.3.1",
            "quart==0.20.0",
            "quart-trio>=0.12.0",
            "trio>=0.27.0",
            "trustme>=1.2.1",
        ),
        ("--timeout=60", "-phypercorn_for_urllib3", "test"),
    ),
}

DEVIATIONS: Final = {
    "test/with_dummyserver/test_socketlevel.py::TestProxyManager::test_header_longer_than_maxline": (
        "Up to Python 3.11.15 urllib3 raises LineTooLong by itself, with http.client's _MAXLINE changed: our exception "
        "is shared by both faces, and tells the limit that ours has there."
    ),
}
"""Tests that only http.client passes, and why we leave it at that."""


def prepare(requirement: str, folder: Path, python: str) -> tuple[Path, Path]:
    """Get the package, its tests and what they need; return the interpreter and the folder of the tests."""
    name = re.split(r"[=<>~!]", requirement)[0]
    folder.mkdir(parents=True, exist_ok=True)
    environment = folder / "venv"
    if not environment.exists():
        subprocess.run([python, "-m", "venv", str(environment)], check=True)
    interpreter = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [str(interpreter), "-m", "pip", "--quiet"]
    subprocess.run([*pip, "install", requirement, *SUITES[name].requirements], check=True)
    subprocess.run([*pip, "download", "--no-deps", "--no-binary", name, "--dest", str(folder), requirement], check=True)
    archive = max(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return interpreter, folder / archive.name.removesuffix(".tar.gz")


def run(interpreter: Path, kind: str, arguments: list[str], folder: Path) -> Outcomes:
    """Run pytest with http.client (plain) or with ours (swapped); return what became of each test."""
    command = [str(interpreter), str(PROGRAM), kind, "pytest", "-q", "-pno:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(PROGRAM.parent)])}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True)
    found: Outcomes = json.loads(done.stdout)
    return found


def differences(plain: Outcomes, swapped: Outcomes) -> list[str]:
    """Return the tests that pass with http.client and not with ours."""
    return sorted(test for test, outcome in plain.items() if outcome == "passed" and swapped.get(test) != "passed")


def compare(requirement: str, folder: Path, python: str) -> bool:
    """Run a suite twice, print the counts and the tests that only http.client passes; tell whether all are known.

    Those are tried again alone, since the suites wait for clocks.
    """
    interpreter, tests = prepare(requirement, folder, python)
    arguments = list(SUITES[re.split(r"[=<>~!]", requirement)[0]].arguments)
    plain = run(interpreter, "plain", arguments, tests)
    swapped = run(interpreter, "swapped", arguments, tests)
    different = differences(plain, swapped)
    for _ in range(RETRIES):
        if different:
            swapped |= run(interpreter, "swapped", [*arguments[:-1], *different], tests)
            different = differences(plain, swapped)
    for name, outcomes in (("http.client", plain), ("httplib_sim.client", swapped)):
        passed, skipped = (list(outcomes.values()).count(outcome) for outcome in ("passed", "skipped"))
        failed = len(outcomes) - passed - skipped
        print(f"{tests.name} with {name}: {passed} passed, {skipped} skipped, {failed} failed")
    for test in different:
        print(f"{test}\n{DEVIATIONS.get(test, swapped.get(test))}\n")
    return DEVIATIONS.keys() >= set(different)


def main() -> int:
    """Compare what the command line names, all suites if nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requirements", nargs="*", default=sorted(SUITES))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "suites")
    chosen = parser.parse_args()
    equal = [compare(each, chosen.folder.resolve() / each, chosen.python) for each in chosen.requirements]
    return 0 if all(equal) else 1


if __name__ == "__main__":
    sys.exit(main())
