"""A dialogue in octets: what a connection must say, and what it is told, step by step.

Law: for what no other fault is, such as another protocol's greeting before HTTP, or two answers with a pause the client
must not notice. It has a connection of the server from its first octet to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fake_server import checks
from fake_server.errors import BadExpectation

from .base import Fault
from .ends import HoldNow, PauseNow
from .positions import Phase
from .steps import Action

if TYPE_CHECKING:
    from fake_server.connection import Connection
    from fake_server.gates import Gate


@dataclass(frozen=True)
class Expect(Action):
    """Reads until the client's octets end with *octets*, such as the empty line after a head."""

    octets: bytes = b"\r\n\r\n"

    def __post_init__(self) -> None:
        """Refuse what is not octets."""
        checks.octets("Expect's octets=", self.octets)

    def perform(self, connection: Connection) -> None:
        """Read; the connection ends where the client ends it before."""
        held = b""
        while not held.endswith(self.octets):
            received = connection.received(1)
            if not received:
                connection.end()
                return
            held += received


@dataclass(frozen=True)
class Send(Action):
    """Sends *octets*, in one piece."""

    octets: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what is not octets."""
        checks.octets("Send's octets=", self.octets)

    def perform(self, connection: Connection) -> None:
        """Send."""
        connection.write(self.octets)


@dataclass(frozen=True)
class Wait(Action):
    """Waits for some *seconds*, or at a *gate* until the test lets it go on."""

    seconds: float = 0.0
    gate: Gate | None = None

    def __post_init__(self) -> None:
        """Refuse what is no time."""
        checks.number("Wait's seconds=", self.seconds)

    def perform(self, connection: Connection) -> None:
        """Wait."""
        (PauseNow(self.seconds) if self.gate is None else HoldNow(self.gate)).perform(connection)


@dataclass(frozen=True)
class Dialogue(Fault):
    """These *steps*: `Expect`, `Send`, `Wait`, and faults such as ``Reset()``; at the end it is closed.

    Raises `BadExpectation` for what is no step, and for a fault that is one of an answer.
    """

    steps: tuple[Action | Fault, ...] = ()

    def __init__(self, *steps: Action | Fault) -> None:
        object.__setattr__(self, "steps", steps)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse what is no step: nobody would hear of it but the thread that serves."""
        for step in self.steps:
            _check(step)

    @property
    def phase(self) -> Phase:
        """As soon as it is accepted."""
        return Phase.ACCEPT

    def receive(self, connection: Connection) -> None:
        """Hold it; a fault such as `Reset` is done where it stands."""
        for step in self.steps:
            if connection.over:
                return
            if isinstance(step, Fault):
                step.receive(connection)
            else:
                step.perform(connection)
        if not connection.over:
            connection.close()

    def __str__(self) -> str:
        return f"dialogue({', '.join(type(step).__name__.lower() for step in self.steps)})"


def _check(step: object) -> None:
    """Refuse what is no step, and a fault that has nothing to do where there is no answer."""
    if isinstance(step, Action):
        return
    if not isinstance(step, Fault):
        advice = "octets are for Send(b'...')"
        if isinstance(step, type) and issubclass(step, Action | Fault):
            advice = f"make one, {step.__name__}()"
        raise checks.wrong("a step, such as Expect(), Send(b'...'), Wait() or Reset()", step, advice, content=True)
    if type(step).receive is Fault.receive:
        raise BadExpectation(f"expected a step that needs no answer, such as Send() or Reset(), got {step}")
