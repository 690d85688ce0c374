"""Marks: where a request carries the key of its session.

Law: values that find a key in a request head, and put it on a client's requests; what a session is, they do not know.
Where the key stands in the request target, it is taken out of it: expectations are written as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from .errors import BadExpectation
from .target import origin_form

if TYPE_CHECKING:
    from httplib_sim import wire


class Found(NamedTuple):
    """A key, and the request target without it."""

    key: str
    target: str


class Mark(Protocol):
    """Where keys stand. Marks that are equal are one."""

    def find(self, head: wire.RequestHead, /) -> Found | None:
        """Return the key that a request carries, and its target without it; None if it carries none."""

    def headers(self, key: str, /) -> dict[str, str]:
        """Return the header fields that a client must send."""

    def params(self, key: str, /) -> dict[str, str]:
        """Return the parameters that a client must send in the query."""

    def url(self, base: str, path: str, key: str, /) -> str:
        """Return the URL of *path* on the server at *base*, as far as the key stands in it."""


@dataclass(frozen=True)
class InHeader:
    """The value of the field *name*."""

    name: str

    def find(self, head: wire.RequestHead) -> Found | None:
        """Return the field's value; the target stays as it is."""
        key = head.fields.get(self.name)
        return None if key is None else Found(key, head.target)

    def headers(self, key: str) -> dict[str, str]:
        """Return the field. Raises `BadExpectation` for a key that cannot stand in one (RFC 9110 section 5.5)."""
        if not (key.isascii() and key.isprintable() and key == key.strip()):
            raise BadExpectation(f"expected a key of printable ASCII, to stand in the field {self.name}; got {key!r}")
        return {self.name: key}

    def params(self, key: str) -> dict[str, str]:  # noqa: ARG002  see Mark
        """Return none."""
        return {}

    def url(self, base: str, path: str, key: str) -> str:  # noqa: ARG002  see Mark
        """Return the URL as it is on the server."""
        return f"{base}/{path}"

    def __str__(self) -> str:
        return f"the field {self.name}"


@dataclass(frozen=True)
class InPath:
    """The first segment of the path."""

    def find(self, head: wire.RequestHead) -> Found | None:
        """Return the first segment, and the target with the path that follows it."""
        rest = origin_form(head.target)
        if not rest.startswith("/"):
            return None
        path, question, query = rest.partition("?")
        segment, _, below = path[1:].partition("/")
        before = head.target.removesuffix(rest)
        return Found(unquote(segment), f"{before}/{below}{question}{query}")

    def headers(self, key: str) -> dict[str, str]:  # noqa: ARG002  see Mark
        """Return none."""
        return {}

    def params(self, key: str) -> dict[str, str]:  # noqa: ARG002  see Mark
        """Return none."""
        return {}

    def url(self, base: str, path: str, key: str) -> str:
        """Return the URL below the key."""
        return f"{base}/{quote(key, safe='')}/{path}"

    def __str__(self) -> str:
        return "the first segment of the path"


@dataclass(frozen=True)
class InQuery:
    """The parameter *name* of the query."""

    name: str

    def find(self, head: wire.RequestHead) -> Found | None:
        """Return the parameter's value, and the target without the parameter."""
        before, _, query = head.target.partition("?")
        parameters = query.split("&")
        for index, parameter in enumerate(parameters):
            name, _, value = parameter.partition("=")
            if unquote_plus(name) == self.name:
                left = "&".join(parameters[:index] + parameters[index + 1 :])
                return Found(unquote_plus(value), f"{before}?{left}" if left else before)
        return None

    def headers(self, key: str) -> dict[str, str]:  # noqa: ARG002  see Mark
        """Return none."""
        return {}

    def params(self, key: str) -> dict[str, str]:
        """Return the parameter."""
        return {self.name: key}

    def url(self, base: str, path: str, key: str) -> str:
        """Return the URL with the parameter behind those that *path* has."""
        return f"{base}/{path}{'&' if '?' in path else '?'}{quote_plus(self.name)}={quote_plus(key)}"

    def __str__(self) -> str:
        return f"the parameter {self.name} of the query"


def beginning(mark: Mark, base: str, key: str) -> str:
    """Return what the URLs of a session on the server at *base* begin with, as far as a key can stand there."""
    return base if mark.params(key) else mark.url(base, "", key).removesuffix("/")


def mark(header: str, *, path: bool = False, query: str | None = None) -> Mark:
    """Return where keys stand: in the *path*, or in a parameter of the *query*, or else in a *header* field.

    Raises `BadExpectation` for two places at once, and a name that is none.
    """
    if path and query is not None:
        raise BadExpectation("expected one place for the key, the path or the query; got both")
    if path:
        return InPath()
    name = header if query is None else query
    if not name:
        raise BadExpectation("expected the name of the field or parameter that carries the key, got nothing")
    return InHeader(name.title()) if query is None else InQuery(query)
