"""What can go wrong with cassettes, as one tree.

Law: every error of the package is here. None is an OSError, so that no client takes it for a failure of the network and
tries again; each says what was expected, what came, where, and what to do. None shows a secret. The warnings are here
as well.

::

    CassetteError
     +-- NoMatch            a request was sent that no recorded exchange answers (and the mode forbids recording it)
     +-- UnusedExchanges    recorded exchanges were never asked for
     +-- CassetteMissing    a request was sent in mode "none", and there is no file
     +-- CassetteExpired    the cassette is older than max_age, and that is to be an error
     +-- CassetteDrift      the live servers answer otherwise than recorded (only where that is asked: verify)
     +-- BadCassette        the file is no cassette, or torn, or edited into something that cannot be replayed
     +-- CassetteStall      the client reads on where the recording has nothing more: for ever, were it real
     +-- NetworkBlocked     a connection was about to be made that the current policy forbids
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class CassetteError(Exception):
    """The base of every error of the package."""


class NoMatch(CassetteError):
    """No recorded exchange answers the request."""


class UnusedExchanges(CassetteError):
    """Recorded exchanges were never asked for."""


class CassetteMissing(CassetteError):
    """There is no cassette to replay from."""


class CassetteExpired(CassetteError):
    """The cassette is older than it may be."""


class CassetteDrift(CassetteError):
    """The live servers answer otherwise than recorded: ``lines`` says where, those of each exchange indented."""

    def __init__(self, lines: Sequence[str]) -> None:
        text = "the live servers answer otherwise than recorded (the file is as it was):"
        super().__init__("\n  ".join([text, *lines]))
        self.lines = tuple(lines)


class BadCassette(CassetteError):
    """The file cannot be read as a cassette. ``path`` and ``line`` (from 1) say where."""

    def __init__(self, message: str, path: str, line: int = 1) -> None:
        super().__init__(f"{path}:{line}: {message}")
        self.path = path
        self.line = line


class CassetteStall(CassetteError):
    """The client waits for octets that the recording does not have."""


class NetworkBlocked(CassetteError):
    """A connection was about to be made that the current policy forbids."""


class InterceptionWarning(UserWarning):
    """A library could not be intercepted: its requests go past all cassettes."""


class EscapeWarning(UserWarning):
    """A program has connected past the cassette that is current: the text says where to, and what to do."""


class SecretWarning(UserWarning):
    """What looks like a secret was recorded into a cassette: the text says where, and what to do."""


class RecoveryWarning(UserWarning):
    """A part of a cassette was torn off while it was written: the text says where it is now."""


class ExpiryWarning(UserWarning):
    """A cassette is older than it may be: the text says how old it is, and what to do."""
