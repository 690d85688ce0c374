"""Cassettes on disk, looked through for secrets that are in them still.

Law: reads and tells, changes nothing. What redaction would mask is a secret; what it does not know, but looks like one,
is suspected. `scan` looks for both, thoroughly; `warn` for the second alone, in what was just recorded: that costs
little, and redaction has seen to the first.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

from .callers import level_of_caller
from .errors import SecretWarning
from .redaction import DEFAULT, Redaction, names_of, remaining
from .store import Store
from .suspects import Suspicion, suspicions

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

_PIECE: Final = 1_048_576
_MOST_TOLD: Final = 5


def scan(path: str | os.PathLike[str], rules: Redaction = DEFAULT) -> list[Suspicion]:
    """Return what looks like a secret in the cassette at *path*: what *rules* would mask, and what is suspected.

    Each line of it tells of a thing once. Raises `BadCassette` for what is no cassette, `CassetteError` if it cannot be
    read.
    """
    store = Store(path)
    found = [
        Suspicion(line, f"not redacted: {place}")
        for exchange, line in store.load()
        for place in remaining(exchange, rules)
    ]
    found += suspicions(store.path.read_bytes(), names_of(rules))
    return sorted(dict.fromkeys(found))


def warn(path: Path, start: int, rules: Redaction) -> None:
    """Warn, by `SecretWarning`, of what looks like a secret in the cassette at *path*, from octet *start* on.

    It is one warning, to whoever called this package, and tells of each thing once, never of a value.
    """
    told: dict[str, int] = {}
    with path.open("rb") as file:
        for first, piece in _pieces(file, start):
            for suspicion in suspicions(piece, names_of(rules), first):
                told.setdefault(suspicion.what, suspicion.line)
    if not told:
        return
    told_lines = [f"{path}:{line}: {what}" for what, line in list(told.items())[:_MOST_TOLD]]
    if len(told) > _MOST_TOLD:
        told_lines.append(f"and {len(told) - _MOST_TOLD} more: httplib-sim scan {path}")
    text = "what looks like a secret was recorded:\n  " + "\n  ".join(told_lines)
    advice = "If it is one, add its name to the rules (redact=Redaction(names=...)) and record anew; if not, keep= it."
    warnings.warn(f"{text}\n{advice}", SecretWarning, stacklevel=level_of_caller())


def _pieces(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """The lines of *file* from octet *start* on, many at once, each time with the number of the first."""
    line = 1
    while start > 0 and (passed := file.read(min(start, _PIECE))):
        start -= len(passed)
        line += passed.count(b"\n")
    while lines := file.readlines(_PIECE):
        text = b"".join(lines)
        if b": " in text:  # else it is out of the midst of a large body in base64
            yield line, text
        line += len(lines)
