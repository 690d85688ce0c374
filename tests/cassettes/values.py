"""Exchanges for tests, made from the octets of both sides, and strategies for awkward ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import strategies as st

from cassettes.exchange import End, Exchange, How, Request, Response
from httplib_sim import wire
from httplib_sim.waist import Origin

ORIGIN = Origin("https", "api.example.com", 443)


def exchange(request: bytes, response: bytes | None, *, end: End | None = None, received: bytes = b"") -> Exchange:
    """Return the exchange of a complete *request* and a complete *response*."""
    [sent] = wire.parse_requests(request)
    answer = None
    if response is not None:
        [parsed] = wire.parse_responses(response, [sent.head.method])
        answer = Response(parsed)
    return Exchange(
        request=Request(ORIGIN, sent),
        response=answer,
        end=end or End(),
        received=received,
        connection=3,
        started=datetime(2026, 11, 22, 20, 0, 0, 123_000, tzinfo=UTC),
        elapsed=0.087,
    )


def get(target: str = "/", content: bytes = b"hello", *lines: str) -> Exchange:
    """Return a GET that was answered with *content* and these header lines."""
    head = "".join(f"{line}\r\n" for line in lines)
    return exchange(
        f"GET {target} HTTP/1.1\r\nHost: api.example.com\r\n\r\n".encode("latin-1"),
        f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(content)}\r\n\r\n".encode("latin-1") + content,
    )


awkward_text = st.one_of(
    st.text(),
    st.text(alphabet="ab \t\r\n\x00\x1b\x85\u2028\ufeff\xe9\U0001f600-.:#'\"{}[]%&*!|>", max_size=60),
    st.sampled_from([
        "---\n", "...\n", "a\n---\nb\n...\n", " leading", "trailing \n", "\n\n\n", "no", "null", "~", "1.10", "0x1f",
        "=", "<<", "2026-11-22", "- a\n- b", "a: b", "\ufeffbom", "x" * 300, "a\r\nb\r\n", "a\r\nb\n", "\r", "|\n",
        "? x", "!!python/x",
    ]),
)  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | awkward_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(awkward_text, inner, max_size=4),
    max_leaves=12,
)


def _spelled(value: object, style: int) -> bytes:
    options = [{"separators": (",", ":")}, {}, {"indent": 2}, {"ensure_ascii": False}, {"indent": 3}][style]
    return json.dumps(value, **options).encode("utf-8", "surrogatepass")  # type: ignore[arg-type]


contents = st.one_of(
    st.binary(max_size=200),
    awkward_text.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(_spelled, json_values, st.integers(0, 4)),
    st.sampled_from(
        [b'{"a":1,"a":2}', b"[1.10, 1e3, -0.0, 1E5]", b'{"a":"\\ud800"}', b"[" * 400 + b"]" * 400, b'{"no": "on"}\n']
    ),
)

_names = st.sampled_from(["X-A", "x-a", "no", "null", "1", "~", "Content-Type", "X_B"])
_values = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)
_lines = st.one_of(
    st.builds(lambda name, value: f"{name}: {value}\r\n", _names, _values),
    st.builds(lambda name, value: f"{name}:{value} \r\n", _names, _values),
    st.sampled_from(
        [
            "X-Fold: a\r\n  b\r\n",
            "X-Lf: a\n",
            "no colon here\r\n",
            "X-Blank : a\r\n",
            ": no name\r\n",
            "X: \r\n",
            "X:\r\n",
        ]
    ),
)
sections = st.lists(_lines, max_size=5).map(lambda lines: "".join(lines).encode("latin-1"))


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """The octets of a complete response, interim ones before it, in one of the framings."""
    interim = b"".join(draw(st.lists(st.just(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"), max_size=2)))
    line = draw(
        st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404 \r\n", b"HTTP/1.1 200\r\n", b"HTTP/1.1  201  Made\n"])
    )
    section, content = draw(sections), draw(contents)
    if draw(st.booleans()):
        return interim + line + section + b"Content-Length: %d\r\n\r\n" % len(content) + content
    sizes = draw(st.lists(st.integers(1, 20), min_size=1, max_size=5))
    extension = draw(st.sampled_from([b"", b";a=1", b" ; b", b'; c="x y"']))
    pieces, position, number = [], 0, 0
    while position < len(content):
        size = min(sizes[number % len(sizes)], len(content) - position)
        form = b"%x%b\r\n" if number % 2 else b"00%X%b\r\n"
        pieces.append(form % (size, extension) + content[position : position + size] + b"\r\n")
        position, number = position + size, number + 1
    trailers = draw(st.sampled_from([b"", b"X-Sum: 1\r\n", b"X-Odd:1\r\n"]))
    return (
        interim
        + line
        + section
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"".join(pieces)
        + b"0\r\n"
        + trailers
        + b"\r\n"
    )


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """An exchange, complete or cut anywhere."""
    content = draw(contents)
    request = b"POST /a?b=%d HTTP/1.1\r\n" % draw(st.integers(0, 9)) + draw(
        st.sampled_from([b"", b"Host:x\r\n", b"X: \xe9\r\n"])
    )
    request += b"Content-Length: %d\r\n\r\n" % len(content) + content
    whole = exchange(request, draw(responses()), end=End(draw(st.sampled_from(list(How))), draw(awkward_text)))
    if whole.response is None or draw(st.booleans()):
        return whole
    octets = whole.answer
    cut = draw(st.integers(0, len(octets)))
    return cut_off(whole, octets[:cut])


def cut_off(whole: Exchange, octets: bytes) -> Exchange:
    """Return *whole* as it would have been recorded had only *octets* come."""
    from dataclasses import replace

    from cassettes.transcript import Responses

    responses = Responses()
    responses.expect(whole.request.message.head)
    responses.feed(octets)
    complete = responses.next_response()
    if complete is not None:
        return replace(whole, response=Response(complete), received=responses.rest())
    partial, rest = responses.partial()
    return replace(whole, response=None if partial is None else Response(partial), received=rest, end=End(How.EOF))
