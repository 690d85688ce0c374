"""`httplib_sim.cli.request`: one request to one URL, over real sockets."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from fake_server import FakeServer
from httplib_sim.cli import main
from httplib_sim.cli.errors import Exit, Failure
from httplib_sim.cli.request import header, origin_and_target, outcome
from httplib_sim.waist import Origin

from .scripted import refused_url, scripted

if TYPE_CHECKING:
    import pathlib


def request(*arguments: object, stdin: bytes | None = None) -> Result:
    """Run ``httplib-sim request`` in this process."""
    return CliRunner().invoke(main, ["request", *map(str, arguments)], input=stdin)


def assert_one_line(result: Result, code: Exit, *words: str) -> None:
    """The command failed with *code*, and with one line on stderr that has all *words*."""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("httplib-sim: ")
    for word in words:
        assert word in lines[0]
    assert result.exit_code == code


def test_content_goes_to_stdout(fake_server: FakeServer) -> None:
    """The content is written as it came, whatever octets it has; nothing else is."""
    fake_server.expect_request("/x", method="GET").respond_with_data(b"\x00\xff\r\n")
    result = request(fake_server.url_for("/x"))
    assert (result.exit_code, result.stdout_bytes, result.stderr) == (0, b"\x00\xff\r\n", "")


def test_request_as_told(fake_server: FakeServer) -> None:
    """Method, headers (order, case, repeats) and body are sent as given; what is added stands before and behind."""
    fake_server.expect_request("/x", method="PATCH").respond_with_data("ok")
    result = request(
        fake_server.url_for("/x?a=1"), "-X", "PATCH", "-H", "x-B: 2", "-H", "X-a:1", "-H", "x-B: 3", "-d", "ü"
    )
    assert result.exit_code == 0
    entry = fake_server.journal[0]
    assert entry.target == "/x?a=1"
    names = [line.name for line in entry.headers]
    assert names == ["Host", "Accept-Encoding", "x-B", "X-a", "x-B", "Content-Length", "User-Agent"]
    assert entry.headers.get("x-b") == "2, 3"
    assert entry.content == "ü".encode()


def test_given_headers_are_not_doubled(fake_server: FakeServer) -> None:
    """Host, Accept-Encoding, User-Agent and Content-Length are not added where they are given."""
    fake_server.expect_request("/").respond_with_data("ok")
    given = {"host": "example.org", "accept-encoding": "gzip", "user-agent": "me", "content-length": "2"}
    options = [word for name, value in given.items() for word in ("-H", f"{name}: {value}")]
    assert request(fake_server.url, *options, "-d", "ab").exit_code == 0
    assert {line.name: line.value for line in fake_server.journal[0].headers} == given


def test_body_makes_it_post(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """A body from a file is sent with its length, by POST unless told otherwise."""
    file = tmp_path / "body"
    file.write_bytes(b"from a file" * 10_000)
    fake_server.expect_request("/", method="POST").respond_with_data("ok")
    assert request(fake_server.url, "--data-file", file).exit_code == 0
    entry = fake_server.journal[0]
    assert entry.content == file.read_bytes()
    assert entry.headers.get("content-length") == "110000"


def test_body_from_a_pipe_is_chunked(fake_server: FakeServer) -> None:
    """What is read from a pipe has no length that could be known before: it is sent in chunks."""
    fake_server.expect_request("/", method="POST").respond_with_data("ok")
    command = [sys.executable, "-m", "httplib_sim", fake_server.url, "--data-file", "-"]
    done = subprocess.run(command, input=b"through a pipe", capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"ok", b"")
    entry = fake_server.journal[0]
    assert entry.content == b"through a pipe"
    assert entry.headers.get("transfer-encoding") == "chunked"


def test_output_file(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """With -o the content is in the file, and nothing on stdout."""
    fake_server.expect_request("/").respond_with_data(b"x" * 200_000)
    file = tmp_path / "out"
    result = request(fake_server.url, "-o", file)
    assert (result.exit_code, result.stdout_bytes) == (0, b"")
    assert file.read_bytes() == b"x" * 200_000


def test_output_file_is_left_alone_without_an_answer(tmp_path: pathlib.Path) -> None:
    """A file that is there already is not emptied for a request that nobody answers."""
    file = tmp_path / "out"
    file.write_text("precious", encoding="utf-8")
    assert_one_line(request(refused_url(), "-o", file), Exit.NO_CONNECTION)
    assert file.read_text(encoding="utf-8") == "precious"


def test_output_that_cannot_be_written(fake_server: FakeServer, tmp_path: pathlib.Path) -> None:
    """A folder that does not exist is told with its path."""
    fake_server.expect_request("/").respond_with_data("ok")
    file = tmp_path / "missing" / "out"
    assert_one_line(request(fake_server.url, "-o", file), Exit.FAILED, str(file), "No such file")


def test_reader_that_goes_away(fake_server: FakeServer) -> None:
    """A pipe that is closed at its other end is told in one line, and is no fault of the server's."""
    fake_server.expect_request("/").respond_with_data(b"x" * 10_000_000)
    command = [sys.executable, "-m", "httplib_sim", fake_server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == "httplib-sim: the content cannot be written: Broken pipe\n"
    assert process.returncode == Exit.FAILED


@pytest.mark.parametrize(("status", "code"), [(204, 0), (302, 0), (404, 4), (503, 5)])
def test_status_decides_the_exit_code(fake_server: FakeServer, status: int, code: int) -> None:
    """A status from 400 on is an exit code of its own class; no redirect is followed."""
    fake_server.expect_oneshot_request("/").respond_with_data(b"", status=status, headers={"Location": "/other"})
    result = request(fake_server.url)
    assert (result.exit_code, result.stderr) == (code, "")
    assert outcome(status) == code


def test_head_has_no_content(fake_server: FakeServer) -> None:
    """HEAD ends with the head, whatever length it announces."""
    fake_server.expect_request("/", method="HEAD").respond_with_data("hidden")
    result = request(fake_server.url, "-X", "HEAD", "-v")
    assert (result.exit_code, result.stdout_bytes) == (0, b"")
    assert "< Content-Length: 6" in result.stderr


def test_verbose_masks_secrets(fake_server: FakeServer) -> None:
    """With -v the heads are shown line by line, and no secret in either direction."""
    fake_server.expect_request("/x").respond_with_data("ok", headers={"Set-Cookie": "session=s3cr3t-back"})
    options = ("-v", "-H", "Authorization: Bearer s3cr3t-forth", "-H", "Accept: text/plain")
    result = request(fake_server.url_for("/x?api_key=s3cr3t-query"), *options)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("> GET /x?api_key=")
    assert "> Accept: text/plain" in lines
    assert any(line.startswith("> Authorization: Bearer ") for line in lines)
    assert "< HTTP/1.1 200 OK" in lines
    assert "s3cr3t" not in result.stderr
    assert result.stdout_bytes == b"ok"


def test_verbose_shows_secrets_when_asked(fake_server: FakeServer) -> None:
    """--show-secrets shows what is on the wire."""
    fake_server.expect_request("/").respond_with_data("ok")
    result = request(fake_server.url, "-v", "--show-secrets", "-H", "Authorization: Bearer s3cr3t")
    assert "> Authorization: Bearer s3cr3t" in result.stderr.splitlines()


def test_verbose_shows_interim_responses() -> None:
    """Interim responses are shown before the final one, each as it came."""
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n"
    with scripted(answer) as url:
        lines = request(url, "-v").stderr.splitlines()
    received = [line for line in lines if line.startswith("<")]
    assert received == [
        "< HTTP/1.1 103 Early Hints",
        "< Link: </a>",
        "< ",
        "< HTTP/1.1 200 Fine",
        "< Content-Length: 0",
        "< ",
    ]


def test_verbose_shows_no_control_characters() -> None:
    """What a server sends cannot steer the terminal."""
    with scripted(b"HTTP/1.1 200 \x1b[31mRed\r\nX: a\x1b[2Jb\r\nContent-Length: 0\r\n\r\n") as url:
        result = request(url, "-v")
    assert "\x1b" not in result.stderr
    assert "\\x1b[31mRed" in result.stderr


def test_terminal_without_unicode() -> None:
    """What a terminal cannot show is shown as a question mark, and is no reason to fail."""
    with scripted(b"HTTP/1.1 200 Fein\r\nX: \xa9 us\r\nContent-Length: 0\r\n\r\n") as url:
        done = subprocess.run(
            [sys.executable, "-m", "httplib_sim", url, "-v"],
            env={**os.environ, "PYTHONIOENCODING": "cp437"},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
    assert done.returncode == 0
    assert "< X: ? us" in done.stderr.splitlines()


def test_unverified_certificate() -> None:
    """A certificate of a CA that the system does not know is refused, in one line."""
    with FakeServer("localhost", tls=True) as server:
        assert_one_line(request(server.url), Exit.BAD_TLS, server.url, "certificate cannot be trusted")


def test_ca_file(tmp_path: pathlib.Path) -> None:
    """With --ca-file the certificates in it are the ones to trust."""
    with FakeServer("localhost", tls=True) as server:
        server.expect_request("/").respond_with_data("safe")
        result = request(server.url, "--ca-file", server.tls.ca_path)
        assert (result.exit_code, result.stdout_bytes) == (0, b"safe")
    empty = tmp_path / "empty.pem"
    empty.touch()
    assert_one_line(request("https://localhost/", "--ca-file", empty), Exit.USAGE, str(empty), "PEM")


def test_refused() -> None:
    """Where nobody listens, the line names the origin."""
    url = refused_url()
    assert_one_line(request(url), Exit.NO_CONNECTION, url.rstrip("/"), "no connection", "refused")


def test_unknown_host() -> None:
    """A name that does not exist (RFC 6761 section 6.4) is no connection."""
    assert_one_line(request("http://nowhere.invalid/"), Exit.NO_CONNECTION, "http://nowhere.invalid")


def test_timeout() -> None:
    """A server that says nothing is waited for as long as --timeout says."""
    with scripted(b"", closes=False) as url:
        assert_one_line(request(url, "--timeout", "0.05"), Exit.TIMED_OUT, url, "0.05 s")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "without a response"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "ended before the response did"),
        (b"SSH-2.0-OpenSSH_9.9\r\nHTTP/2 200\r\n\r\n", "SSH-2.0-OpenSSH_9.9"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "127.0.0.1"),
    ],
    ids=["nothing", "half a head", "another protocol", "bad chunk"],
)
def test_bad_response(answer: bytes, words: str) -> None:
    """What is not HTTP, or not whole, is an error of one line."""
    with scripted(answer) as url:
        assert_one_line(request(url, "-H", "Connection: close"), Exit.BAD_RESPONSE, words)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
    ],
    ids=["fixed length", "between chunks", "inside a chunk"],
)
def test_truncated_content(answer: bytes) -> None:
    """Content that ends too early is written as far as it came, and told."""
    with scripted(answer) as url:
        result = request(url)
    assert result.stdout_bytes == b"half"
    assert_one_line(result, Exit.BAD_RESPONSE, "ended before the response did")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("example.com", "expected a URL"),
        ("ftp://example.com/", "expected a URL"),
        ("http://", "expected a URL"),
        ("http://host:s3cr3t/", "bad URL"),
        ("http://[::1/", "bad URL"),
        ("http://ann:s3cr3t@exa\u2100mple.com/", "bad URL"),
        ("http://ann:s3cr3t@example.com/", "credentials"),
        ("ftp://ann:s3cr3t@example.com/", "expected a URL"),
        ("ftp://s3cr3t?x@example.com/", "expected a URL"),
        ("ftp://s3cr3t#x@example.com/", "expected a URL"),
        ("ann:s3cr3t?x@example.com", "expected a URL"),
        ("http://ann:s3cr3t?x@example.com/", "bad URL"),
        ("http://s3cr3t?x@example.com/", "expected a '/' before the '?'"),
        ("http://s3cr3t#x@example.com/", "expected a '/' before the '?'"),
        ("http://ann:443?s3cr3t@example.com/", "expected a '/' before the '?'"),
        ("http://a b/", "host"),
        (f"http://{'x' * 64}.example/", "host"),
        ("http://ü..example/", "host"),
    ],
)
def test_bad_url(url: str, words: str) -> None:
    """What is no http or https URL is told in one line, without a secret."""
    result = request(url)
    assert_one_line(result, Exit.USAGE, words)
    assert "s3cr3t" not in result.stderr


def test_bad_header_is_not_shown() -> None:
    """A header without a colon may be a secret that was pasted: the line does not show it."""
    result = request("http://localhost/", "-H", "s3cr3t")
    assert_one_line(result, Exit.USAGE, "expected a header")
    assert "s3cr3t" not in result.stderr


def test_header_that_would_be_two(fake_server: FakeServer) -> None:
    """A line end in a value is refused before anything is sent (RFC 9110 section 5.5)."""
    assert_one_line(request(fake_server.url, "-H", "X: a\r\nY: b"), Exit.USAGE, "cannot be sent")
    assert len(fake_server.journal) == 0


def test_body_given_twice(tmp_path: pathlib.Path) -> None:
    """--data and --data-file exclude each other."""
    file = tmp_path / "body"
    file.touch()
    assert_one_line(request("http://localhost/", "-d", "x", "--data-file", file), Exit.USAGE, "--data-file")


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("http://example.com", Origin("http", "example.com", 80), "/"),
        ("https://example.com?a=b#part", Origin("https", "example.com", 443), "/?a=b"),
        ("http://[::1]:8080/a%20b", Origin("http", "::1", 8080), "/a%20b"),
        ("http://h/grün straße?ä", Origin("http", "h", 80), "/gr%C3%BCn%20stra%C3%9Fe?%C3%A4"),
        ("HTTP://H/", Origin("http", "h", 80), "/"),
    ],
)
def test_origin_and_target(url: str, origin: Origin, target: str) -> None:
    """A URL is split as RFC 9112 section 3.2.1 has it; only what may not stand in a target is percent-encoded."""
    assert origin_and_target(url) == (origin, target)


def test_header_is_split_at_the_first_colon() -> None:
    """A value may have colons, and may be empty."""
    assert header("Referer: http://h:1/") == ("Referer", "http://h:1/")
    assert header("X-Empty:") == ("X-Empty", "")
    with pytest.raises(Failure):
        header(": no name")
