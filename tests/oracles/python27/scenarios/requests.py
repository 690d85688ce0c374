"""What requests look like on the wire: methods, bodies, headers that are given, and what is refused."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from tests.oracles.python27.steps import OK, Scenarios, answer, call, connect, look, pairs, request, respond

_END: Final = [answer(OK), respond(), *look("r.status"), call("r.read")]

_UNICODE: Final[dict[str, list[Any]]] = {
    "method": [{"unicode": "GET"}, "/"],
    "url": ["GET", {"unicode": "/a"}],
    "url, not ASCII": ["GET", {"unicode": "/caf\xe9"}],
    "body": ["POST", "/", {"unicode": "hello"}],
    "value": ["GET", "/", None, pairs(("X-A", {"unicode": "b"}))],
    "everything": [{"unicode": "POST"}, {"unicode": "/"}, {"unicode": "hello"}, pairs(("A", {"unicode": "b"}))],
}
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "Put", "FROB")
_BODIES: Final[dict[str, Any]] = {
    "none": None,
    "empty": "",
    "text": "hello",
    "octets": "\x00\xff\r\n\r\n",
    "bytes": {"bytes": "hello"},
    "bytearray": {"bytearray": "hello"},
    "array": {"array": "hello"},
    "file": {"file": {"content": "hello file"}},
    "empty file": {"file": {"content": ""}},
    "file half read": {"file": {"content": "hello file", "at": 6}},
    "large file": {"file": {"content": "0123456789" * 2000}},
    "StringIO": {"octets": "hello"},
    "reader": {"reader": ["he", "llo"]},
    "iterator": {"iterator": ["he", "llo"]},
    "list": {"pieces": ["he", "llo"]},
    "number": 5,
}
_ALL_BODIES: Final = ("POST", "GET")

_URLS: Final = {
    "root": "/",
    "empty": "",
    "query": "/a/b?c=d&e=f",
    "fragment": "/a#b",
    "star": "*",
    "relative": "a/b",
    "absolute": "http://other.example/a",
    "absolute with port": "http://other.example:8080/a?b",
    "absolute with user": "http://user:secret@other.example/a",
    "absolute https": "https://other.example/a",
    "absolute without path": "http://other.example",
    "absolute with query only": "http://other.example?a",
    "absolute v6": "http://[::1]:81/a",
    "begins with http": "httpd/a",
    "other scheme": "ftp://other.example/a",
    "quoted": "/a%20b",
    "blank": "/a b",
    "tab": "/a\tb",
    "line end": "/a\r\nX: y",
    "line feed": "/a\nX: y",
    "zero": "/a\x00",
    "delete": "/a\x7f",
    "latin-1": "/caf\xe9",
    "smuggled request": "/ HTTP/1.1\r\nHost: x\r\n\r\nGET /b",
}

_HEADERS: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "none": (),
    "one": (("X-A", "b"),),
    "several": (("X-A", "b"), ("x-b", "C"), ("ETag", '"x"')),
    "host": (("Host", "other.example"),),
    "host in lower case": (("host", "other.example"),),
    "host in upper case": (("HOST", "other.example:81"),),
    "accept-encoding": (("Accept-Encoding", "gzip"),),
    "accept-encoding in lower case": (("accept-encoding", "gzip, deflate"),),
    "content-length": (("Content-Length", "5"),),
    "content-length in lower case": (("content-length", "5"),),
    "content-length in upper case": (("CONTENT-LENGTH", "5"),),
    "content-length as number": (("Content-Length", 5),),
    "number": (("X-A", 17),),
    "empty value": (("X-A", ""),),
    "blanks": (("X-A", "  b  "),),
    "tab": (("X-A", "b\tc"),),
    "latin-1": (("X-A", "caf\xe9"),),
    "colon in value": (("X-A", "b: c"),),
    "folded": (("X-A", "b\r\n c"),),
    "folded by LF": (("X-A", "b\n\tc"),),
    "line end": (("X-A", "b\r\nX-B: c"),),
    "line feed": (("X-A", "b\nX-B: c"),),
    "carriage return": (("X-A", "b\rX-B: c"),),
    "ends with a line end": (("X-A", "b\r\n"),),
    "ends with a line feed": (("X-A", "b\n"),),
    "name with colon": (("X:A", "b"),),
    "name with line end": (("X-A\r\nX-B", "c"),),
    "name with blank inside": (("X A", "b"),),
    "name with blank before": ((" X-A", "b"),),
    "name ends with blank": (("X-A ", "b"),),
    "empty name": (("", "b"),),
    "bytes": (("X-A", {"bytes": "b"}),),
    "unicode": (("X-A", {"unicode": "b"}),),
    "connection": (("Connection", "close"),),
    "user agent": (("User-Agent", "x/1"), ("Accept", "*/*")),
}

SCENARIOS: Final[Scenarios] = {
    **{f"method/{method}": [connect(), request(method), *_END] for method in _METHODS},
    **{
        f"body/{method} {name}": [connect(), request(method, "/", body), *_END]
        for method, (name, body) in product(_METHODS, _BODIES.items())
        if method in _ALL_BODIES or name in {"empty", "text"}
    },
    **{f"url/{name}": [connect(), request("GET", url), *_END] for name, url in _URLS.items()},
    **{
        f"headers/{method} {name}": [connect(), request(method, "/", body, pairs(*items)), *_END]
        for (method, body), (name, items) in product((("GET", None), ("POST", "hello")), _HEADERS.items())
        if method == "GET" or "content" in name or "host" in name or name in {"none", "one"}
    },
    **{
        f"headers/file with {name}": [
            connect(),
            request("PUT", "/", {"file": {"content": "hello"}}, pairs(*_HEADERS[name])),
            *_END,
        ]
        for name in ("none", "content-length", "content-length as number")
    },
    "headers/chunked by hand": [
        connect(),
        request(
            "POST", "/", "5\r\nhello\r\n0\r\n\r\n", pairs(("Transfer-Encoding", "chunked"), ("Content-Length", "0"))
        ),
        *_END,
    ],
    **{f"unicode/{name}": [connect(), call("c.request", *arguments), *_END] for name, arguments in _UNICODE.items()},
    **{
        f"headers/instead of a mapping, {name}": [connect(), request("GET", "/", None, headers), *look("c._buffer")]
        for name, headers in {"none": None, "text": "A: b", "number": 5}.items()
    },
    "headers/empty mapping": [connect(), request("GET", "/", None, pairs()), *_END],
    "method/number": [connect(), request(5), *_END],
    "method/with blank": [connect(), request("GET IT"), *_END],
    "url/none": [connect(), request("GET", None), *_END],
    "url/long": [connect(), request("GET", "/" + "x" * 9000), *_END],
    "keywords": [
        connect(),
        call("c.request", method="POST", url="/a", body="hello", headers=pairs(("X-A", "b"))),
        *_END,
    ],
    "keywords/no url": [connect(), call("c.request", "GET"), *look("c.sock")],
    "method/line end": [connect(), request("GET /\r\nX: y"), *look("c.sock")],
    "host field/v6": [
        call("httplib.HTTPConnection", "[::1]:8080", into="c"),
        call("c.putrequest", "GET", "/"),
        *look("c._buffer"),
    ],
    "host field/v6, port 80": [
        call("httplib.HTTPConnection", "[::1]", into="c"),
        call("c.putrequest", "GET", "/"),
        *look("c._buffer"),
    ],
    **{
        f"host field/{host} {port}": [
            call("httplib.HTTPConnection", host, port, into="c"),
            call("c.putrequest", "GET", "/"),
            *look("c._buffer"),
        ]
        for host, port in product(("www.cwi.nl", "localhost", "10.0.0.1"), (None, 80, 443, 8080))
    },
    **{
        f"host field/secure {port}": [
            call("httplib.HTTPSConnection", "www.cwi.nl", port, into="c"),
            call("c.putrequest", "GET", "/"),
            *look("c._buffer"),
        ]
        for port in (None, 80, 443, 8443)
    },
    "host field/international": [
        call("httplib.HTTPConnection", {"unicode": "b\xfccher.example"}, into="c"),
        call("c.putrequest", "GET", "/"),
        *look("c._buffer"),
    ],
    "host field/in the tunnel": [
        call("httplib.HTTPConnection", "proxy.example:3128", into="c"),
        call("c.set_tunnel", "www.cwi.nl", 8080),
        call("c.putrequest", "GET", "/"),
        *look("c._buffer"),
    ],
}
