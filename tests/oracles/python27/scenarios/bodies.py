"""Content: of fixed length, chunked, until the end, none; read whole, in pieces, and too often."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.oracles.python27.steps import BODY_FACTS, HEAD_FACTS, Scenarios, Step, call, exchange, look

_READINGS: Final[dict[str, list[Step]]] = {
    "whole": BODY_FACTS,
    "in twos": [*[call("r.read", 2), call("r.isclosed"), *look("r.length")] * 4, call("r.read")],
    "exactly": [call("r.read", 5), call("r.isclosed"), call("r.read", 5), call("r.isclosed")],
    "too much": [call("r.read", 100), call("r.isclosed"), call("r.read", 100), call("r.isclosed")],
    "some, then all": [call("r.read", 3), call("r.read"), call("r.isclosed")],
    "nothing": [call("r.read", 0), call("r.isclosed"), call("r.read", 0), call("r.read")],
    "after close": [call("r.close"), call("r.isclosed"), call("r.read"), call("r.read", 3), call("r.close")],
    "minus one": [call("r.read", -1), call("r.isclosed")],
    "none given": [call("r.read", None), call("r.read", None), call("r.isclosed")],
}
_BODIES: Final = {
    "fixed": "Content-Length: 5\r\n\r\nhello",
    "fixed, cut": "Content-Length: 10\r\n\r\nhello",
    "fixed, more comes": "Content-Length: 5\r\n\r\nhello, world",
    "fixed, empty": "Content-Length: 0\r\n\r\n",
    "until the end": "\r\nhello",
    "until the end, empty": "\r\n",
    "chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunked, two": "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "chunked, empty": "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, cut in a chunk": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe",
    "chunked, cut after a chunk": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
}
_CHUNKS: Final = {
    "extension": "5;a=b\r\nhello\r\n0\r\n\r\n",
    "extension, quoted": '5;a="b;c"\r\nhello\r\n0;last\r\n\r\n',
    "extension after a blank": "5 ; a\r\nhello\r\n0\r\n\r\n",
    "upper case": "A\r\nhellohello\r\n0\r\n\r\n",
    "lower case": "a\r\nhellohello\r\n0\r\n\r\n",
    "zeros": "0005\r\nhello\r\n000\r\n\r\n",
    "trailer": "5\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "trailers": "5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n",
    "LF alone": "5\nhello\r\n0\r\n\r\n",
    "LF alone at the end": "5\r\nhello\r\n0\n\r\n",
    "no end after the last": "5\r\nhello\r\n0\r\n",
    "last chunk without its end": "5\r\nhello\r\n0",
    "trailer cut": "5\r\nhello\r\n0\r\nA: b",
    "no last chunk": "5\r\nhello\r\n",
    "no chunk at all": "",
    "no size": "\r\nhello\r\n0\r\n\r\n",
    "size of letters": "xyz\r\nhello\r\n0\r\n\r\n",
    "negative size": "-5\r\nhello\r\n0\r\n\r\n",
    "sign": "+5\r\nhello\r\n0\r\n\r\n",
    "0x": "0x5\r\nhello\r\n0\r\n\r\n",
    "blank before": " 5\r\nhello\r\n0\r\n\r\n",
    "blank after": "5 \r\nhello\r\n0\r\n\r\n",
    "bad second size": "5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n",
    "too long a chunk": "5\r\nhello!!\r\n0\r\n\r\n",
    "too short a chunk": "5\r\nhel\r\n0\r\n\r\n",
    "cut in the size": "5\r\nhello\r\n1",
    "cut in the CRLF": "5\r\nhello\r",
    "huge size": "ffffffffff\r\nhello",
    "size line too long": "5;" + "x" * 65_540 + "\r\nhello\r\n0\r\n\r\n",
    "trailer too long": "5\r\nhello\r\n0\r\nA: " + "x" * 65_540 + "\r\n\r\n",
    "more comes": "5\r\nhello\r\n0\r\n\r\nmore",
    "no chunks": "hello, world",
}
_FRAMINGS: Final = {
    "TE and CL": "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "TE in upper case": "Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "TE with blanks": "Transfer-Encoding:   chunked \r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "TE identity": "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello",
    "TE gzip": "Transfer-Encoding: gzip\r\n\r\nhello",
    "TE gzip, CL": "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nhello",
    "TE gzip, chunked": "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "TE twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "TE in 1.0": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "CL twice, same": "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "CL twice, other": "Content-Length: 5\r\nContent-Length: 3\r\n\r\nhello",
    "CL list": "Content-Length: 5, 5\r\n\r\nhello",
    "CL negative": "Content-Length: -5\r\n\r\nhello",
    "CL with sign": "Content-Length: +5\r\n\r\nhello",
    "CL of letters": "Content-Length: abc\r\n\r\nhello",
    "CL with letters": "Content-Length: 5a\r\n\r\nhello",
    "CL empty": "Content-Length: \r\n\r\nhello",
    "CL with blanks": "Content-Length:   5  \r\n\r\nhello",
    "CL with zeros": "Content-Length: 005\r\n\r\nhello",
    "CL with fraction": "Content-Length: 5.0\r\n\r\nhello",
    "CL hexadecimal": "Content-Length: 0x5\r\n\r\nhello",
    "CL with underscore": "Content-Length: 0_5\r\n\r\nhello",
    "CL with blank inside": "Content-Length: 5 5\r\n\r\nhello",
    "CL in odd case": "CONTENT-length: 5\r\n\r\nhello, world",
    "CL behind a bad line": "nonsense\r\nContent-Length: 5\r\n\r\nhello, world",
    "CL behind an odd name": "a/b c: d\r\nContent-Length: 5\r\n\r\nhello, world",
    "CL with a blank before the colon": "Content-Length : 5\r\n\r\nhello, world",
    "CL folded": "Content-Length:\r\n 5\r\n\r\nhello, world",
    "CL huge": "Content-Length: 40000000000\r\n\r\nhello",
    "CL more than huge": "Content-Length: 100000000000000000000000\r\n\r\nhello",
}
_NO_CONTENT: Final = {
    "HEAD": ("HEAD", "200 OK"),
    "204": ("GET", "204 No Content"),
    "304": ("GET", "304 Not Modified"),
    "205": ("GET", "205 Reset Content"),
    "HEAD of 404": ("HEAD", "404 Not Found"),
    "101": ("GET", "101 Switching Protocols"),
    "lower case head": ("head", "200 OK"),
}
_FIELDS: Final = {
    "nothing": "",
    "CL": "Content-Length: 5\r\n",
    "TE": "Transfer-Encoding: chunked\r\n",
    "CL 0": "Content-Length: 0\r\n",
}

SCENARIOS: Final[Scenarios] = {
    **{
        f"read/{body}/{how}": [*exchange("HTTP/1.1 200 OK\r\n" + octets), *reading]
        for (body, octets), (how, reading) in product(_BODIES.items(), _READINGS.items())
    },
    **{
        f"chunks/{how}/{name}": [
            *exchange("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + octets),
            *HEAD_FACTS,
            *reading,
        ]
        for name, octets in _CHUNKS.items()
        for how, reading in {"whole": BODY_FACTS, "in pieces": [call("r.read", 4)] * 3}.items()
    },
    **{
        f"framing/{name}": [
            *exchange(f"HTTP/1.{0 if '1.0' in name else 1} 200 OK\r\n" + octets),
            *HEAD_FACTS,
            *BODY_FACTS,
        ]
        for name, octets in _FRAMINGS.items()
    },
    **{
        f"no content/{name}/{fields}": [
            *exchange(f"HTTP/1.1 {line}\r\n{octets}\r\n", method=method),
            *HEAD_FACTS,
            *BODY_FACTS,
        ]
        for (name, (method, line)), (fields, octets) in product(_NO_CONTENT.items(), _FIELDS.items())
        if (name, fields) != ("lower case head", "CL")
    },
    "read/fileno": [
        *exchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        call("same_descriptor", {"name": "r"}, {"name": "c.sock"}),
    ],
    "read/large": [
        *exchange("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + "0123456789" * 6000),
        call("r.read", into="data"),
        call("len", {"name": "data"}),
    ],
}
