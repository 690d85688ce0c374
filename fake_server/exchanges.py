"""Entries of the journal as exchanges of a cassette.

Law: values in, values out. Imported when the first entry is asked for its exchange, and not before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cassettes import exchange, redaction

from .errors import WrongState

if TYPE_CHECKING:
    from .journal import Entry


def request_of(entry: Entry) -> exchange.Request:
    """Return the request of *entry*. Raises `WrongState` if no request could be read."""
    if entry.request is None:
        raise WrongState(f"{entry!r} has no request, and so no exchange: {entry.error}")
    return exchange.Request(entry.caller.origin, entry.request)


def shown_request(entry: Entry) -> exchange.Request:
    """Return the request of *entry* with stand-ins in the place of secrets. Raises `WrongState` if there is none."""
    return redaction.for_matching(request_of(entry))


def exchange_of(entry: Entry) -> exchange.Exchange:
    """Return request and answer of *entry*, once it has been answered. Raises `WrongState` if there is no request."""
    response = entry.response
    return exchange.Exchange(
        request=request_of(entry),
        response=exchange.Response(response) if response is not None else None,
        received=b"" if response is not None else entry.sent,
        end=exchange.End(exchange.How.COMPLETE if response is not None else exchange.How.EOF),
        connection=entry.caller.connection,
        started=datetime.fromtimestamp(entry.started, UTC),
        elapsed=entry.elapsed,
    )
