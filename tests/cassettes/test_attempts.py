"""Tests for failed attempts as values, and as the errors that they were."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from cassettes.attempts import FailedAttempt, Failure, failed_attempt, is_code
from httplib_sim.waist import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN = Origin("https", "api.example.com", 443)


def attempt_of(error: BaseException) -> FailedAttempt:
    """What *error* says of an attempt to connect."""
    found = failed_attempt(ORIGIN, error)
    assert found is not None
    return found


def refused() -> OSError:
    """The system's own error for a port at which nobody listens."""
    with socket.socket() as reserved, socket.socket() as client:
        reserved.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError) as caught:
            client.connect(reserved.getsockname())
        return caught.value


def nameless() -> OSError:
    """The system's own error for a name that is no name."""
    with pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo("127.0.0.1", 80, socket.AF_INET6, flags=socket.AI_NUMERICHOST)
    return caught.value


def torn() -> OSError:
    """TLS's own error for a server that says what is no TLS."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(ssl.SSLError) as caught:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="a").do_handshake()
    return caught.value


def ended() -> OSError:
    """TLS's own error for a server that is gone."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write_eof()
    with pytest.raises(ssl.SSLError) as caught:
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="a").do_handshake()
    return caught.value


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (refused, Failure.REFUSED),
        (nameless, Failure.NAME_NOT_FOUND),
        (torn, Failure.TLS),
        (ended, Failure.TLS),
        (lambda: TimeoutError("timed out"), Failure.TIMEOUT),
        (lambda: TimeoutError(errno.ETIMEDOUT, "Connection timed out"), Failure.TIMEOUT),
        (lambda: OSError(errno.EHOSTUNREACH, "No route to host"), Failure.UNREACHABLE),
        (lambda: OSError(errno.ENETUNREACH, "Network is unreachable"), Failure.UNREACHABLE),
        (lambda: ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), Failure.RESET),
        (lambda: OSError(errno.EACCES, "Permission denied"), Failure.ERROR),
        (lambda: OSError("Tunnel connection failed: 502 Bad Gateway"), Failure.ERROR),
    ],
    ids=[
        "refused",
        "nameless",
        "no TLS",
        "ended",
        "own time-out",
        "system's time-out",
        "host",
        "network",
        "reset",
        "forbidden",
        "tunnel",
    ],
)
def test_an_error_comes_back_as_it_was(cause: Callable[[], OSError], failure: Failure) -> None:
    """With its class, its number and its text."""
    error = cause()
    attempt = attempt_of(error)
    assert attempt.failure is failure
    again = attempt.error()
    assert type(again) is type(error)
    assert (again.errno, again.strerror, str(again)) == (error.errno, error.strerror, str(error))


def test_a_certificate_that_was_not_accepted_comes_back_with_what_openssl_said() -> None:
    """Whoever asks for the reason gets it."""
    text = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)"
    attempt = attempt_of(ssl.SSLCertVerificationError(1, text))
    assert attempt.failure is Failure.CERTIFICATE
    assert attempt.is_of_tls
    error = attempt.error()
    assert isinstance(error, ssl.SSLCertVerificationError)
    assert error.verify_message == "self-signed certificate"
    assert error.reason == "CERTIFICATE_VERIFY_FAILED"
    assert str(error) == str(ssl.SSLCertVerificationError(1, text))


@pytest.mark.parametrize("failure", Failure)
def test_each_failure_is_an_error_without_more_being_said(failure: Failure) -> None:
    """So that a person can write one down in a line; and it is read as what it is."""
    error = FailedAttempt(origin=ORIGIN, failure=failure).error()
    assert str(error)
    assert attempt_of(error).failure is failure


def test_what_the_system_said_is_found_beneath_what_libraries_say_of_it() -> None:
    """Behind causes, in groups, and past errors that say nothing."""

    class WrappedError(Exception):
        """A library's own."""

    def raised(error: BaseException, cause: BaseException) -> BaseException:
        error.__cause__ = cause
        return error

    cause = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    vague = raised(OSError("all attempts failed"), ExceptionGroup("several", [cause, OSError("other")]))
    assert attempt_of(raised(WrappedError("no"), vague)).failure is Failure.REFUSED
    assert attempt_of(raised(WrappedError("no"), OSError("all attempts failed"))).detail == "all attempts failed"


def test_what_is_not_of_the_system_is_no_failed_attempt() -> None:
    """A library's misuse, say: it comes again by itself."""
    assert failed_attempt(ORIGIN, ValueError("no such scheme")) is None


def test_an_error_that_was_dealt_with_before_is_not_taken_for_this_one() -> None:
    """A time-out after a refusal is a time-out."""
    error = TimeoutError("timed out")
    error.__context__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    assert attempt_of(error).failure is Failure.TIMEOUT


@pytest.mark.parametrize("name", ["ECONNREFUSED", "EAI_AGAIN", "SSL_ERROR_EOF"])
def test_names_of_error_numbers_are_known(name: str) -> None:
    """Those of errno, getaddrinfo and TLS."""
    assert is_code(name)
    assert not is_code(name.lower())
    assert not is_code(name + "X")
