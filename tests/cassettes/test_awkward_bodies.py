"""A corpus of bodies that recorders get wrong: each through a file and back, to the octet."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING

import pytest

from cassettes import content_coding
from cassettes.store import Store, load

from .values import exchange

if TYPE_CHECKING:
    from pathlib import Path

    from cassettes.exchange import Exchange

TEXT = "Straße, 東京, 🎉, and so on. " * 20
BODIES: dict[str, tuple[str, bytes]] = {
    "surrogates, escaped": ("application/json", rb'{"a":"\ud800","b":"\udc00\ud800","c":"\ud83c\udf89"}'),
    "surrogates, in octets": ("application/json", b'{"a":"\xed\xa0\x80"}'),
    "NEL": ("text/plain", "one\x85two\n".encode()),
    "line and paragraph separators": ("text/plain", "one\u2028two\u2029three\n".encode()),
    "separators in JSON": ("application/json", '{"a":"\x85\u2028\u2029\ufeff\x7f"}'.encode()),
    "CRLF": ("text/plain", b"one\r\ntwo\r\n"),
    "CRLF and LF": ("text/plain", b"a\r\nb\n"),
    "LF and CRLF, no end": ("text/plain", b"a\nb\r\nc"),
    "lone CR": ("text/plain", b"a\rb\r"),
    "CR CR LF": ("text/plain", b"a\r\r\nb"),
    "JSON with CRLF": ("application/json", b'{\r\n  "a": 1\r\n}\r\n'),
    "numbers": ("application/json", b"[1.0e5,-0,1E400,-0.0,1e-7,1E+2,0.10,123456789012345678901234567890,1.0]"),
    "a number of 5,000 digits": ("application/json", b"[" + b"9" * 5000 + b"]"),
    "NaN and the like": ("application/json", b"[NaN,Infinity,-Infinity]"),
    "duplicate keys": ("application/json", b'{"a":1,"a":2}'),
    "keys that YAML takes for more": (
        "application/json",
        b'{"no":"on","1":"2","":"~","null":"null","a: b":"- c","<<":"*x"}',
    ),
    "values that YAML takes for more": (
        "application/json",
        b'["2026-11-22","12:30:45","0x1F","1_000","=","!a","&b","%c","@d"]',
    ),
    "escapes": ("application/json", rb'{"a":"\/\u0041\b\f","b":"\u00e4"}'),
    "blanks": ("application/json", b'  { "a" :1 }  '),
    "JSON that is a scalar": ("application/json", b'"text"'),
    "JSON that is torn": ("application/json", b'{"a": [1, 2'),
    "empty containers": ("application/json", b'{"a":{},"b":[],"c":[[],{}]}'),
    "BOM and text": ("text/plain", b"\xef\xbb\xbfsome text\n"),
    "BOM and JSON": ("application/json", b'\xef\xbb\xbf{"a":1}'),
    "BOM alone": ("text/plain", b"\xef\xbb\xbf"),
    "1,000 levels": ("application/json", b"[" * 1000 + b"]" * 1000),
    "100,000 levels": ("application/json", b"[" * 100_000 + b"]" * 100_000),
    "100,000 levels, torn": ("application/json", b'{"a":' * 100_000),
    "1,000 levels of objects": ("application/json", b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "NUL": ("text/plain", b"a\0b\0"),
    "NUL alone": ("application/octet-stream", b"\0"),
    "all octets": ("application/octet-stream", bytes(range(256)) * 4),
    "all control characters": ("text/plain", bytes(range(32)) + b"\x7f"),
    "a line of a million": ("text/plain", b"word " * 200_000),
    "a line of a million without blanks": ("text/plain", b"x" * 1_000_000),
    "Latin-1": ("text/plain; charset=iso-8859-1", "Größe: 3 €".encode("cp1252")),
    "UTF-16": ("text/plain; charset=utf-16", TEXT.encode("utf-16")),
    "UTF-16 JSON": ("application/json", '{"a": "ä"}'.encode("utf-16-le")),
    "UTF-32": ("text/plain; charset=utf-32", TEXT.encode("utf-32")),
    "UTF-7": ("text/plain; charset=utf-7", TEXT.encode("utf-7")),
    "overlong UTF-8": ("text/plain", b"\xc0\x80\xe0\x80\x80"),
    "half a character": ("text/plain", "ä".encode()[:1]),
    "noncharacters": ("text/plain", "a\ufffe\uffff\U0001ffff".encode()),
    "beyond the BMP": ("text/plain", TEXT.encode()),
    "blanks at the ends of lines": ("text/plain", b"a  \n\t\n  b\n \n"),
    "blank lines at both ends": ("text/plain", b"\n\n\na\n\n\n"),
    "only line ends": ("text/plain", b"\n\n\n"),
    "one blank": ("text/plain", b" "),
    "tabs": ("text/plain", b"\ta\n\t\tb\n"),
    "what ends a document": ("text/plain", b"---\n...\n--- a\n%YAML 1.2\n# b\n"),
    "what begins a cassette": ("text/plain", b"cassette: 1\n...\n---\norigin: x\nend: {how: complete}\n...\n"),
    "a comment": ("text/plain", b"# a\n#b\n"),
    "quotes": ("text/plain", b"'\"'\"\\\n'"),
    "lines with a backslash at the end": ("text/plain", b"a\\\r\n b\\\n"),
    "a terminal": ("text/plain", b"\x1b[1mbold\x1b[0m and more text that is seen, for some lines\n" * 3),
}
CODED: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(b'{"a":1}' * 50)),
    "gzip of nothing": ("gzip", gzip.compress(b"")),
    "gzip with a name": ("gzip", b"\x1f\x8b\x08\x08\0\0\0\0\x02\x03name\0" + gzip.compress(b"text", mtime=0)[10:]),
    "gzip that is none": ("gzip", b"no gzip at all"),
    "gzip with a wrong checksum": ("gzip", gzip.compress(b"text")[:-8] + b"12345678"),
    "gzip that is cut": ("gzip", gzip.compress(b"some text" * 100)[:-9]),
    "gzip with rubbish behind": ("gzip", gzip.compress(b"some text") + b"\0\0rubbish"),
    "gzip with a beginning of gzip behind": ("gzip", gzip.compress(b"some text") + b"\x1f\x8b"),
    "gzip of several members": ("gzip", gzip.compress(b"one") + gzip.compress(b"two")),
    "gzip twice": ("gzip, gzip", gzip.compress(gzip.compress(b"text"))),
    "deflate": ("deflate", zlib.compress(b"text" * 20)),
    "deflate without a frame": ("deflate", zlib.compress(b"text" * 20)[2:-4]),
    "a coding that nobody knows": ("x-own", b"\x01\x02"),
    "a coding that is not there": ("br", b'{"a": 1}'),
}
if content_coding.library("br") is not None:
    CODED["br"] = ("br", content_coding.library("br").compress(b'{"a":1}' * 50))
if content_coding.library("zstd") is not None:
    CODED["zstd"] = ("zstd", content_coding.library("zstd").ZstdCompressor().compress(b'{"a":1}' * 50))
CASES = [(name, f"Content-Type: {kind}", body) for name, (kind, body) in BODIES.items()]
CASES += [(name, f"Content-Type: text/plain\r\nContent-Encoding: {how}", body) for name, (how, body) in CODED.items()]


def made(fields: str, body: bytes, *, chunked: bool) -> Exchange:
    """An exchange with *body* both ways."""
    lines = f"{fields}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    request = b"POST /a HTTP/1.1\r\nHost: example.com\r\n" + lines + body
    if not chunked:
        return exchange(request, b"HTTP/1.1 200 OK\r\n" + lines + body)
    half = len(body) // 2
    head = f"HTTP/1.1 200 OK\r\n{fields}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part]
    return exchange(request, head + b"".join(chunks) + b"0\r\n\r\n")


@pytest.mark.parametrize(("fields", "body"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_awkward_body_comes_back_to_the_octet(tmp_path: Path, fields: str, body: bytes) -> None:
    """Through the file, framed by a length and in chunks; also after a person has edited the exchange beside it."""
    path = tmp_path / "awkward.yaml"
    store = Store(path)
    originals = [made(fields, body, chunked=chunked) for chunked in (False, True)]
    beside = exchange(b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbest")
    for one in (originals[0], beside, originals[1]):
        store.append(one)
    for edited in (False, True):
        if edited:
            octets = path.read_bytes()
            assert octets.count(b"\n    text: best\n") == 1
            path.write_bytes(octets.replace(b"\n    text: best\n", b"\n    text: better\n"))
        first, between, second = load(path)
        for loaded, original in zip((first, second), originals, strict=True):
            assert loaded.request.message == original.request.message
            assert loaded.answer == original.answer
        assert between.response is not None
        assert between.response.content == (b"better" if edited else b"best")


@pytest.mark.parametrize("name", [name for name, (kind, _) in BODIES.items() if kind == "text/plain"])
def test_text_is_readable_in_the_file(tmp_path: Path, name: str) -> None:
    """Base64 is for what is no text."""
    body = BODIES[name][1]
    path = tmp_path / "awkward.yaml"
    Store(path).append(made("Content-Type: text/plain", body, chunked=False))
    no_text = {"NUL", "all control characters", "overlong UTF-8", "half a character", "noncharacters"}
    readable = "base64:" not in path.read_text(encoding="utf-8")
    assert readable is (name not in no_text), path.read_text(encoding="utf-8")[:1000]


def test_the_corpus_is_written_readable_to_other_programs(tmp_path: Path) -> None:
    """No line of the file has a control character, or one that other programs take for the end of a line."""
    path = tmp_path / "awkward.yaml"
    store = Store(path)
    for _, fields, body in CASES:
        store.append(made(fields, body, chunked=False))
    text = path.read_text(encoding="utf-8")
    assert re.findall("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text) == []
    assert len(load(path)) == len(CASES)
    assert json.loads(BODIES["escapes"][1])["a"] == "/A\b\f"
