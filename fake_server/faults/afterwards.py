"""Faults after the response: what comes behind it, and what becomes of the connection; and faults put together.

Law: as for all faults, steps in, steps out. That a connection is closed although the response did not say so is
``Close(after="response")``, that it is closed when the next request comes, ``Close(after="next-request")``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from fake_server.errors import BadExpectation

from .base import Fault, checked
from .positions import Phase
from .steps import Octets, Part

if TYPE_CHECKING:
    from fake_server.connection import Connection

    from .steps import Steps


@dataclass(frozen=True)
class Extra(Fault):
    """*octets* behind the response, in one piece with its end, as where more is sent than Content-Length says."""

    family: ClassVar[str] = "afterwards"

    octets: bytes = b"extra"

    def apply(self, steps: Steps) -> Steps:
        """Add them."""
        yield from steps
        yield Octets(Part.LITERAL, self.octets)


@dataclass(frozen=True)
class Twice(Fault):
    """The whole response twice, in one piece if it comes in one."""

    family: ClassVar[str] = "afterwards"

    def apply(self, steps: Steps) -> Steps:
        """Repeat it."""
        known = list(steps)
        yield from (step for step in known if isinstance(step, Octets))
        yield from known


@dataclass(frozen=True)
class All(Fault):
    """All these *faults*, the first of them nearest to the answer."""

    family: ClassVar[str] = "together"

    faults: tuple[Fault, ...] = ()

    def __init__(self, *faults: Fault) -> None:
        object.__setattr__(self, "faults", faults)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse what is no fault, and faults that cannot come in one place."""
        for fault in self.faults:
            checked(fault)
        if not self.faults or any(
            (fault.phase < Phase.RESPONSE) != (self.phase < Phase.RESPONSE) for fault in self.faults
        ):
            raise BadExpectation(f"expected faults of the response alone, or of the request alone; got {self.faults!r}")

    @property
    def phase(self) -> Phase:
        """That of the earliest."""
        return min(fault.phase for fault in self.faults)

    def apply(self, steps: Steps) -> Steps:
        """Apply one after the other."""
        for fault in self.faults:
            steps = fault.apply(steps)
        return steps

    def receive(self, connection: Connection) -> None:
        """Do one after the other."""
        for fault in self.faults:
            if not connection.over:
                fault.receive(connection)

    def __repr__(self) -> str:
        return f"All({', '.join(map(repr, self.faults))})"

    def __str__(self) -> str:
        return " + ".join(map(str, self.faults))
