"""What the cassettes and fake servers of a test find, and how it comes into the test's report.

Law: each finding is told once, with its own text as the only text; beside a failure of another kind it is a section. It
knows neither cassettes nor fake servers: whoever may find something leaves a `Watch`.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    class Watch(Protocol):
        """Looks for findings."""

        def __call__(self, failure: BaseException | None, /, *, unused: bool) -> str:
            """Return what is new, or nothing; *failure* is on its way already; *unused*: nobody will ask any more."""


_FOLDER: Final = pathlib.Path(__file__).parent.parent.parent
_PACKAGES: Final = tuple(f"{_FOLDER / name}{os.sep}" for name in ("httplib_sim", "cassettes", "fake_server"))
WATCHES: Final = pytest.StashKey[list["Watch"]]()
PASSED: Final = pytest.StashKey[bool]()
"""Whether the test itself has passed."""
ENDED_WELL: Final = pytest.StashKey[bool]()
"""Whether it has done what was expected: it has passed, or failed as its author knows (xfail)."""
IDLE: Final = pytest.StashKey[str]()
"""The cassette into which a test might have recorded something, and did not."""


def watch_for(request: pytest.FixtureRequest, watch: Watch) -> None:
    """Have *watch* look for findings when the test of *request* is through, and when its fixtures are gone."""
    request.node.stash.setdefault(WATCHES, []).append(watch)


@contextlib.contextmanager
def beside_failure(item: pytest.Item, when: str) -> Iterator[None]:
    """Where the phase fails by itself, what was found may be why: show it beside, unless the failure says it."""
    try:
        yield
    except BaseException as failure:
        for watch in item.stash.get(WATCHES, []):
            if text := watch(failure, unused=False):
                item.add_report_section(when, "httplib-sim", text)
        raise


def fail_for_findings(item: pytest.Item, *, unused: bool) -> None:
    """Raise one error that has all findings that are new."""
    texts = [text for watch in item.stash.get(WATCHES, []) if (text := watch(None, unused=unused))]
    if texts:
        pytest.fail("\n\n".join(texts), pytrace=False)


def hide_our_frames(failure: BaseException) -> None:
    """Unlink our frames from the traceback of *failure*, and from those of what led to it."""
    waiting: list[BaseException | None] = [failure]
    seen: set[int] = set()
    while waiting:
        error = waiting.pop()
        if error is None or id(error) in seen:
            continue
        seen.add(id(error))
        waiting += [error.__cause__, error.__context__]
        entry = error.__traceback__
        while entry is not None:
            while entry.tb_next is not None and entry.tb_next.tb_frame.f_code.co_filename.startswith(_PACKAGES):
                entry.tb_next = entry.tb_next.tb_next
            entry = entry.tb_next


def tells(failure: BaseException | None, error: BaseException) -> bool:
    """Whether *failure* is *error*, or comes of it."""
    seen: list[BaseException] = []
    while failure is not None and failure not in seen:
        if failure is error:
            return True
        seen.append(failure)
        failure = failure.__cause__ or failure.__context__
    return False


def tell_of_idle(reports: Iterable[Any], terminal: pytest.TerminalReporter) -> None:
    """Write which tests had a cassette to record into, passed, and recorded nothing."""
    idle = [(report.nodeid, report.idle_cassette) for report in reports if hasattr(report, "idle_cassette")]
    if idle:
        terminal.section("httplib-sim: nothing was recorded", sep="-")
        for test, path in idle:
            terminal.line(f"{test}: {path}")
        terminal.line(
            "Either these tests make no request and need no cassette, or what they ask with is not recorded: a client "
            "that is not intercepted, another process, or a fixture that asked before the cassette was there."
        )
