"""Faults before there is a request: octets that nobody expects, and TLS's own alerts.

Law: they come when a connection has been accepted, when the client begins TLS, or in the middle of the handshake, and
are given to the server (`FakeServer.with_fault`). `Reset`, `Close`, `Stall` and the others come there as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fake_server.errors import BadExpectation

from .base import Fault
from .positions import Phase

if TYPE_CHECKING:
    from fake_server.connection import Connection


@dataclass(frozen=True)
class Say(Fault):
    """*octets*, below TLS if there is any; and the connection is closed: what no client can make sense of.

    Among them are ``HTTP/1.1 400 Bad Request`` where TLS was begun, and the greeting of another protocol.
    """

    family: ClassVar[str] = "connection"

    octets: bytes = b"220 mail.example.com ESMTP\r\n"
    after: str = "accept"

    def __post_init__(self) -> None:
        """Refuse positions at which there is a request."""
        super().__post_init__()
        if self.phase > Phase.REQUEST_LINE:
            raise BadExpectation(f"expected a position before there is a request, got {self.after!r}: see Insert, Raw")

    def receive(self, connection: Connection) -> None:
        """Say it."""
        connection.write_below(self.octets)
        connection.close(notify=False)


@dataclass(frozen=True)
class Alert(Fault):
    """TLS's alert *description* (RFC 8446 section 6), of this *level*, for the client's hello; and then the end.

    40 is handshake_failure, 112 unrecognized_name, 70 protocol_version, 80 internal_error.
    """

    family: ClassVar[str] = "connection"

    description: int = 40
    level: int = 2

    def __post_init__(self) -> None:
        """Refuse what is no alert."""
        super().__post_init__()
        if not (0 <= self.description <= 255 and 0 <= self.level <= 255):
            raise BadExpectation(f"expected numbers from 0 to 255, got {self.description!r} and {self.level!r}")

    @property
    def phase(self) -> Phase:
        """After the hello."""
        return Phase.HELLO

    def receive(self, connection: Connection) -> None:
        """Send it."""
        connection.write_below(bytes([0x15, 3, 3, 0, 2, self.level, self.description]))
        connection.close(notify=False)
