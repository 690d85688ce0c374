"""The four functions, one by one, in and out of their turn; send; debuglevel."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

from tests.oracles.python27.steps import (
    OK,
    Scenarios,
    Step,
    answer,
    call,
    connect,
    exchange,
    look,
    pairs,
    request,
    respond,
)

_ACTIONS: Final[dict[str, Step]] = {
    "putrequest": call("c.putrequest", "GET", "/second"),
    "putheader": call("c.putheader", "X-A", "b"),
    "endheaders": call("c.endheaders"),
    "request": request("GET", "/second"),
    "send": call("c.send", "octets"),
    "getresponse": respond(),
    "connect": call("c.connect"),
    "close": call("c.close"),
}
_READ: Final = [call("r.read"), call("r.isclosed")]
_STATES: Final[dict[str, list[Step]]] = {
    "new": [],
    "connected": [call("c.connect")],
    "started": [call("c.putrequest", "GET", "/")],
    "started, with header": [call("c.putrequest", "GET", "/"), call("c.putheader", "X-A", "b")],
    "sent": [call("c.putrequest", "GET", "/"), call("c.endheaders"), answer(OK)],
    "requested": [request(), answer(OK)],
    "unread": [request(), answer(OK), respond()],
    "unread, started": [request(), answer(OK), respond(), call("c.putrequest", "GET", "/a")],
    "half read": [request(), answer(OK), respond(), call("r.read", 1)],
    "read": [request(), answer(OK), respond(), call("r.read")],
    "response closed": [request(), answer(OK), respond(), call("r.close")],
    "will close": [request(), answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", "end"), respond()],
    "closed": [request(), answer(OK), respond(), call("r.read"), call("c.close")],
    "closed before the answer": [request(), call("c.close")],
}
_AFTER: Final[dict[str, list[Step]]] = {
    "putrequest": [call("c.endheaders")],
    "putheader": [call("c.endheaders")],
    "getresponse": _READ,
}

_PUTREQUEST: Final[dict[str, tuple[list[Any], dict[str, Any]]]] = {
    "plain": (["GET", "/"], {}),
    "empty": (["GET", ""], {}),
    "skip host": (["GET", "/", 1], {}),
    "skip accept-encoding": (["GET", "/", 0, 1], {}),
    "skip both": (["GET", "/", True, True], {}),
    "skip both by name": (["GET", "/"], {"skip_host": 1, "skip_accept_encoding": 1}),
    "skip neither": (["GET", "/"], {"skip_host": False, "skip_accept_encoding": 0}),
    "lower case": (["get", "/"], {}),
    "no method": (["", "/"], {}),
    "blank in url": (["GET", "/a b"], {}),
    "line end in method": (["GET / HTTP/1.1\r\nX: ", "/"], {}),
}
_PUTHEADER: Final[dict[str, list[Any]]] = {
    "one value": ["X-A", "b"],
    "two values": ["X-A", "b", "c"],
    "three values": ["X-A", "b", "c", "d"],
    "numbers": ["X-A", 1, 2],
    "no value": ["X-A"],
    "empty value": ["X-A", ""],
    "empty values": ["X-A", "", ""],
    "none": ["X-A", None],
    "true": ["X-A", True],
    "float": ["X-A", 1.5],
    "list": ["X-A", {"pieces": ["b"]}],
    "long number": ["X-A", 12345678901234567890],
    "line end": ["X-A", "b\r\nX-B: c"],
    "line end in the second": ["X-A", "b", "c\nd"],
    "fold": ["X-A", "b\r\n c"],
    "two line ends": ["X-A", "b\r\n\r\nc"],
    "ends with CR": ["X-A", "b\r"],
    "high octets": ["X-A", "\xe9\xff"],
    "name with colon": ["X-A:", "b"],
    "name empty": ["", "b"],
    "name number": [17, "b"],
    "zero": ["X-A", "b\x00c"],
    "vertical tab": ["X-A", "b\x0bc"],
    "delete": ["X-A", "b\x7fc"],
    "name high octet": ["X-\xe9", "b"],
    "name zero": ["X-\x00", "b"],
}
_BODIES: Final[dict[str, list[Any]]] = {
    "none": [],
    "none given": [None],
    "text": ["hello"],
    "empty": [""],
    "octets": ["\x00\xff"],
    "bytearray": [{"bytearray": "hello"}],
    "file": [{"file": {"content": "hello file"}}],
    "file half read": [{"file": {"content": "hello file", "at": 6}}],
    "reader": [{"reader": ["he", "llo"]}],
    "StringIO": [{"octets": "hello"}],
    "large file": [{"file": {"content": "0123456789" * 2000}}],
    "number": [5],
}
_START: Final = [connect(), call("c.putrequest", "POST", "/", 1, 1)]
_END: Final = [answer(OK), respond(), call("r.read")]

SCENARIOS: Final[Scenarios] = {
    **{
        f"state/{state}/{name}": [connect(), *before, action, *_AFTER.get(name, [])]
        for (state, before), (name, action) in product(_STATES.items(), _ACTIONS.items())
        if (state, name) != ("new", "send")
    },
    **{
        f"putrequest/{name}": [
            connect(),
            call("c.putrequest", *by_place, **by_name),
            *look("c._buffer"),
            call("c.endheaders"),
        ]
        for name, (by_place, by_name) in _PUTREQUEST.items()
    },
    **{
        f"putheader/{name}": [*_START, call("c.putheader", *arguments), call("c.endheaders"), *_END]
        for name, arguments in _PUTHEADER.items()
    },
    **{f"endheaders/{name}": [*_START, call("c.endheaders", *arguments), *_END] for name, arguments in _BODIES.items()},
    **{
        f"send/{name}": [*_START, call("c.endheaders"), call("c.send", *arguments), *_END]
        for name, arguments in _BODIES.items()
        if arguments and arguments != [None]
    },
    **{
        f"send/{name}": [*_START, call("c.endheaders"), call("c.send", data), *_END]
        for name, data in {
            "list": {"pieces": ["he", "llo"]},
            "iterator": {"iterator": ["he", "llo"]},
            "none": None,
            "unicode": {"unicode": "hello"},
            "array": {"array": "hello"},
        }.items()
    },
    "endheaders/by name": [*_START, call("c.endheaders", message_body="hello"), *_END],
    "send/twice": [*_START, call("c.endheaders"), call("c.send", "he"), call("c.send", "llo"), *_END],
    "send/before anything": [connect(), call("c.send", "GET / HTTP/1.0\r\n\r\n")],
    "send/not connected": [connect(), call("setattr", {"name": "c"}, "auto_open", 0), call("c.send", "x")],
    "request/not connected": [connect(), call("setattr", {"name": "c"}, "auto_open", 0), request()],
    "arguments of the exceptions": [
        connect(),
        respond(),
        *look("problem.args"),
        call("c.putheader", "A", "b", into="x"),
        *look("problem.args"),
        request(),
        call("c.putrequest", "GET", "/", into="x"),
        *look("problem.args"),
    ],
    "refused url, then another": [connect(), request("GET", "/a b"), request("GET", "/c"), *_END],
    "refused header, then another": [
        connect(),
        request("GET", "/a", None, pairs(("A", "b\nc"))),
        request("GET", "/c"),
        *_END,
    ],
    "version 1.0": [
        connect(),
        call("setattr", {"name": "c"}, "_http_vsn", 10),
        call("setattr", {"name": "c"}, "_http_vsn_str", "HTTP/1.0"),
        request(),
        *_END,
    ],
    "debug/off": exchange(OK),
    "debug/set": [
        connect(),
        call("c.set_debuglevel", 1),
        *look("c.debuglevel"),
        request("POST", "/", "hello", pairs(("X-A", "b"))),
        answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-B: c\r\nx-b: d\r\n\r\nok"),
        respond(),
        *look("r.debuglevel"),
        call("r.read"),
    ],
    "debug/back to 0": [
        connect(),
        call("c.set_debuglevel", 1),
        call("c.set_debuglevel", 0),
        request(),
        answer(OK),
        respond(),
    ],
    "debug/0.9": [connect(), call("c.set_debuglevel", 1), request(), answer("hello\r\nworld", "end"), respond()],
    "debug/interim": [
        connect(),
        call("c.set_debuglevel", 1),
        request(),
        answer("HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" + OK),
        respond(),
    ],
    "debug/bad status line": [
        connect(strict=1),
        call("c.set_debuglevel", 1),
        request(),
        answer("hello\r\n", "end"),
        respond(),
    ],
}
