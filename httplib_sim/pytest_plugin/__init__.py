"""The door for pytest: fixtures, a marker, options.

Law: every pytest run of every user loads this package, so it imports pytest and the standard library's cheapest only,
never warns, and does nothing until a test asks. Nothing imports it. The hooks are here, the fixtures in modules of
their own. What went wrong by the end of the test itself fails that test; what was left unused is known only when all
fixtures are gone, and is an error then, if the test passed.
"""

from __future__ import annotations

import importlib
import pathlib
import time
from typing import TYPE_CHECKING, Any

import pytest

from .findings import (
    ENDED_WELL,
    IDLE,
    PASSED,
    WATCHES,
    beside_failure,
    fail_for_findings,
    hide_our_frames,
    tell_of_idle,
)
from .ours import BEGAN, ROOT
from .policy import AT_END, apply_network_policy, pytest_make_collect_report
from .recording import cassette, cassette_config, cassette_of_marker
from .serving import fake_ca, fake_server, fake_servers, fake_sessions

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "cassette",
    "cassette_config",
    "cassette_of_marker",
    "fake_ca",
    "fake_server",
    "fake_servers",
    "fake_sessions",
    "pytest_make_collect_report",
]

_MODES = ("none", "once", "new_episodes", "all")
_ACTIONS = ("allow", "block")
_BEGAN_OF_WORKER = "httplib_sim_began"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each with an ini setting of the same name."""
    group = parser.getgroup("httplib-sim", "record and replay HTTP (httplib-sim)")
    group.addoption(
        "--cassette-mode",
        choices=_MODES,
        dest="cassette_mode",
        help="record mode of all cassettes of this run: none (replay only), once (record what has no file; "
        "the default), new_episodes (replay, record the rest), all (record everything anew)",
    )
    group.addoption(
        "--cassette-dir",
        dest="cassette_dir",
        metavar="DIR",
        help="keep all cassettes under DIR (seen from the rootdir), not in a folder 'cassettes' beside each module",
    )
    group.addoption(
        "--cassette-verify",
        action="store_const",
        const="values",
        dest="cassette_verify",
        help="ask the live servers, and fail the tests whose cassettes say otherwise; no cassette is changed",
    )
    group.addoption(
        "--cassette-verify-shape",
        action="store_const",
        const="shape",
        dest="cassette_verify",
        help="the same, but compare the names and the kinds of values alone, not the values",
    )
    group.addoption(
        "--cassette-orphans",
        action="store_true",
        dest="cassette_orphans",
        help="fail a run of all tests if there are cassettes that none of them has used, and name them",
    )
    group.addoption(
        "--network",
        choices=_ACTIONS,
        dest="network",
        help="block: no test may reach the network but this machine; allow: the default",
    )
    parser.addini("network", "whether tests may reach the network: allow or block", default="")
    parser.addini("network_hosts", "hosts that tests may reach all the same, * for any text", type="args", default=[])
    parser.addini("cassette_mode", "record mode of cassettes: none, once, new_episodes or all", default="")
    parser.addini("cassette_max_age", 'how old cassettes may be, such as "30 days"', default="")
    parser.addini("cassette_on_expiry", "what is done with older ones: warn, fail or record", default="")
    parser.addini("cassette_dir", "folder for all cassettes, seen from the rootdir", default="")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Have client libraries intercepted when they are imported, if ever: a session may open its connections then."""
    try:
        interceptors = importlib.import_module("cassettes.interceptors")
    except ImportError:  # a module of the project hides it: the first test that asks says so
        return
    if pathlib.Path(interceptors.__file__ or "").resolve().is_relative_to(ROOT):
        interceptors.watch()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse a mode in the ini file that does not exist."""
    config.stash[BEGAN] = getattr(config, "workerinput", {}).get(_BEGAN_OF_WORKER, time.time())
    config.addinivalue_line(
        "markers",
        "fake_server(verify=True, unmatched=500, **options): how the fixture fake_server behaves, and the options of "
        "fake_server.FakeServer.",
    )
    config.addinivalue_line(
        "markers",
        "cassette(name=None, **options): record this test's HTTP exchanges to a cassette, and replay them from then "
        "on; the options are those of cassettes.use_cassette",
    )
    config.addinivalue_line(
        "markers",
        'network(action, hosts=()): "block" lets this test reach nothing but this machine and hosts, "allow" lets it '
        "reach everything, or only hosts, if there are any",
    )
    if config.getoption("cassette_orphans"):
        from .orphans import Orphans  # noqa: PLC0415  only a run that asks pays for it

        config.pluginmanager.register(Orphans(config))
    for name, known in (("cassette_mode", _MODES), ("network", _ACTIONS)):
        value = config.getini(name)
        if value and value not in known:
            raise pytest.UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401  of pytest-xdist
    """Tell a worker when the run began, whose tests share cassettes across all workers."""
    node.workerinput[_BEGAN_OF_WORKER] = node.config.stash[BEGAN]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show beside a failure of the fixtures what the cassette and the fake servers have to say."""
    apply_network_policy(item)
    with beside_failure(item, "setup"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail the test, when it is through, for what it swallowed: a miss, an unexpected request."""
    with beside_failure(item, "call"):
        result = yield
    fail_for_findings(item, unused=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail, when all fixtures are gone, for what they swallowed, and for what nobody used although the test passed."""
    passed = item.stash.get(PASSED, False)
    try:
        with beside_failure(item, "teardown"):
            result = yield
        fail_for_findings(item, unused=passed)
    finally:  # the same item may run again
        item.stash[WATCHES] = []
        item.stash[PASSED] = item.stash[ENDED_WELL] = False
        item.stash[AT_END].close()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Take our own frames out of a failure: the test's line says more, and an argument in a frame may be a secret."""
    failure = call.excinfo.value if call.excinfo is not None else None
    # Other kinds of tests (doctests, documents) look into their tracebacks themselves.
    if failure is not None and isinstance(item, pytest.Function) and not item.config.getoption("fulltrace"):
        hide_our_frames(failure)
    report = yield
    if isinstance(failure, pytest.fail.Exception) and call.excinfo is not None and call.excinfo.value is not failure:
        # What a unittest.TestCase failed of does not come as an exception; it has just taken our finding's place.
        report.sections.append((f"Captured httplib-sim {call.when}", str(failure)))
    if call.when == "call":
        item.stash[PASSED] = report.passed
        item.stash[ENDED_WELL] = report.passed or (report.skipped and hasattr(report, "wasxfail"))
    if call.when == "teardown" and IDLE in item.stash:
        report.idle_cassette = item.stash[IDLE]  # with the report it reaches us from pytest-xdist's workers, too
        del item.stash[IDLE]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell which tests recorded nothing, though they had a cassette for it."""
    tell_of_idle(terminalreporter.getreports(""), terminalreporter)
