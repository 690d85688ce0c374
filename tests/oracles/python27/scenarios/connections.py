"""More than one exchange: whether the connection stays, what the next request finds, and responses made by hand."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.oracles.python27.steps import (
    OK,
    Scenarios,
    Step,
    answer,
    call,
    connect,
    exchange,
    look,
    request,
    respond,
)

_FIELDS: Final = {
    "nothing": "",
    "close": "Connection: close\r\n",
    "Close": "Connection: Close\r\n",
    "keep-alive": "Connection: keep-alive\r\n",
    "Keep-Alive": "Connection: Keep-Alive\r\n",
    "upgrade": "Connection: upgrade\r\n",
    "two options": "Connection: x, close\r\n",
    "two lines": "Connection: x\r\nConnection: close\r\n",
    "closed": "Connection: closed\r\n",
    "Keep-Alive field": "Keep-Alive: timeout=5\r\n",
    "Keep-Alive field, empty": "Keep-Alive: \r\n",
    "Keep-Alive field and close": "Keep-Alive: 300\r\nConnection: close\r\n",
    "Proxy-Connection keep-alive": "Proxy-Connection: keep-alive\r\n",
    "Proxy-Connection close": "Proxy-Connection: close\r\n",
    "keep-alive, close": "Connection: keep-alive, close\r\n",
}
_SECOND: Final = [
    request("GET", "/2"),
    answer(OK, "end"),
    respond(),
    *look("r.status"),
    call("r.read"),
    call("r.isclosed"),
]
_FIRST: Final[dict[str, tuple[str, str, list[Step]]]] = {
    "read": (OK, "keep", [call("r.read")]),
    "read in pieces": (OK, "keep", [call("r.read", 1), call("r.read", 1)]),
    "unread": (OK, "keep", []),
    "half read": (OK, "keep", [call("r.read", 1)]),
    "response closed": (OK, "keep", [call("r.close")]),
    "empty": ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "keep", []),
    "empty, read": ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "keep", [call("r.read")]),
    "204": ("HTTP/1.1 204 No Content\r\n\r\n", "keep", []),
    "204, read": ("HTTP/1.1 204 No Content\r\n\r\n", "keep", [call("r.read")]),
    "chunked": ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "keep", [call("r.read")]),
    "chunked, all but the end": (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "keep",
        [call("r.read", 2)],
    ),
    "close announced": ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "end", [call("r.read")]),
    "close announced, unread": (
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        "end",
        [],
    ),
    "until the end": ("HTTP/1.1 200 OK\r\n\r\nok", "end", [call("r.read")]),
    "1.0": ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "end", [call("r.read")]),
    "1.0 keep-alive": (
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        "keep",
        [call("r.read")],
    ),
    "connection closed": (OK, "keep", [call("r.read"), call("c.close")]),
    "incomplete": ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "end", [call("r.read"), call("c.close")]),
    "interim first": ("HTTP/1.1 100 Continue\r\n\r\n" + OK, "keep", [call("r.read")]),
}
_STREAMS: Final = {
    "fixed": "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nhello",
    "chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "until the end": "HTTP/1.0 200 OK\r\n\r\nhello",
    "0.9": "hello",
    "empty": "",
    "bad status": "HTTP/1.1 abc\r\n\r\n",
}
_NONE: Final = ("empty", "bad status")
_MADE: Final[dict[str, tuple[list[object], dict[str, object]]]] = {
    "socket only": ([], {}),
    "debuglevel, strict": ([0, 1], {}),
    "by keyword": ([], {"debuglevel": 0, "strict": 0}),
    "strict": ([], {"strict": 1}),
    "head": ([], {"method": "HEAD"}),
    "buffering": ([], {"buffering": True}),
}
_LATE: Final = ("r.getheader", "r.getheaders", "r.isclosed")

SCENARIOS: Final[Scenarios] = {
    **{
        f"persistence/1.{version}, {'length' if length else 'no length'}/{name}": [
            *exchange(f"HTTP/1.{version} 200 OK\r\n{fields}{length}\r\nok", "keep" if length else "end"),
            *look("r.will_close", "r.version"),
            call("same", {"name": "c.sock"}, None),
            call("r.read", 2),
            call("r.isclosed"),
        ]
        for version, length, (name, fields) in product((0, 1), ("", "Content-Length: 2\r\n"), _FIELDS.items())
    },
    **{
        f"second/{name}": [connect(), request(), answer(octets, then), respond(), *reading, *_SECOND]
        for name, (octets, then, reading) in _FIRST.items()
    },
    "second/three in a row": [
        connect(),
        *[step for _ in range(3) for step in (request(), answer(OK), respond(), call("r.read"))],
    ],
    "second/server has closed": [
        connect(),
        request(),
        answer(OK, "end"),
        respond(),
        call("r.read"),
        request("GET", "/2"),
        respond(),
    ],
    "second/another connection after an error": [
        connect(strict=1),
        request(),
        answer("nonsense\r\n", "end"),
        respond(),
        call("c.close"),
        *_SECOND,
    ],
    **{
        f"made/{stream}/{how}": [
            call("httplib.HTTPResponse", {"socket": octets}, *by_place, into="r", **by_name),
            *look("r.status"),
            call("r.begin"),
            *look("r.status", "r.reason", "r.version", "r.will_close"),
            call("r.getheader", "a"),
            *([] if stream in _NONE else [call("r.read"), call("r.isclosed")]),
        ]
        for (stream, octets), (how, (by_place, by_name)) in product(_STREAMS.items(), _MADE.items())
    },
    "made/not begun": [
        call("httplib.HTTPResponse", {"socket": OK}, into="r"),
        *look("r.status", "r.reason", "r.version", "r.will_close"),
        *[call(path, *(["A"] if path == "r.getheader" else [])) for path in _LATE],
    ],
    "made/begun twice": [
        call("httplib.HTTPResponse", {"socket": OK}, into="r"),
        call("r.begin"),
        call("r.begin"),
        call("r.read"),
    ],
    "made/strict attribute": [connect(strict=1), *look("c.strict", "httplib.HTTPConnection.strict")],
    "strict set later": [
        connect(),
        call("setattr", {"name": "c"}, "strict", 1),
        request(),
        answer("hello\r\n", "end"),
        respond(),
    ],
    "getresponse/buffering": [connect(), request(), answer(OK), call("c.getresponse", True, into="r"), call("r.read")],
    "getresponse/buffering by name": [
        connect(),
        request(),
        answer(OK),
        call("c.getresponse", buffering=True, into="r"),
        call("r.read"),
    ],
    "close/twice": [connect(), call("c.connect"), call("c.close"), call("c.close"), *look("c.sock")],
    "close/response survives": [
        connect(),
        request(),
        answer("HTTP/1.0 200 OK\r\n\r\nhello", "end"),
        respond(),
        call("c.close"),
        call("r.read"),
    ],
    "close/response of a connection that stays": [
        connect(),
        request(),
        answer(OK),
        respond(),
        call("c.close"),
        call("r.read"),
    ],
    **{
        f"pieces/{name}": [connect(), request(), answer(head), respond(), *steps]
        for name, (head, steps) in {
            "fixed": (
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel",
                [
                    call("r.read", 3),
                    answer("lo, wo"),
                    call("r.read", 2),
                    answer("r"),
                    call("r.read"),
                    call("r.isclosed"),
                ],
            ),
            "chunked": (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
                [
                    call("r.read", 2),
                    answer("llo\r\n3\r\nwor"),
                    call("r.read", 5),
                    answer("\r\n0\r\n\r\n"),
                    call("r.read"),
                    call("r.isclosed"),
                ],
            ),
            "until the end": (
                "HTTP/1.0 200 OK\r\n\r\nhe",
                [call("r.read", 2), answer("llo", "end"), call("r.read", 1), call("r.read"), call("r.isclosed")],
            ),
            "head alone": (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                [*look("r.status"), answer("hello"), call("r.read"), call("r.isclosed")],
            ),
        }.items()
    },
    "timeout/no answer": [connect(timeout=0.05), request(), respond(), *look("c.timeout")],
    "timeout/then the answer": [connect(timeout=0.05), request(), respond(), answer(OK), respond(), call("r.read")],
    "timeout/close, then another": [connect(timeout=0.05), request(), respond(), call("c.close"), *_SECOND],
    "timeout/in the content": [
        connect(timeout=0.05),
        request(),
        answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"),
        respond(),
        call("r.read"),
    ],
    "source address": [connect(source_address={"tuple": ["127.0.0.1", 0]}), *_SECOND],
    "second/server has closed, then a third": [
        connect(),
        request(),
        answer(OK, "end"),
        respond(),
        call("r.read"),
        request("GET", "/2"),
        respond(),
        request("GET", "/3"),
        answer(OK),
        respond(),
        call("r.read"),
    ],
    "debuglevel/class attribute": [
        call("setattr", {"name": "httplib.HTTPConnection"}, "debuglevel", 1),
        connect(),
        request(),
        answer(OK),
        respond(),
        call("setattr", {"name": "httplib.HTTPConnection"}, "debuglevel", 0),
    ],
    "strict/class attribute": [
        call("setattr", {"name": "httplib.HTTPConnection"}, "strict", 1),
        connect(),
        request(),
        answer("hello", "end"),
        respond(),
        call("setattr", {"name": "httplib.HTTPConnection"}, "strict", 0),
    ],
    "auto_open/off after the first": [
        connect(),
        request(),
        answer("HTTP/1.0 200 OK\r\n\r\n", "end"),
        respond(),
        call("r.read"),
        call("setattr", {"name": "c"}, "auto_open", 0),
        request(),
    ],
    "refused": [
        call("httplib.HTTPConnection", "127.0.0.1", 1, into="c"),
        request(),
        *look("c.sock"),
    ],
}
