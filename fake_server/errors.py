"""What can go wrong with a fake server, as one tree.

Law: every error of the package is here; each says what was expected, what came, and where. None shows a secret.

::

    FakeServerError
     +-- CannotListen (also OSError)          the host and port cannot be listened on: taken, not ours, not allowed
     +-- WrongState                           started twice, or asked for what only a started server has
     +-- BadExpectation (also ValueError)     what was said can never be met, sent or done
     +-- NoAnswer                             a request met an expectation that says no answer
     +-- NotVerified (also AssertionError)    what the test expected and what came are not the same
     +-- WaitTimeout (also AssertionError)    what was waited for did not come in time
     +-- PeerGone                             the client went away while it was being answered
     +-- StillRunning                         a handler had not returned when the server stopped
"""

from __future__ import annotations


class FakeServerError(Exception):
    """The base of every error of the package."""


class CannotListen(FakeServerError, OSError):
    """The host and port cannot be listened on."""


class WrongState(FakeServerError):
    """The server was started twice, or asked for what only a started server has."""


class BadExpectation(FakeServerError, ValueError):
    """What was said can never be: an expectation be met, an answer sent, a fault befall it, a server made so."""


class NoAnswer(FakeServerError):
    """A request met an expectation that says no answer."""


class NotVerified(FakeServerError, AssertionError):
    """What the test expected and what came are not the same; the message lists every finding."""


class WaitTimeout(FakeServerError, AssertionError):
    """What was waited for did not come in time."""


class PeerGone(FakeServerError):
    """The client closed or reset the connection while it was being answered."""


class StillRunning(FakeServerError):
    """A handler had not returned when the server stopped."""
