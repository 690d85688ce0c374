"""Hosts and ports: read from what a program gives, checked, and written as they go on the wire.

Law: text in, text out. What is wrong is `InvalidURL`; no control character goes into a host (CVE-2019-18348).
"""

from __future__ import annotations

import re

from .errors import InvalidURL

_UNSAFE = re.compile(r"[\x00-\x20\x7f]")
_NO_NAME = re.compile(r"[\x00-\x20\x7f/?#@:\[\]]")
_AFTER_AUTHORITY = re.compile(r"[/?#]")
_HIGHEST_PORT = 65_535


def host_and_port(host: str, port: int | str | None, default_port: int) -> tuple[str, int]:
    """Split ``host:port`` unless *port* is given apart; an IPv6 address loses its brackets.

    An empty port is the default one, as in httplib (its documentation says that it is an error). Raises `InvalidURL` if
    the port is no number, and `TypeError` if *host* is no str.
    """
    if not isinstance(host, str):
        raise TypeError(f"expected a host as str, got {type(host).__name__}")
    if port is None:
        before, colon, behind = host.rpartition(":")
        if colon and "]" not in behind:  # an IPv6 address has colons inside its brackets
            host, port = before, behind or default_port
        else:
            port = default_port
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    return host, _port(port)


def _port(port: int | str) -> int:
    text = str(int(port) if isinstance(port, int) else port)
    if not (text.isascii() and text.isdigit()):
        raise InvalidURL(f"nonnumeric port: {text!r}")
    number = int(text[:20])
    if number > _HIGHEST_PORT:
        raise InvalidURL(f"port out of range 0 to {_HIGHEST_PORT}: {text[:20]!r}")
    return number


def check_host(host: str) -> None:
    """Raise `InvalidURL` if *host* has a blank or a control character in it (CVE-2019-18348)."""
    if match := _UNSAFE.search(host):
        raise InvalidURL(f"URL can't contain control characters. {host!r} (found at least {match.group()!r})")


def check_tunnel_host(host: str) -> None:
    """Raise `ValueError` if a tunnel's *host* has a blank or a control character in it (CVE-2026-1502)."""
    if _UNSAFE.search(host):
        raise ValueError(f"Tunnel host can't contain control characters {host!r}")


def ascii_host(host: str) -> str:
    """Return *host* as it goes on the wire: a name that is not ASCII in its IDNA form (RFC 3490).

    Raises `InvalidURL` if it has none, or one in which something else would end the name (as CVE-2019-9636).
    """
    if host.isascii():
        return host
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as problem:
        raise InvalidURL(f"expected a host's name, got {host!r}: {problem}") from None
    if match := _NO_NAME.search(name):
        raise InvalidURL(f"expected a host's name, got {host!r}, which would be sent with {match.group()!r} in it")
    return name


def with_port(host: str, port: int) -> str:
    """Return ``host:port``, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_field(host: str, port: int, default_port: int) -> str:
    """Return the value of Host (RFC 9110 section 7.2): the default port is left out, and so is the zone of an address.

    A zone means something on this machine alone (RFC 6874 section 4).
    """
    host = ascii_host(host)
    if ":" in host:
        host = f"[{host.partition('%')[0]}]"
    return host if port == default_port else f"{host}:{port}"


def authority_of(url: str) -> str | None:
    """Return host and port of an absolute *url*, as they stand in it; None if it is not absolute.

    User and password are left out: they belong to nobody but the client (RFC 9110 section 4.2.4).
    """
    if not url.startswith("http"):
        return None
    _, separator, rest = url.partition("://")
    authority = _AFTER_AUTHORITY.split(rest, maxsplit=1)[0] if separator else ""
    return ascii_host(authority.rpartition("@")[2]) or None
