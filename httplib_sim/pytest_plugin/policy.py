"""The network policy of a test: what its marker says, or else the options; and of what is imported to find tests.

Law: nothing is imported, and nothing done, where neither forbids anything.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any, Final

import pytest

from .findings import WATCHES, tells
from .ours import configured

if TYPE_CHECKING:
    from collections.abc import Generator

AT_END: Final = pytest.StashKey[contextlib.ExitStack]()
"""What is to be undone when the test is through."""


def apply_network_policy(item: pytest.Item) -> None:
    """Say what this test may reach: by its marker, or else by the option; without either, nothing is done."""
    item.stash[AT_END] = contextlib.ExitStack()
    marker = item.get_closest_marker("network")
    action = configured(item.config, "network")
    if marker is None and action != "block":
        return
    network = importlib.import_module("cassettes.blocking").network
    try:
        policy = (
            network("block", hosts=item.config.getini("network_hosts"))
            if marker is None
            else network(*marker.args, **marker.kwargs)
        )
        counts = item.stash[AT_END].enter_context(policy)
    except (TypeError, ValueError) as problem:
        text = f'{item.nodeid}: the marker is network("allow" or "block", hosts=[...]): {problem}'
        pytest.fail(text, pytrace=False)

    def watch(failure: BaseException | None, *, unused: bool) -> str:  # noqa: ARG001  see Watch
        new, counts.blocked[:] = [error for error in counts.blocked if not tells(failure, error)], []
        return "\n\n".join(f"{type(error).__name__}: {error}" for error in new)

    item.stash.setdefault(WATCHES, []).append(watch)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Hold what is imported to find tests to the options; what it swallows fails there. Markers come too late."""
    if configured(collector.config, "network") != "block":
        return (yield)
    network = importlib.import_module("cassettes.blocking").network
    with network("block", hosts=collector.config.getini("network_hosts")) as counts:
        report = yield
    if report.passed and counts.blocked:
        failed: Any = report
        failed.outcome = "failed"
        failed.longrepr = "\n\n".join(f"{type(error).__name__}: {error}" for error in counts.blocked)
    return report
