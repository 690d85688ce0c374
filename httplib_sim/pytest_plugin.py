"""The door for pytest: fixtures, a marker, options.

Law: every pytest run of every user loads this module, so it imports pytest and the standard library's cheapest only,
never warns, and does nothing until a test asks. Nothing imports it. What a test asked for is checked at the end of the
test itself, so that a finding fails that test, once, with the finding as its only text.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pathlib
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import ModuleType

    from cassettes import Cassette
    from fake_server import FakeServer

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_OURS = ("httplib_sim", "cassettes", "fake_server")
_PACKAGES = tuple(f"{pathlib.Path(__file__).parent.parent / name}{os.sep}" for name in _OURS)
_MODES = ("none", "once", "new_episodes", "all")
_checks = pytest.StashKey[list[tuple[str, "Callable[[], None]"]]]()


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
    parser.addini("cassette_mode", "record mode of cassettes: none, once, new_episodes or all", default="")
    parser.addini("cassette_dir", "folder for all cassettes, seen from the rootdir", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse a mode in the ini file that does not exist."""
    config.addinivalue_line(
        "markers",
        "cassette(name=None, **options): record this test's HTTP exchanges to a cassette, and replay them from then "
        "on; the options are those of cassettes.use_cassette",
    )
    mode = config.getini("cassette_mode")
    if mode and mode not in _MODES:
        raise pytest.UsageError(f"cassette_mode must be one of {', '.join(_MODES)}, not {mode!r}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Check, when the test is through, what its cassette and fake servers have to say."""
    try:
        result = yield
    except BaseException as failure:
        _add_findings(item, failure)
        raise
    for _, check in item.stash.get(_checks, []):
        check()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Take our own frames out of a failure: the test's line says more, and an argument in a frame may be a secret."""
    # Other kinds of tests (doctests, documents) look into their tracebacks themselves.
    if call.excinfo is not None and isinstance(item, pytest.Function) and not item.config.getoption("fulltrace"):
        _hide_our_frames(call.excinfo.value)
    return (yield)


def _hide_our_frames(failure: BaseException) -> None:
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


def _add_findings(item: pytest.Item, failure: BaseException) -> None:
    """The test failed by itself: what was found may be why, so show it beside, unless the failure says it."""
    for name, check in item.stash.get(_checks, []):
        try:
            check()
        except Exception as finding:  # noqa: BLE001  whatever it is, it is shown
            if finding is not failure:
                item.add_report_section("call", name, str(finding))


@pytest.fixture
def cassette_config() -> dict[str, Any]:
    """Options for the cassettes of tests that see this fixture: override it in a module, a class or a conftest.py.

    The same names as `cassettes.use_cassette` takes; a marker's options win over these, the command line over all.
    """
    return {}


@pytest.fixture
def cassette(request: pytest.FixtureRequest, cassette_config: dict[str, Any]) -> Generator[Cassette, None, None]:
    """The test's cassette: its HTTP exchanges are recorded when there is no file, and replayed from then on.

    The file is ``cassettes/<module>/<test>.yaml`` beside the test's module.
    """
    __tracebackhide__ = True
    package = _ours("cassettes", request)
    marker = request.node.get_closest_marker("cassette")
    name, marked = _marker_arguments(marker, request)
    options = {"mode": _configured(request.config, "cassette_mode") or "once", **cassette_config, **marked}
    if request.config.getoption("cassette_mode"):
        options["mode"] = request.config.getoption("cassette_mode")
    with contextlib.ExitStack() as stack:
        try:
            current = stack.enter_context(package.use_cassette(_cassette_path(request, name), **options))
        except package.CassetteError as problem:
            pytest.fail(f"{type(problem).__name__}: {problem}", pytrace=False)
        _check_at_end(request, "cassette", current.verify)
        yield current


@pytest.fixture(autouse=True)
def _cassette_of_marker(request: pytest.FixtureRequest) -> None:
    """The marker alone is enough: the test need not name the fixture."""
    if request.node.get_closest_marker("cassette") is not None:
        request.getfixturevalue("cassette")


@pytest.fixture
def fake_servers(request: pytest.FixtureRequest) -> Generator[Callable[..., FakeServer], None, None]:
    """A function that starts one more fake server, with the options of `fake_server.FakeServer`.

    All of them stop with the test.
    """
    package = _ours("fake_server", request)
    started: list[FakeServer] = []

    def start(**options: Any) -> FakeServer:  # noqa: ANN401  handed on as they are
        server: FakeServer = package.FakeServer(**options)
        server.start()
        started.append(server)
        _check_at_end(request, f"fake server {server.url}", server.verify)
        return server

    yield start
    for server in reversed(started):
        server.stop()


@pytest.fixture
def fake_server(fake_servers: Callable[..., FakeServer]) -> FakeServer:
    """A fresh fake HTTP server for this test, verified at its end."""
    return fake_servers()


def _check_at_end(request: pytest.FixtureRequest, name: str, check: Callable[[], None]) -> None:
    request.node.stash.setdefault(_checks, []).append((name, check))


def _configured(config: pytest.Config, name: str) -> str:
    """The option on the command line, or the ini setting of the same name, or nothing."""
    return cast("str", config.getoption(name) or config.getini(name))


def _marker_arguments(marker: pytest.Mark | None, request: pytest.FixtureRequest) -> tuple[str | None, dict[str, Any]]:
    """The name and the options that ``@pytest.mark.cassette(name=None, **options)`` was given."""
    if marker is None:
        return None, {}
    options = dict(marker.kwargs)
    names = [*marker.args, *([options.pop("name")] if "name" in options else [])]
    if len(names) > 1 or not all(name is None or isinstance(name, str | pathlib.PurePath) for name in names):
        pytest.fail(
            f"{request.node.nodeid}: the marker is cassette(name=None, **options) with a str as name; got {names!r}",
            pytrace=False,
        )
    return (str(names[0]) if names and names[0] is not None else None), options


def _cassette_path(request: pytest.FixtureRequest, name: str | None) -> pathlib.Path:
    """Where the test's cassette is: named by the marker, or after the test."""
    module = request.path
    folder = _configured(request.config, "cassette_dir")
    if folder:
        root = request.config.rootpath
        inside = module.parent.relative_to(root) if module.is_relative_to(root) else pathlib.Path()
        base = root / folder / inside
    else:
        base = module.parent / "cassettes"
    if name is not None:
        return base / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    from cassettes.naming import file_name  # noqa: PLC0415  not before a test asks

    scope = request.cls.__name__ + "." if request.cls is not None else ""
    return base / module.stem / file_name(scope + request.node.name)


def _ours(name: str, request: pytest.FixtureRequest) -> ModuleType:
    """Import our package *name*; fail the test with a sentence if a file of the project hides it."""
    module = importlib.import_module(name)
    found = pathlib.Path(getattr(module, "__file__", None) or "(a folder without __init__.py)")
    if found.resolve().parent.parent != _ROOT:
        pytest.fail(
            f"{request.node.nodeid}: the fixture needs httplib-sim's package {name!r}, but {found} stands before it on "
            f"sys.path. Rename that file, or give its folder an __init__.py.",
            pytrace=False,
        )
    return module
