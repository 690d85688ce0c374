"""The format: exact to the octet, readable by people, and plain about what is wrong with a file."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cassettes import body_format, document, head_format, yaml_format
from cassettes.errors import BadCassette
from cassettes.exchange import Afterword, End, Exchange, How
from cassettes.store import load
from cassettes.yaml_format import check_header, read, read_exchange, write_afterword, write_attempt, write_exchange

from .values import awkward_text, exchange, exchanges, get

if TYPE_CHECKING:
    from cassettes.attempts import FailedAttempt


def assert_same(one: Exchange, other: Exchange) -> None:
    """Both exchanges have the same octets both ways, and ended the same."""
    assert one.request.message.octets == other.request.message.octets
    assert one.answer == other.answer
    assert one.end == other.end
    assert one.interim == other.interim
    assert (one.response is None) is (other.response is None)


@given(exchanges())
def test_what_is_written_reads_back_to_the_octet(original: Exchange) -> None:
    """Whatever was on the wire, both ways, whole or cut, comes back as it was, and so does its end."""
    assert_same(read_exchange(write_exchange(1, original)), original)


afterwords = st.builds(
    Afterword,
    connection=st.integers(1, 10**6),
    received=st.binary(max_size=200),
    end=st.builds(End, st.sampled_from(list(How)), awkward_text),
)


@given(afterwords)
def test_an_afterword_reads_back_the_same(original: Afterword) -> None:
    """Octets, and the text of an error, whatever they are; and no line inside looks like a border."""
    text = write_afterword(original)
    assert read(text) == original
    assert not [line for line in text.split("\n")[1:-2] if line.startswith(("---", "..."))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("afterword: 0", "<document>:3: .*from 1 as the number of a connection"),
        ("received: '%'", "<document>:4: .*base64"),
        ("end: {how: sleepy}", "<document>:5: .*one of complete"),
        ("colour: red", "colour"),
    ],
)
def test_an_afterword_that_is_none_is_told_with_its_line(line: str, message: str) -> None:
    """As an exchange is."""
    lines = {"afterword": "afterword: 1", "received": "received: ''", "end": "end: {how: eof}"}
    lines[line.partition(":")[0]] = line
    with pytest.raises(BadCassette, match=message):
        read("\n".join(["---", "# then", *lines.values(), "...", ""]))
    with pytest.raises(BadCassette, match="no 'end': it was torn off"):
        read("---\nafterword: 1\n")
    with pytest.raises(BadCassette, match="expected an exchange, got an afterword"):
        read_exchange(write_afterword(Afterword(connection=1)))


@given(exchanges())
def test_no_line_inside_a_document_looks_like_a_border(original: Exchange) -> None:
    """Only the first line is '---' and only the last is '...': a stream can be cut at them without a parser."""
    lines = write_exchange(1, original).split("\n")
    assert lines[0] == "---"
    assert lines[-2:] == ["...", ""]
    assert not [line for line in lines[1:-2] if line.startswith(("---", "..."))]


@given(exchanges())
def test_the_pure_python_loader_reads_the_same(original: Exchange) -> None:
    """Without libyaml a cassette means the same."""
    text = write_exchange(1, original)
    assert issubclass(yaml_format._loader(), yaml.CSafeLoader)
    assert not issubclass(yaml_format._loader(pure=True), yaml.CSafeLoader)
    slow, fast = (yaml_format._value(yaml_format._compose(text, pure=pure)) for pure in (True, False))
    assert slow == fast


def test_json_is_structure_and_text_is_text() -> None:
    """A person reads the content, not its spelling."""
    text = write_exchange(7, get("/a", b'{"id": 7, "tags": ["x"]}', "Content-Type: application/json"))
    assert "    json:\n      id: 7\n      tags:\n      - x\n" in text
    assert "# 0007  GET https://api.example.com/a -> 200 OK  24 B  87 ms" in text
    text = write_exchange(1, get("/a", b"one\ntwo\n"))
    assert "    text: |\n      one\n      two\n" in text
    assert "eol: crlf" in write_exchange(1, get("/a", b"one\r\ntwo\r\n"))


@pytest.mark.parametrize("level", [1, 6, 9])
def test_compressed_content_is_shown_decoded(level: int) -> None:
    """Both gzip and deflate are taken off where they can be put back to the octet."""
    plain = json.dumps({"words": ["lorem", "ipsum"] * 20}).encode()
    for coding, content in (("gzip", gzip.compress(plain, level)), ("deflate", zlib.compress(plain, level))):
        original = get("/a", content, f"Content-Encoding: {coding}", "Content-Type: application/json")
        text = write_exchange(1, original)
        assert "- lorem" in text
        assert_same(read_exchange(text), original)


def test_a_stream_that_zlib_cannot_make_again_is_base64() -> None:
    """A readable form is never chosen at the price of an octet."""
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    content = stored.compress(b"hello") + stored.flush(zlib.Z_FULL_FLUSH) + stored.compress(b"world") + stored.flush()
    original = get("/a", content, "Content-Encoding: gzip")
    text = write_exchange(1, original)
    assert "base64:" in text
    assert_same(read_exchange(text), original)


EDITED = write_exchange(1, get("/a", b'{"id": 7}', "Content-Type: application/json"))


def test_an_edited_json_value_gets_its_length() -> None:
    """A person changes a value and nothing else; the framing follows."""
    changed = read_exchange(EDITED.replace("id: 7", "id: 700000"))
    assert changed.response is not None
    assert changed.response.content == b'{"id": 700000}'
    assert changed.response.headers.get("content-length") == "14"


def test_an_edited_status_and_a_deleted_header_are_taken_as_they_are() -> None:
    """The start line and the headers are the person's."""
    text = EDITED.replace("HTTP/1.1 200 OK", "HTTP/1.1 503 Busy").replace("  - Content-Type: application/json\n", "")
    changed = read_exchange(text)
    assert changed.response is not None
    assert (changed.response.status, changed.response.reason) == (503, "Busy")
    assert "content-type" not in changed.response.headers


def test_edited_content_of_chunks_is_one_chunk() -> None:
    """Chunk sizes that no longer fit are replaced by one that does."""
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"
    text = write_exchange(1, exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", response))
    changed = read_exchange(text.replace("text: abcdef", "text: abcdefgh"))
    assert changed.answer.endswith(b"\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n")


def test_a_document_written_by_hand_needs_little() -> None:
    """Origin, request line, status line and an end are enough."""
    made = read_exchange(
        "---\n"
        "origin: http://localhost:8080\n"
        "request: {line: GET /a HTTP/1.1, headers: [{Host: localhost}]}\n"
        "response:\n"
        "  line: HTTP/1.1 200 OK\n"
        "  headers: [{Content-Length: 5}]\n"
        "  body: {text: hello}\n"
        "end: {how: complete}\n"
    )
    assert made.request.url == "http://localhost:8080/a"
    assert made.answer == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("end:", "ende:", "unknown key 'ende' in an exchange"),
        ("response:", "response: 5\nx:", "unknown key 'x'"),
        ("origin: https://api.example.com", "origin: example", "expected an origin such as https://api.example.com"),
        ("GET /a HTTP/1.1", "GET /a HTTP/2", "expected a request line"),
        ("GET /a HTTP/1.1", "GET /a HTTP/2.0", "HTTP/1.1"),
        ("HTTP/1.1 200 OK", "OK", "expected a status line"),
        ("Host: api.example.com", "Host: 1.50", "put quotes round it"),
        ("Host: api.example.com", "Host: true", "put quotes round it"),
        ("style: spaced", "style: fancy", "expected a style of JSON"),
        ("json:", "base64: '*'\n    x:", "unknown key 'x' in a body"),
        ("how: complete", "how: well", "expected how the exchange ended, one of complete, client-closed"),
        (
            "connection: 3",
            "connection: three",
            "expected a whole number from 1 as the number of a connection, got text",
        ),
        ("at: 2026", "at: yesterday", "expected a time such as"),
        ("87.000 ms", "soon", "expected a duration such as '87 ms'"),
        ("  line: GET", "  lien: GET", "unknown key 'lien' in a request; known are head, headers, headers_end, line"),
        ("    json:", "    json: [", "expected YAML"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(old: str, new: str, message: str) -> None:
    """One clear sentence: where, what was expected, what came."""
    assert old in EDITED
    with pytest.raises(BadCassette, match=re.escape(message)) as caught:
        read_exchange(EDITED.replace(old, new, 1), "a.yaml", 40)
    assert str(caught.value).startswith("a.yaml:")
    assert caught.value.line >= 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cassette: 2\n", "made by a newer version"),
        ("interactions: []\n", "this file is no cassette"),
        ("hello", "this file is no cassette"),
        ("cassette: yes\n", "this file is no cassette"),
        ("cassette: [\n", "expected YAML"),
    ],
)
def test_a_file_that_is_no_cassette_of_ours_is_refused(text: str, message: str) -> None:
    """The first document says what the file is, and by which version it can be read."""
    with pytest.raises(BadCassette, match=message):
        check_header(text, "a.yaml")


def test_every_end_has_a_name() -> None:
    """How an exchange ended is a word that a person reads."""
    assert {how.value for how in How} == {"complete", "client-closed", "eof", "reset", "timeout"}


RICH = (
    write_exchange(
        1,
        exchange(
            b"POST /a?b=1 HTTP/1.1\r\nHost: x\r\nX-Odd:1\r\nContent-Length: 12\r\n\r\n" + b'{"a":[1,2.5]}'[:-1] + b"",
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=1\r\nab\ncd\r\n0\r\nX-Sum: 1\r\n\r\n",
        ),
    ),
    write_exchange(2, get("/z", gzip.compress(b'{"a": true}', mtime=0), "Content-Encoding: gzip")),
    write_exchange(3, get("/b", bytes(range(256)))),
    EDITED,
)
_WORDS = r""": - --- ... { } [ ] , # & * ! | > ' " % @ ` ? ~ << = null true no 1 -1 1.5 0x1f 1e5 -.inf .nan &a *a
!!int !!binary !!set !!timestamp !!python/x line: headers: head: body: json: text: base64: chunks: interim: compressed:
end: how: after: at: connection: complete: trailers: torn: redacted: received:"""
_PIECES = (
    "\n",
    " ",
    "  ",
    "\t",
    "\n- ",
    "\n  ",
    "\r",
    "\x00",
    "\x07",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u2603",
    "\U0001f600",
)
_NONSENSE = ("!!int ''", "!!float ''", "- &a [*a]", "!!timestamp 2026-99-99", "!!timestamp x", "9" * 5000)
_tokens = st.sampled_from([*re.split(r"\s", _WORDS), *_PIECES, *_NONSENSE])


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A document in which a few things were cut out, put in, moved or put in the place of others."""
    text = draw(st.sampled_from(RICH))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(begin + 30, len(text))))
        middle = draw(st.one_of(st.just(""), _tokens, st.text(max_size=5), st.just(text[begin:end] * 2)))
        text = text[:begin] + middle + text[end:]
        if draw(st.booleans()):
            lines = text.split("\n")
            number = draw(st.integers(0, len(lines) - 1))
            lines[number] = draw(
                st.sampled_from(["", lines[-number], lines[number].partition(":")[0] + ": " + draw(_tokens)])
            )
            text = "\n".join(lines)
    return text


@given(damaged())
def test_whatever_stands_in_a_document_it_is_an_exchange_or_a_bad_cassette(text: str) -> None:
    """No other error ever comes of a file, and the line that it names is one of the document's."""
    error, found = None, None
    try:
        found = read_exchange(text, "a.yaml", 100)
    except BadCassette as problem:
        error = problem
    if found is not None:
        assert_same(read_exchange(write_exchange(1, found)), found)
    else:
        assert error is not None
        assert str(error).startswith(f"a.yaml:{error.line}: ")
        assert 100 <= error.line <= 100 + text.rstrip().count("\n")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Host: api.example.com", "Host: 1.50", "  - Host: 1.50"),
        ("HTTP/1.1 200 OK", "OK", "  line: OK"),
        ("id: 7", "id: 7\n      id: 8", "      id: 8"),
        ("id: 7", "id: @", "      id: @"),
        ("id: 7", "id: \x07", "      id: \x07"),
        ("    json:", "    jsn:", "    jsn:"),
        ("style: spaced", "style: fancy", "    style: fancy"),
        ("connection: 3", "connection: 3\nconnection: 4", "connection: 4"),
        ("connection: 3", "redacted:\n- a\n- 5", "- 5"),
        ("at: 2026", "at: yesterday", "at: yesterday-11-22T20:00:00.123Z"),
    ],
)
def test_the_line_is_the_one_that_is_wrong(old: str, new: str, line: str) -> None:
    """Whoever edits a long file is led to the place, not to the beginning of the exchange."""
    assert old in EDITED
    text = EDITED.replace(old, new, 1)
    with pytest.raises(BadCassette) as caught:
        read_exchange(text)
    assert text.split("\n")[caught.value.line - 1] == line, str(caught.value)


@pytest.mark.parametrize(
    "word", ["no", "on", "y", "0755", "0x1f", "12:30:45", "1_000", "=", "<<", "2026-11-22", "1.", ".5", "+1"]
)
def test_what_only_looks_like_more_than_text_is_text(word: str) -> None:
    """A person's word is not changed into another value, neither in a header nor in JSON."""
    found = read_exchange(EDITED.replace("Host: api.example.com", f"Host: {word}").replace("id: 7", f"id: {word}"))
    assert found.request.headers.get("host") == word
    assert found.response is not None
    assert found.response.json() == {"id": word}


@given(st.text())
def test_text_means_the_same_to_other_programs(word: str) -> None:
    """What is written as JSON text is text for YAML 1.1 too (a date apart), whatever it looks like."""
    content = json.dumps({"a": word}, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    [data] = yaml.load_all(write_exchange(1, get("/", content)), Loader=yaml.BaseLoader)
    body = data["response"]["body"]
    assert body.get("json") == {"a": word} or "json" not in body


def test_lines_that_end_in_lf_alone_are_readable() -> None:
    """A server that knows no CRLF still gives a cassette that a person can read."""
    original = exchange(
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\nContent-Length: 2\nX-Fold: a\n b\n\nhi"
    )
    text = write_exchange(1, original)
    assert '  line: "HTTP/1.1 200 OK\\n"\n' in text
    assert '  headers_end: "\\n"\n' in text
    assert "head:" not in text
    assert_same(read_exchange(text), original)


def test_the_documented_cassette_is_what_is_written(tmp_path: Path) -> None:
    """The whole example in docs/cassette-format.md loads, and is written again as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "cassette-format.md").read_text(encoding="utf-8")
    example, afterword, attempt = re.findall("^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    found = load(path)
    assert yaml_format.HEADER + "".join(write_exchange(*numbered) for numbered in enumerate(found, 1)) == example
    assert write_afterword(cast("Afterword", read(afterword))) == afterword
    assert write_attempt(1, cast("FailedAttempt", read(attempt))) == attempt


def test_the_documented_keys_are_those_that_there_are() -> None:
    """Each key stands in a table of docs/cassette-format.md, and no other does."""
    page = (Path(__file__).parents[2] / "docs" / "cassette-format.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) - {"cassette", "recorded_by"}
    documents = document._KEYS | document._AFTERWORD_KEYS | document._END_KEYS | document._TLS_KEYS
    documents |= document._ATTEMPT_KEYS | document._CONNECTING_KEYS
    assert named == documents | head_format._KEYS | body_format._KEYS | {"interim", "body", "extra"}


@given(st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=8)), max_size=3), st.integers(0, 4000))
def test_whatever_octets_a_file_has_it_loads_or_is_bad(changes: list[tuple[int, bytes]], cut: int) -> None:
    """Octets changed or cut anywhere, not UTF-8 included: no other error ever comes of a file."""
    octets = bytearray((yaml_format.HEADER + "".join(RICH) + write_afterword(Afterword(connection=3))).encode())
    for position, new in changes:
        octets[position : position + len(new)] = new
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.yaml")
        path.write_bytes(octets[: len(octets) - cut])
        with contextlib.suppress(BadCassette):
            assert all(isinstance(found, Exchange) for found in load(path))


def test_text_with_odd_line_ends_has_its_lines() -> None:
    """In quotes, each on a line of the file, its end and what no editor shows as escapes."""
    content = 'one\r\n  two "quoted" \\ \n\nthree\rand\x85four\u2028\ufeff\ttab\0\n'.encode()
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    original = exchange(request, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content))
    written = write_exchange(1, original)
    assert (
        r'''    text: "one\r\n\
      \  two \"quoted\" \\ \n\
      \n\
      three\rand\u0085four\u2028\ufeff\ttab\u0000\n"'''
        in written
    )
    assert_same(read_exchange(written), original)
