"""A fake HTTP(S) server for tests, in the process that tests.

Law: only public names stand here, and importing the package costs next to nothing: each name's module is loaded when
the name is asked for; werkzeug, trustme and ssl when something needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers import Canned, Raw, Streamed, Then
    from .certificates import Authority, authority
    from .conduct import Conduct
    from .errors import (
        BadExpectation,
        CannotListen,
        FakeServerError,
        NoAnswer,
        NotVerified,
        PeerGone,
        StillRunning,
        WaitTimeout,
        WrongState,
    )
    from .expectation import Expectation, Kind
    from .expectations import Expectations
    from .gates import Gate
    from .journal import Caller, Entry, Journal
    from .matching import Matcher, RequestMatcher
    from .remote import RemoteSession, SharedServer
    from .server import FakeServer
    from .sessions import Session
    from .tunnels import Tunnel
    from .vocabulary import Criteria, Vocabulary

_MODULES = {
    "Authority": "certificates",
    "BadExpectation": "errors",
    "CannotListen": "errors",
    "Caller": "journal",
    "Canned": "answers",
    "Conduct": "conduct",
    "Criteria": "vocabulary",
    "Entry": "journal",
    "Expectation": "expectation",
    "Expectations": "expectations",
    "FakeServer": "server",
    "FakeServerError": "errors",
    "Journal": "journal",
    "Gate": "gates",
    "Kind": "expectation",
    "Matcher": "matching",
    "NoAnswer": "errors",
    "NotVerified": "errors",
    "PeerGone": "errors",
    "Raw": "answers",
    "RequestMatcher": "matching",
    "Session": "sessions",
    "RemoteSession": "remote",
    "SharedServer": "remote",
    "StillRunning": "errors",
    "Streamed": "answers",
    "Then": "answers",
    "Tunnel": "tunnels",
    "Vocabulary": "vocabulary",
    "WaitTimeout": "errors",
    "WrongState": "errors",
    "authority": "certificates",
}

__all__ = [
    "Authority",
    "BadExpectation",
    "Caller",
    "Canned",
    "CannotListen",
    "Conduct",
    "Criteria",
    "Entry",
    "Expectation",
    "Expectations",
    "FakeServer",
    "FakeServerError",
    "Gate",
    "Journal",
    "Kind",
    "Matcher",
    "NoAnswer",
    "NotVerified",
    "PeerGone",
    "Raw",
    "RemoteSession",
    "RequestMatcher",
    "Session",
    "SharedServer",
    "StillRunning",
    "Streamed",
    "Then",
    "Tunnel",
    "Vocabulary",
    "WaitTimeout",
    "WrongState",
    "authority",
]


def __getattr__(name: str) -> object:
    """Load the module of a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
