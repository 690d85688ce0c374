"""Cassettes that no test of a run has used: ``--cassette-orphans``.

Law: looks and tells; no file is removed. What tests have used, and what would be theirs, comes with their reports, so
that pytest-xdist's workers tell it, too. It is a plugin of its own, which a run has only if the option asks.
"""

from __future__ import annotations

import pathlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .ours import configured
from .recording import path_of

if TYPE_CHECKING:
    from collections.abc import Generator


class Orphans:
    """Finds them when the run of *config* is over."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._told: set[pathlib.Path] = set()
        self._used: set[str] = set()
        self._folders: set[str] = set()
        self._found: list[pathlib.Path] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Write into each report of *item* where its cassette would be, and which files were opened since the last."""
        report = yield
        if isinstance(item, pytest.Function):
            folder = configured(self._config, "cassette_dir")
            opened = _opened() - self._told
            self._told |= opened
            report.cassettes_used = [str(path_of(item)), *map(str, opened)]
            report.cassettes_below = str(self._config.rootpath / folder if folder else item.path.parent / "cassettes")
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what *report* says, from whatever process it comes."""
        self._used.update(getattr(report, "cassettes_used", ()))
        if hasattr(report, "cassettes_below"):
            self._folders.add(report.cassettes_below)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        """Look for them, if the run has come to its end; a run that has them fails."""
        ended = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        if ended and not hasattr(self._config, "workerinput"):
            self._found = self._unused()
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write which they are, and what to do."""
        if self._found:
            terminalreporter.section("httplib-sim: cassettes that no test has used", sep="-")
            for path in self._found:
                terminalreporter.line(str(path))
            terminalreporter.line(
                "Their tests were renamed, or are no more: rename these files as well, or delete them. A run of all "
                "tests can tell: those that were left out (by a path, -k, -m, --lf) have used nothing."
            )

    def _unused(self) -> list[pathlib.Path]:
        from cassettes.store import is_cassette  # noqa: PLC0415  not before there is something to look for

        used = {*map(pathlib.Path, self._used)} | _opened()
        below = {path for folder in self._folders for path in pathlib.Path(folder).rglob("*")}
        return sorted(
            path for path in below - used if path.suffix in {".yaml", ".yml"} and path.is_file() and is_cassette(path)
        )


def _opened() -> set[pathlib.Path]:
    """The files that cassettes of this process have been read from, or written to."""
    store = sys.modules.get("cassettes.store")
    return set() if store is None else store.opened
