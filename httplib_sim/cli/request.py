"""``httplib-sim request``: one request to one URL, and what came of it.

Law: an honest client. It sends what it is told and no more (no redirect is followed, no content is decoded, nothing
is tried again), writes the content as it comes, and ends with an exit code that says how it went (`Exit`).
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import stat
import sys
import urllib.parse
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import click

from httplib_sim import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead, InvalidURL, RemoteDisconnected
from httplib_sim.waist import DEFAULT_PORTS, Origin

from .errors import Exit, Failure
from .wire_view import WireView

if TYPE_CHECKING:
    import pathlib
    import ssl
    from collections.abc import Iterator, Sequence

    from httplib_sim import HTTPResponse

_PIECE = 65_536
"""Octets of content that are read and written at a time."""
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to ask for: the request's parts, checked as far as they can be before anybody is connected to."""

    origin: Origin
    target: str
    method: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | IO[bytes] | None = None

    def has(self, name: str) -> bool:
        """Whether a header with this *name*, in any case, was given."""
        return any(given.lower() == name.lower() for given, _ in self.headers)


def origin_and_target(url: str) -> tuple[Origin, str]:
    """Split *url* into its origin and the request target (RFC 9112 section 3.2.1), percent-encoded where it must be.

    Raises `Failure` for what is no http or https URL, and for one with credentials in it, or with what may be some: a
    password may have been meant to hold a "?" or "#", which ends the authority (RFC 3986 section 3.2).
    """
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError:  # its text may quote what was meant to be a password
        raise Failure("bad URL: its host, or the port behind it, cannot be read", Exit.USAGE) from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        shown = re.split("[?#]", url.rpartition("@")[2])[0]
        raise Failure(f"expected a URL such as http://example.com/ or https://example.com/, got {shown!r}", Exit.USAGE)
    if "@" in parts.netloc:
        raise Failure(
            "credentials in a URL end up in logs, and are not sent: use -H 'Authorization: ...' instead", Exit.USAGE
        )
    if not parts.path and "@" in parts.query + parts.fragment:
        raise Failure(
            "expected a '/' before the '?' or '#' of this URL: without it, all before its '@' may be credentials",
            Exit.USAGE,
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    origin = Origin(parts.scheme, parts.hostname, DEFAULT_PORTS[parts.scheme] if port is None else port)
    return origin, urllib.parse.quote(target, safe=_PRINTABLE)


def header(line: str) -> tuple[str, str]:
    """Split ``Name: value``. Raises `Failure` for a line that is none, without showing what may be a secret."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise Failure(
            "expected a header such as 'Accept: text/plain', got a line without a name and a colon", Exit.USAGE
        )
    return name.strip(), value.strip()


def connection_to(origin: Origin, timeout: float, context: ssl.SSLContext | None) -> HTTPConnection:
    """Return a connection, not connected yet, that verifies certificates by *context*, or as the system does.

    It is strict: what does not begin with a status line is an error, and not the content of an HTTP/0.9 response.
    """
    if origin.scheme == "https":
        return HTTPSConnection(origin.host, origin.port, strict=1, timeout=timeout, context=context)
    return HTTPConnection(origin.host, origin.port, strict=1, timeout=timeout)


@contextlib.contextmanager
def failures_told(origin: Origin, timeout: float) -> Iterator[None]:
    """Turn what goes wrong on the way to and from *origin* into a `Failure` of one line, with its exit code."""
    try:
        yield
    except TimeoutError as error:
        raise Failure(f"{origin.url}: nothing came within {timeout:g} s", Exit.TIMED_OUT) from error
    except (InvalidURL, UnicodeError) as error:
        raise Failure(f"{origin.url!r} has a host that cannot be connected to: {error}", Exit.USAGE) from error
    except RemoteDisconnected as error:
        text = f"{origin.url}: the server closed the connection without a response"
        raise Failure(text, Exit.BAD_RESPONSE) from error
    except IncompleteRead as error:
        more = f"; {error.expected:,} more octets were expected" if error.expected else ""
        raise Failure(f"{origin.url}: the connection ended before the response did{more}", Exit.BAD_RESPONSE) from error
    except HTTPException as error:
        raise Failure(f"{origin.url}: {str(error) or type(error).__name__}", Exit.BAD_RESPONSE) from error
    except OSError as error:
        raise Failure(*_of_the_connection(origin, error)) from error


def _of_the_connection(origin: Origin, error: OSError) -> tuple[str, Exit]:
    """What to say of an error of the socket, or of TLS."""
    import ssl

    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{origin.url}: the certificate cannot be trusted: {error.verify_message}", Exit.BAD_TLS
    if isinstance(error, ssl.SSLError):
        return f"{origin.url}: TLS failed: {error.reason or error}", Exit.BAD_TLS
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return f"{origin.url}: the server broke the connection ({error.strerror})", Exit.BAD_RESPONSE
    return f"{origin.url}: no connection: {error.strerror or error}", Exit.NO_CONNECTION


def send(connection: HTTPConnection, order: Order) -> None:
    """Send the request: the headers in the order and case in which they were given. Raises `Failure` if it cannot.

    A server may answer, and close, before all of the body is there (RFC 9112 section 9.5): then its answer is what
    counts.
    """
    try:
        connection.putrequest(
            order.method,
            order.target,
            skip_host=order.has("host"),
            skip_accept_encoding=order.has("accept-encoding"),
        )
        for name, value in order.headers:
            connection.putheader(name, value)
        chunked = _put_framing(connection, order)
        if not order.has("user-agent"):
            connection.putheader("User-Agent", f"httplib-sim/{importlib.metadata.version('httplib-sim')}")
    except (ValueError, HTTPException) as error:
        raise Failure(f"this request cannot be sent: {error}", Exit.USAGE) from error
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.endheaders(order.body, encode_chunked=chunked)


def _put_framing(connection: HTTPConnection, order: Order) -> bool:
    """Say how the body ends, unless the headers do; return whether it is to be chunked (RFC 9112 section 6.3)."""
    if order.body is None or order.has("content-length"):
        return False
    if order.has("transfer-encoding"):
        return True
    length = len(order.body) if isinstance(order.body, bytes) else _size(order.body)
    if length is None:
        connection.putheader("Transfer-Encoding", "chunked")
        return True
    connection.putheader("Content-Length", str(length))
    return False


def _size(file: IO[bytes]) -> int | None:
    """How many octets a file has; None for a pipe and the like."""
    try:
        status = os.fstat(file.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def copy_content(response: HTTPResponse, file: IO[bytes]) -> None:
    """Write the content to *file* as it comes.

    Raises `httplib_sim.IncompleteRead` where the connection ends before the content does: what came is written. Raises
    `Failure` if it cannot be written.
    """
    response.enforce_content_length = True
    try:
        while piece := response.read1(_PIECE):
            _write(file, piece)
    except IncompleteRead as error:
        _write(file, error.partial)
        raise


def _write(file: IO[bytes], piece: bytes) -> None:
    """Write *piece* at once. Raises `Failure` if it cannot be written."""
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError):  # what is left in the buffer would be written again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
        raise Failure(f"the content cannot be written: {error.strerror}") from error


def outcome(status: int) -> Exit:
    """Return the exit code for a final response with this *status*."""
    if status >= 500:
        return Exit.SERVER_ERROR
    return Exit.CLIENT_ERROR if status >= 400 else Exit.DONE


def all_headers(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Split each ``Name: value``; see `header`."""
    return tuple(header(line) for line in lines)


def body_of(text: str | None, file: IO[bytes] | None) -> bytes | IO[bytes] | None:
    """Return what is the body: *text* in UTF-8, or *file*, or nothing. Raises `Failure` if both are given."""
    if text is not None and file is not None:
        raise Failure("expected a body once, got both --data and --data-file", Exit.USAGE)
    return file if text is None else os.fsencode(text)


def fetch(
    order: Order,
    *,
    timeout: float,
    ca_file: pathlib.Path | None = None,
    output: pathlib.Path | None = None,
    verbose: bool = False,
    show_secrets: bool = False,
) -> Exit:
    """Carry out *order*, write the content to *output* or to stdout, and return how it went.

    *timeout* is in seconds; certificates are verified by those in *ca_file*, or the system's. With *verbose* the
    heads are shown on stderr. Raises `Failure` for whatever goes wrong on the way.
    """
    view = WireView(order.origin, secrets=show_secrets) if verbose else None
    context = trust(ca_file)
    with contextlib.ExitStack() as stack:
        stack.enter_context(failures_told(order.origin, timeout))
        connection = stack.enter_context(connection_to(order.origin, timeout, context))
        connection.connect()
        if view is not None:
            view.watch(connection)
        send(connection, order)
        if view is not None:
            _tell(view.request_lines())
        response = connection.getresponse()
        if view is not None:
            _tell(view.response_lines(*response.interim, *filter(None, [response.head])))
        with _sink(output) as file:
            copy_content(response, file)
    return outcome(response.status)


def trust(ca_file: pathlib.Path | None) -> ssl.SSLContext | None:
    """Return the context that trusts the certificates in *ca_file*; None for the system's. Raises `Failure`."""
    if ca_file is None:
        return None
    import ssl

    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an SSLError is one
        raise Failure(f"{ca_file}: expected certificates in PEM format: {error}", Exit.USAGE) from error


@contextlib.contextmanager
def _sink(output: pathlib.Path | None) -> Iterator[IO[bytes]]:
    """Where the content goes: stdout, or a file, which is made only now that there is an answer."""
    if output is None:
        yield sys.stdout.buffer
        return
    try:
        file = output.open("wb")
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}") from error
    with file:
        yield file


def _tell(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)
