"""Tests of `cassettes.sharing`: real servers, real files, threads and processes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING

import pytest

from cassettes import store
from cassettes.errors import CassetteError, NoMatch
from cassettes.sharing import Run, RunningTest
from cassettes.use import use_cassette

from .origin import OriginServer
from .test_use import echo, get

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server() -> Iterator[OriginServer]:
    """A server that answers with the target."""
    with OriginServer(echo) as server:
        yield server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cassette will be."""
    return tmp_path / "cassettes" / "x.yaml"


@pytest.fixture
def run() -> Run:
    """A run of tests that has just begun."""
    return Run(time.time() - 1)


def targets(path: Path) -> list[str]:
    """What is in the cassette at *path*."""
    return [exchange.request.target for exchange in store.load(path)]


def test_threads_that_enter_one_cassette_together_all_record(server: OriginServer, path: Path) -> None:
    """In mode "once" who comes when another has begun the file records as well, and ends when he likes."""
    begun, ended = threading.Event(), threading.Event()

    def first() -> None:
        with use_cassette(path, local=True):
            get(server, "/first")
            begun.set()
            assert ended.wait(10)
            get(server, "/last")

    thread = threading.Thread(target=first)
    thread.start()
    assert begun.wait(10)
    with use_cassette(path, local=True):
        get(server, "/second")
    ended.set()
    thread.join()
    assert targets(path) == ["/first", "/second", "/last"]
    assert [exchange.connection for exchange in store.load(path)] == [1, 2, 3]
    with use_cassette(path):
        assert [get(server, target) for target in targets(path)] == [b"/first", b"/second", b"/last"]
    assert len(server.peers) == 3


def test_a_file_whose_uses_have_ended_is_replayed(server: OriginServer, path: Path) -> None:
    """Only while one goes on that has begun it do others record on."""
    with use_cassette(path), use_cassette(path):
        get(server, "/a")
    with pytest.raises(NoMatch), use_cassette(path):
        get(server, "/b")


def test_two_that_record_all_anew_at_the_same_time_lose_nothing(server: OriginServer, path: Path) -> None:
    """Each has a file of its own; who ends last adds to what the other has put in place."""
    with use_cassette(path):
        get(server, "/old")
    with use_cassette(path, mode="all", local=True):
        get(server, "/first")
        with use_cassette(path, mode="all", local=True):
            get(server, "/second")
        assert targets(path) == ["/second"]
        get(server, "/last")
    assert targets(path) == ["/second", "/first", "/last"]
    assert list(path.parent.iterdir()) == [path]


def test_two_processes_that_record_all_anew_lose_nothing(server: OriginServer, path: Path) -> None:
    """The other one here begins before and ends after this one."""
    program = """
        import sys
        from cassettes import use_cassette
        from httplib_sim import HTTPConnection

        with use_cassette(sys.argv[1], mode="all"):
            connection = HTTPConnection("127.0.0.1", int(sys.argv[2]), timeout=10)
            connection.request("GET", "/other")
            connection.getresponse().read()
            print("recorded", flush=True)
            sys.stdin.readline()
    """
    arguments = [sys.executable, "-c", textwrap.dedent(program), str(path), str(server.port)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "recorded\n"
        with use_cassette(path, mode="all"):
            get(server, "/mine")
        other.communicate("go on\n", timeout=30)
    assert other.returncode == 0
    assert targets(path) == ["/mine", "/other"]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", ["once", "all"])
def test_tests_of_one_run_record_one_file_together(server: OriginServer, path: Path, run: Run, mode: str) -> None:
    """The second appends; each finds its own when the run is over."""
    for test in ("a", "b"):
        with use_cassette(path, mode=mode).within(RunningTest(run, test, owns_file=False)):
            get(server, f"/{test}")
    assert targets(path) == ["/a", "/b"]


def test_a_test_that_is_run_again_replays_what_it_recorded(server: OriginServer, path: Path, run: Run) -> None:
    """As it would in the next run."""
    for _ in range(2):
        with use_cassette(path).within(RunningTest(run, "a", owns_file=False)):
            get(server, "/a")
    assert targets(path) == ["/a"]
    assert len(server.peers) == 1


@pytest.mark.parametrize("mode", ["once", "all"])
def test_a_file_of_an_earlier_run_is_not_recorded_on(server: OriginServer, path: Path, mode: str) -> None:
    """It is replayed in mode "once", and replaced in mode "all"."""
    with use_cassette(path):
        get(server, "/a")
    later = Run(time.time() + 3600)
    with contextlib.suppress(NoMatch), use_cassette(path, mode=mode).within(RunningTest(later, "b", owns_file=False)):
        get(server, "/b")
    assert targets(path) == (["/a"] if mode == "once" else ["/b"])


def test_names_that_differ_in_case_only_are_refused(server: OriginServer, path: Path, run: Run) -> None:
    """Where they are two files, too: others who check the project out may have but one."""
    with use_cassette(path).within(RunningTest(run, "a", owns_file=False)):
        get(server, "/a")
    other = use_cassette(path.with_name("X.yaml")).within(RunningTest(run, "A", owns_file=False))
    with pytest.raises(CassetteError, match=r"X\.yaml and .*x\.yaml"), other:
        get(server, "/A")
    assert len(server.peers) == 1
