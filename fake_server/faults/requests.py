"""Faults while a request is read: its content comes too slowly to the server, the answer too early, the 100 not at all.

Law: they come when the request's head is known and its content has not been read; on a request without content they do
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fake_server.errors import BadExpectation

from .base import Fault
from .positions import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_server.connection import Connection


@dataclass(frozen=True)
class _WhileRead(Fault):
    """Comes after the request's head."""

    family: ClassVar[str] = "request"

    @property
    def phase(self) -> Phase:
        """After the head."""
        return Phase.REQUEST_HEADERS


@dataclass(frozen=True)
class SlowRead(_WhileRead):
    """The content is read *octets* at a time, with *seconds* before each time."""

    octets: int = 1024
    seconds: float = 0.001

    def receive(self, connection: Connection) -> None:
        """Read it."""
        connection.read_content(at_once=self.octets, seconds=self.seconds)


@dataclass(frozen=True)
class EarlyResponse(_WhileRead):
    """The answer is sent before the content has been read; *then* that is read, or skipped, or the connection ended.

    *then* may be ``read``, ``skip`` (the client is taken to send none of it, as after 417), ``close`` or ``reset``.
    """

    then: str = "read"

    def __post_init__(self) -> None:
        """Refuse what is none of these."""
        super().__post_init__()
        if self.then not in _UNREAD:
            raise BadExpectation(f"expected then= as one of {', '.join(_UNREAD)}; got {self.then!r}")

    def receive(self, connection: Connection) -> None:
        """Leave the content where it is."""
        finish: dict[str, Callable[[], object]] = {
            "read": connection.read_content,
            "skip": connection.skip_content,
            "close": connection.close,
            "reset": connection.reset,
        }
        connection.unread = finish[self.then]


_UNREAD = ("read", "skip", "close", "reset")


@dataclass(frozen=True)
class NoContinue(_WhileRead):
    """A client that waits for ``100 Continue`` does not get it (RFC 9110 section 10.1.1)."""

    def receive(self, connection: Connection) -> None:
        """Do not send it."""
        connection.continues = 0


@dataclass(frozen=True)
class ContinueTwice(_WhileRead):
    """A client that waits for ``100 Continue`` gets it twice, as from werkzeug's development server."""

    def receive(self, connection: Connection) -> None:
        """Send it twice."""
        connection.continues = 2
