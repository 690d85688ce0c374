"""How connections are made: hosts, ports, the arguments of the constructors, tunnels."""

from __future__ import annotations

from typing import Any, Final

from tests.oracles.python27.steps import OK, Scenarios, answer, call, look, pairs, request, respond

_WHERE: Final = look("c.host", "c.port")
_ALL: Final = look(
    "c.host", "c.port", "c.strict", "c.timeout", "c.source_address", "c.sock", "c.debuglevel", "c.default_port"
)

_HOSTS: Final[dict[str, tuple[Any, ...]]] = {
    "plain": ("www.cwi.nl",),
    "with port": ("www.cwi.nl:80",),
    "port apart": ("www.cwi.nl", 80),
    "other port": ("www.cwi.nl:8080",),
    "port as text": ("www.cwi.nl", "8080"),
    "port zero": ("www.cwi.nl", 0),
    "port zero in host": ("www.cwi.nl:0",),
    "both ports": ("www.cwi.nl:80", 81),
    "empty port": ("www.cwi.nl:",),
    "empty host": ("",),
    "empty host with port": (":8080",),
    "trailing dot": ("www.cwi.nl.",),
    "user": ("user@www.cwi.nl:80",),
    "high port": ("www.cwi.nl:65535",),
    "too high a port": ("www.cwi.nl:65536",),
    "port of letters": ("www.cwi.nl:abc",),
    "port with letters": ("www.cwi.nl:80a",),
    "port with path": ("www.cwi.nl:80/",),
    "negative port": ("www.cwi.nl:-1",),
    "port with sign": ("www.cwi.nl:+80",),
    "port with blank": ("www.cwi.nl: 80",),
    "port with zeros": ("www.cwi.nl:0080",),
    "port with underscore": ("www.cwi.nl:8_0",),
    "two ports": ("www.cwi.nl:80:81",),
    "v6": ("[::1]",),
    "v6 with port": ("[::1]:8080",),
    "v6 empty port": ("[::1]:",),
    "v6 port apart": ("[::1]", 8080),
    "v6 bare": ("::1",),
    "v6 bare, port apart": ("::1", 8080),
    "v6 bare, long": ("2001:db8::1",),
    "v6 bare, letters": ("2001:db8::beef",),
    "v6 unclosed": ("[::1",),
    "v6 bad port": ("[::1]:abc",),
    "v6 zone": ("[fe80::1%eth0]:80",),
    "blank in host": ("www. cwi.nl",),
    "tab in host": ("www.cwi.nl\t",),
    "line end in host": ("www.cwi.nl\r\nX: y",),
    "zero in host": ("www.cwi.nl\x00",),
    "delete in host": ("www.cwi.nl\x7f",),
    "path in host": ("www.cwi.nl/path",),
}

_ARGUMENTS: Final[dict[str, tuple[list[Any], dict[str, Any]]]] = {
    "host only": (["h"], {}),
    "all by position": (["h", 81, 1, 2.5, {"tuple": ["127.0.0.1", 0]}], {}),
    "all by keyword": (
        [],
        {"host": "h", "port": 81, "strict": 1, "timeout": 2.5, "source_address": {"tuple": ["127.0.0.1", 0]}},
    ),
    "strict by position": (["h", None, 1], {}),
    "strict true": (["h"], {"strict": True}),
    "strict zero": (["h"], {"strict": 0}),
    "strict none": (["h"], {"strict": None}),
    "timeout": (["h", 80], {"timeout": 10}),
    "timeout by position": (["h", 80, None, 10], {}),
    "timeout none": (["h"], {"timeout": None}),
    "no host": ([], {}),
    "too many": (["h", 80, 0, 1, None, 3, 4, 5, 6], {}),
    "unknown keyword": (["h"], {"colour": 1}),
}

_SECURE: Final[dict[str, tuple[list[Any], dict[str, Any]]]] = {
    "host only": (["h"], {}),
    "port in host": (["h:444"], {}),
    "by position": (["h", 444, None, None, 1, 2.5, {"tuple": ["127.0.0.1", 0]}], {}),
    "by keyword": ([], {"host": "h", "port": 444, "key_file": None, "cert_file": None, "strict": 1, "timeout": 3}),
    "bad port": (["h:abc"], {}),
    "context none": (["h"], {"context": None}),
    "no such certificate": (["h"], {"cert_file": "/no/such/file", "key_file": "/no/such/file"}),
}

_TUNNEL_ANSWERS: Final = {
    "200": ("HTTP/1.1 200 OK\r\n\r\n", "keep"),
    "200 in 1.0": ("HTTP/1.0 200 Connection established\r\n\r\n", "keep"),
    "200 with fields": ("HTTP/1.1 200 OK\r\nVia: p\r\nX-A: b\r\n\r\n", "keep"),
    "200 without reason": ("HTTP/1.1 200\r\n\r\n", "keep"),
    "407": ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "keep"),
    "403 with content": ("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", "keep"),
    "502 in 1.0": ("HTTP/1.0 502 Bad Gateway\r\n\r\n", "end"),
    "201": ("HTTP/1.1 201 Created\r\n\r\n", "keep"),
    "no status line": ("hello\r\n\r\n", "end"),
    "end": ("", "end"),
}


def _tunnels() -> Scenarios:
    made: Scenarios = {}
    for name, (octets, then) in _TUNNEL_ANSWERS.items():
        made[f"tunnel/answered/{name}"] = [
            call("httplib.HTTPConnection", "127.0.0.1:{port}", into="c"),
            call("c.set_tunnel", "destination.example"),
            call("answer_ahead", octets, then),
            request(),
            *([answer(OK), respond(), *look("r.status"), call("r.read")] if "200" in name else []),
            call("same", {"name": "c.sock"}, None),
            *look("c.host", "c._tunnel_host", "c._tunnel_port"),
        ]
    targets: dict[str, list[Any]] = {
        "port": ["h", 8080],
        "port in host": ["h:8080"],
        "default port": ["h"],
        "bad port": ["h:abc"],
        "v6": ["[::1]:8080"],
        "headers": ["h", 80, pairs(("X-Proxy", "a"), ("Proxy-Authorization", "Basic eDp5"))],
    }
    for name, arguments in targets.items():
        made[f"tunnel/to/{name}"] = [
            call("httplib.HTTPConnection", "127.0.0.1:{port}", into="c"),
            call("c.set_tunnel", *arguments),
            *look("c._tunnel_host", "c._tunnel_port"),
        ]
    made["tunnel/too late"] = [
        call("httplib.HTTPConnection", "127.0.0.1:{port}", into="c"),
        call("c.connect"),
        call("c.set_tunnel", "h"),
    ]
    return made


SCENARIOS: Final[Scenarios] = {
    **{
        f"host/{name}": [call("httplib.HTTPConnection", *arguments, into="c"), *_WHERE]
        for name, arguments in _HOSTS.items()
    },
    **{
        f"arguments/{name}": [call("httplib.HTTPConnection", *by_place, into="c", **by_name), *_ALL]
        for name, (by_place, by_name) in _ARGUMENTS.items()
    },
    **{
        f"secure/{name}": [
            call("httplib.HTTPSConnection", *by_place, into="c", **by_name),
            *look("c.host", "c.port", "c.default_port", "c.key_file", "c.cert_file", "c.strict", "c.timeout"),
        ]
        for name, (by_place, by_name) in _SECURE.items()
    },
    **_tunnels(),
}
