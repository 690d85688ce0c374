"""Status lines and header sections: good, odd and bad, strict and not; HTTP/0.9; limits."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.oracles.python27.steps import BODY_FACTS, HEAD_FACTS, Scenarios, call, exchange, look

_STATUS_LINES: Final = {
    "usual": "HTTP/1.1 200 OK\r\n",
    "1.0": "HTTP/1.0 200 OK\r\n",
    "long reason": "HTTP/1.1 404 Not really found, sorry\r\n",
    "no reason": "HTTP/1.1 200 \r\n",
    "no blank after the status": "HTTP/1.1 200\r\n",
    "two blanks before the status": "HTTP/1.1  200 OK\r\n",
    "two blanks before the reason": "HTTP/1.1 200  OK\r\n",
    "reason ends with blanks": "HTTP/1.1 200 OK  \r\n",
    "tabs": "HTTP/1.1\t200\tOK\r\n",
    "LF alone": "HTTP/1.1 200 OK\n",
    "blank before": " HTTP/1.1 200 OK\r\n",
    "latin-1 reason": "HTTP/1.1 200 caf\xe9\r\n",
    "status 299": "HTTP/1.1 299 Odd\r\n",
    "status 600": "HTTP/1.1 600 Odd\r\n",
    "status 999": "HTTP/1.1 999 Odd\r\n",
    "status 1000": "HTTP/1.1 1000 Odd\r\n",
    "status 99": "HTTP/1.1 99 Odd\r\n",
    "status 0": "HTTP/1.1 0 Odd\r\n",
    "status negative": "HTTP/1.1 -200 Odd\r\n",
    "status with sign": "HTTP/1.1 +200 Odd\r\n",
    "status with zeros": "HTTP/1.1 0200 Odd\r\n",
    "status of letters": "HTTP/1.1 abc Odd\r\n",
    "status with letter": "HTTP/1.1 20x Odd\r\n",
    "status missing": "HTTP/1.1\r\n",
    "status missing, blank": "HTTP/1.1 \r\n",
    "version 1.2": "HTTP/1.2 200 OK\r\n",
    "version 1.10": "HTTP/1.10 200 OK\r\n",
    "version 1.x": "HTTP/1.x 200 OK\r\n",
    "version 0.9": "HTTP/0.9 200 OK\r\n",
    "version 2.0": "HTTP/2.0 200 OK\r\n",
    "version 2": "HTTP/2 200 OK\r\n",
    "version 0.8": "HTTP/0.8 200 OK\r\n",
    "version 1": "HTTP/1 200 OK\r\n",
    "version none": "HTTP/ 200 OK\r\n",
    "version of letters": "HTTP/a.b 200 OK\r\n",
    "lower case": "http/1.1 200 OK\r\n",
    "other protocol": "ICY 200 OK\r\n",
    "other protocol, like it": "HTTPS/1.1 200 OK\r\n",
    "one word": "hello\r\n",
    "markup": "<html>hello</html>\r\n",
    "empty line": "\r\n",
    "empty line, then usual": "\r\nHTTP/1.1 200 OK\r\n",
}
_STREAMS_OF_09: Final = {
    "one line": "hello",
    "one line with end": "hello\r\n",
    "several lines": "<html>\r\nhello\r\n</html>\r\n",
    "octets": "\x00\x01\xff",
    "one octet": "x",
    "begins like HTTP": "HTT\r\nhello",
    "long": "0123456789\n" * 500,
    "header like": "Content-Length: 3\r\n\r\nhello",
}
_SECTIONS: Final = {
    "usual": "Content-Type: text/html\r\nServer: x\r\n",
    "none": "",
    "LF alone": "A: b\nC: d\n",
    "no blank after the colon": "A:b\r\n",
    "many blanks": "A: \t b \t \r\n",
    "empty value": "A:\r\nB: c\r\n",
    "blank value": "A:   \r\n",
    "blank before the colon": "A : b\r\nC: d\r\n",
    "repeated": "A: b\r\nC: d\r\na: e\r\n",
    "repeated empty": "A: \r\nA: b\r\n",
    "set-cookie": "Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\n",
    "folded": "A: b\r\n c\r\n",
    "folded with tab": "A: b\r\n\tc\r\n",
    "folded twice": "A: b\r\n c\r\n  d\r\nE: f\r\n",
    "folded, first empty": "A:\r\n b\r\n",
    "folded into blanks": "A: b\r\n  \r\nC: d\r\n",
    "fold at the beginning": " A: b\r\nC: d\r\n",
    "no colon": "A: b\r\nnot a header\r\nC: d\r\n",
    "no colon at first": "not a header\r\nC: d\r\n",
    "no colon, then folded": "A: b\r\nnot a header\r\n folded\r\nC: d\r\n",
    "no name": ": b\r\nC: d\r\n",
    "colon in value": "A: b:c\r\n",
    "quoted": 'A: "b, c"\r\n',
    "high octets": "A: caf\xe9\r\n",
    "high octets in name": "Caf\xe9: b\r\nC: d\r\n",
    "underscore": "A_B: c\r\n",
    "slash in name": "A/B: c\r\nC: d\r\n",
    "blank in name": "A B: c\r\nC: d\r\n",
    "CR in value": "A: b\rc\r\nC: d\r\n",
    "zero in value": "A: b\x00c\r\nC: d\r\n",
    "unix from": "From me@example.com Mon\r\nA: b\r\n",
    "upper case": "CONTENT-TYPE: TEXT/HTML\r\n",
    "long value": "A: " + "x" * 5000 + "\r\n",
    "100 lines": "".join(f"A{number}: b\r\n" for number in range(100)),
    "99 lines": "".join(f"A{number}: b\r\n" for number in range(99)),
    "101 lines": "".join(f"A{number}: b\r\n" for number in range(101)),
    "150 lines": "".join(f"A{number}: b\r\n" for number in range(150)),
    "150 repeated": "A: b\r\n" * 150,
    "line too long": "A: " + "x" * 65_540 + "\r\n",
    "line just short enough": "A: " + "x" * 65_500 + "\r\n",
}
_MESSAGE: Final = [
    *look("r.msg.headers", "r.msg.dict", "r.msg.status"),
    call("r.getheader", "a"),
    call("r.getheader", "C"),
    call("r.getheader", "missing"),
    call("r.getheader", "missing", "default"),
    call("r.msg.getheaders", "A"),
]
_CUT: Final = {
    "nothing": "",
    "in the status line": "HTTP/1.1 200 O",
    "in HTTP": "HTT",
    "after the status line": "HTTP/1.1 200 OK\r\n",
    "in a header": "HTTP/1.1 200 OK\r\nA: b\r\nC",
    "after a header": "HTTP/1.1 200 OK\r\nA: b\r\n",
}
_INTERIM: Final = {
    "100": "HTTP/1.1 100 Continue\r\n\r\n",
    "100 with fields": "HTTP/1.1 100 Continue\r\nA: b\r\nB: c\r\n\r\n",
    "100 twice": "HTTP/1.1 100 Continue\r\n\r\n" * 2,
    "100 in 1.0": "HTTP/1.0 100 Continue\r\n\r\n",
    "102": "HTTP/1.1 102 Processing\r\n\r\n",
    "103": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "many 100": "HTTP/1.1 100 Continue\r\n\r\n" * 50,
}
_FINAL: Final = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nC: d\r\n\r\nhello"

_LIMITS: Final = {
    **{
        f"header line of {length} octets": "HTTP/1.1 200 OK\r\nA: "
        + "x" * (length - 5)
        + "\r\nContent-Length: 0\r\n\r\n"
        for length in (65_535, 65_536, 65_537)
    },
    **{
        f"status line of {length} octets": "HTTP/1.1 200 " + "x" * (length - 15) + "\r\nContent-Length: 0\r\n\r\n"
        for length in (65_535, 65_536, 65_537)
    },
    **{
        f"{count} folded lines": "HTTP/1.1 200 OK\r\n" + "A: b\r\n c\r\n" * (count // 2) + "Content-Length: 0\r\n\r\n"
        for count in (98, 100, 120)
    },
    "150 lines that are none": "HTTP/1.1 200 OK\r\n" + "nonsense\r\n" * 150 + "Content-Length: 0\r\n\r\n",
    "a long head of short lines": (
        "HTTP/1.1 200 OK\r\n" + ("A: " + "x" * 4000 + "\r\n") * 20 + "Content-Length: 0\r\n\r\n"
    ),
    "150 lines of a 100": "HTTP/1.1 100 Continue\r\n" + "A: b\r\n" * 150 + "\r\nHTTP/1.1 204 No\r\n\r\n",
}

SCENARIOS: Final[Scenarios] = {
    **{f"limits/{name}": [*exchange(octets), *look("r.status"), call("r.read")] for name, octets in _LIMITS.items()},
    **{
        f"status line/{'strict' if strict else 'lax'}/{name}": [
            *exchange(line + "Content-Length: 5\r\n\r\nhello", strict=strict),
            *HEAD_FACTS,
            *BODY_FACTS,
        ]
        for (name, line), strict in product(_STATUS_LINES.items(), (0, 1))
    },
    **{
        f"0.9/{how}/{name}": [*exchange(octets), *HEAD_FACTS, *reading, call("r.isclosed")]
        for name, octets in _STREAMS_OF_09.items()
        for how, reading in {
            "whole": [call("r.read"), call("r.read")],
            "in pieces": [call("r.read", 3), call("r.read", 3), call("r.read", 10), call("r.read")],
        }.items()
    },
    **{
        f"0.9/{how}": [
            *exchange("hello", strict=strict),
            call("r.getheaders"),
            call("r.getheader", "a"),
            call("r.getheader", "a", "b"),
            *look("r.msg.headers"),
        ]
        for how, strict in {"headers": 0, "headers, strict": 1}.items()
    },
    **{
        f"section/{name}": [
            *exchange(f"HTTP/1.1 200 OK\r\n{section}Content-Length: 2\r\n\r\nok"),
            *_MESSAGE,
            call("r.read"),
        ]
        for name, section in _SECTIONS.items()
    },
    **{
        f"cut/{'strict' if strict else 'lax'}/{name}": [
            *exchange(octets, strict=strict),
            *look("r.status", "r.msg.headers", "c.sock"),
        ]
        for (name, octets), strict in product(_CUT.items(), (0, 1))
    },
    "reset before the answer": exchange("", "reset"),
    **{
        f"interim/{name}": [*exchange(octets + _FINAL), *HEAD_FACTS, *look("r.msg.headers"), *BODY_FACTS]
        for name, octets in _INTERIM.items()
    },
    "interim/then end": exchange("HTTP/1.1 100 Continue\r\n\r\n"),
    "interim/101": [*exchange("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), *HEAD_FACTS, *BODY_FACTS],
    "status line/too long": exchange("HTTP/1.1 200 " + "x" * 65_540 + "\r\n\r\n"),
    "status line/just short enough": [
        *exchange("HTTP/1.1 200 " + "x" * 65_000 + "\r\nContent-Length: 0\r\n\r\n"),
        call("len", {"name": "r.reason"}),
    ],
    "interim/line too long": exchange("HTTP/1.1 100 Continue\r\nA: " + "x" * 65_540 + "\r\n\r\n" + _FINAL),
}
