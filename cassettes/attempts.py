"""Failed attempts: connections that did not come about, as values, and as the errors that they were.

Law: a value says it without a number of this machine: error numbers differ between systems, their names do not. What
comes out is the system's own exception; how a library wraps it is the library's. No socket is touched.
"""

from __future__ import annotations

import enum
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from httplib_sim.waist import Origin

_SYSTEM: Final = frozenset({"builtins", "socket", "ssl"})
"""The modules whose exceptions say what has happened, rather than who was told."""


class Failure(enum.StrEnum):
    """In which ways an attempt to connect fails."""

    REFUSED = "refused"
    """Nobody listens on that port."""
    NAME_NOT_FOUND = "name-not-found"
    """The name has no address, or nobody could be asked for it."""
    TIMEOUT = "timeout"
    """Nothing came for as long as the client, or the system, was willing to wait."""
    UNREACHABLE = "unreachable"
    """There is no way to the network or the host."""
    RESET = "reset"
    """The connection was reset before it was established, such as within the TLS handshake."""
    CERTIFICATE = "certificate"
    """The server's certificate was not accepted."""
    TLS = "tls"
    """The TLS handshake failed in another way."""
    ERROR = "error"
    """The system had another error."""


_USUAL: Final = {
    Failure.REFUSED: ("ECONNREFUSED", "Connection refused"),
    Failure.NAME_NOT_FOUND: ("EAI_NONAME", "Name or service not known"),
    Failure.TIMEOUT: ("", "timed out"),
    Failure.UNREACHABLE: ("ENETUNREACH", "Network is unreachable"),
    Failure.RESET: ("ECONNRESET", "Connection reset by peer"),
    Failure.CERTIFICATE: ("SSL_ERROR_SSL", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    Failure.TLS: ("SSL_ERROR_SSL", "the TLS handshake failed"),
    Failure.ERROR: ("", "the connection failed"),
}
"""The code and the text of each kind of failure where nothing else is said."""

_KINDS: Final = {
    "ECONNREFUSED": Failure.REFUSED,
    "ETIMEDOUT": Failure.TIMEOUT,
    "ENETUNREACH": Failure.UNREACHABLE,
    "EHOSTUNREACH": Failure.UNREACHABLE,
    "ECONNRESET": Failure.RESET,
}
"""What an error number says by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedAttempt:
    """An attempt to connect to *origin* that failed: how, with the *code* that the system gave it, and its text.

    ``code`` is the name of an error number (errno: ``ECONNREFUSED``; getaddrinfo: ``EAI_NONAME``; TLS:
    ``SSL_ERROR_EOF``), empty where there was none: that is a client's own time-out. ``started`` is when the attempt
    began (UTC), None where that is not known, ``elapsed`` the seconds until it had failed.
    """

    origin: Origin
    failure: Failure
    code: str = ""
    detail: str = ""
    started: datetime | None = None
    elapsed: float = 0.0

    @property
    def is_of_tls(self) -> bool:
        """Whether there was a connection, and TLS over it failed."""
        return self.failure in {Failure.CERTIFICATE, Failure.TLS}

    def error(self) -> OSError:
        """Return the exception that says so: of the class, and with the number and the text, that it had."""
        code, text = _USUAL[self.failure]
        code, text = self.code or code, self.detail or text
        if self.failure is Failure.NAME_NOT_FOUND:
            import socket  # noqa: PLC0415  who connects has loaded it

            return socket.gaierror(getattr(socket, code, socket.EAI_NONAME), text)
        if self.is_of_tls:
            return _tls_error(self.failure, code, text)
        number = getattr(errno, code, None)
        if number is not None:
            return OSError(number, text)  # of the subclass that fits the number
        return TimeoutError(text) if self.failure is Failure.TIMEOUT else OSError(text)

    def __repr__(self) -> str:
        return f"<FailedAttempt {self.origin.url}: {self.failure.value}>"


def failed_attempt(
    origin: Origin, error: BaseException, started: datetime | None = None, elapsed: float = 0.0
) -> FailedAttempt | None:
    """Return what *error*, or what led to it, says of an attempt to connect; None if that was nothing of the system."""
    found = _telling(error)
    if found is None:
        return None
    failure, code, detail = _told(found)
    return FailedAttempt(origin=origin, failure=failure, code=code, detail=detail, started=started, elapsed=elapsed)


def is_code(name: str) -> bool:
    """Tell whether *name* is that of an error number: errno's, getaddrinfo's, or TLS's."""
    import socket  # noqa: PLC0415  for those who have written one
    import ssl  # noqa: PLC0415

    known = hasattr(socket, name) if name.startswith("EAI_") else hasattr(ssl.SSLErrorNumber, name)
    return name.isupper() and (known or hasattr(errno, name))


def _telling(error: BaseException) -> OSError | None:
    """The first error of those that led to *error* which says what the system said; else the first of the system's."""
    first = None
    for found in _causes(error):
        if isinstance(found, OSError) and type(found).__module__ in _SYSTEM:
            if found.errno is not None or isinstance(found, TimeoutError):
                return found
            first = first or found
    return first


def _causes(error: BaseException) -> Iterator[BaseException]:
    """*error*, then what led to it."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop(0)
        if isinstance(found, BaseException) and not any(found is known for known in seen):
            seen.append(found)
            yield found
            # tornado keeps the system's error beside its own, aiohttp as well.
            waiting += [getattr(found, "real_error", None), found.__cause__]
            waiting += found.exceptions if isinstance(found, BaseExceptionGroup) else ()
            waiting.append(None if found.__suppress_context__ else found.__context__)


def _told(error: OSError) -> tuple[Failure, str, str]:
    """What kind of failure *error* is, with its code and its text."""
    import socket  # noqa: PLC0415  who connects has loaded it
    import ssl  # noqa: PLC0415

    text = error.strerror or str(error)
    if isinstance(error, socket.gaierror):
        names = [name for name in dir(socket) if name.startswith("EAI_") and getattr(socket, name) == error.errno]
        return Failure.NAME_NOT_FOUND, names[0] if names else "", text
    if isinstance(error, ssl.SSLError):
        failure = Failure.CERTIFICATE if isinstance(error, ssl.SSLCertVerificationError) else Failure.TLS
        known = [number.name for number in ssl.SSLErrorNumber if number == error.errno]
        return failure, known[0] if known else "", text
    code = errno.errorcode.get(error.errno or 0, "").removeprefix("WSA")  # as Windows calls them
    other = Failure.TIMEOUT if isinstance(error, TimeoutError) else Failure.ERROR
    return _KINDS.get(code, other), code, text


def _tls_error(failure: Failure, code: str, text: str) -> OSError:
    import ssl  # noqa: PLC0415  only for those who had an error of it

    number = getattr(ssl.SSLErrorNumber, code, ssl.SSLErrorNumber.SSL_ERROR_SSL)
    kinds = {
        ssl.SSLErrorNumber.SSL_ERROR_EOF: ssl.SSLEOFError,
        ssl.SSLErrorNumber.SSL_ERROR_ZERO_RETURN: ssl.SSLZeroReturnError,
    }
    kind = ssl.SSLCertVerificationError if failure is Failure.CERTIFICATE else kinds.get(number, ssl.SSLError)
    error = kind(int(number), text)
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = text.partition("certificate verify failed: ")[2].rpartition(" (_ssl")[0] or text
        error.verify_code = 1  # X509_V_ERR_UNSPECIFIED
    error.reason = text.partition("]")[0].partition(": ")[2] or text
    error.library = "SSL"
    return error
