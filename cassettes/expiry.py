"""Expiry: how old a cassette may become, and what is done when it is older.

Law: a cassette is as old as the first of its exchanges that says when it began; one written by hand alone, where none
does, has no age. Whether a file is too old is asked once, where its use begins. No file, no network and no clock: what
follows from a time is a record mode, a warning or an error.
"""

from __future__ import annotations

import enum
import re
import warnings
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from .callers import level_of_caller
from .errors import CassetteExpired, ExpiryWarning
from .record_mode import RecordMode

if TYPE_CHECKING:
    from datetime import datetime

_AGE: Final = re.compile(r"\s*([0-9]{1,9})\s*(second|minute|hour|day|week)s?\s*")


class OnExpiry(enum.StrEnum):
    """What is done with a cassette that is too old."""

    WARN = "warn"
    """An `ExpiryWarning`; it is used as it is."""
    FAIL = "fail"
    """`CassetteExpired`."""
    RECORD = "record"
    """It is recorded anew, as in mode "all"; in mode "none", which never connects, it is a warning."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """What becomes of cassettes that are older than *max_age*."""

    max_age: timedelta
    then: OnExpiry

    def mode(self, path: object, mode: RecordMode, begun: datetime | None, now: datetime) -> RecordMode:
        """Return the mode in which to use the cassette at *path*, which was *begun* then, instead of *mode*.

        Warns with `ExpiryWarning`, or raises `CassetteExpired`, where it is too old *now* and that is what is wanted.
        """
        if begun is None:
            return mode
        if now - begun <= self.max_age:
            return mode
        if self.then is OnExpiry.RECORD and mode is not RecordMode.NONE:
            return RecordMode.ALL
        remedy = 'mode "all"' if self.then is OnExpiry.RECORD else 'mode "all" or on_expiry="record"'
        text = (
            f"{path} has expired: it was recorded on {begun:%Y-%m-%d}, {_told(now - begun)} ago, and "
            f"max_age is {_told(self.max_age)}. Record it anew, with {remedy}"
        )
        if self.then is OnExpiry.FAIL:
            raise CassetteExpired(text)
        warnings.warn(text, ExpiryWarning, stacklevel=level_of_caller())
        return mode


def expiry(max_age: timedelta | str | None, on_expiry: str) -> Expiry | None:
    """Return what *max_age* (a timedelta, or text such as "30 days") and *on_expiry* say; None where nothing expires.

    Raises `ValueError` for a text that is no age, for an age that is not positive, and for an *on_expiry* that there
    is not; `TypeError` for what is neither a timedelta nor text.
    """
    if on_expiry not in tuple(OnExpiry):
        names = ", ".join(item.value for item in OnExpiry)
        raise ValueError(f"expected on_expiry to be one of {names}; got {on_expiry!r}")
    if max_age is None:
        return None
    age = _age(max_age) if isinstance(max_age, str) else max_age
    if not isinstance(age, timedelta):
        raise TypeError(f"expected max_age to be a timedelta or text such as '30 days', got {type(age).__name__}")
    if age <= timedelta():
        raise ValueError(f"expected max_age to be longer than nothing, got {max_age!r}")
    return Expiry(age, OnExpiry(on_expiry))


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise ValueError(f"expected max_age as text such as '30 days', '12 hours' or '2 weeks', got {text!r}")
    try:
        return timedelta(**{f"{match[2]}s": int(match[1])})
    except OverflowError:
        return timedelta.max


def _told(age: timedelta) -> str:
    """*age* in the largest unit of which there is at least one."""
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count := int(age.total_seconds() // seconds):
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{age.total_seconds():.0f} seconds"
