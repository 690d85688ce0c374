"""Which servers a cassette leaves alone: their requests go to the network as if it were not there.

Law: a function of the origin alone. Which way a request goes is decided at its first octet, when its connection is all
that is known of it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httplib_sim.waist import Origin

Ignore = Callable[["Origin"], bool]
"""Tells whether the requests to an origin are left alone."""


def ignoring(what: str | Ignore | Iterable[str | Ignore]) -> Ignore | None:
    """Return whether an origin is one of *what*: hosts (``example.com``, ``127.0.0.1:8080``), patterns, functions.

    In a pattern ``*`` stands for any text. None where nothing is left alone. Raises `TypeError` for what is neither,
    `ValueError` for a URL with a path: which way a connection goes is decided before a path is known.
    """
    items = tuple(what) if isinstance(what, Iterable) and not isinstance(what, str) else (what,)
    for item in items:
        if not isinstance(item, str) and not callable(item):
            raise TypeError(f"expected ignore to be hosts, patterns such as '*.example.com' or functions, got {item!r}")
        if isinstance(item, str) and "/" in item.partition("://")[2]:
            raise ValueError(f"expected ignore to name a server, such as {_server(item)!r}, got a path as well")
    tests = [_named(item.lower()) if isinstance(item, str) else item for item in items]
    return (lambda origin: any(test(origin) for test in tests)) if tests else None


def _server(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"


def _named(pattern: str) -> Ignore:
    def is_named(origin: Origin) -> bool:
        host = origin.host.lower()
        names = (host, f"{host}:{origin.port}", f"{origin.scheme}://{host}", f"{origin.scheme}://{host}:{origin.port}")
        return any(fnmatch.fnmatchcase(name, pattern) for name in names)

    return is_named
