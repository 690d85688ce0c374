"""Run tests that others have written, with http.client or with ours in its place.

Law: a program for any interpreter from 3.11 on, which need not have anything of ours installed: only the standard
library is imported here; ``httplib_sim`` if it is to be swapped in, and pytest if the tests are for it. What happened
goes to the standard output, as JSON: the identity of each test and its outcome. What the tests print goes to the
standard error.

Usage: ``python run_suite.py plain|swapped unittest NAME...``, with names inside of CPython's own package ``test``, such
as ``test_httplib`` or ``test_logging.HTTPHandlerTest``; or ``python run_suite.py plain|swapped pytest ARGUMENT...``.
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


# ruff: noqa: D102, N802  the methods are unittest's and pytest's, and named by them


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


def run_unittests(names: list[str]) -> dict[str, str]:
    """Run these tests of CPython's; return what became of each."""
    sys.argv[1:] = []
    support: Any = importlib.import_module("test.support")
    support.use_resources = []  # none: no network, nothing that takes long
    result = unittest.TextTestRunner(stream=sys.stderr, resultclass=Outcomes, buffer=True).run(load(names))
    assert isinstance(result, Outcomes)
    return result.of


class Collector:
    """A plugin of pytest that notes the same."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or not report.passed:
            failed = report.failed and report.longreprtext[-2000:]
            self.of[report.nodeid] = failed or self.of.get(report.nodeid) or report.outcome

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.of[report.nodeid] = report.longreprtext[-2000:]


def run_pytest(arguments: list[str]) -> dict[str, str]:
    """Run pytest with these arguments; return what became of each test."""
    pytest: Any = importlib.import_module("pytest")
    collector = Collector()
    pytest.main(arguments, plugins=[collector])
    return collector.of


RUNNERS: Final = {"unittest": run_unittests, "pytest": run_pytest}


def main() -> int:
    """Run what the command line asks for."""
    kind, runner, *arguments = sys.argv[1:]
    if kind == "swapped":
        swap()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with out:
        json.dump(RUNNERS[runner](arguments), out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
