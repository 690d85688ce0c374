"""h11 as an oracle: on well-formed messages two codecs that share no code agree."""

from __future__ import annotations

import h11
from hypothesis import given
from hypothesis import strategies as st

from httplib_sim.wire import Fields, parse_requests, parse_responses, request_head, response_head

from .strategies import contents, pairs, reasons, targets, tokens

Lines = list[tuple[str, str]]


def all_events(connection: h11.Connection, octets: bytes) -> list[object]:
    """What h11 makes of *octets*, and of the end after them."""
    connection.receive_data(octets)
    connection.receive_data(b"")
    found: list[object] = []
    while not isinstance(event := connection.next_event(), type(h11.NEED_DATA) | h11.ConnectionClosed):
        found.append(event)
        if isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
            break
    return found


def content_of(events: list[object]) -> bytes:
    """The content in h11's events."""
    return b"".join(bytes(event.data) for event in events if isinstance(event, h11.Data))


def as_pairs(headers: object) -> Lines:
    """h11's headers, in their own case, as pairs of text."""
    assert isinstance(headers, h11._headers.Headers)
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw_items()]


def body_octets(content: bytes, sizes: list[int], trailers: Lines) -> bytes:
    """*content* cut into chunks of *sizes*."""
    octets, position = [], 0
    for size in sizes:
        piece = content[position : position + size]
        octets += [b"%x\r\n%s\r\n" % (len(piece), piece)] if piece else []
        position += size
    rest = content[position:]
    octets += [b"%x;last\r\n%s\r\n" % (len(rest), rest)] if rest else []
    return b"".join([*octets, b"0\r\n", Fields(trailers).octets, b"\r\n"])


chunk_sizes = st.lists(st.integers(1, 8), max_size=4)
# h11 is stricter than RFC 9110 with field names, and looks into Host, Connection and Expect.
free_pairs = pairs.map(lambda lines: [(f"x{name}", value) for name, value in lines])
ascii_targets = targets.filter(str.isascii)


@given(tokens, ascii_targets, free_pairs, contents, st.one_of(st.none(), chunk_sizes), free_pairs)
def test_requests(
    method: str, target: str, lines: Lines, content: bytes, sizes: list[int] | None, trailers: Lines
) -> None:
    """h11 reads what we emit as we do: method, target, fields, content, trailers."""
    framing = ("Content-Length", str(len(content))) if sizes is None else ("Transfer-Encoding", "chunked")
    lines = [("Host", "h"), *lines, framing]
    body = content if sizes is None else body_octets(content, sizes, trailers)
    octets = request_head(method, target, Fields(lines)).octets + body

    request, *events = all_events(h11.Connection(h11.SERVER), octets)
    assert isinstance(request, h11.Request)
    (ours,) = parse_requests(octets)
    assert ours.head.method == request.method.decode()
    assert ours.head.target == request.target.decode()
    assert ours.head.fields.pairs() == as_pairs(request.headers) == lines
    assert ours.body.content == content_of(events) == content
    end = events[-1]
    assert isinstance(end, h11.EndOfMessage)
    if sizes is not None:
        assert ours.body.trailers is not None
        assert ours.body.trailers.fields.pairs() == as_pairs(end.headers) == trailers


@given(
    st.sampled_from(["GET", "HEAD", "CONNECT"]),
    st.sampled_from([200, 204, 299, 304, 404, 500]),
    st.lists(st.sampled_from([100, 102, 103]), max_size=2),
    reasons,
    free_pairs,
    contents,
    st.sampled_from(["fixed", "chunked", "until close"]),
)
def test_responses(
    method: str, status: int, interim: list[int], reason: str, lines: Lines, content: bytes, kind: str
) -> None:
    """h11 reads a response as we do: the interim ones, where the body ends, what its content is."""
    framing = {"fixed": [("Content-Length", str(len(content)))], "chunked": [("Transfer-Encoding", "chunked")]}
    lines = [*lines, *framing.get(kind, [])]
    tunnel = method == "CONNECT" and status < 300
    bare = method == "HEAD" or status in {204, 304} or tunnel
    body = b"" if bare else body_octets(content, [3, 3], []) if kind == "chunked" else content
    heads = [response_head(code, "", Fields()) for code in interim] + [response_head(status, reason, Fields(lines))]
    octets = b"".join(head.octets for head in heads) + body

    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    connection.send(h11.EndOfMessage())
    events = all_events(connection, octets)
    statuses = [e.status_code for e in events if isinstance(e, h11.Response | h11.InformationalResponse)]
    final = next(event for event in events if isinstance(event, h11.Response))
    (ours,) = parse_responses(octets, [method])
    assert [*(head.status for head in ours.interim), ours.head.status] == statuses
    assert ours.head.reason == final.reason.decode("latin-1")
    assert ours.head.fields.pairs() == as_pairs(final.headers)
    assert ours.body.content == content_of(events) == (b"" if bare else content)
