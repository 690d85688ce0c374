"""HTTPMessage: every method that mimetools.Message gives it, on a table of header sections."""

from __future__ import annotations

from typing import Final

from tests.oracles.python27.steps import Scenarios, Step, ask, call, exchange, look

_SECTIONS: Final = {
    "usual": "Date: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Type: text/html; charset=utf-8\r\nServer: x\r\n",
    "none": "",
    "repeated": "A: b\r\nB: c\r\nA: d\r\n",
    "folded": "A: b\r\n c\r\n\td\r\nB: e\r\nA: f\r\n",
    "odd lines": "A: b\r\nnonsense\r\n: c\r\nB: d\r\n",
    "LF alone": "A: b\nB: c\n",
    "blanks": "A:   b  \r\nB:\r\nC:\tc\r\n",
    "type with parameters": 'Content-Type: Multipart/Mixed; Boundary="x; y"; CHARSET=us-ascii\r\n',
    "type quoted": 'Content-Type: text/plain; charset="iso-8859-1"; format=flowed\r\n',
    "type without subtype": "Content-Type: text\r\n",
    "type with blanks": "Content-Type:  text / HTML ; a = b ; c\r\n",
    "type empty": "Content-Type: \r\n",
    "type folded": "Content-Type: text/html;\r\n charset=utf-8\r\n",
    "type twice": "Content-Type: text/html\r\nContent-Type: text/plain\r\n",
    "type with several slashes": "Content-Type: a/b/c; d=e\r\n",
    "encoding": "Content-Transfer-Encoding: Base64\r\n",
    "encoding empty": "Content-Transfer-Encoding:\r\n",
    "dates": "Date: Sunday, 06-Nov-94 08:49:37 GMT\r\nExpires: 0\r\nLast-Modified: Sun Nov  6 08:49:37 1994\r\n",
    "date with zone": "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n",
    "date bad": "Date: yesterday\r\n",
    "addresses": 'From: Fred <fred@example.com>\r\nTo: a@b.example, "C, D" <c@d.example>\r\nCc: e@f.example (E F)\r\n',
    "address bad": "From: nobody\r\nTo: <>\r\n",
    "high octets": "A: caf\xe9\r\nContent-Type: text/\xe9\r\n",
}
_NAMES: Final = ("A", "a", "B", "C", "missing")
_LINES: Final = [
    *look("r.msg.headers", "r.msg.dict", "r.msg.status", "r.msg.unixfrom"),
    *ask("r.msg.getallmatchingheaders", [[name] for name in _NAMES]),
    *ask("r.msg.getfirstmatchingheader", [[name] for name in _NAMES]),
    *ask("r.msg.getrawheader", [[name] for name in _NAMES]),
    *ask("r.msg.getheader", [[name] for name in _NAMES]),
    *ask("r.msg.getheader", [["missing", "x"], ["A", "x"]]),
    *ask("r.msg.getheaders", [[name] for name in _NAMES]),
    call("str", {"name": "r.msg"}),
]
_MAPPING: Final = [
    *ask("r.msg.has_key", [[name] for name in _NAMES]),
    *[call("contains", {"name": "r.msg"}, name) for name in _NAMES],
    *ask("r.msg.get", [["missing"], ["missing", "x"], ["B"], ["b", "x"]]),
    call("len", {"name": "r.msg"}),
]
_VALUES: Final = [
    *ask("r.msg.getdate", [["Date"], ["Expires"], ["Last-Modified"], ["missing"]]),
    *ask("r.msg.getdate_tz", [["Date"], ["Expires"], ["missing"]]),
    *ask("r.msg.getaddr", [["From"], ["To"], ["Cc"], ["missing"]]),
    *ask("r.msg.getaddrlist", [["From"], ["To"], ["Cc"], ["missing"]]),
]
_TYPES: Final = [
    *ask("r.msg.gettype", [[]]),
    *ask("r.msg.getmaintype", [[]]),
    *ask("r.msg.getsubtype", [[]]),
    *ask("r.msg.getplist", [[]]),
    *ask("r.msg.getparamnames", [[]]),
    *ask("r.msg.getparam", [["charset"], ["boundary"], ["CHARSET"], ["a"], ["missing"]]),
    *ask("r.msg.getencoding", [[]]),
    *look("r.msg.type", "r.msg.maintype", "r.msg.subtype", "r.msg.plist", "r.msg.plisttext", "r.msg.encodingheader"),
    *look("r.msg.typeheader"),
]
_LOOKS: Final[dict[str, list[Step]]] = {"lines": _LINES, "mapping": _MAPPING, "values": _VALUES, "types": _TYPES}
_CONCERNED: Final = {
    "lines": ("usual", "none", "repeated", "folded", "odd lines", "LF alone", "blanks", "high octets"),
    "mapping": ("usual", "none", "folded", "LF alone", "blanks"),
    "values": ("usual", "none", "dates", "date with zone", "date bad", "addresses", "address bad"),
    "types": (*(name for name in _SECTIONS if name.startswith(("type", "encoding"))), "usual", "none", "high octets"),
}


def _with(section: str) -> list[Step]:
    return exchange(f"HTTP/1.1 200 OK\r\n{section}\r\n")


_MADE: Final = [
    *_LINES,
    *_TYPES,
]
_COLLISION: Final = "A: b\r\nB: c\r\na: d\r\nE: f\r\n g\r\n"

SCENARIOS: Final[Scenarios] = {
    **{
        f"{kind}/{name}": [*_with(_SECTIONS[name]), *steps]
        for kind, steps in _LOOKS.items()
        for name in _CONCERNED[kind]
    },
    **{
        f"made of a file/{name}": [
            call("httplib.HTTPMessage", {"octets": _SECTIONS[name] + "\r\nrest"}, *more, into="m"),
            *look("m.headers", "m.dict", "m.status"),
            call("m.getheader", "A"),
            call("m.getheaders", "A"),
            call("m.gettype"),
        ]
        for name, more in {"usual": [], "none": [0], "repeated": [0], "folded": [], "odd lines": [0]}.items()
    },
    "collisions/response.getheaders": [
        *_with(_COLLISION),
        call("r.getheaders", into="x"),
        call("sorted", {"name": "x"}),
    ],
    "collisions/response.getheader": [*_with(_COLLISION), *ask("r.getheader", [["A"], ["B"], ["E"], ["missing"]])],
    "collisions/items": [*_with(_COLLISION), call("r.msg.items", into="x"), call("sorted", {"name": "x"})],
    "collisions/keys": [*_with(_COLLISION), call("r.msg.keys", into="x"), call("sorted", {"name": "x"})],
    "collisions/values": [*_with(_COLLISION), call("r.msg.values", into="x"), call("sorted", {"name": "x"})],
    "collisions/item": [*_with(_COLLISION), *[call("item", {"name": "r.msg"}, name) for name in ("A", "B", "E")]],
    "collisions/no such item": [*_with(_COLLISION), call("item", {"name": "r.msg"}, "missing")],
    "collisions/get": [*_with(_COLLISION), *ask("r.msg.get", [["A"], ["E"]])],
    "collisions/iteration": [*_with(_COLLISION), call("sorted", {"name": "r.msg"})],
    "collisions/length": [*_with(_COLLISION), call("len", {"name": "r.msg"})],
    "changes/put": [
        *_with("A: b\r\n"),
        call("put", {"name": "r.msg"}, "C", "d"),
        *ask("r.msg.getheader", [["A"], ["c"]]),
        call("item", {"name": "r.msg"}, "c"),
        *look("r.msg.headers"),
        call("r.getheader", "c"),
    ],
    "changes/put again": [
        *_with("A: b\r\n"),
        call("put", {"name": "r.msg"}, "A", "c"),
        call("r.msg.getheader", "a"),
        *look("r.msg.headers"),
    ],
    "changes/delete": [
        *_with("A: b\r\nC: d\r\n"),
        call("delete", {"name": "r.msg"}, "a"),
        call("r.msg.getheader", "a"),
        *look("r.msg.headers"),
    ],
    "changes/delete what is not there": [
        *_with("A: b\r\n"),
        call("delete", {"name": "r.msg"}, "x"),
        *look("r.msg.headers"),
    ],
    "changes/setdefault": [
        *_with("A: b\r\n"),
        call("r.msg.setdefault", "A", "x"),
        call("r.msg.setdefault", "C", "d"),
        *look("r.msg.headers"),
    ],
    "changes/addheader": [
        *_with("A: b\r\n"),
        call("r.msg.addheader", "a", "c"),
        call("r.msg.addheader", "d", "e"),
        *ask("r.msg.getheader", [["a"], ["d"]]),
    ],
    "changes/addcontinue": [*_with("A: b\r\n"), call("r.msg.addcontinue", "a", "c"), call("r.msg.getheader", "a")],
    "parts/isheader": [
        *_with(""),
        *ask("r.msg.isheader", [["A: b"], ["A:b"], ["nonsense"], [": b"], ["A B: c"], [""]]),
    ],
    "parts/islast": [*_with(""), *ask("r.msg.islast", [["\r\n"], ["\n"], ["x"], [""]])],
    "parts/iscomment": [*_with(""), *ask("r.msg.iscomment", [["# x"], ["A: b"]])],
    "parts/is true": [*_with(""), call("bool", {"name": "r.msg"})],
    "parts/attributes": [*_with(""), *look("r.msg.seekable", "r.msg.fp", "r.msg.startofheaders", "r.msg.startofbody")],
}
