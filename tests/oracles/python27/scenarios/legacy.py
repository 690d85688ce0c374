"""HTTP and HTTPS of Python 1.5: one HTTP/1.0 exchange, getreply and getfile."""

from __future__ import annotations

from typing import Any, Final

from tests.oracles.python27.steps import OK, Scenarios, Step, answer, call, look

_NEW: Final = call("httplib.HTTP", "127.0.0.1:{port}", into="h")
_REQUEST: Final = [
    call("h.putrequest", "GET", "/index.html"),
    call("h.putheader", "Accept", "text/html"),
    call("h.endheaders"),
]
_REPLY: Final = [
    call("h.getreply", into="reply"),
    call("len", {"name": "reply"}),
    call("item", {"name": "reply"}, 0),
    call("item", {"name": "reply"}, 1),
]
_ANSWERS: Final = {
    "1.0": "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nhello",
    "1.1": "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello",
    "1.1, close": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello\nworld\n",
    "0.9": "hello\r\nworld",
    "bad status": "HTTP/1.1 abc\r\nrest of it",
    "nothing": "",
    "204": "HTTP/1.0 204 No Content\r\n\r\n",
    "lines": "HTTP/1.0 200 OK\r\n\r\none\ntwo\nthree",
}
_READING: Final[dict[str, list[Step]]] = {
    "read": [call("_f.read"), call("_f.read")],
    "in pieces": [call("_f.read", 2), call("_f.read", 2), call("_f.read")],
    "readline": [call("_f.readline"), call("_f.readline"), call("_f.readline")],
    "readlines": [call("lines", {"name": "_f"})],
}
_ARGUMENTS: Final[dict[str, list[Any]]] = {
    "none": [],
    "host": ["h"],
    "host and port": ["h:81"],
    "port": ["h", 81],
    "port zero": ["h", 0],
    "strict": ["h", 80, 1],
    "bad port": ["h:abc"],
}

SCENARIOS: Final[Scenarios] = {
    **{
        f"reply/{name}/{how}": [
            _NEW,
            *_REQUEST,
            answer(octets, "end"),
            *_REPLY,
            *look("h.headers.headers"),
            call("h.getfile", into="_f"),
            *(reading if "Length" not in octets else reading[:1]),
        ]
        for name, octets in _ANSWERS.items()
        for how, reading in _READING.items()
        if (name != "nothing" or how == "read") and (name != "204" or how == "read")
    },
    **{
        f"made/{name}": [
            call("httplib.HTTP", *arguments, into="h"),
            *look("h._conn.host", "h._conn.port", "h._conn.strict", "h.file", "h.debuglevel"),
        ]
        for name, arguments in _ARGUMENTS.items()
    },
    **{
        f"made, secure/{name}": [
            call("httplib.HTTPS", *arguments, into="h"),
            *look("h._conn.host", "h._conn.port", "h.key_file", "h.cert_file", "h.file"),
        ]
        for name, arguments in _ARGUMENTS.items()
        if name != "strict"
    },
    "connect/with host": [
        call("httplib.HTTP", into="h"),
        call("h.connect", "127.0.0.1", {"port": None}),
        *_REQUEST,
        answer("HTTP/1.0 200 OK\r\n\r\n", "end"),
        *_REPLY,
    ],
    "connect/with port in host": [
        call("httplib.HTTP", into="h"),
        call("h.connect", "127.0.0.1:{port}"),
        *_REQUEST,
        answer("HTTP/1.0 200 OK\r\n\r\n", "end"),
        *_REPLY,
    ],
    "connect/without": [_NEW, call("h.connect"), *_REQUEST, answer("HTTP/1.0 200 OK\r\n\r\n", "end"), *_REPLY],
    "post": [
        _NEW,
        call("h.putrequest", "POST", "/"),
        call("h.putheader", "Content-Length", "5"),
        call("h.endheaders"),
        call("h.send", "hello"),
        answer("HTTP/1.0 200 OK\r\n\r\n", "end"),
        *_REPLY,
    ],
    "body in endheaders": [
        _NEW,
        call("h.putrequest", "POST", "/"),
        call("h.endheaders", "hello"),
        answer("HTTP/1.0 200 OK\r\n\r\n", "end"),
        *_REPLY,
    ],
    "reply before a request": [_NEW, call("h.getreply")],
    "file before a reply": [_NEW, call("h.getfile")],
    "reply/buffering": [
        _NEW,
        *_REQUEST,
        answer("HTTP/1.0 200 OK\r\n\r\nhello", "end"),
        call("h.getreply", True, into="x"),
        call("item", {"name": "x"}, 0),
        call("h.getfile", into="_f"),
        call("_f.read"),
    ],
    "close": [_NEW, *_REQUEST, answer(OK), *_REPLY, call("h.close"), *look("h.file")],
    "close/new": [_NEW, call("h.close"), *look("h.file")],
    "strict": [
        call("httplib.HTTP", "127.0.0.1:{port}", None, 1, into="h"),
        *_REQUEST,
        answer("hello\r\nworld", "end"),
        *_REPLY,
        call("h.getfile", into="_f"),
        call("_f.read"),
    ],
    "debuglevel": [_NEW, call("h.set_debuglevel", 1), *_REQUEST, answer("HTTP/1.0 200 OK\r\n\r\n", "end"), *_REPLY],
}
