"""Run test modules of CPython's own ``test`` package, with http.client or with ours in its place.

Law: a program for any interpreter from 3.11 on, which need not have anything of ours, nor pytest, installed: only the
standard library is imported here, and ``httplib_sim`` if it is to be swapped in. What happened goes to the standard
output, as JSON: the identity of each test and its outcome. What the tests print goes to the standard error.

Usage: ``python run_unittests.py plain|swapped NAME...``, such as ``test_httplib`` or ``test_logging.HTTPHandlerTest``.
"""

from __future__ import annotations

import contextlib
import http
import importlib
import json
import os
import pathlib
import sys
import unittest
from typing import Any, Final

ROOT: Final = pathlib.Path(__file__).resolve().parents[2]

PASSED: Final = "passed"


# ruff: noqa: D102, N802  the methods are unittest's, and named by it


class Outcomes(unittest.TextTestResult):
    """What became of each test: passed, skipped (so is one that is expected to fail), or else what was raised."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.of: dict[str, str] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.of.setdefault(test.id(), PASSED)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.of[test.id()] = f"skipped: {reason}"

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.of[test.id()] = "skipped: expected to fail"

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self.of[test.id()] = PASSED

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._note(test, err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._note(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, err)

    def _note(self, test: unittest.TestCase, err: Any) -> None:
        self.of[test.id()] = f"{err[0].__name__}: {err[1]}"[-2000:]


def swap() -> None:
    """Put our client in http.client's place, before anybody has imported that one."""
    if "http.client" in sys.modules:
        raise RuntimeError("expected http.client not to be imported yet: who has it would keep it")
    sys.path.insert(0, str(ROOT))
    ours: Any = importlib.import_module("httplib_sim.client")
    sys.path.remove(str(ROOT))
    sys.modules["http.client"] = ours
    http.client = ours  # type: ignore[attr-defined]  # what the import system does for a submodule


def load(names: list[str]) -> unittest.TestSuite:
    """Return these tests; a module that is not for this machine says so by `unittest.SkipTest`."""
    suite = unittest.TestSuite()
    for name in names:
        with contextlib.suppress(unittest.SkipTest, ModuleNotFoundError):
            module, _, inside = name.partition(".")
            found = importlib.import_module(f"test.{module}")
            loader = unittest.defaultTestLoader
            suite.addTests(loader.loadTestsFromName(inside, found) if inside else loader.loadTestsFromModule(found))
    return suite


def main() -> int:
    """Run what the command line asks for."""
    kind, *names = sys.argv[1:]
    if kind == "swapped":
        swap()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.argv[1:] = []
    support: Any = importlib.import_module("test.support")
    support.use_resources = []  # none: no network, nothing that takes long
    runner = unittest.TextTestRunner(stream=sys.stderr, resultclass=Outcomes, buffer=True, verbosity=1)
    result = runner.run(load(names))
    assert isinstance(result, Outcomes)
    with out:
        json.dump(result.of, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
