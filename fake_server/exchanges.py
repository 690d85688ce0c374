"""Entries of the journal as exchanges of a cassette.

Law: values in, values out. Imported when the first entry is asked for its exchange, and not before.
"""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cassettes import exchange, redaction

from .errors import WrongState

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

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
        end=exchange.End(_how(entry, complete=response is not None)),
        connection=entry.caller.connection,
        started=datetime.fromtimestamp(entry.started, UTC),
        elapsed=entry.elapsed,
    )


def save(journal: Iterable[Entry], path: str | os.PathLike[str], redact: redaction.Redaction | None) -> int:
    """Write the exchanges of *journal* to *path*, in the place of what is there; return how many they are.

    Raises `cassettes.errors.CassetteError`; then what is there stays.
    """
    from cassettes.store import Store  # noqa: PLC0415  loads YAML

    found = [exchange_of(entry) for entry in journal if entry.request is not None and not entry.error]
    target = pathlib.Path(path)
    store = Store(target.with_name(f"{target.name}.new"))
    store.discard()
    for one in found:
        store.append(one if redact is None else redaction.redact(one, redact))
    if found:
        store.put_in_place_of(target)
    return len(found)


def _how(entry: Entry, *, complete: bool) -> exchange.How:
    """How an exchange has ended, as its client has seen it."""
    if entry.end:
        return {"reset": exchange.How.RESET, "silence": exchange.How.TIMEOUT}[entry.end]
    return exchange.How.COMPLETE if complete else exchange.How.EOF
