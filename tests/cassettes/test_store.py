"""Cassettes on disk: nothing that was complete is ever lost, and nothing torn is taken for whole."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from cassettes.errors import BadCassette, CassetteError
from cassettes.exchange import Afterword, End, How
from cassettes.store import Store, load
from cassettes.yaml_format import HEADER, write_afterword

from .values import get

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def contents(path: Path) -> list[bytes]:
    """The response contents of the cassette at *path*."""
    return [exchange.response.content for exchange in load(path) if exchange.response is not None]


def test_what_is_appended_is_loaded_with_its_line(tmp_path: Path) -> None:
    """The file and its folder are made at the first append; each exchange knows the line on which it begins."""
    path = tmp_path / "new" / "folder" / "a.yaml"
    store = Store(path)
    assert not store.exists
    store.append(get("/1", b"one"))
    store.append(get("/2", b"two\nlines\n"))
    assert Store(path).exists
    lines = path.read_text().splitlines()
    assert [lines[line - 1] for _, line in store.load()] == ["---", "---"]
    assert contents(path) == [b"one", b"two\nlines\n"]
    assert [line for line in lines if line.startswith("# 000")][1].startswith("# 0002  GET")


def test_an_afterword_is_loaded_into_its_exchange(tmp_path: Path) -> None:
    """The last one before it on its connection; exchanges are numbered on, as if it were not there."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    for target, connection in [("/1", 1), ("/2", 1), ("/3", 2)]:
        store.append(replace(get(target), connection=connection))
    store.append_afterword(Afterword(connection=1, received=b"HTTP/1.1 408 ...", end=End(How.EOF)))
    Store(path).append(replace(get("/4"), connection=1))
    loaded = load(path)
    assert [exchange.request.target for exchange in loaded] == ["/1", "/2", "/3", "/4"]
    assert [exchange.received for exchange in loaded] == [b"", b"HTTP/1.1 408 ...", b"", b""]
    assert [exchange.end.how for exchange in loaded] == [How.COMPLETE, How.EOF, How.COMPLETE, How.COMPLETE]
    assert re.findall(r"^# ([0-9]+|then)", path.read_text(), re.MULTILINE) == ["0001", "0002", "0003", "then", "0004"]


def test_an_afterword_without_its_exchange_is_told(tmp_path: Path) -> None:
    """Somebody has deleted the exchange alone."""
    path = tmp_path / "a.yaml"
    path.write_text(HEADER + write_afterword(Afterword(connection=3, end=End(How.RESET, "broken"))))
    with pytest.raises(BadCassette, match=r"a\.yaml:4: expected an exchange on connection 3 .* deleted as well"):
        load(path)


def test_a_cut_at_any_octet_is_told_and_loses_nothing_complete(tmp_path: Path) -> None:
    """Whatever is torn off the end, what was complete is kept, the rest set aside, and recording goes on."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    store.append(get("/1", b"one"))
    first = path.stat().st_size
    store.append(get("/2", b'{"a": "text\\nwith lines"}', "Content-Type: application/json"))
    whole = path.read_bytes()
    borders = {len(HEADER): [], first: [b"one"]}
    for size in range(1, len(whole) - 1):
        path.write_bytes(whole[:size])
        kept = [b"one"] if size >= first - 1 else []
        if size not in borders and size + 1 not in borders:
            with pytest.raises(BadCassette, match="torn off"):
                load(path)
            assert "torn" in Store(path).recover()
        Store(path).append(get("/3", b"three"))
        assert contents(path) == [*kept, b"three"]
        path.with_name("a.yaml.torn").unlink(missing_ok=True)


def test_an_editor_that_drops_the_last_line_end_does_no_harm(tmp_path: Path) -> None:
    """'...' at the end commits without it, and what is appended begins on a line of its own."""
    path = tmp_path / "a.yaml"
    Store(path).append(get("/1", b"one"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert contents(path) == [b"one"]
    assert Store(path).recover() == ""
    Store(path).append(get("/2", b"two"))
    assert contents(path) == [b"one", b"two"]


def test_what_another_recorder_left_torn_is_set_aside_before_the_next_is_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that is killed beside this one must not spoil what this one goes on to record."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    store.append(get("/1", b"one"))
    path.write_bytes(path.read_bytes() + b"---\n# 0002  GET ht")
    store.append(get("/3", b"three"))
    assert contents(path) == [b"one", b"three"]
    assert (tmp_path / "a.yaml.torn").read_bytes() == b"---\n# 0002  GET ht"
    assert "a.yaml.torn" in caplog.text


def test_the_torn_tail_is_kept_beside_the_file(tmp_path: Path) -> None:
    """Nothing is thrown away: what was torn stands in <name>.torn."""
    path = tmp_path / "a.yaml"
    Store(path).append(get("/1", b"one"))
    path.write_bytes(path.read_bytes() + b"---\n# 0002  GET ht")
    told = Store(path).recover()
    assert "a.yaml.torn" in told
    assert (tmp_path / "a.yaml.torn").read_bytes() == b"---\n# 0002  GET ht"
    assert Store(path).recover() == ""


def test_line_ends_of_windows_are_read_alike(tmp_path: Path) -> None:
    """A checkout that changed LF to CRLF is still the same cassette."""
    path = tmp_path / "a.yaml"
    Store(path).append(get("/1", b"one\ntwo\n"))
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert contents(path) == [b"one\ntwo\n"]


def test_threads_append_whole_exchanges(tmp_path: Path) -> None:
    """Eight threads with a store each: every exchange is there, none is torn, the numbers are in order."""
    path = tmp_path / "a.yaml"

    def append(name: int) -> None:
        store = Store(path)
        for number in range(10):
            store.append(get("/", b"%d-%d" % (name, number)))

    threads = [threading.Thread(target=append, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(contents(path)) == sorted(b"%d-%d" % (name, number) for name in range(8) for number in range(10))
    numbers = [line[2:6] for line in path.read_text().splitlines() if line.startswith("# 0")]
    assert numbers == [f"{number:04}" for number in range(1, 81)]


def test_a_file_that_vanished_is_told_and_not_made_anew(tmp_path: Path) -> None:
    """A new one would lack what was recorded before, and look complete."""
    path = tmp_path / "folder" / "a.yaml"
    store = Store(path)
    store.append(get("/1", b"one"))
    path.unlink()
    path.parent.rmdir()
    with pytest.raises(
        CassetteError, match=r"could not write to the cassette .*a\.yaml: what this run has recorded so far was in it"
    ):
        store.append(get("/2", b"two"))
    assert not path.parent.exists()


def test_borders_are_found_without_yaml(tmp_path: Path) -> None:
    """Content that looks like a border is indented, or in quotes: as many documents come out as went in."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    for number, content in enumerate([b"---\n...\n", b"a\n---\n# b\n", b"---", b"...", b'["---", "...\\n---"]']):
        store.append(get(f"/{number}", content))
    assert contents(path) == [b"---\n...\n", b"a\n---\n# b\n", b"---", b"...", b'["---", "...\\n---"]']
    assert re.findall("^---$", path.read_text(), re.MULTILINE) == ["---"] * 5


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """With the file, and why not."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(CassetteError, match=r"could not write to the cassette .*a\.yaml: Permission denied"):
            Store(tmp_path / "a.yaml").append(get())
    finally:
        tmp_path.chmod(0o700)


def append_many(path: str, name: int) -> None:
    """Append ten exchanges; run in a process of its own."""
    store = Store(path)
    for number in range(10):
        store.append(get("/", b"%d-%d" % (name, number)))


def test_processes_append_whole_exchanges(tmp_path: Path) -> None:
    """Two processes may record into one cassette, as pytest-xdist's workers do."""
    path = tmp_path / "a.yaml"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_many, args=(str(path), name)) for name in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert len(contents(path)) == 20


RECORD_FOR_EVER = """
import sys
from tests.cassettes.values import get
from cassettes.store import Store
store, number = Store(sys.argv[1]), 0
while True:
    number += 1
    store.append(get("/", b"%d" % number + b"x" * 3000))
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
@pytest.mark.parametrize("after", [1, 7, 23])
def test_killing_the_recorder_loses_no_acknowledged_exchange(tmp_path: Path, after: int) -> None:
    """After kill -9, every exchange whose append had returned is in the file."""
    path = tmp_path / "a.yaml"
    child = subprocess.Popen([sys.executable, "-c", RECORD_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child, child.stdout:
        acknowledged = [int(child.stdout.readline()) for _ in range(after)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in child.stdout if line.endswith("\n")]
    Store(path).recover()
    numbers = [int(content.rstrip(b"x")) for content in contents(path)]
    assert numbers[: len(acknowledged)] == acknowledged


FULL_DISK = """
import resource, signal, sys
from tests.cassettes.values import get
from cassettes.errors import CassetteError
from cassettes.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(sys.argv[1])
store.append(get("/", b"one"))
resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.stat().st_size + 100, resource.RLIM_INFINITY))
try:
    store.append(get("/", b"two"))
except CassetteError as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no limit for a file's size")
def test_a_full_disk_is_told_and_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """Half an exchange is taken back; the error names the file and the reason."""
    path = tmp_path / "a.yaml"
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"could not write to the cassette {path}: File too large")
    assert contents(path) == [b"one"]


TORN_ON_A_FULL_DISK = """
import resource, signal, sys
from cassettes.errors import CassetteError
from cassettes.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
for _ in range(2):
    try:
        Store(sys.argv[1]).recover()
    except CassetteError as error:
        print(error)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no limit for a file's size")
def test_a_torn_tail_for_which_there_is_no_room_stays_where_it_is(tmp_path: Path) -> None:
    """And is not half beside the file, once for each try."""
    path = tmp_path / "a.yaml"
    Store(path).append(get("/", b"one"))
    tail = b"---\n# 0002  GET http://example.com/ -> 200 OK\norigin"
    whole = path.read_bytes() + tail
    path.write_bytes(whole)
    command = [sys.executable, "-c", TORN_ON_A_FULL_DISK, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count(f"could not set aside what is torn of the cassette {path}: File too large") == 2
    assert (path.read_bytes(), (tmp_path / "a.yaml.torn").read_bytes()) == (whole, b"")


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    """A folder in the place of the file, and a file in the place of the folder, are clear errors."""
    with pytest.raises(CassetteError, match="is a folder"):
        _ = Store(tmp_path).exists
    (tmp_path / "file").write_text("")
    with pytest.raises(CassetteError, match=r"could not write to the cassette .*file/a\.yaml"):
        Store(tmp_path / "file" / "a.yaml").append(get())
    with pytest.raises(CassetteError, match=r"could not read the cassette .*none\.yaml"):
        load(tmp_path / "none.yaml")


def test_an_empty_file_is_no_cassette_yet(tmp_path: Path) -> None:
    """A file that somebody only touched holds nothing to replay, and can be recorded to."""
    path = tmp_path / "a.yaml"
    path.touch()
    assert not Store(path).exists
    Store(path).append(get("/", b"one"))
    assert contents(path) == [b"one"]


@pytest.mark.parametrize(
    "foreign", [b"interactions:\n- request:\n    body: null\nversion: 1\n", b"hello\n", b"%PDF-1.4\n\n"]
)
@pytest.mark.parametrize("do", [Store.load, Store.recover])
def test_what_is_no_cassette_of_ours_is_left_alone(
    tmp_path: Path, foreign: bytes, do: Callable[[Store], object]
) -> None:
    """Not taken for torn, not moved, not written to: another recorder may have its own at the same path."""
    path = tmp_path / "x.yaml"
    path.write_bytes(foreign)
    what = "VCR" if foreign.startswith(b"interactions") else "something else"
    with pytest.raises(BadCassette, match=f"expected a cassette of httplib-sim.*got .*{what}"):
        do(Store(path))
    assert path.read_bytes() == foreign
    assert [found.name for found in tmp_path.iterdir()] == ["x.yaml"]


def test_comments_at_the_end_are_no_torn_tail(tmp_path: Path) -> None:
    """People write such; recording goes on behind them."""
    store = Store(tmp_path / "x.yaml")
    store.append(get("/a"))
    with store.path.open("ab") as file:
        file.write(b"# end\n\n  # really")
    again = Store(store.path)
    assert len(again.load()) == 1
    assert not again.recover()
    again.append(get("/b"))
    assert [exchange.request.target for exchange, _ in again.load()] == ["/a", "/b"]


def test_a_file_that_a_formatter_has_rewritten_is_read(tmp_path: Path) -> None:
    """Formatters drop the marks at the ends of documents: of all of them."""
    store = Store(tmp_path / "x.yaml")
    store.append(get("/a"))
    store.append(get("/b"))
    documents = list(yaml.safe_load_all(store.path.read_text()))
    store.path.write_text(yaml.safe_dump_all(documents, sort_keys=False))
    assert [exchange.request.target for exchange, _ in Store(store.path).load()] == ["/a", "/b"]


def test_what_took_the_files_place_meanwhile_is_appended_to(tmp_path: Path) -> None:
    """The file that has the name counts, not the one that is open: git or an editor may have put another there."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    store.append(get("/1"))
    other = tmp_path / "other.yaml"
    other.write_bytes(path.read_bytes())
    Store(other).append(get("/2"))
    other.replace(path)
    store.append(get("/3"))
    assert [exchange.request.target for exchange in load(path)] == ["/1", "/2", "/3"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_appends_beside_its_parent(tmp_path: Path) -> None:
    """Each has the file, and its lock, for itself: the child waits for the parent, and nothing is torn."""
    path = tmp_path / "a.yaml"
    store = Store(path)
    store.append(get("/before"))
    children = []
    for number in range(3):
        child = os.fork()
        if not child:
            status = 1
            try:
                for count in range(20):
                    store.append(get(f"/{number}/{count}"))
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    for count in range(20):
        store.append(get(f"/parent/{count}"))
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    assert len(load(path)) == 81


def test_a_file_is_closed_with_its_store(tmp_path: Path) -> None:
    """No descriptor stays behind."""
    store = Store(tmp_path / "a.yaml")
    store.append(get("/1"))
    descriptor = store._descriptor
    os.fstat(descriptor)
    store.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)
    store.append(get("/2"))
    assert len(store.load()) == 2
