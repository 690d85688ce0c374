"""``httplib-sim verify``: whether the servers still answer as cassettes say, asked without the program.

Law: sends what was recorded, each request over a connection of its own, and compares; no cassette is changed. What
could change something on a server is sent only when that is asked for. In the place of secrets a cassette has
stand-ins, and those are sent, but for headers that are given anew; nothing that is shown holds a secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import click

from httplib_sim import HTTPException
from httplib_sim.waist import Origin

from .errors import Exit, Failure, visible
from .request import connection_to, failures_told

if TYPE_CHECKING:
    import pathlib
    import ssl
    from collections.abc import Iterable, Sequence

    from cassettes.exchange import Exchange, Request

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that change nothing on a server (RFC 9110 section 9.2.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How to ask: *headers* take the place of those recorded, where a request has one of that name."""

    headers: tuple[tuple[str, str], ...] = ()
    unsafe: bool = False
    timeout: float = 30.0
    context: ssl.SSLContext | None = None

    def sends(self, request: Request) -> bool:
        """Tell whether *request* is sent: none that makes a tunnel is, and without *unsafe* only safe ones."""
        return request.method != "CONNECT" and (self.unsafe or request.method in _SAFE)

    def fields(self, request: Request) -> list[tuple[str, str]]:
        """Return the header lines to send."""
        given = {name.lower(): value for name, value in self.headers}
        recorded = [(line.name, line.value) for line in request.headers if line.name and line.name.lower() != "expect"]
        return [(name, given.get(name.lower(), value)) for name, value in recorded]

    def lacks(self, exchange: Exchange) -> bool:
        """Tell whether stand-ins are sent in the place of secrets of *exchange*'s request."""
        given = {f"request header {name}".lower() for name, _ in self.headers}
        return any(place.startswith("request") and place.lower() not in given for place in exchange.redacted)


@dataclass(slots=True)
class _Counts:
    """What came of it, for the line at the end."""

    sent: int = 0
    differing: int = 0
    without_secrets: int = 0
    left_out: list[str] = field(default_factory=list)

    def told(self) -> str:
        lines = [f"{self.differing} of {self.sent} exchange{'' if self.sent == 1 else 's'} differ"]
        if self.left_out:
            names = ", ".join(dict.fromkeys(self.left_out))
            lines.append(f"{len(self.left_out)} not sent, which might change something ({names}): --unsafe sends them")
        if self.without_secrets:
            lines.append(
                f"{self.without_secrets} sent with stand-ins in the place of secrets, which servers may refuse: "
                "-H 'Authorization: ...' replaces a header that a recorded request has"
            )
        return "\n".join(lines)


def verify_cassettes(paths: Iterable[pathlib.Path], asking: Asking, *, shape: bool = False) -> Exit:
    """Send the requests of the cassettes at *paths*, and print in what the answers differ; return how it went.

    Raises `Failure` for what is no cassette.
    """
    counts = _Counts()
    for path in paths:
        for line in _verified(path, asking, "shape" if shape else "values", counts):
            click.echo(visible(line))
    click.echo(counts.told(), err=True)
    return Exit.FAILED if counts.differing else Exit.DONE


def _verified(path: pathlib.Path, asking: Asking, detail: str, counts: _Counts) -> Sequence[str]:
    """In what the answers differ from those of the cassette at *path*."""
    from cassettes import use_cassette
    from cassettes.errors import CassetteDrift, CassetteError
    from cassettes.redaction import redact
    from cassettes.store import Store

    if not path.is_file():
        raise Failure(f"expected a cassette, but there is no file {path}", Exit.USAGE)
    unanswered: list[str] = []
    try:
        recorded = Store(path).load()
        with use_cassette(path, verify=detail, strict=False) as cassette:
            for exchange, line in recorded:
                if not asking.sends(exchange.request):
                    counts.left_out.append(exchange.request.method)
                    continue
                counts.sent += 1
                counts.without_secrets += asking.lacks(exchange)
                before = len(cassette.recorded)
                problem = _ask(exchange.request, asking)
                if problem and len(cassette.recorded) == before:  # else the comparison tells what became of it
                    request = redact(exchange).request
                    unanswered += [f"{path}:{line}: {request.method} {request.url}", f"  {problem}"]
    except CassetteDrift as found:
        lines = [*found.lines, *unanswered]
    except CassetteError as error:
        raise Failure(str(error), Exit.USAGE) from error
    else:
        lines = unanswered
    counts.differing += sum(not line.startswith(" ") for line in lines)
    return lines


def _ask(request: Request, asking: Asking) -> str:
    """Send *request* and read the answer to its end; return why that was not possible, or nothing."""
    origin = Origin(*request.origin)
    fields = asking.fields(request)
    content = request.message.body.content
    chunked = any(name.lower() == "transfer-encoding" for name, _ in fields)
    try:
        with failures_told(origin, asking.timeout), connection_to(origin, asking.timeout, asking.context) as connection:
            connection.putrequest(request.method, request.target, skip_host=True, skip_accept_encoding=True)
            for name, value in fields:
                connection.putheader(name, value)
            connection.endheaders(content or None, encode_chunked=chunked)
            connection.getresponse().read()
    except Failure as failure:
        return failure.message
    except (ValueError, HTTPException) as problem:
        return f"this request cannot be sent: {problem}"
    return ""
