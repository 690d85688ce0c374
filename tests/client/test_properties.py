"""Whatever octets come: the client gives a response or one of its exceptions, at once, and at any split the same."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import httplib_sim
from httplib_sim import client
from tests.wire.strategies import garbage, response_octets

from .peers import FileOnly, Octets
from .test_cases import FACES as STRICT_FACES

if TYPE_CHECKING:
    from collections.abc import Callable

Face = type[httplib_sim.HTTPResponse]

FACES = [pytest.param(httplib_sim.HTTPResponse, id="httplib_sim"), pytest.param(client.HTTPResponse, id="client")]
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
METHODS = ["GET", "HEAD", "CONNECT"]

HEADS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    CHUNKED,
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
]


@st.composite
def spoilt_responses(draw: st.DrawFn) -> bytes:
    """A response some of whose octets were taken out, changed, or put in."""
    octets = bytearray(draw(response_octets())[1])
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(octets)))
        end = draw(st.integers(begin, min(begin + 3, len(octets))))
        octets[begin:end] = draw(st.one_of(st.binary(max_size=2), st.sampled_from([b"\r", b"\n", b":", b" ", b"0"])))
    return bytes(octets)


whatever = st.one_of(
    st.binary(max_size=40),
    garbage,
    st.builds(bytes.__add__, st.sampled_from(HEADS), garbage),
    spoilt_responses(),
    response_octets().map(lambda made: made[1]),
)


class Gives(Octets):
    """Gives octets in pieces of the sizes it is told, over and over."""

    def __init__(self, octets: bytes, sizes: list[int]) -> None:
        super().__init__(octets)
        self._sizes = sizes
        self._asked = 0

    def recv(self, most: int) -> bytes:
        """Give the next piece."""
        self._size = self._sizes[self._asked % len(self._sizes)]
        self._asked += 1
        return super().recv(most)


class Forever:
    """Gives some octets, then others over and over."""

    def __init__(self, first: bytes, then: bytes) -> None:
        self._first = first
        self._then = then * (8192 // len(then) + 1)
        self.received = 0

    def recv(self, most: int) -> bytes:
        """Give the next piece."""
        octets, self._first = (self._first or self._then)[:most], b""
        self.received += len(octets)
        return octets


class Outcome(NamedTuple):
    """What came of reading, by type and value: all that a program could see."""

    head: tuple[object, ...] = ()
    content: bytes = b""
    trailers: list[tuple[str, str]] | None = None
    failure: str = ""
    partial: bytes = b""


def outcome(response: httplib_sim.HTTPResponse, read: Callable[[Any], bytes]) -> Outcome:
    """Read a response to its end. An exception that is none of the client's goes through."""
    found = Outcome()
    try:
        response.begin()
        head = (response.status, response.reason, response.version, response.will_close, tuple(response.getheaders()))
        found = Outcome(head=(*head, tuple(interim.status for interim in response.interim)))
        content = read(response)
    except httplib_sim.HTTPException as problem:
        return found._replace(failure=repr(problem), partial=getattr(problem, "partial", b""))
    assert response.isclosed()
    return found._replace(content=content, trailers=response.trailers.pairs())


def read_at_once(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content by one call."""
    return response.read()


def by_amounts(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content, three octets at a time."""
    return b"".join(iter(lambda: response.read(3), b""))


def by_lines(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content, line by line."""
    return b"".join(response)


def by_receives(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content, as it comes."""
    return b"".join(iter(response.read1, b""))


def into_a_buffer(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content, into a buffer of four octets."""
    pieces, buffer = [], bytearray(4)
    while count := response.readinto(buffer):
        pieces.append(bytes(buffer[:count]))
    return b"".join(pieces)


def after_peeks(response: httplib_sim.HTTPResponse) -> bytes:
    """All of the content, each piece looked at before it is taken."""
    pieces = []
    while seen := response.peek():
        pieces.append(response.read(len(seen)))
        assert pieces[-1] == seen
    return b"".join([*pieces, response.read()])


@pytest.mark.parametrize("face", FACES)
@given(whatever, st.sampled_from(METHODS), st.lists(st.integers(1, 30), min_size=1, max_size=6))
@example(b"\r", "GET", [1])
@example(b"HTTP/1.1 200 OK\r\n\r", "GET", [1])
def test_any_octets_at_any_split(face: Face, octets: bytes, method: str, sizes: list[int]) -> None:
    """A response, or an HTTPException and nothing else; and the same however the octets come."""
    whole = outcome(face(Octets(octets), method=method), read_at_once)
    assert outcome(face(Gives(octets, sizes), method=method), read_at_once) == whole
    assert outcome(face(Octets(octets, 1), method=method), read_at_once) == whole
    if not face.face.cuts_are_ends:
        assert outcome(face(FileOnly(octets), method=method), read_at_once) == whole


@pytest.mark.parametrize("read", [by_amounts, by_lines, by_receives, into_a_buffer, after_peeks])
@given(whatever, st.sampled_from(METHODS), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_any_octets_by_any_way_of_reading(
    read: Callable[[Any], bytes], octets: bytes, method: str, sizes: list[int]
) -> None:
    """Each way of reading gives the same content, and fails where reading at once does."""
    whole = outcome(httplib_sim.HTTPResponse(Octets(octets), method=method), read_at_once)
    response = httplib_sim.HTTPResponse(Gives(octets, sizes), method=method)
    response.enforce_content_length = True
    found = outcome(response, read)
    assert bool(found.failure) == bool(whole.failure)
    assert found.head == whole.head
    if not whole.failure:
        assert (found.content, found.trailers) == (whole.content, whole.trailers)


FIXED = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n03\r\nllo\r\n0;c\r\n"


@pytest.mark.parametrize("octets", [FIXED, CHUNKS], ids=["fixed", "chunks"])
@pytest.mark.parametrize("face", STRICT_FACES)
def test_cut_at_any_octet(face: Callable[..., httplib_sim.HTTPResponse], octets: bytes) -> None:
    """Whatever is missing, if only one octet: reading fails, and tells the content that came.

    By http.client's face a head may end behind a whole line, before any length.
    """
    assert outcome(face(Octets(octets), method="GET"), read_at_once).content == b"hello"
    for end in range(len(octets)):
        whole, slow = [outcome(face(Octets(octets[:end], size), method="GET"), read_at_once) for size in (65_536, 1)]
        assert whole == slow
        assert whole.failure or (face is client.HTTPResponse and octets[:end].endswith((b"X: a\r\n", b"\r\n b\r\n")))
        assert not whole.head or b"hello".startswith(whole.partial)


ENDLESS = {
    "a status line": (b"HTTP/1.1 200 ", b"x"),
    "a line that is none": (b"", b"x"),
    "empty lines": (b"", b"\r\n"),
    "a field line": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "a field name": (b"HTTP/1.1 200 OK\r\n", b"x"),
    "blanks": (b"HTTP/1.1 200 OK\r\nX:", b" "),
    "field lines": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "bad field lines": (b"HTTP/1.1 200 OK\r\n", b"x\n"),
    "folds": (b"HTTP/1.1 200 OK\r\nX: y\r\n", b" z\r\n"),
    "lines of one CR": (b"HTTP/1.1 200 OK\r\nX: y\r\n", b"\r\r\n"),
    "long field lines": (b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n"),
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "field lines of an interim response": (b"HTTP/1.1 103 Hints\r\n", b"X: y\r\n"),
    "zeros of a length": (b"HTTP/1.1 200 OK\r\nContent-Length: ", b"0"),
    "a chunk's size": (CHUNKED, b"0"),
    "a chunk's size that counts": (CHUNKED, b"f"),
    "an extension": (CHUNKED + b"5;", b"x"),
    "blanks behind a size": (CHUNKED + b"5", b" "),
    "a trailer": (CHUNKED + b"0\r\nX: ", b"x"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
    "bad trailers": (CHUNKED + b"0\r\n", b"x\n"),
    "folds of a trailer": (CHUNKED + b"0\r\nX: y\r\n", b"\tz\n"),
    "garbage": (CHUNKED, bytes(range(256))),
}


@pytest.mark.parametrize("what", ENDLESS)
@pytest.mark.parametrize("face", STRICT_FACES)
def test_what_never_ends(face: Callable[..., httplib_sim.HTTPResponse], what: str) -> None:
    """All that could go on for ever, but content, is cut off before much of it was received."""
    source = Forever(*ENDLESS[what])
    assert outcome(face(source, method="GET"), read_at_once).failure
    assert source.received < 1_200_000


@pytest.mark.parametrize(
    "claim", [b"Content-Length: %d" % 10**15, b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff"]
)
@pytest.mark.parametrize("face", STRICT_FACES)
def test_a_claim_takes_no_memory(face: Callable[..., httplib_sim.HTTPResponse], claim: bytes) -> None:
    """Memory is taken for what came, and not for what was announced (CVE-2025-13836)."""
    octets = b"HTTP/1.1 200 OK\r\n" + claim + b"\r\n\r\n" + b"x" * 1000
    tracemalloc.start()
    try:
        found = outcome(face(Octets(octets, 100), method="GET"), read_at_once)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert found.failure
    assert found.partial.endswith(b"x" * 1000)


BODY = b"2\r\nhi\r\n0\r\n\r\n"
CODINGS: list[tuple[list[str], str]] = [
    *[([], "none"), ([""], "none"), (["identity"], "none"), ([" , "], "none")],
    *[(["chunked"], "chunked"), (["CHUNKED \t"], "chunked"), (["gzip, chunked"], "chunked")],
    *[(["gzip", "chunked"], "chunked"), ([", chunked,"], "chunked"), (["identity", "chunked"], "chunked")],
    *[(["gzip"], "close"), (["chunked, gzip"], "close"), (["chunked", "gzip"], "close"), (["xchunked"], "close")],
    *[(["chunked, identity"], "close"), (["chunked chunked"], "close"), (['"chunked"'], "close")],
    *[(["chunked, chunked"], "error"), (["chunked", "chunked"], "error"), (["chunked;q=1"], "error")],
]
LENGTHS: list[tuple[list[str], int | None]] = [
    *[(["5"], 5), (["\t005 "], 5), (["5", "5"], 5), (["5,5", "5"], 5), (["0"], 0), (["12"], 12)],
    *[(["5", "6"], None), (["5, 6"], None), (["+5"], None), (["0x5"], None), (["5_0"], None), (["5 5"], None)],
    *[([""], None), (["5,"], None), (["five"], None), (["5.0"], None), (["5", "-5"], None), (["\x0b5"], None)],
]


def content_by_the_rfc(method: str, status: int, coding: str, lengths: list[str], length: int | None) -> bytes | None:
    """What RFC 9112 section 6.3 makes of a response, rule by rule; None if nobody may tell."""
    if method == "CONNECT" and status < 300:
        return BODY  # a tunnel, by 204 as well (RFC 9110 section 9.3.6)
    if method == "HEAD" or status in {204, 304}:
        return b""
    if coding != "none":
        return {"chunked": b"hi", "close": BODY, "error": None}[coding]
    if not lengths:
        return BODY
    return None if length is None else BODY[:length]


@pytest.mark.parametrize("face", STRICT_FACES)
@pytest.mark.parametrize("status", [200, 204, 304, 407])
def test_every_framing(face: Callable[..., httplib_sim.HTTPResponse], status: int) -> None:
    """Each coding beside each length, version and method is read as the rules say, in their order."""
    everything = itertools.product(METHODS, (0, 1, 2), CODINGS, [([], None), *LENGTHS])
    for method, minor, (codings, coding), (lengths, length) in everything:
        lines = [f"Transfer-Encoding: {value}" for value in codings]
        more = [f"Content-Length: {value}" for value in lengths]
        lines = lines + more if minor < 2 else more + lines
        head = "\r\n".join([f"HTTP/1.{minor} {status} OK", *lines, "", ""]).encode()
        response = face(Octets(head + BODY), method=method)
        found = outcome(response, read_at_once)
        expected = content_by_the_rfc(method, status, coding, lengths, length)
        assert (None if found.failure else found.content) == expected, (method, head)
        if expected is not None and (not minor or (codings and lengths)):
            assert response.will_close, "old, or open to doubt: the connection must not be used again"
