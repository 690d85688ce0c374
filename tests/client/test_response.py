"""`httplib_sim.response`: what a server sends, read as httplib's documentation and RFC 9112 say."""

from __future__ import annotations

import io
import itertools
import socket
from threading import Thread
from typing import TYPE_CHECKING

import pytest

import httplib_sim.client
from httplib_sim import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    LineTooLong,
    RemoteDisconnected,
    ResponseNotReady,
    UnknownProtocol,
    wire,
)

from .peers import PATIENCE, FileOnly, Octets, response_to, ways

if TYPE_CHECKING:
    from collections.abc import Callable

FIXED = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-A: 1\r\nX-A: 2\r\n\r\nhello world"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'5\r\nhello\r\n1;ext="x"\r\n \r\n5\r\nworld\r\n0\r\nX-Sum: abc\r\n\r\n'
)
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\n\r\nhello world"
FRAMINGS = [pytest.param(FIXED, id="fixed"), pytest.param(CHUNKED, id="chunked"), pytest.param(UNTIL_CLOSE, id="close")]


class TestHead:
    """The attributes and methods that tell what the head says."""

    def test_attributes(self) -> None:
        """Version, status and reason are attributes, as documented."""
        response = response_to(b"HTTP/1.0 404 Not so found\r\nContent-Length: 0\r\n\r\n")
        assert (response.version, response.status, response.reason) == (10, 404, "Not so found")
        assert (response.code, response.getcode()) == (404, 404)

    def test_a_later_minor_version_is_1_1(self) -> None:
        """HTTP/1.9 is read as 1.1, the highest that is spoken here (RFC 9110 section 2.5)."""
        assert response_to(b"HTTP/1.9 200 OK\r\nContent-Length: 0\r\n\r\n").version == 11

    def test_getheader(self) -> None:
        """A header is found in any case, repeated ones are joined, and a missing one is the default."""
        response = response_to(FIXED)
        assert response.getheader("x-a") == "1, 2"
        assert response.getheader("X-B") is None
        assert response.getheader("X-B", "none") == "none"
        assert response.getheader("X-B", ["a", "b"]) == "a, b"
        assert response.getheader("X-B", 7) == 7

    def test_getheader_is_the_same_once_the_message_is_made(self) -> None:
        """Whether `msg` was looked at makes no difference to `getheader` and `getheaders`."""
        response, other = response_to(FIXED), response_to(FIXED)
        assert response.msg["x-a"] == "1"
        assert response.getheader("x-a") == other.getheader("x-a")
        assert response.getheaders() == other.getheaders()

    def test_getheaders(self) -> None:
        """All lines, in their order and case."""
        assert response_to(FIXED).getheaders() == [("Content-Length", "11"), ("X-A", "1"), ("X-A", "2")]

    def test_what_is_put_into_the_message_is_found(self) -> None:
        """A header that a program adds to `headers` is there for `getheader`."""
        response = response_to(FIXED)
        response.headers["X-New"] = "3"
        assert response.getheader("x-new") == "3"

    def test_msg_and_headers_are_apart_once_one_is_set(self) -> None:
        """urllib.request puts the reason into `msg`; the headers stay where they are."""
        response = response_to(FIXED)
        response.msg = "OK"
        assert response.headers["x-a"] == "1"
        assert response.info() is response.headers
        assert response.getheader("x-a") == "1, 2"

    def test_url(self) -> None:
        """`geturl` tells what whoever made the response has set."""
        response = response_to(FIXED)
        response.url = "http://a/"
        assert response.geturl() == "http://a/"

    def test_nothing_is_known_before_begin(self) -> None:
        """Headers and content of a response that was not begun are an error, not empty."""
        response = HTTPResponse(Octets(FIXED))
        for ask in (response.getheaders, lambda: response.getheader("x"), lambda: response.msg, response.read):
            with pytest.raises(ResponseNotReady):
                ask()

    def test_begin_twice(self) -> None:
        """A second `begin` changes nothing."""
        response = response_to(FIXED)
        response.begin()
        assert response.read() == b"hello world"

    def test_a_line_without_colon_loses_nothing(self) -> None:
        """The headers after such a line count, Content-Length among them; the line itself is kept."""
        for response in ways(b"HTTP/1.1 200 OK\r\nA: 1\r\nno colon here\r\nContent-Length: 2\r\n\r\nokHTTP/1.1"):
            assert response.read() == b"ok"
            assert response.getheaders() == [("A", "1"), ("Content-Length", "2")]
            assert response.msg.defects
            assert response.msg.get_payload() == "no colon here\r\n"

    def test_a_bare_cr_ends_no_line(self) -> None:
        """CPython issue 114782: a CR inside a value does not smuggle in another header."""
        response = response_to(b"HTTP/1.1 200 OK\r\nFoo: 1\rContent-Length: 2\r\nContent-Length: 5\r\n\r\nhello")
        assert response.read() == b"hello"

    def test_blanks_after_a_value(self) -> None:
        """CPython issue 105973: they are not part of the value."""
        response = response_to(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked \r\n\r\n2\r\nok\r\n0\r\n\r\n")
        assert response.read() == b"ok"

    def test_head_of_a_response(self) -> None:
        """The head as it came is there in octets."""
        response = response_to(FIXED)
        assert response.head is not None
        assert response.head.octets + response.read() == FIXED


class TestInterim:
    """Interim responses (RFC 9110 section 15.2)."""

    HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"

    def test_they_are_skipped_and_kept(self) -> None:
        """100, 103 and any other 1xx come before the final response, which is what counts."""
        for response in ways(b"HTTP/1.1 100 Continue\r\n\r\n" + self.HINTS + FIXED):
            assert (response.status, response.read()) == (200, b"hello world")
            assert [head.status for head in response.interim] == [100, 103]
            assert response.interim[1].fields.get("link") == "</a.css>"

    def test_101_is_final(self) -> None:
        """After Switching Protocols the connection stays open, and what follows is no content."""
        response = response_to(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nfree form")
        assert response.status == 101
        assert not response.will_close
        assert response.read() == b""

    def test_a_flood_is_cut_off(self) -> None:
        """More than 100 interim responses are an attack (CVE-2021-3737)."""
        with pytest.raises(HTTPException, match="got more than 100 interim responses"):
            response_to(self.HINTS * 101 + FIXED)
        assert response_to(self.HINTS * 100 + FIXED).status == 200


class TestContent:
    """The content as a file."""

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_read(self, octets: bytes) -> None:
        """All content, however the octets come; then nothing more, and the response lets go of the connection."""
        for response in ways(octets):
            assert response.read() == b"hello world"
            assert response.read() == b""
            assert response.read(5) == b""
            assert response.isclosed()
            assert not response.closed

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_read_some(self, octets: bytes) -> None:
        """`read(amt)` gives that many octets, fewer at the end only."""
        for response in ways(octets):
            assert response.read(0) == b""
            assert [response.read(4), response.read(4), response.read(4), response.read(4)] == [
                b"hell",
                b"o wo",
                b"rld",
                b"",
            ]

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_a_negative_amount_is_all(self, octets: bytes) -> None:
        """`read(-1)` reads all, as files do."""
        for response in ways(octets):
            assert response.read(-1) == b"hello world"

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_readinto(self, octets: bytes) -> None:
        """A buffer is filled as far as the content goes."""
        for response in ways(octets):
            buffer = bytearray(8)
            assert response.readinto(buffer) == 8
            assert bytes(buffer) == b"hello wo"
            assert response.readinto(buffer) == 3
            assert bytes(buffer[:3]) == b"rld"
            assert response.readinto(buffer) == 0
            assert response.isclosed()

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_read1_and_peek(self, octets: bytes) -> None:
        """`read1` gives what is there, `peek` shows it and takes nothing."""
        for response in ways(octets):
            pieces = []
            while seen := response.peek():
                pieces.append(response.read1(len(seen)))
                assert pieces[-1] == seen
            assert b"".join(pieces) == b"hello world"
            assert response.read1() == b""
            assert response.isclosed()

    def test_read1_of_nothing_takes_nothing(self) -> None:
        """`read1(0)` and `readline(0)` are b"" and change nothing."""
        response = response_to(FIXED)
        assert response.read1(0) == response.readline(0) == b""
        assert response.read() == b"hello world"

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_it_is_not_closed_before_all_is_read(self, octets: bytes) -> None:
        """Content that was received, but not read yet, keeps the response open: loops until `isclosed` lose nothing."""
        for response in ways(octets):
            content = b""
            while not response.isclosed():
                assert response.peek() == b"" or response.peek() in b"hello world"
                content += response.read1(2)
            assert content == b"hello world"

    @pytest.mark.parametrize("octets", FRAMINGS)
    def test_lines(self, octets: bytes) -> None:
        """Iterating gives lines, `readline` at most so many octets of one."""
        octets = octets.replace(b"hello", b"h\nllo")
        for response in ways(octets):
            assert list(response) == [b"h\n", b"llo world"]
        for response in ways(octets):
            assert [response.readline(), response.readline(3), response.readlines()] == [b"h\n", b"llo", [b" world"]]

    def test_as_a_file(self) -> None:
        """It is a readable io file, a context manager, and what wraps files can wrap it."""
        with response_to(FIXED) as response:
            assert isinstance(response, io.BufferedIOBase)
            assert response.readable()
            assert not response.writable()
            assert io.TextIOWrapper(response, encoding="ascii").read() == "hello world"

    def test_peeked_content_is_not_lost(self) -> None:
        """What `peek` has shown is there for every way of reading, at the end of the content, too."""
        for read in (HTTPResponse.read, lambda r: r.read(11), HTTPResponse.readline, HTTPResponse.read1):
            for octets in (FIXED, CHUNKED, UNTIL_CLOSE):
                response = response_to(octets)
                assert response.peek().startswith(b"hello")
                assert read(response) == b"hello world"

    @pytest.mark.parametrize(
        ("start", "method"), [(b"200 OK", "HEAD"), (b"204 No Content", "GET"), (b"304 Not Modified", "GET")]
    )
    @pytest.mark.parametrize("framing", [b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b""])
    def test_no_content(self, start: bytes, method: str, framing: bytes) -> None:
        """HEAD, 204 and 304 have none, whatever the head says (RFC 9112 section 6.3, 1; CPython issue 157951)."""
        response = response_to(b"HTTP/1.1 " + start + b"\r\n" + framing + b"\r\nHTTP/1.1 500 Next", method)
        assert response.read() == b""
        assert response.isclosed()
        assert not response.will_close

    def test_trailers(self) -> None:
        """The trailer section of a chunked body is there once the content has been read."""
        response = response_to(CHUNKED)
        assert not response.trailers
        response.read()
        assert response.trailers.pairs() == [("X-Sum", "abc")]

    def test_content_is_not_read_before_it_is_asked_for(self) -> None:
        """A long body stays with the socket: `begin` takes one piece of 64 KiB at the most."""
        source = Octets(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + bytes(1_000_000))
        response = HTTPResponse(source)
        response.begin()
        assert source.received <= 65_536
        assert len(response.read()) == 1_000_000

    def test_a_long_body_of_a_socket(self) -> None:
        """Bodies that are read past the inbox, block by block, are complete and in order."""
        content = b"".join(b"%07d\n" % number for number in range(400_000))
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.create_connection(listener.getsockname()) as sock,
        ):
            there, _ = listener.accept()
            with there:
                there.settimeout(PATIENCE)
                sock.settimeout(PATIENCE)
                octets = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content
                thread = Thread(target=there.sendall, args=(octets,))
                thread.start()
                response = HTTPResponse(sock)
                response.begin()
                assert response.read(100) == content[:100]
                assert response.read() == content[100:]
                assert response.isclosed()
                thread.join(PATIENCE)

    def test_fileno(self) -> None:
        """The descriptor is the socket's, and there is none once the content has been read."""
        here, there = socket.socketpair()
        with here, there:
            there.sendall(FIXED)
            response = HTTPResponse(here)
            response.begin()
            assert response.fileno() == here.fileno()
            response.read()
            with pytest.raises(OSError, match="closed"):
                response.fileno()

    def test_close(self) -> None:
        """A closed response is closed, and gives nothing more."""
        response = response_to(FIXED)
        response.close()
        assert response.closed
        assert response.isclosed()
        assert response.read() == b""


class TestIncomplete:
    """A body that is cut short is never taken for a whole one."""

    def test_fixed(self) -> None:
        """`read()` raises with what came and how much more there should have been."""
        for response in ways(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"):
            with pytest.raises(IncompleteRead) as caught:
                response.read()
            assert (caught.value.partial, caught.value.expected) == (b"hello", 5)
            assert response.isclosed()

    def test_chunked(self) -> None:
        """Cut anywhere, a chunked body raises with the content before the cut, whichever way it is read."""
        begin = CHUNKED.index(b"\r\n\r\n") + 4
        places = [CHUNKED.index(piece, begin) + index for piece in (b"hello", b" \r", b"world") for index in range(5)]
        places = places[:6] + places[10:]  # the second chunk is one blank
        reads = (HTTPResponse.read, lambda r: r.read(100), lambda r: r.readinto(bytearray(100)))
        for end, read in itertools.product(range(begin, CHUNKED.index(b"X-Sum")), reads):
            response = response_to(CHUNKED[:end], size=3)
            with pytest.raises(IncompleteRead) as caught:
                read(response)
            assert caught.value.partial == b"hello world"[: sum(place < end for place in places)]

    def test_cut_trailers(self) -> None:
        """Once the last chunk has come the content is complete (RFC 9112 section 8), whatever the trailers do."""
        for end in range(CHUNKED.index(b"X-Sum"), len(CHUNKED)):
            assert response_to(CHUNKED[:end], size=3).read() == b"hello world"

    def test_chunked_piece_by_piece(self) -> None:
        """What came is given first, then the error: the end is never silent."""
        response = response_to(CHUNKED[: CHUNKED.index(b"world")])
        assert response.read(6) == b"hello "
        with pytest.raises(IncompleteRead):
            response.read(5)

    def test_piece_by_piece(self) -> None:
        """`read(amt)` of a fixed length gives what came, as httplib does, and ``length`` says what is missing."""
        response = response_to(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        assert (response.read(4), response.read(4), response.read(4)) == (b"hell", b"o", b"")
        assert response.length == 5
        assert response.isclosed()

    def test_it_can_be_enforced(self) -> None:
        """With ``enforce_content_length`` every way of reading raises where the content is cut."""
        for read in (lambda r: r.read(8), lambda r: r.readinto(bytearray(8)), list):
            response = response_to(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            response.enforce_content_length = True
            with pytest.raises(IncompleteRead) as caught:
                read(response)
            assert caught.value.expected == 5

    def test_read1_raises_too(self) -> None:
        """It gives what came first, then raises, if told to (CPython issue 115997)."""
        response = response_to(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        response.enforce_content_length = True
        assert response.read1() == b"hello"
        with pytest.raises(IncompleteRead):
            response.read1()

    def test_a_lying_content_length_takes_no_memory(self) -> None:
        """A Content-Length beyond all memory costs nothing before its octets come (CVE-2025-13836)."""
        for length in (40_000_000_000, 10**23):
            for response in ways(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nhello" % length):
                with pytest.raises(IncompleteRead) as caught:
                    response.read()
                assert (caught.value.partial, caught.value.expected) == (b"hello", length - 5)

    def test_a_lying_chunk_size(self) -> None:
        """The same of a chunk (RFC 9112 section 7.1.1)."""
        response = response_to(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\nhello")
        with pytest.raises(IncompleteRead) as caught:
            response.read()
        assert caught.value.partial == b"hello"

    @pytest.mark.parametrize("size", [b"-5", b"0x5", b"+5", b"5_0", b"g", b""])
    def test_a_bad_chunk_size(self, size: bytes) -> None:
        """Digits only (CPython issue 150751); the error says what is wrong."""
        response = response_to(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + size + b"\r\nhello\r\n"
        )
        with pytest.raises(IncompleteRead) as caught:
            response.read()
        assert caught.value.partial == b"ok"
        assert "hexadecimal" in str(caught.value.__cause__)

    def test_a_chunk_line_without_end(self) -> None:
        """It is cut off (RFC 9112 section 7.1.1)."""
        response = response_to(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"a" * 70_000)
        with pytest.raises(LineTooLong, match="chunk size"):
            response.read()

    def test_trailers_without_end(self) -> None:
        """They are cut off, as headers are."""
        response = response_to(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 101 + b"\r\n"
        )
        with pytest.raises(HTTPException, match="got more than 100 trailers"):
            response.read()

    def test_a_timeout_loses_nothing(self) -> None:
        """After a timeout inside the content reading goes on where it was."""
        here, there = socket.socketpair()
        with here, there:
            here.settimeout(0.01)
            there.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"a" * 90_000)
            response = HTTPResponse(here)
            response.begin()
            with pytest.raises(TimeoutError):
                response.read()
            there.sendall(b"b" * 110_000)
            assert response.read() == b"a" * 90_000 + b"b" * 110_000


class TestBadHeads:
    """What is no response is one clear error."""

    def test_no_answer(self) -> None:
        """The server closed without a word: `RemoteDisconnected`, a ConnectionResetError and a BadStatusLine."""
        with pytest.raises(RemoteDisconnected, match="without response"):
            response_to(b"")

    @pytest.mark.parametrize("end", [4, 12, 17, 30, len(FIXED) - 13, len(FIXED) - 12])
    def test_a_head_that_is_cut(self, end: int) -> None:
        """A head without its end is no response: what is missing could be the framing."""
        for size in (65_536, 1):
            with pytest.raises((IncompleteRead, BadStatusLine)):
                response_to(FIXED[:end], size=size, strict=1)

    @pytest.mark.parametrize(
        "line", [b"HTTP/1.1 OK", b"HTTP/1.1 99 A", b"HTTP/1.1 2000 A", b"HTTP/1.1", b"HTTP/1.x 200 OK"]
    )
    def test_a_bad_status_line(self, line: bytes) -> None:
        """It is named in ``line``, with its end, as in httplib."""
        with pytest.raises(BadStatusLine) as caught:
            response_to(line + b"\r\n\r\n")
        assert caught.value.line == line.decode() + "\r\n"

    @pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/2", "HTTP/a.b"])
    def test_another_protocol(self, version: str) -> None:
        """HTTP of another major version is told apart."""
        with pytest.raises(UnknownProtocol) as caught:
            response_to(version.encode() + b" 200 OK\r\n\r\n")
        assert caught.value.version == version

    def test_strict(self) -> None:
        """With strict, what does not begin like a status line is an error as soon as its line is there."""
        with pytest.raises(BadStatusLine) as caught:
            response_to(b"<html>hello</html>\nmore", strict=1)
        assert caught.value.line == "<html>hello</html>\n"

    def test_http09(self) -> None:
        """Without strict, it is an HTTP/0.9 response: status 200, no headers, all of it is the content."""
        for octets in (b"<html>hello</html>\nmore", b"x", b"SSH-2.0\r\n\r\nabc", b"H"):
            for response in ways(octets):
                assert (response.version, response.status, response.reason) == (9, 200, "")
                assert response.getheaders() == []
                assert response.will_close
                assert response.read() == octets

    def test_connect_is_always_strict(self) -> None:
        """What is no answer to CONNECT opens no tunnel."""
        with pytest.raises(BadStatusLine):
            response_to(b"hello\r\n\r\n", "CONNECT")

    def test_too_long_a_line(self) -> None:
        """A line of more than 65,536 octets is cut off (CVE-2013-1752), and its end is not waited for."""
        source = Octets(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 1_000_000)
        with pytest.raises(LineTooLong, match="header line"):
            HTTPResponse(source).begin()
        assert source.received < 300_000
        with pytest.raises(LineTooLong, match="status line"):
            response_to(b"HTTP/1.1 200 " + b"a" * 70_000 + b"\r\n\r\n")

    def test_too_many_lines(self) -> None:
        """So are more than 100 headers."""
        with pytest.raises(HTTPException, match="got more than 100 headers"):
            response_to(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n")
        assert len(response_to(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 100 + b"\r\n").getheaders()) == 100

    def test_framing_in_doubt(self) -> None:
        """Two different lengths are no length (RFC 9112 section 6.3): a clear error, nothing is guessed."""
        with pytest.raises(HTTPException, match="different"):
            response_to(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")

    @pytest.mark.parametrize("lengths", [["5", "6"], ["five"]])
    def test_framing_in_doubt_of_http_clients_face(self, lengths: list[str]) -> None:
        """There the head can be seen, and judged (urllib3 does); but the content is not guessed either."""
        lines = "".join(f"Content-Length: {length}\r\n" for length in lengths).encode()
        response = httplib_sim.client.HTTPResponse(Octets(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\nhello!"))
        response.begin()
        assert [value for _, value in response.getheaders()] == lengths
        assert response.will_close
        readers: list[Callable[[], bytes]] = [
            response.read,
            response.read1,
            response.readline,
            lambda: response.read(1),
        ]
        for read in readers:
            with pytest.raises(HTTPException, match="expected"):
                read()
        response.close()
        assert response.isclosed()

    @pytest.mark.parametrize("length", [b"five", b"+5", b"5_0", b"0x5", b""])
    def test_a_length_that_is_none(self, length: bytes) -> None:
        """A Content-Length that is no number is an error (RFC 9112 section 6.3, 5)."""
        with pytest.raises(HTTPException, match="digits"):
            response_to(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nhello")

    def test_a_negative_length(self) -> None:
        """It is passed over, as httplib and http.client do; the content ends with the connection."""
        response = response_to(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")
        assert response.will_close
        assert response.read() == b"hello"


class TestPersistence:
    """Whether the connection may be used again: `will_close` (RFC 9112 section 9.3)."""

    @pytest.mark.parametrize(
        ("version", "fields", "closes"),
        [
            (b"1.1", b"Content-Length: 0", False),
            (b"1.1", b"Content-Length: 0\r\nConnection: Close", True),
            (b"1.1", b"X-A: 1", True),
            (b"1.1", b"Transfer-Encoding: chunked\r\nContent-Length: 5", True),
            (b"1.0", b"Content-Length: 0", True),
            (b"1.0", b"Content-Length: 0\r\nConnection: Keep-Alive", False),
            (b"1.0", b"Content-Length: 0\r\nKeep-Alive: 5", False),
            (b"1.0", b"Content-Length: 0\r\nProxy-Connection: keep-alive", False),
            (b"1.0", b"Content-Length: 0\r\nKeep-Alive: 5\r\nConnection: close", True),
            (b"1.0", b"Transfer-Encoding: chunked\r\nConnection: keep-alive", True),
        ],
    )
    def test_will_close(self, version: bytes, fields: bytes, closes: bool) -> None:
        """HTTP/1.1 persists unless it says close, 1.0 if it says so; without framing none does."""
        assert response_to(b"HTTP/" + version + b" 200 OK\r\n" + fields + b"\r\n\r\n").will_close is closes


class TestAFileOfOnesOwn:
    """What programs do that put a file into ``fp``, as urllib3's tests do."""

    @pytest.mark.parametrize("length", [11, None])
    def test_it_is_read_without_a_head(self, length: int | None) -> None:
        """Without `begin` the content is what ``length`` says, else all of the file."""
        response = HTTPResponse(Octets(b""))
        response.fp = io.BytesIO(b"hello world")
        response.length = length
        assert (response.read(5), response.read1(1), response.read()) == (b"hello", b" ", b"world")
        assert response.isclosed()

    def test_it_may_have_a_head(self) -> None:
        """With `begin` it is a response like any other."""
        response = HTTPResponse(Octets(b""))
        response.fp = io.BytesIO(FIXED)
        response.begin()
        assert (response.status, response.read()) == (200, b"hello world")

    def test_the_socket_is_let_go(self) -> None:
        """The socket is not needed any more: once it is closed, it really is."""
        here, there = socket.socketpair()
        with there:
            response = HTTPResponse(here)
            response.fp = io.BytesIO(b"hello")
            here.close()
            assert here.fileno() == -1
            assert response.read() == b"hello"

    def test_a_double_of_a_socket(self) -> None:
        """What answers to any name, as doubles do, is not taken for a socket that counts its files."""

        class Double:
            _io_refs = object()

            def makefile(self, mode: str) -> io.BytesIO:
                assert mode == "rb"
                return io.BytesIO(FIXED)

        response = HTTPResponse(Double())
        response.begin()
        assert response.read() == b"hello world"

    def test_one_around_the_first(self) -> None:
        """A file that reads from the first one reads what comes from the socket."""
        here, there = socket.socketpair()
        with there:
            response = HTTPResponse(here)
            there.sendall(FIXED)
            response.begin()
            response.fp = io.BufferedReader(response.fp)
            here.close()
            assert response.read() == b"hello world"
        assert here.fileno() == -1

    def test_octets_as_they_are(self) -> None:
        """``fp`` and ``_safe_read`` give what is on the wire: urllib3 decodes chunks itself."""
        for response in ways(CHUNKED):
            assert response.fp.readline() == b"5\r\n"
            assert response._safe_read(5) == b"hello"
            with pytest.raises(IncompleteRead) as caught:
                response._safe_read(1000)
            assert caught.value.partial == CHUNKED.partition(b"hello")[2]
            assert caught.value.expected == 1000 - len(caught.value.partial)
            response.close()


def test_makefile_only() -> None:
    """An object with nothing but makefile will do, as test suites have them."""
    response = HTTPResponse(FileOnly(FIXED))
    response.begin()
    assert response.read() == b"hello world"


def test_debuglevel(capsys: pytest.CaptureFixture[str]) -> None:
    """The status line and each header are printed as httplib prints them."""
    HTTPResponse(Octets(FIXED), debuglevel=1).begin()
    out = capsys.readouterr().out
    assert out == "reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: Content-Length: 11\nheader: X-A: 1\nheader: X-A: 2\n"


def test_the_wire_is_public() -> None:
    """The head is a value of the codec."""
    assert isinstance(response_to(FIXED).head, wire.ResponseHead)
