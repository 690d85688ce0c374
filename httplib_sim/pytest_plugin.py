"""The door for pytest: fixtures, a marker, options.

Law: every pytest run of every user loads this module, so it imports pytest and the standard library's cheapest only,
never warns, and does nothing until a test asks. Nothing imports it. What went wrong by the end of the test itself fails
that test; what was left unused is known only when all fixtures are gone, and is an error then, if the test passed.
Each finding is told once, with its own text as the only text; beside a failure of another kind it is a section.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pathlib
import time
from typing import TYPE_CHECKING, Any, Protocol, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import ModuleType

    from cassettes import Cassette
    from fake_server import Authority, FakeServer

    class Watch(Protocol):
        """Looks for findings."""

        def __call__(self, failure: BaseException | None, /, *, unused: bool) -> str:
            """Return what is new, or nothing; *failure* is on its way already; *unused*: nobody will ask any more."""


_ROOT = pathlib.Path(__file__).resolve().parent.parent
_OURS = ("httplib_sim", "cassettes", "fake_server")
_PACKAGES = tuple(f"{pathlib.Path(__file__).parent.parent / name}{os.sep}" for name in _OURS)
_MODES = ("none", "once", "new_episodes", "all")
_BEGAN = "httplib_sim_began"
_ACTIONS = ("allow", "block")
_watches = pytest.StashKey[list["Watch"]]()
_passed = pytest.StashKey[bool]()
_began = pytest.StashKey[float]()
_run = pytest.StashKey[Any]()
_at_end = pytest.StashKey[contextlib.ExitStack]()


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
    if pathlib.Path(interceptors.__file__ or "").resolve().is_relative_to(_ROOT):
        interceptors.watch()


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse a mode in the ini file that does not exist."""
    config.stash[_began] = getattr(config, "workerinput", {}).get(_BEGAN, time.time())
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
    for name, known in (("cassette_mode", _MODES), ("network", _ACTIONS)):
        value = config.getini(name)
        if value and value not in known:
            raise pytest.UsageError(f"{name} must be one of {', '.join(known)}, not {value!r}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401  of pytest-xdist
    """Tell a worker when the run began, whose tests share cassettes across all workers."""
    node.workerinput[_BEGAN] = node.config.stash[_began]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show beside a failure of the fixtures what the cassette and the fake servers have to say."""
    _apply_network_policy(item)
    with _findings_beside_failure(item, "setup"):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail the test, when it is through, for what it swallowed: a miss, an unexpected request."""
    with _findings_beside_failure(item, "call"):
        result = yield
    _fail_for_findings(item, unused=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail, when all fixtures are gone, for what they swallowed, and for what nobody used although the test passed."""
    passed = item.stash.get(_passed, False)
    try:
        with _findings_beside_failure(item, "teardown"):
            result = yield
        _fail_for_findings(item, unused=passed)
    finally:  # the same item may run again
        item.stash[_watches] = []
        item.stash[_passed] = False
        item.stash[_at_end].close()
    return result


def _apply_network_policy(item: pytest.Item) -> None:
    """Say what this test may reach: by its marker, or else by the option; without either, nothing is done."""
    item.stash[_at_end] = contextlib.ExitStack()
    marker = item.get_closest_marker("network")
    action = _configured(item.config, "network")
    if marker is None and action != "block":
        return
    network = importlib.import_module("cassettes.blocking").network
    try:
        policy = (
            network("block", hosts=item.config.getini("network_hosts"))
            if marker is None
            else network(*marker.args, **marker.kwargs)
        )
        counts = item.stash[_at_end].enter_context(policy)
    except (TypeError, ValueError) as problem:
        text = f'{item.nodeid}: the marker is network("allow" or "block", hosts=[...]): {problem}'
        pytest.fail(text, pytrace=False)

    def watch(failure: BaseException | None, *, unused: bool) -> str:  # noqa: ARG001  see Watch
        new, counts.blocked[:] = [error for error in counts.blocked if not _tells(failure, error)], []
        return "\n\n".join(f"{type(error).__name__}: {error}" for error in new)

    item.stash.setdefault(_watches, []).append(watch)


def _tells(failure: BaseException | None, error: BaseException) -> bool:
    """Whether *failure* is *error*, or comes of it."""
    seen: list[BaseException] = []
    while failure is not None and failure not in seen:
        if failure is error:
            return True
        seen.append(failure)
        failure = failure.__cause__ or failure.__context__
    return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Take our own frames out of a failure: the test's line says more, and an argument in a frame may be a secret."""
    failure = call.excinfo.value if call.excinfo is not None else None
    # Other kinds of tests (doctests, documents) look into their tracebacks themselves.
    if failure is not None and isinstance(item, pytest.Function) and not item.config.getoption("fulltrace"):
        _hide_our_frames(failure)
    report = yield
    if isinstance(failure, pytest.fail.Exception) and call.excinfo is not None and call.excinfo.value is not failure:
        # What a unittest.TestCase failed of does not come as an exception; it has just taken our finding's place.
        report.sections.append((f"Captured httplib-sim {call.when}", str(failure)))
    if call.when == "call":
        item.stash[_passed] = report.passed
    return report


@contextlib.contextmanager
def _findings_beside_failure(item: pytest.Item, when: str) -> Iterator[None]:
    """Where the phase fails by itself, what was found may be why: show it beside, unless the failure says it."""
    try:
        yield
    except BaseException as failure:
        for watch in item.stash.get(_watches, []):
            if text := watch(failure, unused=False):
                item.add_report_section(when, "httplib-sim", text)
        raise


def _fail_for_findings(item: pytest.Item, *, unused: bool) -> None:
    """Raise one error that has all findings that are new."""
    texts = [text for watch in item.stash.get(_watches, []) if (text := watch(None, unused=unused))]
    if texts:
        pytest.fail("\n\n".join(texts), pytrace=False)


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
    options = {**_settings(request.config), **cassette_config, **marked, **_command_line(request.config)}
    use = package.use_cassette(_cassette_path(request, name), **options)
    use = use.within(_run_of(request.config), request.node.nodeid)
    current: Any = None
    refused = ""
    try:
        current = use.__enter__()
    except (package.CassetteError, package.ExpiryWarning) as problem:  # a project may have made a warning an error
        refused = f"{type(problem).__name__}: {problem}"
    if refused:
        pytest.fail(refused, pytrace=False)

    def watch(failure: BaseException | None, *, unused: bool) -> str:
        try:
            current.verify(raised=failure, unused=unused)
        except package.CassetteError as finding:
            return "\n".join([f"{type(finding).__name__}: {finding}", *getattr(finding, "__notes__", ())])
        return ""

    _watch(request, watch)
    yield current
    suspected = ""
    try:
        use.close(failed=not request.node.stash.get(_passed, False))
    except package.SecretWarning as warning:  # where the project has made it an error
        suspected = f"SecretWarning: {warning}"
    if suspected:
        pytest.fail(suspected, pytrace=False)


@pytest.fixture(autouse=True)
def _cassette_of_marker(request: pytest.FixtureRequest) -> None:
    """The marker alone is enough: the test need not name the fixture."""
    if request.node.get_closest_marker("cassette") is not None:
        request.getfixturevalue("cassette")


@pytest.fixture
def fake_servers(request: pytest.FixtureRequest) -> Generator[Callable[..., FakeServer], None, None]:
    """A function that starts one more fake server, with the options of `fake_server.FakeServer`.

    With ``verify=False`` what it finds does not fail the test; ``unmatched=`` is the status for what is not expected.

    All of them stop with the test.
    """
    package = _ours("fake_server", request)
    started: list[FakeServer] = []

    def start(*, verify: bool = True, unmatched: int | None = None, **options: Any) -> FakeServer:  # noqa: ANN401
        server: FakeServer = package.FakeServer(**options)
        server.start()
        started.append(server)
        if unmatched is not None:
            server.no_handler_status_code = unmatched
        if verify:
            _watch(request, _watch_of(server))
        return server

    yield start
    problems = [problem for server in reversed(started) if (problem := _stop(server))]
    if problems:
        pytest.fail("\n\n".join(problems), pytrace=False)


def _stop(server: FakeServer) -> str:
    """Stop *server*, and return what went wrong: whatever it is, the other servers are to be stopped, too."""
    try:
        server.stop()
    except Exception as problem:  # noqa: BLE001  it is told
        return f"fake server {server.url}: {type(problem).__name__}: {problem}"
    return ""


def _watch_of(server: FakeServer) -> Watch:
    """Tell what *server* has found, each finding once."""
    told: list[str] = []

    def watch(failure: BaseException | None, *, unused: bool) -> str:  # noqa: ARG001  see Watch
        from fake_server.report import listed  # noqa: PLC0415  not before a test asks

        findings = [finding for finding in server.findings(unused=unused) if finding not in told]
        told.extend(findings)
        return f"fake server {server.url}: {listed(findings)}" if findings else ""

    return watch


@pytest.fixture
def fake_server(fake_servers: Callable[..., FakeServer], request: pytest.FixtureRequest) -> FakeServer:
    """A fresh fake HTTP server for this test, verified at its end; the marker of its name has options for it."""
    markers = reversed(list(request.node.iter_markers("fake_server")))
    return fake_servers(**{name: value for marker in markers for name, value in marker.kwargs.items()})


@pytest.fixture
def fake_ca(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority that issues the fake servers' certificates.

    As long as the test lasts, the environment tells clients and other programs to trust it.
    """
    authority: Authority = _ours("fake_server", request).authority()
    for name, value in authority.client_env().items():
        monkeypatch.setenv(name, value)
    return authority


def _watch(request: pytest.FixtureRequest, watch: Watch) -> None:
    request.node.stash.setdefault(_watches, []).append(watch)


def _configured(config: pytest.Config, name: str) -> str:
    """The option on the command line, or the ini setting of the same name, or nothing."""
    return cast("str", config.getoption(name) or config.getini(name))


def _settings(config: pytest.Config) -> dict[str, Any]:
    """Options of cassettes that the ini file has."""
    names = {"cassette_mode": "mode", "cassette_max_age": "max_age", "cassette_on_expiry": "on_expiry"}
    return {option: value for name, option in names.items() if (value := config.getini(name))}


def _command_line(config: pytest.Config) -> dict[str, Any]:
    """Options of cassettes that the command line has, which win over all others."""
    names = {"cassette_mode": "mode", "cassette_verify": "verify"}
    return {option: value for name, option in names.items() if (value := config.getoption(name))}


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

    classes = [node.name for node in request.node.listchain() if isinstance(node, pytest.Class)]
    return base / module.stem / file_name(".".join([*classes, request.node.name]))


def _run_of(config: pytest.Config) -> Any:  # noqa: ANN401  a cassettes.sharing.Run
    """The run that all tests belong to, so that those which name one file record it together."""
    if _run not in config.stash:
        sharing = importlib.import_module("cassettes.sharing")
        config.stash[_run] = sharing.Run(config.stash[_began])
    return config.stash[_run]


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
