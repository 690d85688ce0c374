"""What a stream for httpcore is whether it waits or not: blocking, or asynchronous.

Law: everything but waiting: what is known of the connection, what the player says next, which of the library's errors
tells what has failed. The library is a parameter, never imported.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NoReturn, cast

from httplib_sim.waist import Origin

from .errors import CassetteStall
from .exchange import How
from .route import Route

if TYPE_CHECKING:
    from types import ModuleType

    import httpcore

_CONNECT = b"CONNECT "
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
"""What stands in for the proxy's answer in a replay, which needs no proxy."""


class StreamFace(ABC):
    """What the two streams have in common: everything but waiting."""

    def __init__(self, library: ModuleType, origin: Origin) -> None:
        self._library = library
        self._route = Route(origin)
        self._tunnel: bytes | None = None  # the CONNECT that was sent, until TLS begins behind it
        self._canned = b""
        self._tls = False
        self._closed = False

    @property
    @abstractmethod
    def _real_stream(self) -> httpcore.NetworkStream | httpcore.AsyncNetworkStream | None:
        """The real connection, if there is one."""

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  each name has a type of its own
        """Return what the real connection says; where there is none, what is known without, else None."""
        if info == "is_readable":
            return self._is_readable()
        if self._real_stream is not None:
            return self._real_stream.get_extra_info(info)
        if info == "ssl_object" and self._tls:
            return self._route.recorded_tls()
        origin = self._route.origin
        return {"server_addr": (origin.host, origin.port), "client_addr": ("127.0.0.1", 0)}.get(info)

    def _is_readable(self) -> bool:
        """Whether whoever has the next request has something to say: before a request, that is its end."""
        route = self._route
        if not route.needs_network:
            return route.player is not None and route.player.readable
        return self._real_stream is not None and bool(self._real_stream.get_extra_info("is_readable"))

    def _begins_tunnel(self, octets: bytes) -> bool:
        """Whether *octets* ask a proxy for a tunnel; that is part of connecting, and no request to be recorded."""
        if self._tunnel is None and not self._tls and self._route.idle and octets.startswith(_CONNECT):
            if self._real_stream is not None:
                self._route.check_tunnel(octets)
            self._tunnel = octets
            self._canned = _ESTABLISHED
            return True
        return False

    def _secure(self) -> None:
        """From here on it is a connection to an https origin: the one behind the tunnel, if there is one.

        Raises what was recorded where TLS failed then.
        """
        __tracebackhide__ = True
        host, port, proxy = self._route.origin.host, self._route.origin.port, None
        if self._tunnel is not None:
            proxy = self._route.origin
            authority = self._tunnel.split(b" ", 2)[1].decode("ascii")
            name, _, number = authority.rpartition(":")
            host, port = name.strip("[]"), int(number)
        self._route = Route(Origin("https", host, port), proxy)
        self._tunnel, self._canned, self._tls = None, b"", True
        if (failure := self._route.failure(of_tls=True)) is not None:
            raise self._connect_error(failure)

    def _connect_error(self, failure: OSError) -> Exception:
        """How the library says that connecting failed."""
        own = self._error("ConnectTimeout" if isinstance(failure, TimeoutError) else "ConnectError", str(failure))
        own.__cause__ = failure
        return own

    def _begin_open(self) -> None:
        """Begin with a real connection that is open already, its TLS included."""
        self._tls = self._route.origin.scheme == "https"
        self._note_tls()

    def _note_tls(self) -> None:
        """Note what the real connection says of TLS."""
        if self._real_stream is not None:
            self._route.secured(self._real_stream.get_extra_info("ssl_object"))

    def _take_canned(self, most: int) -> bytes:
        taken, self._canned = self._canned[:most], self._canned[most:]
        return taken

    def _check_open(self, error: str) -> None:
        if self._closed:
            raise self._error(error, "the connection is closed")

    def _played(self, most: int, timeout: float | None) -> bytes:
        """What the player says next; raises at once what was recorded as the library's exception."""
        __tracebackhide__ = True
        got = cast("Any", self._route.player).receive(most)
        if type(got) is bytes:
            return got
        if got is How.RESET:
            raise self._error("ReadError", "Connection reset by peer")
        if got is How.TIMEOUT:
            if timeout is None:
                raise CassetteStall("a time-out was recorded here, but this request has none: live it would hang")
            raise self._error("ReadTimeout", "timed out")
        return b""

    @staticmethod
    def _patience(delay: float, timeout: float | None) -> float:
        """How long to wait for what is due after *delay* seconds."""
        return delay if timeout is None else min(delay, timeout)

    def _check_patience(self, delay: float, timeout: float | None) -> None:
        """Raise the library's time-out if what was due after *delay* seconds came too late."""
        __tracebackhide__ = True
        if timeout is not None and delay > timeout:
            raise self._error("ReadTimeout", "timed out")

    def _came(self, data: bytes, most: int) -> bytes:
        """Note what the real connection gave."""
        if data:
            self._route.received(data)
        elif most:
            self._route.eof()
        return data

    def _read_failed(self, error: BaseException) -> NoReturn:
        """Note how reading failed, and raise it again. A read that is given up is one whose patience is at its end."""
        if isinstance(error, self._library.ReadError):
            self._route.reset(str(error))
        elif not isinstance(error, Exception) or isinstance(error, self._library.TimeoutException):
            self._route.timed_out()
        raise error

    def _write_failed(self, error: Exception) -> NoReturn:
        """Raise as the library's own what the player says of sending; note what the real connection says."""
        __tracebackhide__ = True
        if isinstance(error, OSError):
            raise self._error("WriteError", str(error)) from error
        if isinstance(error, self._library.WriteTimeout):
            self._route.timed_out()
        elif isinstance(error, self._library.WriteError):
            self._route.failed(str(error))
        raise error

    def _error(self, name: str, text: str) -> Exception:
        return cast("Exception", getattr(self._library, name)(text))

    def _check_established(self, answer: bytes) -> None:
        """Raise the library's ProxyError unless *answer* opens the tunnel."""
        status_line = answer.partition(b"\r\n")[0].decode("latin-1")
        if not status_line.partition(" ")[2].startswith("2"):
            raise self._error("ProxyError", status_line.partition(" ")[2] or "the proxy has closed the connection")
