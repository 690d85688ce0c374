"""Large bodies through cassettes, from end to end: exact, in bounded memory, private, safe on disk."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cassettes import BadCassette, CassetteError, NoMatch, use_cassette
from cassettes.exchange import How
from cassettes.large_body import LargeBody
from cassettes.store import load
from httplib_sim import HTTPConnection, IncompleteRead
from tests.cassettes import large

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MEBIBYTE = 1 << 20
BOUND = 32 * 1024
"""KiB by which the memory may grow."""


class Server:
    """Gives, and takes, content of any size without keeping it."""

    def __init__(self) -> None:
        self.answer: bytes | None = None
        self.answer_rest = b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.sent = threading.Event()
        self.go_on = threading.Event()
        self.pause_after = -1
        self.accepting = threading.Thread(target=self._serve, daemon=True)
        self.accepting.start()

    def stop(self) -> None:
        """Accept nobody any more: a thread that is in accept() is woken by this, and not by closing."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with suppress(ConnectionError), connection, connection.makefile("rb") as file:  # clients are killed here
            while line := file.readline():
                method, target, _ = line.decode().split(" ")
                head: dict[str, str] = {}
                while (field := file.readline()) not in {b"\r\n", b""}:
                    name, _, value = field.decode("latin-1").partition(":")
                    head[name.lower()] = value.strip()
                if method == "GET" or target == "/get":
                    file.read(int(head.get("content-length", 0)))
                    self._give(connection, target)
                    if b"Connection: close" in (self.answer or b""):
                        return
                else:
                    digest = hashlib.sha256()
                    for data in _content(file, head):
                        digest.update(data)
                    text = digest.hexdigest().encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + text)

    def _give(self, connection: socket.socket, target: str) -> None:
        if self.answer is not None:
            connection.sendall(self.answer + self.answer_rest)
            return
        _, framing, size = target.split("/")
        mebibytes = int(size)
        way = f"Content-Length: {mebibytes << 20}" if framing == "length" else "Transfer-Encoding: chunked"
        connection.sendall(f"HTTP/1.1 200 OK\r\n{way}\r\n\r\n".encode())
        for number, data in enumerate(large.pieces(mebibytes)):
            if number == self.pause_after:
                self.sent.set()
                assert self.go_on.wait(60)
            connection.sendall(data if framing == "length" else b"%x\r\n%b\r\n" % (len(data), data))
        if framing != "length":
            connection.sendall(b"0\r\n\r\n")


def _content(file: object, head: dict[str, str]) -> Iterator[bytes]:
    read = file.read  # type: ignore[attr-defined]
    if "content-length" in head:
        left = int(head["content-length"])
        while left:
            data = read(min(left, large.PIECE))
            left -= len(data)
            yield data
        return
    while size := int(file.readline(), 16):  # type: ignore[attr-defined]
        yield read(size)
        read(2)
    read(2)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server for large content."""
    server = Server()
    yield server
    server.go_on.set()
    server.stop()


def run(*arguments: object) -> tuple[int, str]:
    """Run `tests.cassettes.large`; return by how many KiB its memory grew, and what it got."""
    command = [sys.executable, "-m", "tests.cassettes.large", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    grown, digest = done.stdout.split()
    return int(grown), digest


def digest_of(mebibytes: int) -> str:
    """The digest of `large.pieces`."""
    digest = hashlib.sha256()
    for data in large.pieces(mebibytes):
        digest.update(data)
    return digest.hexdigest()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is asked of Linux")
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("way", ["download", "upload"])
def test_memory_is_bounded_both_ways(server: Server, tmp_path: Path, way: str, framing: str) -> None:
    """96 MiB go up and down, recorded and replayed, for less than 32 MiB of memory; and are the same each time."""
    path = tmp_path / "large.yaml"
    expected = digest_of(96)
    for mode in ("all", "none"):
        grown, digest = run(way, framing, 96, server.port, path, mode)
        assert digest == expected, mode
        assert grown < BOUND, mode


@pytest.mark.skipif("LARGE_BODIES" not in os.environ, reason="takes a minute and 4 GiB of disk: set LARGE_BODIES=1")
@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("way", ["download", "upload"])
def test_memory_is_bounded_for_a_gibibyte(server: Server, tmp_path: Path, way: str, framing: str) -> None:
    """What holds for 96 MiB holds for 1 GiB."""
    for mode in ("all", "none"):
        grown, digest = run(way, framing, 1024, server.port, tmp_path / "large.yaml", mode)
        assert digest == digest_of(1024)
        assert grown < BOUND


def get(port: int, target: str = "/length/2", **headers: str) -> bytes:
    """What is at *target*."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", target, headers=headers)
        return connection.getresponse().read()


def fail(_: object) -> None:
    """Fail, as a test may."""
    raise ZeroDivisionError


def files(path: Path) -> list[str]:
    """The names of what is in the folder of the cassette at *path*."""
    folder = path.with_name(path.name + ".bodies")
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_replay_gives_the_very_octets(server: Server, tmp_path: Path, framing: str) -> None:
    """On the wire, and as the message that the cassette shows."""
    path = tmp_path / "large.yaml"
    with use_cassette(path) as cassette:
        content = get(server.port, f"/{framing}/2")
        recorded = cassette.recorded[0]
    with use_cassette(path, mode="none") as cassette:
        assert get(server.port, f"/{framing}/2") == content
        (played,) = cassette.played
    assert recorded.response is not None
    assert played.response is not None
    assert isinstance(played.response.message.body, LargeBody)
    assert played.answer == recorded.answer
    assert b"".join(played.answer_pieces()) == recorded.answer
    assert played.answer_size == recorded.answer_size == len(recorded.answer)
    assert played.response.message == recorded.response.message
    assert len(path.read_text(encoding="utf-8").splitlines()) < 40


def test_equal_contents_are_one_file(server: Server, tmp_path: Path) -> None:
    """Each exchange refers to it."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        assert get(server.port) == get(server.port)
    assert len(files(path)) == 1
    assert len(load(path)) == 2


def test_a_missing_file_is_told_with_the_line(server: Server, tmp_path: Path) -> None:
    """Where the cassette is opened: the path that was looked for, and the line that names it."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        get(server.port)
    (name,) = files(path)
    (tmp_path / "large.yaml.bodies" / name).unlink()
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if "file:" in text)
    with pytest.raises(BadCassette, match=rf"large.yaml:{line}: .*{name}.*No such file"), use_cassette(path):
        pass


def test_a_cassette_and_its_folder_can_be_renamed(server: Server, tmp_path: Path) -> None:
    """As when a test gets another name; what is recorded on goes into the folder of the new one."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        content = get(server.port)
    path = path.rename(tmp_path / "other.yaml")
    (tmp_path / "large.yaml.bodies").rename(tmp_path / "other.yaml.bodies")
    for _ in range(2):
        with use_cassette(path, mode="new_episodes"):
            assert get(server.port) == content
            get(server.port, "/length/3")
    assert len(files(path)) == 2


def test_a_file_of_another_size_is_told_with_the_line(server: Server, tmp_path: Path) -> None:
    """A checkout that gave a pointer in the place of the content, say."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        get(server.port)
    file = tmp_path / "large.yaml.bodies" / files(path)[0]
    file.write_bytes(b"version https://git-lfs")
    with pytest.raises(BadCassette, match=r"large.yaml:\d+: .*expected 2097152 octets .*got 23"), use_cassette(path):
        pass


def test_changed_content_is_told_before_it_is_whole(server: Server, tmp_path: Path) -> None:
    """The last octets are not given; what the client made of the error does not hide it."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        get(server.port)
    file = tmp_path / "large.yaml.bodies" / files(path)[0]
    with file.open("r+b") as opened:
        opened.write(b"!")
    with (
        pytest.raises(BadCassette, match=r"large.yaml:\d+: expected .* as it was recorded"),
        use_cassette(path, mode="none"),
        pytest.raises(CassetteError),
    ):
        get(server.port)


def test_content_can_be_changed_on_purpose(server: Server, tmp_path: Path) -> None:
    """Without size and digest the file may be any: the framing follows."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        get(server.port)
    (tmp_path / "large.yaml.bodies" / files(path)[0]).write_bytes(b"another" * 300_000)
    kept = [line for line in path.read_text().splitlines(keepends=True) if "size:" not in line and "sha256" not in line]
    path.write_text("".join(kept))
    with use_cassette(path, mode="none"):
        assert get(server.port) == b"another" * 300_000


def test_a_file_elsewhere_is_refused(server: Server, tmp_path: Path) -> None:
    """A cassette from anywhere cannot have any file of this machine replayed."""
    path = tmp_path / "cassettes" / "large.yaml"
    with use_cassette(path):
        get(server.port)
    text = path.read_text()
    for name in ("../secret", "/etc/passwd"):
        path.write_text(text.replace(f"large.yaml.bodies/{files(path)[0]}", name))
        with pytest.raises(BadCassette, match="beside the cassette"), use_cassette(path):
            pass


def test_mode_all_replaces_the_files_with_the_cassette(server: Server, tmp_path: Path) -> None:
    """After a success the old ones are gone; after a failure they are all there, and the old cassette plays."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        old = get(server.port, "/length/2")
    before = files(path)
    with pytest.raises(ZeroDivisionError), use_cassette(path, mode="all"):
        fail(get(server.port, "/length/3"))
    assert set(before) < set(files(path))
    with use_cassette(path, mode="none"):
        assert get(server.port, "/length/2") == old
    with use_cassette(path, mode="all"):
        get(server.port, "/length/3")
    assert len(files(path)) == 1
    assert files(path) != before
    with use_cassette(path, mode="all"):
        server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        get(server.port)
    assert not path.with_name("large.yaml.bodies").exists()


def test_a_killed_process_leaves_nothing_that_counts(server: Server, tmp_path: Path) -> None:
    """What it had not received whole is nowhere referred to, and is removed by the next one that records."""
    path = tmp_path / "large.yaml"
    with use_cassette(path):
        get(server.port, "/length/2")
    kept = files(path)
    server.pause_after = 800  # more than fits into the buffers of both sockets: some of it was received
    arguments = ["download", "length", "64", str(server.port), str(path), "new_episodes"]
    child = subprocess.Popen([sys.executable, "-m", "tests.cassettes.large", *arguments], cwd=ROOT)
    assert server.sent.wait(60)
    child.send_signal(signal.SIGKILL)
    child.wait()
    server.go_on.set()
    server.pause_after = -1
    assert set(kept) < set(files(path))
    assert len(load(path)) == 1
    with use_cassette(path, mode="none"):
        get(server.port, "/length/2")
    with use_cassette(path, mode="new_episodes"):
        get(server.port, "/length/2")
    assert files(path) == kept


def test_what_another_process_is_writing_is_left_alone(server: Server, tmp_path: Path) -> None:
    """Two record into one cassette."""
    path = tmp_path / "large.yaml"
    with use_cassette(path, mode="new_episodes"):
        server.pause_after = 24
        connection = HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/length/2")
        response = connection.getresponse()
        assert len(response.read(24 * large.PIECE)) == 24 * large.PIECE
        assert server.sent.wait(60)
        (part,) = files(path)
        assert part.endswith(".part")
        with use_cassette(path, mode="new_episodes"):
            assert files(path) == [part]
        server.go_on.set()
        assert len(response.read()) == 8 * large.PIECE
        connection.close()
    assert [name.endswith(".part") for name in files(path)] == [False]


def test_secrets_never_reach_the_disk(server: Server, tmp_path: Path) -> None:
    """Those that a name gives away, those that a head has, known tokens: on either side of any border of pieces."""
    path = tmp_path / "large.yaml"
    named, repeated, token = b"correct-horse-4711", b"b8Xk2mP0qL7vR9tYwz", b"ghp_" + b"aB3dE6gH9j" * 4
    filler = b'{"a": "some text"},\n'
    records = [b'{"password": "%b"},\n' % named, b'{"note": "%b"},\n' % repeated, b'{"url": "%b"},\n' % token]
    content = b"[" + b"".join((filler * 811 + records[number % 3]) for number in range(150)) + filler[:-2] + b"]"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
    server.answer = head + content
    assert len(content) > MEBIBYTE
    with use_cassette(path):
        assert get(server.port, Authorization=f"Bearer {repeated.decode()}") == content
    on_disk = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for secret in (named, repeated, token):
        assert secret not in on_disk
        assert secret[4:] not in on_disk
    with use_cassette(path, mode="none"):
        replayed = get(server.port, Authorization="Bearer other-value-9817263")
    assert len(replayed) == len(content)
    assert replayed.count(filler) == content.count(filler)
    assert replayed.count(b"x" * 8) >= 50


def test_what_the_request_gave_away_is_masked_while_the_answer_comes(server: Server, tmp_path: Path) -> None:
    """Not only at the end: what is being written has none either."""
    path, secret = tmp_path / "large.yaml", b"b8Xk2mP0qL7vR9tYwz"
    content = (b"some text, " * 1000 + secret + b"\n") * 200
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(content)
    server.answer_rest = content
    with use_cassette(path), closing(HTTPConnection("127.0.0.1", server.port)) as connection:
        connection.request("POST", "/get", b'{"password": "%b"}' % secret, {"Content-Type": "application/json"})
        response = connection.getresponse()
        received = response.read(1_600_000)
        (part,) = (tmp_path / "large.yaml.bodies").iterdir()
        written = part.read_bytes()
        assert len(written) > MEBIBYTE
        assert secret not in written
        assert received + response.read() == content
    assert all(secret not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("framing", "came"),
    [
        (b"Content-Length: 3000000\r\n\r\n" + b"a" * 2_000_000, 2_000_000),
        (b"Transfer-Encoding: chunked\r\n\r\n1e8480\r\n" + b"a" * 2_000_000 + b"\r\n64\r\naa", 2_000_002),
    ],
)
def test_a_body_that_ends_early_is_kept_as_far_as_it_came(
    server: Server, tmp_path: Path, framing: bytes, came: int
) -> None:
    """The server broke off: the replay breaks off there."""
    path = tmp_path / "large.yaml"
    server.answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + framing
    for mode in ("once", "none"):
        with use_cassette(path, mode=mode), pytest.raises(IncompleteRead) as caught:
            get(server.port)
        assert len(caught.value.partial) == came
    (cut,) = load(path)
    assert cut.end.how is How.EOF
    assert cut.answer == server.answer


def test_what_the_client_did_not_read_is_not_there(server: Server, tmp_path: Path) -> None:
    """It closed within the body; so does the replay's connection know no more than that."""
    path = tmp_path / "large.yaml"
    for mode in ("once", "none"):
        with use_cassette(path, mode=mode), closing(HTTPConnection("127.0.0.1", server.port)) as connection:
            connection.request("GET", "/length/4")
            assert len(connection.getresponse().read(1_500_000)) == 1_500_000
    (cut,) = load(path)
    assert cut.end.how is How.CLIENT_CLOSED
    assert cut.response is not None
    assert not cut.response.message.body.complete
    assert cut.answer_size == len(cut.answer) < 4 * MEBIBYTE


def test_what_cannot_be_written_is_told_and_changes_nothing(server: Server, tmp_path: Path) -> None:
    """The client has got all; the error says what could not be kept, and why."""
    (tmp_path / "large.yaml.bodies").write_text("in the way")
    told = pytest.raises(CassetteError, match=r"could not write a body of 2097152 octets.*File exists")
    with told, use_cassette(tmp_path / "large.yaml"):
        with suppress(CassetteError):
            get(server.port)
        assert len(get(server.port, "/length/1")) == MEBIBYTE


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_secrets_in_compressed_content_never_reach_the_disk(server: Server, tmp_path: Path, framing: str) -> None:
    """It is compressed anew then, and its framing fits; what the client receives live is not touched."""
    path = tmp_path / "large.yaml"
    numbers = random.Random(3)
    records = [{"id": numbers.randrange(10**12), "text": numbers.randbytes(20).hex()} for _ in range(30_000)]
    plain = json.dumps([*records, {"password": "hunter2-4711"}, *records]).encode()
    content = gzip.compress(plain)
    assert len(content) > MEBIBYTE
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    if framing == "length":
        server.answer = head + b"Content-Length: %d\r\n\r\n%b" % (len(content), content)
    else:
        server.answer = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    with use_cassette(path):
        assert get(server.port) == content
    with use_cassette(path, mode="none"):
        replayed = get(server.port)
    assert gzip.decompress(replayed) == plain.replace(b"hunter2-4711", b"xxxxxxx-xxxx")
    assert len(files(path)) == 1


def test_a_large_request_is_found_by_its_content(server: Server, tmp_path: Path) -> None:
    """Octet by octet; that it differs is told with where."""
    path = tmp_path / "large.yaml"

    def post(content: bytes) -> bytes:
        with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
            connection.request("POST", "/", body=content)
            return connection.getresponse().read()

    one, other = b"a" * 5 * MEBIBYTE, b"a" * (5 * MEBIBYTE - 1) + b"b"
    with use_cassette(path):
        digests = [post(one), post(other)]
    with use_cassette(path, mode="none"):
        assert [post(other), post(one)] == digests[::-1]
    miss = pytest.raises(NoMatch, match=r"after [\d,]+ equal octets, from octet \d+: recorded .*sent")
    with miss, use_cassette(path, mode="none", strict=False):
        post(b"a" * (5 * MEBIBYTE - 2) + b"cc")


def test_a_large_upload_is_found_whatever_its_boundary(server: Server, tmp_path: Path) -> None:
    """Clients make up another each time."""
    path = tmp_path / "large.yaml"

    def post(boundary: str) -> bytes:
        part = b"--%b\r\nContent-Disposition: form-data; name=f\r\n\r\n" % boundary.encode()
        content = part + b"\0data" * MEBIBYTE + b"\r\n--%b--\r\n" % boundary.encode()
        with closing(HTTPConnection("127.0.0.1", server.port)) as connection:
            connection.request("POST", "/", content, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
            return connection.getresponse().read()

    with use_cassette(path):
        digest = post("b1946ac92492d2347c6235b4d2611184")
    with use_cassette(path, mode="none"):
        assert post("591785b794601e212b260e25925636fd") == digest


def test_a_large_request_that_is_not_recorded_goes_on_to_the_network(server: Server, tmp_path: Path) -> None:
    """It has been looked for first, whole; the server gets it as it was sent."""
    path = tmp_path / "large.yaml"
    with use_cassette(path, mode="new_episodes"):
        get(server.port)
    for mode in ("new_episodes", "none"):
        with (
            use_cassette(path, mode=mode, strict=False),
            closing(HTTPConnection("127.0.0.1", server.port)) as connection,
        ):
            assert large.upload(connection, 3, "chunked") == digest_of(3)


def test_the_limit_can_be_chosen(server: Server, tmp_path: Path) -> None:
    """What is in the file under one limit is found under another."""
    path = tmp_path / "large.yaml"
    connection = HTTPConnection("127.0.0.1", server.port)
    with use_cassette(path, body_limit=10):
        connection.request("POST", "/", '{"a": 1, "b": "two"}', {"Content-Type": "application/json"})
        connection.getresponse().read()
    assert len(files(path)) == 2
    with use_cassette(path, mode="none"):
        connection.request("POST", "/", '{"b":"two","a":1}', {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()
    with pytest.raises(ValueError, match="octets as body_limit"):
        use_cassette(path, body_limit=-1)


BROKEN_OFF = """
import gc, sys
from cassettes import use_cassette
from fake_server import FakeServer
from fake_server.faults import Reset
from httplib_sim import HTTPConnection

ignored = []
sys.unraisablehook = ignored.append
gc.disable()

def get(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    try:
        connection.getresponse().read()
    except ConnectionResetError as error:
        error.itself = error  # so that only the collector ends its traceback, and what that holds
    else:
        sys.exit("it was not reset")
    connection.close()

with FakeServer() as server:
    server.expect("/").respond(data=b"x" * 3_000_000).with_fault(Reset(after="body[:1000000]"))
    get(server.port)
    with use_cassette(sys.argv[1]):
        get(server.port)
with use_cassette(sys.argv[1], mode="none"):
    get(server.port)
gc.collect()
sys.exit("; ".join(str(one.exc_value) for one in ignored) or None)
"""


def test_what_an_error_leaves_behind_can_be_closed(tmp_path: Path) -> None:
    """Live, recording and replaying: Python tells of what cannot (before 3.13 in its development mode)."""
    command = [sys.executable, "-X", "dev", "-c", BROKEN_OFF, str(tmp_path / "x.yaml")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
