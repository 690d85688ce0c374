"""Faults that end or delay what is sent, at any position: reset, close, half-close, stall, pause, and the gate.

Law: what stands before the position is really delivered first. None of them sleeps in a way that the server's stop
would have to wait for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fake_server.channel import STALLED
from fake_server.errors import BadExpectation

from .base import Fault
from .positions import HERE, Phase, marked, position
from .steps import Action

if TYPE_CHECKING:
    from fake_server.connection import Connection
    from fake_server.gates import Gate

    from .steps import Steps


@dataclass(frozen=True)
class End(Action):
    """The last step: ends the connection, or leaves it to the client to."""

    ends: ClassVar[bool] = True


class ResetNow(End):
    """RST, as soon as all that was written has been delivered."""

    def perform(self, connection: Connection) -> None:
        """Reset."""
        connection.reset()


class CloseNow(End):
    """FIN in the orderly way: with TLS's alert, and after reading what the client still sends."""

    def perform(self, connection: Connection) -> None:
        """Close."""
        connection.close()


class HalfCloseNow(End):
    """FIN, and then reading, until the client closes its side too."""

    def perform(self, connection: Connection) -> None:
        """Close our side."""
        connection.half_close()


class DropNow(End):
    """FIN without TLS's alert: to the client a truncation, if it looks."""

    def perform(self, connection: Connection) -> None:
        """Close."""
        connection.close(notify=False)


@dataclass(frozen=True)
class StallNow(End):
    """Nothing more for *seconds*, or until the client closes or the server stops."""

    seconds: float = STALLED

    def perform(self, connection: Connection) -> None:
        """Wait."""
        connection.wait_for_end(self.seconds)


@dataclass(frozen=True)
class IgnoreNow(End):
    """Nothing more for *seconds*, and nothing read either."""

    seconds: float

    def perform(self, connection: Connection) -> None:
        """Wait."""
        connection.ignore(self.seconds)


@dataclass(frozen=True)
class AtNextRequest(Action):
    """Puts an *action* off until the first octets of the client's next request come."""

    action: Action

    def perform(self, connection: Connection) -> None:
        """Have it done later."""
        connection.at_next_request(lambda: self.action.perform(connection))


@dataclass(frozen=True)
class PauseNow(Action):
    """Nothing for some *seconds*."""

    seconds: float

    def perform(self, connection: Connection) -> None:
        """Wait."""
        connection.pause(self.seconds)


@dataclass(frozen=True)
class SendBelow(Action):
    """*octets* on the socket below TLS."""

    octets: bytes

    def perform(self, connection: Connection) -> None:
        """Send them."""
        connection.write_below(self.octets)


@dataclass(frozen=True)
class HoldNow(Action):
    """Waits at a *gate*."""

    gate: Gate

    def perform(self, connection: Connection) -> None:
        """Wait."""
        connection.hold(self.gate)


@dataclass(frozen=True)
class _At(Fault):
    """Does one thing at a position; what stands behind it is not sent, if the thing is an `End`."""

    family: ClassVar[str] = "end"

    after: str = "request"
    """The position: see `fake_server.faults.positions`."""

    @property
    def action(self) -> Action:
        """What is done."""
        raise NotImplementedError

    def apply(self, steps: Steps) -> Steps:
        """Do it at the position."""
        if self.phase is Phase.NEXT_REQUEST:
            yield from steps
            yield AtNextRequest(self.action)
            return
        for step in marked(steps, self.after):
            if step is not HERE:
                yield step
                continue
            yield self.action
            if self.action.ends:
                return

    def receive(self, connection: Connection) -> None:
        """Do it while the request is read."""
        if self.phase is Phase.REQUEST_BODY:
            connection.read_content(position(self.after).octets)
        self.action.perform(connection)


@dataclass(frozen=True)
class Reset(_At):
    """The connection is reset (RST); all that was sent before is delivered first."""

    @property
    def action(self) -> Action:
        """Reset."""
        return ResetNow()


@dataclass(frozen=True)
class Close(_At):
    """The connection is closed (FIN), whatever the response says of it."""

    @property
    def action(self) -> Action:
        """Close."""
        return CloseNow()


@dataclass(frozen=True)
class HalfClose(_At):
    """Our side of the connection is closed (FIN); what the client sends is still read."""

    @property
    def action(self) -> Action:
        """Close our side."""
        return HalfCloseNow()


@dataclass(frozen=True)
class CloseWithoutNotify(_At):
    """Over TLS, the connection is closed without the alert that says so (RFC 8446 section 6.1); else as `Close`."""

    @property
    def action(self) -> Action:
        """Close."""
        return DropNow()


@dataclass(frozen=True)
class Stall(_At):
    """Nothing more is sent, until the client closes the connection or the server stops.

    After *seconds* the connection is closed, so that a client without a time-out does not wait for ever.
    """

    seconds: float = STALLED

    @property
    def action(self) -> Action:
        """Wait."""
        return StallNow(self.seconds)


@dataclass(frozen=True)
class Ignore(_At):
    """Nothing more is sent and nothing more is read, so that the client cannot go on sending for long.

    After *seconds* the connection is closed.
    """

    seconds: float = STALLED

    @property
    def action(self) -> Action:
        """Wait."""
        return IgnoreNow(self.seconds)


@dataclass(frozen=True)
class Pause(_At):
    """Nothing is sent for *seconds*, and then the rest."""

    seconds: float = 0.1

    @property
    def action(self) -> Action:
        """Wait."""
        return PauseNow(self.seconds)


@dataclass(frozen=True)
class Hold(_At):
    """What comes after waits at *gate* until the test releases it."""

    gate: Gate | None = None

    @property
    def action(self) -> Action:
        """Wait."""
        if self.gate is None:
            raise TypeError("expected a gate: Hold(gate=Gate())")
        return HoldNow(self.gate)


@dataclass(frozen=True)
class Truncate(Fault):
    """Only the first *octets* of the content are sent; *then* the connection is closed, or what else is said.

    *then* may be ``close``, ``reset`` or ``stall``.
    """

    family: ClassVar[str] = "body"

    octets: int = 1
    then: str = "close"

    def __post_init__(self) -> None:
        """Refuse what is none of the three."""
        super().__post_init__()
        if self.then not in _ENDS:
            raise BadExpectation(f"expected then= as one of {', '.join(_ENDS)}; got {self.then!r}")

    def apply(self, steps: Steps) -> Steps:
        """Cut the content."""
        return _ENDS[self.then](after=f"body[:{self.octets}]").apply(steps)


@dataclass(frozen=True)
class Limit(Fault):
    """No more than *octets* of the response are sent, head included; then the connection is closed."""

    family: ClassVar[str] = "body"

    octets: int = 10

    def apply(self, steps: Steps) -> Steps:
        """Cut the response."""
        return Close(after=f"response[:{self.octets}]").apply(steps)


_ENDS = {"close": Close, "reset": Reset, "stall": Stall}
