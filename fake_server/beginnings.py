"""What goes wrong with a connection before there is a request: as it is accepted, and while TLS is negotiated.

Law: done on the socket itself, before anybody else reads from it. The client's first octets are left where they are,
but in the middle of a handshake, after which there is no going on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .channel import Channel, begins_tls
from .errors import BadExpectation, PeerGone
from .faults.positions import Phase
from .journal import Entry

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from .connection import Connection
    from .faults.base import Fault
    from .journal import Caller, Journal
    from .listener import Link
    from .schedules import Schedule

Due = tuple["Fault", "Schedule | None"]


def possible(fault: Fault, *, secure: bool) -> Fault:
    """Return *fault*, if it can come before there is a request. Raises `BadExpectation`."""
    if fault.phase in {Phase.HELLO, Phase.HANDSHAKE} and not secure:
        raise BadExpectation(f"{fault} comes in the handshake of TLS: make the server with FakeServer(tls=True)")
    action = getattr(fault, "action", None)
    if fault.phase is Phase.HANDSHAKE and action is not None and not action.ends:
        raise BadExpectation(f"{fault} comes in the middle of a handshake, where nothing can go on: see tls-hello")
    return fault


def befall(link: Link, caller: Caller, faults: Sequence[Due], context: ssl.SSLContext | None, journal: Journal) -> bool:
    """Let those *faults* befall a connection that are due; tell whether they have ended it, as the *journal* does.

    *context* is that of TLS, if it is to begin; without it what would come in the handshake does not.
    """
    entry = Entry(caller, None, error="the test has the connection end before there is a request")
    channel = Channel(link)
    outcome = _ending(channel, faults, context)
    if outcome:
        journal.add(entry, outcome)
        if not link.cut:
            channel.linger()
    return bool(outcome)


def _ending(channel: Channel, faults: Sequence[Due], context: ssl.SSLContext | None) -> str:
    """Which of the *faults* has the connection end; nothing if it goes on."""
    link = channel.link
    due = [fault for fault, when in faults if when is None or when.due(link.number)]
    for fault in sorted(due, key=lambda one: one.phase):
        if fault.phase > Phase.ACCEPT and context is None:
            continue
        if fault.phase is not Phase.ACCEPT and not begins_tls(link.bottom, None):
            return ""
        try:
            if fault.phase is Phase.HANDSHAKE and context is not None:
                _shake_half_a_hand(channel, context)
            fault.receive(cast("Connection", channel))  # it does nothing there that needs a request
        except PeerGone:
            channel.end()
        if channel.over:
            return str(fault)
    return ""


def _shake_half_a_hand(channel: Channel, context: ssl.SSLContext) -> None:
    """Answer the client's hello by our own (RFC 8446 section 4.1.3), which is the first record, and no more."""
    import ssl  # noqa: PLC0415  there is a context, so it is loaded

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    negotiation = context.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        try:
            negotiation.do_handshake()
        except ssl.SSLWantReadError:
            if outgoing.pending or not (octets := channel.received()):
                break
            incoming.write(octets)
        except ssl.SSLError:  # the alert that says so is sent
            break
    answer = outgoing.read()
    channel.write(answer[: 5 + int.from_bytes(answer[3:5])])
