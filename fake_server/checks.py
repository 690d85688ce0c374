"""Checks of what a test gives: what it cannot mean is refused where it is written.

Law: called where a test says something, never while a request is served. Each raises `BadExpectation`: what was
expected, what came, and what to do. Of what came only numbers and short text are shown, of all else the kind: there may
be secrets in it.
"""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .errors import BadExpectation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHOWN: Final = 30
"""Characters of a text that is shown."""

_AUTHORITY: Final = re.compile(r"[^\s/?#@]+:[0-9]+")
_NO_HOST: Final = re.compile(r"[\s/?#@:\[\]]")


def wrong(what: str, got: object, advice: str = "", *, content: bool = False) -> BadExpectation:
    """Return the error that says that *what* was expected and *got* came; text that is *content* is not shown."""
    text = kind(got) if content and isinstance(got, str | bytes | bytearray) else shown(got)
    return BadExpectation(f"expected {what}, got {text}{advice and f': {advice}'}")


def shown(value: object) -> str:
    """Return *value* as an error names it."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str | bytes):
        return repr(value) if len(value) <= SHOWN else f"{kind(value)} of {len(value)} characters"
    return kind(value)


def kind(value: object) -> str:
    """Return what *value* is, and nothing of what is in it."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def whole(what: str, value: object, least: int, most: float = math.inf) -> None:
    """Refuse what is no whole number from *least* to *most*."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise wrong(f"{what} from {least}{_to(most)}", value)


def number(what: str, value: object, least: float = 0, most: float = math.inf) -> None:
    """Refuse what is no number from *least* to *most*, such as one of seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise wrong(f"{what}{'' if least == -math.inf else f' from {least}'}{_to(most)}", value)


def octets(what: str, value: object) -> None:
    """Refuse what is not bytes, or the like."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise wrong(f"{what} as bytes", value, "encode it" if isinstance(value, str) else "", content=True)


def typed(what: str, annotation: str, value: object, least: int) -> None:
    """Refuse what is not of the type that *annotation* names, or a number below *least*."""
    if annotation == "int":
        whole(what, value, least)
    elif annotation == "float":
        number(what, value)
    elif annotation == "bytes":
        octets(what, value)
    elif annotation == "str" and not isinstance(value, str):
        raise wrong(f"{what} as text", value)
    elif annotation.startswith("tuple[") and not isinstance(value, tuple):
        raise wrong(f"{what} as a tuple", value)


def kept(what: str, given: object, *kinds: type) -> None:
    """Refuse what is none of these *kinds*."""
    if not isinstance(given, kinds):
        raise BadExpectation(f"expected {what}, got {kind(given)}")


def one_of(what: str, given: object, known: Iterable[str]) -> None:
    """Refuse what is none of the *known* words."""
    words = list(known)
    if given not in words:
        raise wrong(f"{what} as one of {', '.join(map(repr, words))}", given)


def place(host: object, port: object, unix: object) -> None:
    """Refuse where nobody can listen."""
    kept("host= as text", host, str)
    whole("port=", port, 0, 65_535)
    kept("unix= as a path", unix, str, os.PathLike, type(None))


def served_by(tls: object) -> None:
    """Refuse what TLS cannot be served by: a context of a client's, names of files."""
    if isinstance(tls, bool) or callable(getattr(tls, "server_context", None)):
        return
    import ssl  # noqa: PLC0415  only for those who have a context

    what = "tls= as True, an Authority, or an ssl.SSLContext for servers"
    if not isinstance(tls, ssl.SSLContext):
        raise BadExpectation(f"expected {what}, got {kind(tls)}")
    if tls.protocol is ssl.PROTOCOL_TLS_CLIENT:
        raise BadExpectation(f"expected {what}, got one for clients: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)")


def called(what: str, value: object) -> None:
    """Refuse what cannot be called."""
    if not callable(value):
        raise wrong(f"{what}, which is called", value)


def pieces(value: object) -> None:
    """Refuse what yields no octets, as far as that is known before it is asked."""
    if isinstance(value, str | bytes | bytearray) or not hasattr(value, "__iter__"):
        raise wrong("pieces, an iterable of bytes", value, "put it into a list", content=True)
    for one in value if isinstance(value, list | tuple) else ():
        octets("each of the pieces", one)


def fields(given: Any) -> list[tuple[str, str]]:  # noqa: ANN401  anything
    """Return field lines out of a mapping, in which a value may stand for several lines, or out of pairs; or None."""
    if given is None:
        return []
    what = "headers= as a mapping of names to values, or as pairs of them"
    if isinstance(given, str | bytes) or not hasattr(given, "__iter__"):
        raise BadExpectation(f"expected {what}, got {kind(given)}")
    is_mapping = hasattr(given, "items")
    try:
        pairs = [(name, value) for name, value in (given.items() if is_mapping else given)]
    except (TypeError, ValueError):
        raise BadExpectation(f"expected {what}, got {kind(given)} of something else") from None
    return [(name, one) for name, value in pairs for one in _values(name, value, several=is_mapping)]


def _to(most: float) -> str:
    return "" if most == math.inf else f" to {most}"


def _values(name: object, value: Any, *, several: bool) -> Iterable[str]:  # noqa: ANN401  anything
    """The values that the field *name* is given."""
    if not isinstance(name, str):
        raise wrong("the name of a field as text", name)
    if isinstance(value, str):
        return [value]
    values = list(value) if several and hasattr(value, "__iter__") and not isinstance(value, bytes) else [value]
    for one in values:
        if not isinstance(one, str):
            raise BadExpectation(f"expected the value of the field {name!r} as text, got {kind(one)}")
    return values


def compared(what: str, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the names and values that requests are compared with by *what*. None is nothing."""
    if given is None:
        return {}
    if not hasattr(given, "items"):
        raise BadExpectation(f"expected {what} as a mapping of names to values, got {kind(given)}")
    return dict(given.items())


def names(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return several names; one alone would be several letters."""
    if isinstance(given, str):
        raise wrong(f"{what} as several names", given, f"[{given!r}]")
    return tuple(given)


def comparable(what: str, value: object) -> object:
    """Return *value*, unless it is one of Python's own that never equals a text."""
    own = type(value).__module__ == "builtins"
    if (own and not isinstance(value, str)) or (not own and type(value).__eq__ is object.__eq__):
        raise BadExpectation(f"expected {what} as text, a regular expression or a pattern, got {kind(value)}")
    return value


def path(uri: str, method: object) -> None:
    """Refuse text that is the path of no request: none is compared with its host.

    One with a question mark may be meant; a request that comes near it is told what to do.
    """
    if uri[:1] in {"", "/"} or uri == "*" or (method == "CONNECT" and _AUTHORITY.fullmatch(uri)):
        return
    if "://" in uri:
        raise BadExpectation(
            f"expected a path such as '/a', got a URL: leave scheme and host out, {urlsplit(uri).path or '/'!r}"
        )
    raise wrong("a path that begins with a slash", uri)


def prefix(given: object) -> None:
    """Refuse what no path begins with."""
    if not isinstance(given, str) or given[:1] not in {"", "/"}:
        raise wrong("a prefix that begins with a slash", given)


def hosts(given: tuple[object, ...]) -> None:
    """Refuse what are no names and no addresses of hosts; ``*`` may stand for any text."""
    if not given:
        raise BadExpectation("expected at least one host such as 'api.example.com', got none")
    for one in given:
        _host(one)


def _host(given: object) -> None:
    what = "a host such as 'api.example.com'"
    if not isinstance(given, str):
        raise wrong(what, given, "several are several arguments")
    is_address = given.count(":") > 1 and not set(given) - set("0123456789abcdefABCDEF:.")
    if given and (is_address or not _NO_HOST.search(given)):
        return
    name = re.split(r"[/?#\s]", given.rpartition("://")[2])[0].rpartition("@")[2].partition(":")[0]
    if not name:
        raise BadExpectation(f"expected {what}, got none")
    more = "a URL" if "://" in given else "more"
    raise BadExpectation(
        f"expected {what}, got {more}: give {name!r}, every port of it leads here, with and without TLS"
    )
