"""Record and replay outgoing connections at the socket.

Law: only public names stand here, each imported when it is first used, so that importing the package costs next to
nothing; the code is in the modules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .attempts import FailedAttempt, Failure
    from .blocking import network
    from .cassette import Cassette
    from .errors import (
        BadCassette,
        CassetteDrift,
        CassetteError,
        CassetteExpired,
        CassetteMissing,
        CassetteStall,
        EscapeWarning,
        ExpiryWarning,
        NetworkBlocked,
        NoMatch,
        RecoveryWarning,
        SecretWarning,
        UnusedExchanges,
    )
    from .exchange import End, Exchange, How, Request, Response
    from .guard import NetworkPolicy
    from .matchers import DEFAULT, Difference
    from .record_mode import RecordMode
    from .recorder import Recorder
    from .sockets import MockSocket, RecordingSocket
    from .timing import Pace
    from .use import use_cassette

__all__ = [
    "DEFAULT",
    "BadCassette",
    "Cassette",
    "CassetteDrift",
    "CassetteError",
    "CassetteExpired",
    "CassetteMissing",
    "CassetteStall",
    "Difference",
    "End",
    "EscapeWarning",
    "Exchange",
    "ExpiryWarning",
    "FailedAttempt",
    "Failure",
    "How",
    "MockSocket",
    "NetworkBlocked",
    "NetworkPolicy",
    "NoMatch",
    "Pace",
    "RecordMode",
    "Recorder",
    "RecordingSocket",
    "RecoveryWarning",
    "Request",
    "Response",
    "SecretWarning",
    "UnusedExchanges",
    "network",
    "use_cassette",
]

_HOMES = {
    "cassette": ("Cassette",),
    "errors": (
        "BadCassette",
        "CassetteDrift",
        "CassetteError",
        "CassetteExpired",
        "CassetteMissing",
        "CassetteStall",
        "EscapeWarning",
        "ExpiryWarning",
        "NetworkBlocked",
        "NoMatch",
        "RecoveryWarning",
        "SecretWarning",
        "UnusedExchanges",
    ),
    "attempts": ("FailedAttempt", "Failure"),
    "exchange": ("End", "Exchange", "How", "Request", "Response"),
    "matchers": ("DEFAULT", "Difference"),
    "guard": ("NetworkPolicy",),
    "blocking": ("network",),
    "record_mode": ("RecordMode",),
    "recorder": ("Recorder",),
    "sockets": ("MockSocket", "RecordingSocket"),
    "timing": ("Pace",),
    "use": ("use_cassette",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name from its module (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
