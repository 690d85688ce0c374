"""The pytest plugin, as its users meet it: each test runs a small suite of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cassettes.naming import file_name
from fake_server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GET = """
    import os
    import pytest
    import httplib_sim

    def get(path):
        with httplib_sim.HTTPConnection("127.0.0.1", int(os.environ["ORIGIN_PORT"]), timeout=5) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
"""


@pytest.fixture(autouse=True)
def _plain_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  it clears the variable
    """The inner runs have no plugin that warns about settings they do not have."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:recording -p no:pytest_httpserver")


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """The server that the inner suites record."""
    with FakeServer() as server:
        server.expect_request("/zen").respond_with_data("keep it simple")
        monkeypatch.setenv("ORIGIN_PORT", str(server.port))
        yield server


def suite(pytester: pytest.Pytester, tests: str, name: str = "test_inner") -> Path:
    """Write a test module that has `get` and *tests*."""
    return pytester.makepyfile(**{name: GET + tests})


ZEN = """
    def test_zen(cassette):
        assert get("/zen") == (200, b"keep it simple")
"""


def test_first_run_records_second_replays_without_the_server(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """A test with the fixture is recorded once and passes offline from then on."""
    suite(pytester, ZEN)
    pytester.runpytest().assert_outcomes(passed=1)
    assert (pytester.path / "cassettes" / "test_inner" / "test_zen.yaml").is_file()
    assert len(origin.log) == 1
    origin.stop()
    pytester.runpytest().assert_outcomes(passed=1)


def test_marker_alone_is_enough_and_may_name_the_file(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """The marker needs no fixture beside it, and two tests may share the file it names."""
    suite(
        pytester,
        """
    @pytest.mark.cassette("shared/zen")
    def test_zen():
        assert get("/zen") == (200, b"keep it simple")
""",
    )
    pytester.runpytest().assert_outcomes(passed=1)
    assert (pytester.path / "cassettes" / "shared" / "zen.yaml").is_file()
    origin.stop()
    pytester.runpytest("--cassette-mode=none").assert_outcomes(passed=1)


def test_mode_none_without_a_file_says_where_it_would_be(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """Nothing is recorded in mode none, and the message names the missing file."""
    suite(pytester, ZEN)
    result = pytester.runpytest("--cassette-mode=none")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*CassetteMissing*test_zen.yaml*"])
    assert not origin.log


def test_a_miss_that_the_program_swallowed_fails_the_test_once(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """Catching Exception round a request does not hide that nothing recorded answers it."""
    suite(pytester, ZEN)
    pytester.runpytest().assert_outcomes(passed=1)
    suite(
        pytester,
        """
    def test_zen(cassette):
        try:
            get("/other")
        except Exception:
            pass
""",
    )
    result = pytester.runpytest("--cassette-mode=none")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*NoMatch*", "*GET*/other*"])
    assert all(request.path == "/zen" for request, _ in origin.log)


def test_config_fixture_marker_and_command_line_in_their_order(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """The marker wins over cassette_config, the command line over both."""
    suite(
        pytester,
        """
    @pytest.fixture
    def cassette_config():
        return {"mode": "none"}

    @pytest.mark.cassette(mode="once")
    def test_zen(cassette):
        assert cassette.mode == "once"
        get("/zen")
""",
    )
    pytester.runpytest().assert_outcomes(passed=1)
    result = pytester.runpytest("--cassette-mode=none")
    result.stdout.fnmatch_lines(["*assert*none*once*"])
    assert len(origin.log) == 1


def test_cassette_dir_gathers_all_cassettes(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """With --cassette-dir, the folders of the tests are mirrored under one folder."""
    suite(pytester, ZEN)
    pytester.runpytest("--cassette-dir=recordings").assert_outcomes(passed=1)
    assert (pytester.path / "recordings" / "test_inner" / "test_zen.yaml").is_file()
    assert len(origin.log) == 1


def test_an_unknown_mode_in_the_ini_file_is_refused(pytester: pytest.Pytester) -> None:
    """A typing error in the settings is a usage error, not a surprise."""
    pytester.makeini("[pytest]\ncassette_mode = nonne\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*cassette_mode must be one of none, once, new_episodes, all, not 'nonne'*"])


def test_a_marker_with_a_name_that_is_no_name_is_refused(pytester: pytest.Pytester) -> None:
    """The marker says what it takes."""
    suite(
        pytester,
        """
    @pytest.mark.cassette(3)
    def test_zen(cassette):
        pass
""",
    )
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(["*the marker is cassette(name=None, [*][*]options)*got [[]3]*"])


def test_unittest_classes_take_the_marker(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """A unittest.TestCase has no fixtures in its signature, and does not need them."""
    suite(
        pytester,
        """
    import unittest

    @pytest.mark.cassette
    class TestZen(unittest.TestCase):
        def test_zen(self):
            assert get("/zen") == (200, b"keep it simple")
""",
    )
    pytester.runpytest().assert_outcomes(passed=1)
    assert (pytester.path / "cassettes" / "test_inner" / "TestZen.test_zen.yaml").is_file()
    origin.stop()
    pytester.runpytest("--cassette-mode=none").assert_outcomes(passed=1)


def test_fake_server_fixture_serves_and_verifies(pytester: pytest.Pytester) -> None:
    """A request that nobody expected fails the test, even where the client took the 500 for an answer."""
    pytester.makepyfile(
        """
        import httplib_sim

        def get(server, path):
            with httplib_sim.HTTPConnection(server.host, server.port, timeout=5) as connection:
                connection.request("GET", path)
                return connection.getresponse().status

        def test_good(fake_server):
            fake_server.expect_request("/a").respond_with_json({"ok": True})
            assert get(fake_server, "/a") == 200

        def test_bad(fake_server):
            fake_server.expect_request("/a").respond_with_json({"ok": True})
            assert get(fake_server, "/b") == 500

        def test_two(fake_servers):
            first, second = fake_servers(), fake_servers()
            assert first.port != second.port
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*GET /b*"])


def test_findings_stand_beside_a_failure_of_the_test_itself(pytester: pytest.Pytester) -> None:
    """When the test fails anyway, the server's findings are shown as a section, and are not a second failure."""
    pytester.makepyfile(
        """
        import httplib_sim

        def test_bad(fake_server):
            with httplib_sim.HTTPConnection(fake_server.host, fake_server.port, timeout=5) as connection:
                connection.request("GET", "/missing")
                assert connection.getresponse().status == 200
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 500 == 200*", "*fake server http*", "*GET /missing*"])


def test_a_failure_shows_the_test_and_not_our_frames(pytester: pytest.Pytester) -> None:
    """What goes wrong inside our packages ends at the test's own line, and no argument of ours shows a secret."""
    pytester.makepyfile(
        """
        import httplib_sim

        def test_refused(fake_server):
            fake_server.stop()
            with httplib_sim.HTTPConnection(fake_server.host, fake_server.port, timeout=5) as connection:
                connection.request("GET", "/", headers={"Authorization": "Bearer " + "tops" + "ecret"})

        def test_port_in_use(fake_servers):
            fake_servers(port=fake_servers().port)
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=2)
    text = result.stdout.str()
    assert "topsecret" not in text
    assert "Connection refused" in text
    assert "the port is in use" in text
    assert "def connect(" not in text
    assert "def _listening_socket(" not in text
    assert "def connect(" in pytester.runpytest("--full-trace").stdout.str()


def test_a_file_that_hides_our_package_is_named(pytester: pytest.Pytester) -> None:
    """tests/fake_server.py is a common file: the test that asks for ours is told which file hides it."""
    pytester.makepyfile(fake_server="THEIRS = True")
    pytester.makepyfile("def test_it(fake_server): pass")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*needs httplib-sim's package 'fake_server', but *fake_server.py stands before it*"])


def test_loading_the_plugin_loads_nothing_heavy() -> None:
    """Every run of every user pays for the plugin: it loads no socket, ssl, yaml, werkzeug, nor a package of ours."""
    heavy = (
        "socket ssl yaml werkzeug trustme email http.client asyncio rich click cassettes fake_server "
        "httplib_sim.connection"
    )
    code = (
        "import sys, pytest; before = set(sys.modules); import httplib_sim.pytest_plugin; "
        f"print([name for name in {heavy.split()!r} if name in sys.modules and name not in before])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("test", "name"),
    [
        ("test_get", "test_get.yaml"),
        ("TestUser.test_get", "TestUser.test_get.yaml"),
        ("test_get[a-1]", "test_get[a-1].yaml"),
    ],
)
def test_plain_test_names_are_file_names(test: str, name: str) -> None:
    """What every file system takes stays as it is."""
    assert file_name(test) == name


def test_odd_test_names_never_share_a_file() -> None:
    """Names that differ only in forbidden characters, or past the longest name, get different files."""
    names = ["test[a/b]", "test[a:b]", "test[a?b]", "test" + "x" * 300, "test" + "x" * 301]
    files = {file_name(name) for name in names}
    assert len(files) == len(names)
    assert all(len(file) < 140 and "/" not in file and ":" not in file for file in files)
