"""The laws of the codec, for all that Hypothesis makes up: nothing lost, splits alike, quick ways like slow ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from httplib_sim.wire import (
    CLIENT,
    LIMITS,
    NEED_DATA,
    SERVER,
    STRICT,
    Body,
    BodyCollector,
    ChunkedReader,
    Data,
    Fields,
    Inbox,
    Leniency,
    Limits,
    MessageReader,
    RemoteProtocolError,
    RequestReader,
    ResponseReader,
    emit,
    parse_requests,
    parse_responses,
    request_head,
    response_head,
)
from httplib_sim.wire.fields import FieldLine, split

from .case_files import read, transcribe
from .strategies import (
    chunked_bodies,
    contents,
    garbage,
    leniencies,
    odd_lines,
    pairs,
    reasons,
    request_octets,
    response_octets,
    sections,
    splits,
    targets,
    tokens,
)

SMALL = Limits(start_line=24, field_line=20, field_lines=3, head=60, chunk_line=6, interim_responses=1)


@given(st.lists(request_octets(), min_size=1, max_size=3).map(b"".join), st.sampled_from([b"", b"\r\n\n"]))
def test_requests_come_back(octets: bytes, after: bytes) -> None:
    """What requests were parsed from is what they emit, empty lines after the last one included."""
    assert emit(*parse_requests(octets + after)) == octets + after


@given(response_octets())
def test_responses_come_back(made: tuple[str, bytes]) -> None:
    """What a response was parsed from is what it emits, interim responses and all that is odd included."""
    method, octets = made
    assert emit(*parse_responses(octets, [method])) == octets


def reader_for(role: str, leniency: Leniency, limits: Limits) -> MessageReader:
    """A new reader; a client's waits for the responses to two requests."""
    if role == "server":
        return RequestReader(leniency, limits)
    reader = ResponseReader(leniency, limits)
    reader.expect("GET")
    reader.expect("HEAD")
    return reader


@given(
    st.data(),
    garbage,
    st.sampled_from(["client", "server"]),
    leniencies,
    st.sampled_from([LIMITS, SMALL]),
    st.booleans(),
)
def test_garbage(data: st.DataObject, octets: bytes, role: str, leniency: Leniency, limits: Limits, eof: bool) -> None:
    """Whatever comes: no octet is lost, nothing but RemoteProtocolError is raised, and any split reads alike."""
    whole = read(reader_for(role, leniency, limits), [octets], eof=eof)
    assert emit(*whole.events) + whole.rest == octets
    pieces = data.draw(splits(octets))
    parts = read(reader_for(role, leniency, limits), pieces, eof=eof)
    assert emit(*parts.events) + parts.rest == octets
    assert transcribe(parts) == transcribe(whole)


@given(st.data(), response_octets())
def test_any_split_of_a_response_reads_alike(data: st.DataObject, made: tuple[str, bytes]) -> None:
    """However a response arrives, its events are the same."""
    method, octets = made

    def outcome(pieces: list[bytes]) -> list[str]:
        reader = ResponseReader()
        reader.expect(method)
        return transcribe(read(reader, pieces))

    assert outcome(data.draw(splits(octets))) == outcome([octets])


def content_by_parts(octets: bytes, leniency: Leniency, limits: Limits) -> tuple[bytes, str, bytes]:
    """Content, error and rest, as `next_part` gives them."""
    inbox, reader, content = Inbox(octets), ChunkedReader(leniency, limits), b""
    inbox.feed_eof()
    before = 0
    try:
        while not reader.complete:
            _, before = inbox.window()
            part = reader.next_part(inbox)
            content += part.content if isinstance(part, Data) else b""
    except RemoteProtocolError as error:
        inbox.rewind(before)
        return content, str(error), inbox.take_all()
    return content, "", inbox.take_all()


def take_all_content(inbox: Inbox, reader: ChunkedReader) -> bytes:
    """The content there is; an error is raised again by the next call."""
    try:
        return reader.take_content(inbox)
    except RemoteProtocolError:
        return b""


def content_at_once(pieces: list[bytes], leniency: Leniency, limits: Limits) -> tuple[bytes, str, bytes]:
    """Content, error and rest, as `take_content` gives them."""
    inbox, reader, content = Inbox(), ChunkedReader(leniency, limits), b""
    for piece in pieces:
        inbox.feed(piece)
        content += take_all_content(inbox, reader)
    inbox.feed_eof()
    try:
        while not reader.complete:
            content += reader.take_content(inbox)
    except RemoteProtocolError as error:
        with pytest.raises(RemoteProtocolError, check=error.__eq__):
            reader.take_content(inbox)
        return content, str(error), inbox.take_all()
    return content, "", inbox.take_all()


chunked_octets = st.one_of(chunked_bodies(odd=False), chunked_bodies(odd=True), garbage)


@given(st.data(), chunked_octets, st.sampled_from([CLIENT, SERVER, STRICT]), st.sampled_from([LIMITS, SMALL]))
def test_content_at_once(data: st.DataObject, octets: bytes, leniency: Leniency, limits: Limits) -> None:
    """`take_content` gives what the parts' data join to, and the same error after the same content, for any split."""
    content, error, rest = content_by_parts(octets, leniency, limits)
    pieces = data.draw(splits(octets))
    assert content_at_once(pieces, leniency, limits) == (content, error, rest)


@given(chunked_bodies(odd=True), st.integers(0, 200))
def test_torn_bodies_come_back(octets: bytes, end: int) -> None:
    """A chunked body that was cut anywhere emits just the octets that came."""
    octets = octets[:end]
    inbox, reader, collector = Inbox(octets), ChunkedReader(CLIENT, LIMITS), BodyCollector()
    while not reader.complete and (part := reader.next_part(inbox)) is not NEED_DATA:
        collector.add(part)
    body = collector.body(complete=reader.complete, torn=inbox.take_all())
    assert body.octets == octets
    assert Body(body.content, body.chunks, body.trailers, body.complete, body.tails, body.torn) == body


@given(tokens, targets, pairs, st.sampled_from([10, 11]))
def test_request_heads_from_parts(method: str, target: str, lines: list[tuple[str, str]], version: int) -> None:
    """A request head made from parts, emitted and parsed, has the same parts."""
    head = request_head(method, target, Fields(lines), version)
    (request,) = parse_requests(head.octets)
    assert (request.head.method, request.head.target, request.head.version) == (method, target, version)
    assert request.head.fields.pairs() == [line[:2] for line in request.head.fields] == lines
    assert request.head == head
    assert request.head.start_line == head.start_line


@given(st.integers(200, 999), reasons, pairs, contents)
def test_responses_from_parts(status: int, reason: str, lines: list[tuple[str, str]], content: bytes) -> None:
    """A response made from parts, emitted and parsed, has the same parts."""
    head = response_head(status, reason, Fields([*lines, ("Content-Length", str(len(content)))]))
    method = "HEAD" if status in {204, 304} else "GET"
    content = b"" if method == "HEAD" else content
    (response,) = parse_responses(head.octets + content, [method])
    assert (response.head.status, response.head.reason) == (status, reason)
    assert response.head.fields.pairs()[:-1] == lines
    assert response.head.fields == head.fields
    assert response.body.content == content


@given(
    sections,
    st.one_of(tokens, st.sampled_from(["a", "X", "content-length", "b a", "a:", "", "\xc0", "a\nb", " x", "x "])),
)
def test_quick_looks_at_fields(octets: bytes, name: str) -> None:
    """Looking up, listing and splitting a section the quick way gives what reading it line by line does."""
    lines = list(split(octets))
    named = [line.name for line in lines if line.name]
    for wanted in [name, *named, *[name.upper() for name in named]]:
        values = [line.value for line in lines if line.name and line.name.lower() == wanted.lower()]
        assert Fields.from_octets(octets).get_all(wanted) == values
    assert Fields.from_octets(octets).pairs() == [(line.name, line.value) for line in lines if line.name]
    assert list(Fields.from_octets(octets)) == lines
    assert emit(*lines) == octets


@given(odd_lines())
def test_decisive_fields(octets: bytes) -> None:
    """The one search for the deciding fields finds them wherever a look-up does."""
    section = b"A: 1\r\n" + octets + b"Content-Length: 7\r\nconnection:x\r\n"
    found = Fields.from_octets(section).decisive
    for name in ("connection", "content-length", "transfer-encoding"):
        if Fields.from_octets(section).get_all(name):
            assert name.encode() in found


@given(pairs)
def test_fields_from_pairs(lines: list[tuple[str, str]]) -> None:
    """Fields made from pairs and fields read from their octets are the same, to look at and to compare."""
    made = Fields(lines)
    read_back = Fields.from_octets(made.octets)
    assert made == read_back
    assert hash(made) == hash(read_back)
    assert list(made) == list(read_back) == [FieldLine(*line) for line in lines]
    for name, _ in lines:
        assert made.get(name) == read_back.get(name.upper()) == read_back.get(name.lower())
