"""`httplib_sim.cli.demo`: the whole demo, and that its comparison would find a single octet that differs."""

from __future__ import annotations

import dataclasses
import io
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from rich.console import Console

from cassettes import BadCassette, NoMatch
from httplib_sim.cli.demo import acts, certificates, play
from httplib_sim.cli.demo.comparison import Row, Seen, compare
from httplib_sim.cli.demo.httpbin import HOST
from httplib_sim.cli.demo.screen import Screen
from httplib_sim.cli.errors import Exit, Failure
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    import pathlib

pytest.importorskip("httpbin", reason="needs the dependency group demo")
pytest.importorskip("gunicorn", reason="needs the dependency group demo")

TOKEN = "token-of-this-test"


class Recorded(NamedTuple):
    """Act 1, performed once for all tests of this module."""

    stage: acts.Stage
    seen: list[Seen]
    cassette: pathlib.Path
    certificates: certificates.Certificates

    def copy(self, folder: pathlib.Path, old: str, new: str) -> pathlib.Path:
        """A copy of the cassette in *folder*, in which *old*, of which there is one or more, has become *new* once."""
        text = self.cassette.read_text(encoding="utf-8")
        assert old in text
        path = folder / "changed.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The program's exchanges with a real server, and their cassette."""
    folder = tmp_path_factory.mktemp("demo")
    made = certificates.make(folder, HOST)
    upload = folder / "upload.txt"
    upload.write_text(play.UPLOAD, encoding="utf-8")
    with acts.real_servers(folder, made) as (plain, secure):
        stage = acts.Stage(plain=plain, secure=secure, context=made.client_context(), upload=upload, token=TOKEN)
        seen = acts.record(stage, folder / "demo.yaml")
    return Recorded(stage, seen, folder / "demo.yaml", made)


def differing(rows: list[Row]) -> dict[str, tuple[str, ...]]:
    """What differs, by the exchange's scheme and title."""
    return {f"{row.scheme} {row.title}": row.differences for row in rows if row.differences}


def serve(recorded: Recorded, path: pathlib.Path) -> list[Seen]:
    """Perform against fake servers that answer from the cassette at *path*."""
    with acts.fake_servers(path, recorded.certificates) as servers:
        plain, secure = (Origin(server.scheme, server.host, server.port) for server in servers)
        return acts.perform(dataclasses.replace(recorded.stage, plain=plain, secure=secure))


def test_program_covers_what_matters(recorded: Recorded) -> None:
    """Over HTTP and HTTPS alike: gzip, JSON, chunks, HEAD, a 302, a file, a secret; one connection each."""
    assert len(recorded.seen) == 14
    for scheme, number in (("http", 1), ("https", 2)):
        exchanges = [seen.exchange for seen in recorded.seen if seen.exchange.request.origin.scheme == scheme]
        assert {exchange.connection for exchange in exchanges} == {number}
        gzip, post, stream, head, redirect, put, secret = exchanges
        assert gzip.response is not None
        assert gzip.response.headers.get("content-encoding") == "gzip"
        assert gzip.response.json()["gzipped"] is True
        assert post.request.json() == {"item": "umbrella", "quantity": 2}
        assert stream.response is not None
        assert len(stream.response.message.body.chunks or ()) == 4
        assert head.response is not None
        assert (head.request.method, head.response.content) == ("HEAD", b"")
        assert redirect.response is not None
        assert redirect.response.status == 302
        assert put.request.content == recorded.stage.upload.read_bytes()
        assert secret.request.headers.get("authorization") == f"Bearer {TOKEN}"
        assert TOKEN.encode() not in secret.answer


def test_secret_is_not_in_the_cassette(recorded: Recorded) -> None:
    """What was sent as Authorization is nowhere in the file."""
    assert TOKEN not in recorded.cassette.read_text(encoding="utf-8")


def test_replay_is_equal_without_a_server(recorded: Recorded) -> None:
    """With the servers gone, and their ports closed, the cassette gives the same octets."""
    assert acts.refusal(recorded.stage.plain)
    assert acts.refusal(recorded.stage.secure)
    rows = compare({"live": recorded.seen, "replay": acts.replay(recorded.stage, recorded.cassette)})
    assert len(rows) == 14
    assert differing(rows) == {}


def test_fake_servers_are_equal(recorded: Recorded) -> None:
    """Fake servers, over real sockets and with TLS, give the same octets."""
    rows = compare({"live": recorded.seen, "fake": serve(recorded, recorded.cassette)})
    assert len(rows) == 14
    assert differing(rows) == {}


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ("title: Sample Slide Show", "title: Simple Slide Show", "http GET /json"),
        ("- Server: gunicorn", "- Server: gunikorn", "http GET /gzip"),
        ("line: HTTP/1.1 302 FOUND", "line: HTTP/1.1 303 FOUND", "http GET /redirect/1"),
    ],
    ids=["content", "field", "status"],
)
def test_one_changed_octet_is_found(recorded: Recorded, tmp_path: pathlib.Path, old: str, new: str, title: str) -> None:
    """One letter changed in the cassette makes the replay differ, and the fake server, where it was changed."""
    path = recorded.copy(tmp_path, old, new)
    performances = {
        "live": recorded.seen,
        "replay": acts.replay(recorded.stage, path),
        "fake server": serve(recorded, path),
    }
    found = differing(compare(performances))
    assert list(found) == [title]
    [letter] = [other for one, other in zip(old, new, strict=True) if one != other]
    for name in ("replay", "fake server"):
        assert any(sentence.startswith(f"{name}: octet ") and letter in sentence for sentence in found[title])


def test_changed_request_is_not_answered(recorded: Recorded, tmp_path: pathlib.Path) -> None:
    """A request that is recorded otherwise than it is sent has no answer: nothing else is given instead."""
    path = recorded.copy(tmp_path, "item: umbrella", "item: raincoat")
    with pytest.raises(NoMatch):
        acts.replay(recorded.stage, path)


def test_torn_cassette_is_not_served(recorded: Recorded, tmp_path: pathlib.Path) -> None:
    """A cassette that is cut off is told, by name, before anything is answered from it."""
    path = tmp_path / "torn.yaml"
    path.write_bytes(recorded.cassette.read_bytes()[:-100])
    with pytest.raises(BadCassette, match=re.escape(str(path))):
        serve(recorded, path)


class Output(NamedTuple):
    """A screen, and what is on it."""

    screen: Screen
    file: io.StringIO

    @property
    def text(self) -> str:
        """What was printed."""
        return self.file.getvalue()


@pytest.fixture
def output() -> Output:
    """A screen of 80 columns."""
    file = io.StringIO()
    return Output(Screen(console=Console(file=file, width=80, highlight=False)), file)


def test_run(output: Output, tmp_path: pathlib.Path) -> None:
    """The demo ends well, and shows its acts, the cassette, the table and what to do next, in 80 columns."""
    path = tmp_path / "demo.yaml"
    assert play.run(path, screen=output.screen) is Exit.DONE
    text = output.text
    for number in (1, 2, 3):
        assert f"Act {number}: " in text
    assert f"14 exchanges over 2 connections, recorded in {path}" in text
    assert text.count("gives 'Connection refused'") == 2
    assert "14 exchanges over 2 real connections" in text
    assert "Authorization: " in text
    assert text.splitlines()[-1].startswith("✓ 14 exchanges, ")
    assert "…" not in text


def test_difference_fails_the_demo(output: Output, recorded: Recorded, tmp_path: pathlib.Path) -> None:
    """Where an exchange differs, the end says which and where, and the exit code is 1."""
    path = recorded.copy(tmp_path, "title: Sample Slide Show", "title: Simple Slide Show")
    names = ("live", "replay")
    rows = compare(dict(zip(names, (recorded.seen, acts.replay(recorded.stage, path)), strict=True)))
    assert play.finish(names, rows, path, output.screen) is Exit.FAILED
    assert "✗ 7 replay: octet " in output.text
    assert output.text.splitlines()[-1].startswith("✗ 1 of 14 exchanges differ (7).")


def test_existing_file_is_not_touched(tmp_path: pathlib.Path) -> None:
    """The demo records a new cassette, and overwrites none."""
    path = tmp_path / "mine.yaml"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(Failure, match=re.escape(str(path))) as caught:
        play.run(path, quiet=True)
    assert caught.value.exit_code == Exit.USAGE
    assert path.read_text(encoding="utf-8") == "precious"


def test_unwritable_place_is_one_line(tmp_path: pathlib.Path) -> None:
    """A cassette that cannot be written is told in one line, and no process stays."""
    (tmp_path / "file").touch()
    done = demo("--cassette", str(tmp_path / "file" / "demo.yaml"), "--quiet")
    assert done.returncode == Exit.FAILED
    assert len(done.stderr.splitlines()) == 1
    assert "demo.yaml" in done.stderr


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``httplib-sim demo`` in a process of its own."""
    command = [sys.executable, "-m", "httplib_sim", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_quiet(tmp_path: pathlib.Path) -> None:
    """With --quiet one line says how it went, and with which cassette."""
    path = tmp_path / "demo.yaml"
    done = demo("--quiet", "--cassette", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    assert line.startswith("✓ 14 exchanges, ")
    assert line.endswith(f"Cassette: {path}")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, 143)])
def test_interrupted_demo_leaves_nothing(tmp_path: pathlib.Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C, or SIGTERM, in the midst of act 1 ends the servers, too; there is no traceback."""
    command = [sys.executable, "-m", "httplib_sim", "demo", "--cassette", str(tmp_path / "demo.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ports = next(ports for line in process.stdout if len(ports := re.findall(r"127\.0\.0\.1:(\d+)", line)) == 2)
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert "Traceback" not in errors
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, int(port)), timeout=10)
