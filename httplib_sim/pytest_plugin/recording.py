"""The fixtures `cassette` and `cassette_config`, and the marker `cassette`.

Law: finds the file and the options, and leaves the rest to `cassettes.use_cassette`; that is imported when a test asks.
"""

from __future__ import annotations

import importlib
import inspect
import pathlib
from typing import TYPE_CHECKING, Any, Final

import pytest

from .findings import ENDED_WELL, IDLE, PASSED, watch_for
from .ours import BEGAN, configured, ours

if TYPE_CHECKING:
    from collections.abc import Generator

    from cassettes import Cassette

_run: Final = pytest.StashKey[Any]()


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
    package = ours("cassettes", request)
    marker = request.node.get_closest_marker("cassette")
    name, marked = _marker_arguments(marker, request.node)
    options = {**_settings(request.config), **cassette_config, **marked, **_command_line(request.config)}
    if name is not None:
        options.setdefault("strict", False)  # other tests may name the file as well, whoever runs now
    use = package.use_cassette(_cassette_path(request.node, name), **options)
    use = use.within(_test_of(request, owns_file=name is None))
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

    watch_for(request, watch)
    yield current
    if _is_idle(current, request):
        request.node.stash[IDLE] = str(use.path)
    suspected = ""
    try:
        use.close(failed=not request.node.stash.get(ENDED_WELL, False))
    except package.SecretWarning as warning:  # where the project has made it an error
        suspected = f"SecretWarning: {warning}"
    if suspected:
        pytest.fail(suspected, pytrace=False)


def _is_idle(current: Cassette, request: pytest.FixtureRequest) -> bool:
    """Whether the test, which has passed and asks for a cassette itself, might have recorded something, and did not."""
    marked = any(marker.name == "cassette" for marker in request.node.own_markers)
    return (
        (marked or "cassette" in inspect.signature(request.function).parameters)
        and request.node.stash.get(PASSED, False)
        and current.may_record
        and not (current.exchanges or current.attempts)
    )


@pytest.fixture(autouse=True, name="_cassette_of_marker")
def cassette_of_marker(request: pytest.FixtureRequest) -> None:
    """The marker alone is enough: the test need not name the fixture."""
    if request.node.get_closest_marker("cassette") is not None:
        request.getfixturevalue("cassette")


def _settings(config: pytest.Config) -> dict[str, Any]:
    """Options of cassettes that the ini file has."""
    names = {"cassette_mode": "mode", "cassette_max_age": "max_age", "cassette_on_expiry": "on_expiry"}
    return {option: value for name, option in names.items() if (value := config.getini(name))}


def _command_line(config: pytest.Config) -> dict[str, Any]:
    """Options of cassettes that the command line has, which win over all others."""
    names = {"cassette_mode": "mode", "cassette_verify": "verify"}
    return {option: value for name, option in names.items() if (value := config.getoption(name))}


def _marker_arguments(marker: pytest.Mark | None, item: pytest.Item) -> tuple[str | None, dict[str, Any]]:
    """The name and the options that ``@pytest.mark.cassette(name=None, **options)`` was given."""
    if marker is None:
        return None, {}
    options = dict(marker.kwargs)
    names = [*marker.args, *([options.pop("name")] if "name" in options else [])]
    if len(names) > 1 or not all(name is None or isinstance(name, str | pathlib.PurePath) for name in names):
        pytest.fail(
            f"{item.nodeid}: the marker is cassette(name=None, **options) with a str as name; got {names!r}",
            pytrace=False,
        )
    return (str(names[0]) if names and names[0] is not None else None), options


def path_of(item: pytest.Item) -> pathlib.Path:
    """Return where the cassette of *item* is, if it has one."""
    marker = item.get_closest_marker("cassette")
    return _cassette_path(item, _marker_arguments(marker, item)[0])


def _cassette_path(item: pytest.Item, name: str | None) -> pathlib.Path:
    """Where the test's cassette is: named by the marker, or after the test."""
    module = item.path
    folder = configured(item.config, "cassette_dir")
    if folder:
        root = item.config.rootpath
        inside = module.parent.relative_to(root) if module.is_relative_to(root) else pathlib.Path()
        base = root / folder / inside
    else:
        base = module.parent / "cassettes"
    if name is not None:
        return base / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    from cassettes.naming import file_name  # noqa: PLC0415  not before a test asks

    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return base / module.stem / file_name(".".join([*classes, item.name]))


def _test_of(request: pytest.FixtureRequest, *, owns_file: bool) -> Any:  # noqa: ANN401  a cassettes.sharing.RunningTest
    """The test, and the run that it belongs to, so that those which name one file record it together."""
    sharing, stash = importlib.import_module("cassettes.sharing"), request.config.stash
    run = stash.setdefault(_run, sharing.Run(stash[BEGAN]))
    return sharing.RunningTest(run, request.node.nodeid, owns_file)
