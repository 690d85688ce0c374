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

    In a pattern ``*`` stands for any text. None where nothing is left alone. Raises `TypeError` for what is neither.
    """
    items = (what,) if isinstance(what, str) or callable(what) else tuple(what)
    for item in items:
        if not isinstance(item, str) and not callable(item):
            raise TypeError(f"expected ignore to be hosts, patterns or functions, got {item!r}")
    tests = [_named(item.lower()) if isinstance(item, str) else item for item in items]
    return (lambda origin: any(test(origin) for test in tests)) if tests else None


def _named(pattern: str) -> Ignore:
    def is_named(origin: Origin) -> bool:
        host = origin.host.lower()
        names = (host, f"{host}:{origin.port}", f"{origin.scheme}://{host}", f"{origin.scheme}://{host}:{origin.port}")
        return any(fnmatch.fnmatchcase(name, pattern) for name in names)

    return is_named
