"""What a fault is, and an answer with faults.

Law: a fault is a value: frozen, comparable, with a repr that makes it again. It says in which `Phase` of a connection
it comes. Most of them change an answer's steps (`Fault.apply`) and know neither sockets nor threads; those that come
while the request is read have a `Fault.receive` instead.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import MISSING, dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from fake_server import checks
from fake_server.errors import BadExpectation

from .positions import Phase, position
from .steps import perform, steps_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from fake_server.connection import Answer, Connection

    from .steps import Action, Steps


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong. *family* is what it is about: ``end``, ``head``, ``body``, and so on.

    *least* has the smallest values of those fields that cannot be 0.
    """

    family: ClassVar[str] = "response"
    least: ClassVar[Mapping[str, int]] = MappingProxyType({})

    def __post_init__(self) -> None:
        """Refuse what is no position, and values of other types than the fields are said to have."""
        for field in fields(self):
            value = getattr(self, field.name)
            what = f"{type(self).__name__}'s {field.name}="
            checks.typed(what, str(field.type), value, self.least.get(field.name, 0))
        _ = self.phase

    @property
    def phase(self) -> Phase:
        """When it comes: where ``after`` says, or in the response."""
        after = getattr(self, "after", None)
        return position(after).phase if isinstance(after, str) else Phase.RESPONSE

    def apply(self, steps: Steps) -> Steps:
        """Return the steps of an answer as they are with this fault."""
        return steps

    def receive(self, connection: Connection) -> None:
        """Do what it does while the request is read: its head has been, its content has not."""

    def __str__(self) -> str:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(self).__name__).lower()
        given = [(field.name, getattr(self, field.name), field.default) for field in fields(self) if field.repr]
        shown = [f"{name}={value!r}" for name, value, default in given if default is MISSING or value != default]
        return f"{name}({', '.join(shown)})"


def checked(fault: object) -> Fault:
    """Return *fault*, if it is one. Raises `BadExpectation`."""
    if isinstance(fault, Fault):
        return fault
    advice = f"make one, {fault.__name__}()" if isinstance(fault, type) and issubclass(fault, Fault) else ""
    if callable(getattr(fault, "send", None)):
        advice = "an answer is for respond()"
    raise checks.wrong("a fault, such as faults.Reset()", fault, advice)


@runtime_checkable
class Written(Protocol):
    """An answer that faults can be put on: the octets it writes can be had one piece after the other."""

    def pieces(self, connection: Connection, /) -> Generator[bytes | Action, None, None]:
        """Yield what `Answer.send` writes and does."""


class Faulted:
    """*answer*, with *faults*, the first of which is nearest to the answer."""

    def __init__(self, answer: Answer, faults: Sequence[Fault]) -> None:
        self._answer = answer
        self._faults = faults

    def send(self, connection: Connection) -> str:
        """Send the answer with what goes wrong with it. Raises `BadExpectation` if it has no position of that name."""
        for fault in self._faults:
            if fault.phase < Phase.RESPONSE:
                fault.receive(connection)
        if not connection.over:
            if connection.unread is None:
                connection.read_content()
            self._respond(connection)
        return " + ".join(map(str, self._faults))

    def _respond(self, connection: Connection) -> None:
        if not isinstance(self._answer, Written):
            raise BadExpectation(f"expected an answer with a method pieces(connection), got {self._answer!r}")
        with contextlib.closing(self._answer.pieces(connection)) as written:
            steps = steps_of(written)
            for fault in self._faults:
                steps = fault.apply(steps) if fault.phase >= Phase.RESPONSE else steps
            perform(steps, connection)

    def __repr__(self) -> str:
        return f"<{self._answer!r} with {', '.join(map(str, self._faults))}>"
