"""The pytest plugin, as its users meet it: each test runs a small suite of its own."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import cassettes.use  # noqa: F401  see _loaded_once
import fake_server
from cassettes.naming import file_name
from cassettes.store import load
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


@pytest.fixture(autouse=True, scope="module")
def _loaded_once() -> None:
    """An inner run unloads the modules that it loads, and what is loaded twice is two: here all is loaded before it.

    cryptography cannot be loaded twice at all, and each copy of the fake server's certificates has another authority.
    """
    for name in ["trustme", *(known.name for known in pkgutil.walk_packages(fake_server.__path__, "fake_server."))]:
        importlib.import_module(name)


@pytest.fixture(autouse=True)
def _plain_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  it clears the variable
    """The inner runs have no plugin that warns about settings they do not have."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:asyncio -p no:recording -p no:pytest_httpserver")
    for name in ("CI", "BUILD_NUMBER"):  # where these are set, pytest's summary says all that a failure says once more
        monkeypatch.delenv(name, raising=False)


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
    result.assert_outcomes(failed=1)
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


def test_what_looks_like_a_secret_is_in_the_summary(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """With file and line, and without the value; whoever wants it to fail says so as of any warning."""
    suite(
        pytester,
        """
    def test_zen(cassette):
        connection = httplib_sim.HTTPConnection("127.0.0.1", int(os.environ["ORIGIN_PORT"]), timeout=5)
        connection.request("GET", "/zen", headers={"X-Foo-Key": "Zq7Kp2Xw9Lm4Vt8Rb3Nc6Yd"})
        connection.getresponse().read()
        connection.close()
""",
    )
    result = pytester.runpytest("-Wdefault::cassettes.SecretWarning")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        ["*SecretWarning: what looks like a secret was recorded:", "*test_zen.yaml:*'X-Foo-Key'"]
    )
    result.stdout.no_fnmatch_line("*Zq7Kp2*")
    assert len(origin.log) == 1
    refused = pytester.runpytest("-Werror::cassettes.SecretWarning", "--cassette-mode=all")
    refused.assert_outcomes(passed=1, errors=1)
    refused.stdout.no_fnmatch_line("*pluggy*/*")


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


def test_what_came_to_no_request_stands_beside_a_failure(pytester: pytest.Pytester) -> None:
    """The client's own error says little: what the server knows of it stands below."""
    pytester.makepyfile(
        """
        import httplib_sim

        def test_trust(fake_servers):
            server = fake_servers(tls=True)
            with httplib_sim.HTTPSConnection(server.host, server.port, timeout=5) as connection:
                connection.request("GET", "/")
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*SSLCertVerificationError*", "*Connections that came to no whole request:*", "*TLS handshake failed*"]
    )


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


TWICE = """
    @pytest.fixture
    def resource(cassette):
        get("/zen")
        yield
        get("/end")
"""


def test_what_fixtures_ask_for_at_their_end_is_replayed(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """Exchanges are unused only when the cassette closes, and that is after the fixtures that use it."""
    origin.expect_request("/end").respond_with_data("bye")
    suite(pytester, TWICE + "\n    def test_it(resource): pass\n")
    pytester.runpytest().assert_outcomes(passed=1)
    origin.stop()
    pytester.runpytest("--cassette-mode=none").assert_outcomes(passed=1)


def test_an_unused_exchange_is_one_error_of_a_test_that_passed(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """It is known when all fixtures are gone, and its text is all that is shown."""
    suite(pytester, ZEN)
    pytester.runpytest().assert_outcomes(passed=1)
    suite(pytester, "\n    def test_zen(cassette): pass\n")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*UnusedExchanges*", "*GET*/zen*"])
    assert len(origin.log) == 1


@pytest.mark.parametrize(
    ("test", "outcomes"),
    [
        ("def test_zen(cassette): pytest.skip('not today')", {"skipped": 1}),
        ("def test_zen(cassette): assert not cassette.exchanges", {"failed": 1}),
        ("def test_zen(cassette, skips): pass", {"skipped": 1}),
        ("def test_zen(cassette, breaks): pass", {"errors": 1}),
        ("@pytest.mark.xfail\n    def test_zen(cassette): raise ValueError", {"xfailed": 1}),
    ],
    ids=["skipped", "failed", "skipped by a fixture", "broken by a fixture", "failed as expected"],
)
def test_nothing_is_unused_where_the_test_did_not_pass(
    pytester: pytest.Pytester, origin: FakeServer, test: str, outcomes: dict[str, int]
) -> None:
    """A test that ended early did not come to its requests: that is one outcome, not two."""
    fixtures = """
    @pytest.fixture
    def skips(): pytest.skip("not today")

    @pytest.fixture
    def breaks(): raise ValueError

    """
    suite(pytester, ZEN)
    pytester.runpytest().assert_outcomes(passed=1)
    suite(pytester, fixtures + test)
    pytester.runpytest().assert_outcomes(**outcomes)
    assert len(origin.log) == 1


def test_unittest_tests_that_did_not_pass_are_one_outcome_too(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """Their failures do not come as exceptions; what was found stands beside them all the same."""
    name = "TestZen.test_zen"
    begin = """
    import unittest

    @pytest.mark.cassette
    class TestZen(unittest.TestCase):
        def test_zen(self):
    """
    suite(pytester, begin + '        get("/zen")')
    pytester.runpytest().assert_outcomes(passed=1)
    suite(pytester, begin + '        self.skipTest("not today")')
    pytester.runpytest().assert_outcomes(skipped=1)
    suite(pytester, begin + '        self.assertRaises(Exception, get, "/other"); self.fail("by itself")')
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*by itself*", "*NoMatch*", "*GET*/other*"])
    assert (pytester.path / "cassettes" / "test_inner" / f"{name}.yaml").is_file()
    assert len(origin.log) == 1


def test_a_miss_in_a_fixture_is_one_error(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """Raised where it is made, it is not raised once more when the cassette closes; swallowed, it is."""
    suite(pytester, ZEN)
    pytester.runpytest().assert_outcomes(passed=1)
    suite(
        pytester,
        """
    @pytest.fixture
    def before(cassette):
        get("/other")

    @pytest.fixture
    def after(cassette):
        yield
        get("/other")

    @pytest.fixture
    def swallows(cassette):
        yield
        try:
            get("/other")
        except Exception:
            pass
""",
    )
    module = pytester.path / "test_inner.py"
    text = module.read_text()
    for fixture, outcomes in (
        ("before", {"errors": 1}),
        ("after", {"errors": 1, "passed": 1}),
        ("swallows", {"errors": 1, "passed": 1}),
    ):
        module.write_text(f"{text}\ndef test_zen({fixture}): get('/zen')\n")
        result = pytester.runpytest()
        result.assert_outcomes(**outcomes)
        assert result.stdout.str().count("NoMatch: ") <= 2, "once in the report, once in the summary"
        result.stdout.fnmatch_lines(["*NoMatch*", "*GET*/other*"])
    assert len(origin.log) == 1


EXPECTING = """
    import pytest
    import httplib_sim

    def get(server, path="/"):
        with httplib_sim.HTTPConnection(server.host, server.port, timeout=5) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    @pytest.fixture
    def skips(): pytest.skip("not today")

    @pytest.fixture
    def resource(fake_server):
        fake_server.expect("/").respond(data="bye")
        yield
        get(fake_server)

    @pytest.fixture
    def expects(fake_server):
        fake_server.expect("/").respond(data="bye")
"""


def test_expectations_are_unused_only_when_the_server_has_stopped(pytester: pytest.Pytester) -> None:
    """A fixture may ask at its end; a test that did not pass did not come to it."""
    pytester.makepyfile(
        EXPECTING
        + """
    def test_asked_at_the_end(resource): pass

    def test_skipped(expects): pytest.skip("not today")

    def test_skipped_by_a_fixture(expects, skips): pass

    def test_unused(expects): pass

    def test_late(fake_server, request):
        request.addfinalizer(lambda: get(fake_server, "/late"))
"""
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=3, skipped=2, errors=2)
    result.stdout.fnmatch_lines(["*of test_unused*", "fake server http*", "*no request has met it*"])
    result.stdout.fnmatch_lines(["*test_late*", "*fake server http*", "*GET /late was not expected*"])


def test_nested_classes_have_cassettes_of_their_own(pytester: pytest.Pytester) -> None:
    """The names of all classes round a test are in its cassette's name."""
    pytester.makepyfile(
        """
        class TestA:
            class TestGet:
                def test_it(self, cassette):
                    assert cassette.path.endswith("TestA.TestGet.test_it.yaml")

        class TestB:
            class TestGet:
                def test_it(self, cassette):
                    assert cassette.path.endswith("TestB.TestGet.test_it.yaml")
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)


def test_a_test_that_runs_again_begins_anew(pytester: pytest.Pytester) -> None:
    """What was expected of the first attempt's server is not asked of the second's."""
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            for attempt in (1, 2):
                for report in runtestprotocol(item, log=False, nextitem=nextitem):
                    print("attempt", attempt, report.when, report.outcome)
                item._initrequest()
            return True
        """
    )
    pytester.makepyfile(
        EXPECTING
        + """
    attempts = []

    def test_it(fake_server):
        attempts.append(fake_server)
        if len(attempts) == 1:
            get(fake_server)
"""
    )
    result = pytester.runpytest("-s")
    result.stdout.fnmatch_lines(["attempt 1 call failed", "attempt 1 teardown passed"])
    result.stdout.fnmatch_lines(["attempt 2 call passed", "attempt 2 teardown passed"])


def test_one_server_that_does_not_stop_keeps_none_running(pytester: pytest.Pytester) -> None:
    """All servers of a test are stopped, whatever stopping one of them says."""
    pytester.makepyfile(
        """
        import threading
        import httplib_sim

        go, servers = threading.Event(), []

        def test_two(fake_servers):
            servers.extend([fake_servers(), fake_servers(grace=0.01)])
            servers[1].expect_request("/").respond_with_handler(lambda request: str(go.wait(20)))
            connection = httplib_sim.HTTPConnection(servers[1].host, servers[1].port, timeout=5)
            connection.request("GET", "/")
            servers[1].journal.wait_for(path="/")
            connection.close()

        def test_after():
            go.set()
            assert not servers[0].is_running()
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*StillRunning*"])


def test_all_findings_are_one_report_without_frames(pytester: pytest.Pytester) -> None:
    """Nothing of pytest, of pluggy or of ours stands round them, whatever kind of hooks other plugins have."""
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_call(item):
            yield
        """
    )
    pytester.makepyfile(
        EXPECTING
        + """
    def test_both(fake_servers):
        one, two = fake_servers(), fake_servers()
        get(one, "/one")
        get(two, "/two")
"""
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*1. GET /one was not expected*", "*1. GET /two was not expected*"])
    text = result.stdout.str()
    assert text.count("GET /one was not expected") == 1
    assert "pluggy" not in text.partition("= FAILURES =")[2]
    assert "Traceback" not in text
    assert "def " not in text


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


LOOKING_UP = """
    import socket

    def look_up(swallow=False):
        try:
            socket.getaddrinfo("api.example.com", 443)
        except Exception:
            if not swallow:
                raise
"""


@pytest.mark.usefixtures("origin")
def test_the_network_can_be_blocked_for_the_run(pytester: pytest.Pytester) -> None:
    """By the option or the ini file; this machine is reached all the same, and a marker allows more."""
    tests = f"""{LOOKING_UP}
    def test_here():
        assert get("/zen") == (200, b"keep it simple")

    def test_elsewhere():
        look_up()

    def test_swallowed():
        look_up(swallow=True)

    @pytest.mark.network("block", hosts=["*.example.com"])
    def test_permitted():
        from cassettes.guard import policy
        assert policy().permits("api.example.com")

    @pytest.mark.network("allow")
    def test_allowed():
        from cassettes.guard import policy
        assert policy().permits("api.example.org")
"""
    suite(pytester, tests)
    result = pytester.runpytest("--network=block")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        ["*NetworkBlocked: expected no use of the network, got a look-up of the name api.example.com*"]
    )
    assert str(result.stdout).count("NetworkBlocked: expected no use of the network") == 2  # each is told once
    pytester.makeini("[pytest]\nnetwork = block\nnetwork_hosts = *.example.com")
    suite(
        pytester,
        """
    def test_it():
        from cassettes.guard import policy
        assert policy().permits("a.example.com")
""",
    )
    pytester.runpytest().assert_outcomes(passed=1)


@pytest.mark.parametrize("swallow", [False, True])
def test_what_test_modules_do_when_they_are_imported_is_blocked_too(pytester: pytest.Pytester, swallow: bool) -> None:
    """By the options; who swallows the error fails all the same. Without them nothing is forbidden."""
    pytester.makepyfile(
        f"""
    import socket

    def look_up(swallow):
        try:
            socket.getaddrinfo("192.0.2.1", 80, flags=socket.AI_NUMERICHOST)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.connect(("192.0.2.1", 80))
        except Exception:
            if not swallow:
                raise

    look_up(swallow={swallow})

    def test_it(): pass
"""
    )
    result = pytester.runpytest("--network=block")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*ERROR collecting *", "*NetworkBlocked: expected no use of the network*:7.*"])
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_marker_blocks_for_one_test(pytester: pytest.Pytester) -> None:
    """And nothing is forbidden for the next one."""
    suite(
        pytester,
        """
    from cassettes.guard import policy

    @pytest.mark.network("block")
    def test_blocked():
        assert not policy().permits("example.com")

    def test_free():
        assert policy().permits("example.com")
""",
    )
    pytester.runpytest().assert_outcomes(passed=2)


def test_a_wrong_action_is_one_clear_error(pytester: pytest.Pytester) -> None:
    """In the marker and in the ini file."""
    suite(pytester, '    @pytest.mark.network("deny")\n    def test_it(): pass')
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_it: the marker is network(*expected 'block' or 'allow', got 'deny'*"])
    pytester.makeini("[pytest]\nnetwork = deny")
    assert pytester.runpytest().ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("client", ["httpx.Client()", "requests.Session()", "urllib3.PoolManager()"])
def test_what_is_imported_and_connected_before_the_first_cassette_is_covered(
    pytester: pytest.Pytester, origin: FakeServer, client: str
) -> None:
    """A session of a module, whose pool has connections already, and whose library loads half of itself late."""
    library = client.partition(".")[0]
    ask = 'session.request("GET", URL).data' if library == "urllib3" else "session.get(URL).content"
    suite(
        pytester,
        f"""
    import {library}

    URL = f"http://127.0.0.1:{{os.environ['ORIGIN_PORT']}}/zen"
    session = {client}

    def test_before_any():
        assert {ask} == b"keep it simple"

    def test_zen(cassette):
        assert {ask} == b"keep it simple"
        assert len(cassette.exchanges) == 1
""",
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert len(origin.log) == 2
    pytester.runpytest_subprocess("--cassette-mode=none").assert_outcomes(passed=2)
    assert len(origin.log) == 3


def test_a_test_that_fails_keeps_the_cassette_that_was_there(
    pytester: pytest.Pytester, origin: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mode "all" puts a new file in the old one's place only if the test passed."""
    suite(
        pytester,
        """
    def test_zen(cassette):
        get("/zen")
        assert not os.environ.get("BREAK")
        get("/zen")
""",
    )
    pytester.runpytest().assert_outcomes(passed=1)
    path = pytester.path / "cassettes" / "test_inner" / "test_zen.yaml"
    recorded = path.read_bytes()
    monkeypatch.setenv("BREAK", "1")
    result = pytester.runpytest("--cassette-mode=all")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_zen.yaml is as it was, since this did not end well*"])
    assert path.read_bytes() == recorded
    monkeypatch.delenv("BREAK")
    origin.stop()
    pytester.runpytest("--cassette-mode=none").assert_outcomes(passed=1)


HALF = """
    {marker}
    def test_zen(cassette):
        get("/zen")
        {statement}
        get("/zen?2")
"""
FAILING = HALF.format(marker="", statement='assert not os.environ.get("BREAK")')


def test_what_a_test_records_that_fails_is_set_aside(
    pytester: pytest.Pytester, origin: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run begins anew: half a recording, or one of a server that was broken, would fail it again."""
    suite(pytester, FAILING)
    monkeypatch.setenv("BREAK", "1")
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    folder = pytester.path / "cassettes" / "test_inner"
    aside = folder / "test_zen.yaml.new"
    result.stdout.fnmatch_lines([f"*test_zen.yaml was not made, since this did not end well; *in {aside}. *rename it*"])
    assert [file.name for file in folder.iterdir()] == [aside.name]
    assert [exchange.request.target for exchange in load(aside)] == ["/zen"]
    pytester.runpytest().assert_outcomes(failed=1)
    assert [file.name for file in folder.iterdir()] == [aside.name]
    monkeypatch.delenv("BREAK")
    pytester.runpytest().assert_outcomes(passed=1)
    assert [file.name for file in folder.iterdir()] == ["test_zen.yaml"]
    assert [exchange.request.target for exchange in load(folder / "test_zen.yaml")] == ["/zen", "/zen?2"]
    origin.stop()
    pytester.runpytest().assert_outcomes(passed=1)


def test_what_was_set_aside_can_be_renamed_and_replayed(
    pytester: pytest.Pytester, origin: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was dear to record; and a failing test that replays keeps its cassette."""
    suite(pytester, FAILING)
    monkeypatch.setenv("BREAK", "1")
    pytester.runpytest().assert_outcomes(failed=1)
    origin.stop()
    path = pytester.path / "cassettes" / "test_inner" / "test_zen.yaml"
    path.with_name("test_zen.yaml.new").rename(path)
    before = path.read_bytes()
    for _ in range(2):
        pytester.runpytest().assert_outcomes(failed=1)
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("marker", "statement", "outcome", "kept"),
    [
        ("@pytest.mark.xfail", "assert False", "xfailed", True),
        ("", "pytest.skip('no more of it')", "skipped", False),
        ("@pytest.mark.cassette('shared')", "assert False", "failed", True),
        ("@pytest.mark.cassette(mode='new_episodes')", "assert False", "failed", True),
    ],
    ids=["as expected", "skipped", "shared", "new_episodes"],
)
def test_which_recordings_of_tests_that_do_not_pass_are_kept(
    pytester: pytest.Pytester,
    origin: FakeServer,  # noqa: ARG001  what is recorded
    marker: str,
    statement: str,
    outcome: str,
    kept: bool,
) -> None:
    """What went as expected; what others may have recorded, too; and what is recorded on, if something lacks."""
    suite(pytester, HALF.format(marker=marker, statement=statement))
    pytester.runpytest().assert_outcomes(**{outcome: 1})
    assert [file.suffix for file in pytester.path.glob("cassettes/**/*.yaml*")] == [".yaml" if kept else ".new"]


def test_a_test_that_is_tried_again_at_once_begins_anew(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """As pytest-rerunfailures does it."""
    pytester.makeconftest(
        """
        from _pytest.runner import runtestprotocol

        def pytest_runtest_protocol(item, nextitem):
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if any(report.failed for report in reports):
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    suite(pytester, "    tries = []\n" + HALF.format(marker="", statement="tries.append(1); assert len(tries) == 2"))
    pytester.runpytest().assert_outcomes(passed=1)
    [path] = (pytester.path / "cassettes" / "test_inner").iterdir()
    assert [exchange.request.target for exchange in load(path)] == ["/zen", "/zen?2"]
    assert len(origin.log) == 3


def test_the_environment_trusts_the_fake_servers_for_one_test(pytester: pytest.Pytester) -> None:
    """With fake_ca, clients that go by the environment trust them; the next test's are as they were."""
    pytester.makepyfile(
        """
        import os
        import requests

        BEFORE = os.environ.get("SSL_CERT_FILE")

        def test_trust(fake_servers, fake_ca):
            secure = fake_servers(tls=True)
            secure.expect("/").respond(data="safe")
            assert requests.get(secure.url, timeout=5).text == "safe"
            assert os.environ["SSL_CERT_FILE"] == fake_ca.ca_path

        def test_afterwards():
            assert os.environ.get("SSL_CERT_FILE") == BEFORE
        """
    )
    pytester.runpytest().assert_outcomes(passed=2)


def test_the_marker_says_how_the_fake_server_behaves(pytester: pytest.Pytester) -> None:
    """Whether its findings fail the test, what answers the unexpected, and the options of the server."""
    pytester.makepyfile(
        """
        import pytest, urllib.error, urllib.request

        @pytest.mark.fake_server(verify=False, unmatched=404)
        def test_lenient(fake_server):
            fake_server.expect("/never")
            with pytest.raises(urllib.error.HTTPError, match="404") as caught:
                urllib.request.urlopen(fake_server.url_for("/x"))
            caught.value.close()

        @pytest.mark.fake_server(host="localhost")
        def test_elsewhere(fake_server):
            assert fake_server.url.startswith("http://localhost:")
        """
    )
    pytester.runpytest("--strict-markers").assert_outcomes(passed=2)


@pytest.mark.parametrize("mode", ["once", "all"])
@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "two workers"])
def test_tests_that_name_one_file_record_it_together(
    pytester: pytest.Pytester, origin: FakeServer, mode: str, workers: list[str]
) -> None:
    """What one has begun the others of the run append to, in whatever process they are."""
    suite(
        pytester,
        """
    @pytest.mark.cassette("shared")
    @pytest.mark.parametrize("number", range(6))
    def test_zen(number):
        assert get(f"/zen?{number}") == (200, b"keep it simple")
""",
    )
    pytester.runpytest(f"--cassette-mode={mode}", *workers).assert_outcomes(passed=6)
    origin.stop()
    pytester.runpytest("--cassette-mode=none", *workers).assert_outcomes(passed=6)
    assert [file.name for file in (pytester.path / "cassettes").iterdir()] == ["shared.yaml"]


def test_one_of_those_that_share_a_file_can_run_alone(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """What the others asked for is not unused, unless the marker says that it is."""
    test = """
    @pytest.mark.cassette("shared"{more})
    @pytest.mark.parametrize("number", range(2))
    def test_zen(number):
        assert get(f"/zen?{{number}}") == (200, b"keep it simple")
"""
    suite(pytester, test.format(more=""))
    pytester.runpytest_inprocess().assert_outcomes(passed=2)
    origin.stop()
    pytester.runpytest_inprocess("-k", "1").assert_outcomes(passed=1)
    suite(pytester, test.format(more=", strict=True"))
    result = pytester.runpytest_inprocess("-k", "1")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*UnusedExchanges: 1 recorded exchange(s)*"])


@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "two workers"])
def test_who_records_nothing_is_named_at_the_end(
    pytester: pytest.Pytester, origin: FakeServer, workers: list[str]
) -> None:
    """If the test asks for the cassette itself; one that failed has other worries, and a replay records nothing."""
    suite(
        pytester,
        """
    import urllib.request

    def test_asks(cassette):
        assert get("/zen") == (200, b"keep it simple")

    def test_is_silent(cassette):
        pass

    @pytest.mark.cassette
    def test_is_marked():
        pass

    def test_fails(cassette):
        assert False

    @pytest.mark.cassette
    class TestAll:
        def test_all(self):
            pass
""",
    )
    result = pytester.runpytest(*workers)
    result.assert_outcomes(passed=4, failed=1)
    told = [line for line in result.outlines if line.startswith("test_inner.py::") and ".yaml" in line]
    assert sorted(line.partition(": ")[0] for line in told) == [
        "test_inner.py::test_is_marked",
        "test_inner.py::test_is_silent",
    ]
    result.stdout.fnmatch_lines(["*httplib-sim: nothing was recorded*", "Either these tests make no request*"])
    origin.stop()
    result = pytester.runpytest("--cassette-mode=none", "-k", "asks or marked")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*nothing was recorded*")


def test_old_cassettes_are_told_of_by_the_ini_file(pytester: pytest.Pytester, origin: FakeServer) -> None:  # noqa: ARG001
    """As warnings, or as failures; a marker says otherwise for its test."""
    marked = '@pytest.mark.cassette(max_age="999999 days")\n    def test_that_may_be_old('
    suite(pytester, ZEN + "\n    " + ZEN.strip().replace("def test_zen(", marked))
    pytester.runpytest_inprocess().assert_outcomes(passed=2)
    for path in pytester.path.glob("cassettes/test_inner/*.yaml"):
        path.write_text(re.sub("^at: [0-9]+", "at: 2001", path.read_text(), flags=re.MULTILINE))
    ini = "-o", "cassette_max_age=30 days"
    pytester.runpytest_inprocess("-k", "zen", *ini, "-W", "default").assert_outcomes(passed=1, warnings=1)
    pytester.runpytest_inprocess("-k", "may_be_old", *ini).assert_outcomes(passed=1)
    failed = pytester.runpytest_inprocess("-k", "zen", *ini, "-o", "cassette_on_expiry=fail")
    failed.assert_outcomes(errors=1)
    failed.stdout.fnmatch_lines(["CassetteExpired: *recorded on 2001-*"])
    failed = pytester.runpytest_inprocess("-k", "zen", *ini, "-W", "error::cassettes.ExpiryWarning")
    failed.assert_outcomes(errors=1)
    failed.stdout.fnmatch_lines(["ExpiryWarning: *recorded on 2001-*"])


def test_cassettes_are_verified_against_the_live_servers(pytester: pytest.Pytester, origin: FakeServer) -> None:
    """A difference fails the run, and the file is as it was."""
    suite(pytester, ZEN.replace('== (200, b"keep it simple")', "[0] == 200"))
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    [path] = pytester.path.rglob("test_zen.yaml")
    before = path.read_bytes()
    asked = len(origin.log)
    pytester.runpytest_inprocess("--cassette-verify").assert_outcomes(passed=1)
    assert len(origin.log) == asked + 1
    origin.clear()
    origin.expect_request("/zen").respond_with_data("keep it short")
    result = pytester.runpytest_inprocess("--cassette-verify")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["CassetteDrift: *", "*test_zen.yaml:4: GET *", '*recorded "keep it simple", live *'])
    pytester.runpytest_inprocess("--cassette-verify-shape").assert_outcomes(passed=1)
    assert path.read_bytes() == before


def test_a_session_on_a_shared_server_is_verified_by_its_own_test(pytester: pytest.Pytester) -> None:
    """Two tests share a server of the whole run; the one fails for its own request alone, the other passes."""
    pytester.makepyfile(
        """
        import pytest
        import httplib_sim
        from fake_server import FakeServer

        @pytest.fixture(scope="session")
        def shared():
            with FakeServer() as server:
                yield server

        @pytest.fixture
        def api(shared, fake_sessions):
            return fake_sessions(shared)

        def get(session, path):
            server = session.server
            with httplib_sim.HTTPConnection(server.host, server.port, timeout=5) as connection:
                connection.request("GET", path, headers=dict(session.headers))
                return connection.getresponse().status

        def test_good(api):
            api.expect("/a").respond(data="x")
            assert get(api, "/a") == 200

        def test_bad(api):
            assert get(api, "/a") == 500

        def test_unused(api):
            api.expect("/never").respond(data="x")

        def test_let_be(shared, fake_sessions):
            assert get(fake_sessions(shared, "key", verify=False, unmatched=404), "/a") == 404

        def test_the_key_is_free_again(shared, fake_sessions):
            assert fake_sessions(shared, "key").key == "key"
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=4, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*session on the fake server http*", "*GET /a was not expected*"])
    result.stdout.fnmatch_lines(["*/never *: no request has met it"])


def test_a_failure_tells_the_seed_of_what_went_wrong_by_chance(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the section beside the failure, or in the report of findings; a test that passes says nothing."""
    monkeypatch.setenv("FAKE_SERVER_SEED", "70")
    pytester.makepyfile(
        EXPECTING
        + """
    from fake_server import faults
    from fake_server.schedules import Chance

    def test_fails(fake_server):
        fake_server.expect("/a").respond(data="x").with_fault(faults.Close(), on=Chance(0.5))
        assert False

    def test_finds(fake_server):
        fake_server.expect("/a", required=False).respond(data="x").with_fault(faults.Close(), on=Chance(0.5, seed=72))
        get(fake_server, "/b")

    def test_passes(fake_server):
        fake_server.expect("/a").respond(data="x").with_fault(faults.Close(), on=Chance(0.0, seed=73))
        get(fake_server, "/a")
"""
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=2)
    text = result.stdout.str()
    assert text.count("FAKE_SERVER_SEED=70 in the environment repeats it") == 1
    assert [text.count(f"Chance(probability=0.5, seed={seed})") for seed in (70, 72, 73)] == [1, 1, 0]


def test_sessions_of_all_workers_share_the_controller_s_server(pytester: pytest.Pytester) -> None:
    """Each test of pytest-xdist's workers has its own verdict, of one server in the process that controls them."""
    pytester.makeconftest(
        """
        import pytest
        from fake_server import FakeServer, SharedServer

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.shared = FakeServer()
                config.shared.start()
                config.shared_url = config.shared.share()

        def pytest_configure_node(node):
            node.workerinput["shared_url"] = node.config.shared_url

        def pytest_unconfigure(config):
            if not hasattr(config, "workerinput"):
                config.shared.stop()

        @pytest.fixture
        def api(request, fake_sessions):
            config = request.config
            return fake_sessions(SharedServer(getattr(config, "workerinput", vars(config))["shared_url"]))
        """
    )
    pytester.makepyfile(
        """
        import os
        from urllib.request import Request, urlopen
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_good(api, number):
            api.expect("/a").respond_with_handler(lambda request: f"{os.getpid()} {number}")
            with urlopen(Request(api.url_for("/a"), headers=api.headers), timeout=10) as answer:
                assert answer.read().decode() == f"{os.getpid()} {number}"

        def test_bad(api):
            api.expect("/never").respond(data="x")
        """
    )
    for options in (["-n2"], []):
        result = pytester.runpytest_subprocess(*options)
        result.assert_outcomes(passed=7, errors=1)
        result.stdout.fnmatch_lines(["*session on the fake server http*", "*/never *: no request has met it*"])


@pytest.mark.parametrize("workers", [[], ["-p", "xdist", "-n", "2"]], ids=["one process", "two workers"])
def test_cassettes_that_no_test_has_used_are_found(
    pytester: pytest.Pytester, origin: FakeServer, workers: list[str]
) -> None:
    """Those of tests that have another name now; not those of tests that are skipped, nor those that a test opens."""
    tests = """
    from pathlib import Path
    from cassettes import use_cassette

    def test_{name}(cassette):
        assert get("/zen") == (200, b"keep it simple")

    {skip}
    def test_sometimes(cassette):
        get("/zen")

    @pytest.mark.cassette("named")
    def test_of_a_file():
        get("/zen")

    def test_by_hand():
        with use_cassette(Path(__file__).parent / "cassettes" / "by_hand.yaml"):
            get("/zen")
"""
    suite(pytester, tests.format(name="old", skip=""))
    pytester.runpytest("--cassette-orphans", *workers).assert_outcomes(passed=4)
    origin.stop()
    folder = pytester.path / "cassettes"
    (folder / "other.yaml").write_text("not: ours")
    suite(pytester, tests.format(name="new", skip="@pytest.mark.skip"))
    (folder / "test_inner" / "test_old.yaml").rename(folder / "test_inner" / "test_older.yaml")
    (folder / "test_inner" / "test_new.yaml").write_bytes((folder / "test_inner" / "test_older.yaml").read_bytes())
    result = pytester.runpytest(*workers)
    result.assert_outcomes(passed=3, skipped=1)
    assert result.ret == 0
    result = pytester.runpytest("--cassette-orphans", *workers)
    result.assert_outcomes(passed=3, skipped=1)
    assert result.ret == 1
    assert [line for line in result.outlines if line.endswith(".yaml")] == [
        str(folder / "test_inner" / "test_older.yaml")
    ]
    result.stdout.fnmatch_lines(["*cassettes that no test has used*", "*renamed*"])
