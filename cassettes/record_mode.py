"""The record modes, and the one table that says what they do.

Law: data. Whoever wants to know what a mode means reads the table; nobody else asks which mode it is.
"""

from __future__ import annotations

import enum


class RecordMode(enum.StrEnum):
    """Whether a cassette is replayed, recorded, or both. The names are VCR's."""

    NONE = "none"
    """Replay only; without a file it is an error. Never a connection."""
    ONCE = "once"
    """Record if there was no file, else replay only."""
    NEW_EPISODES = "new_episodes"
    """Replay what is there, record the rest."""
    ALL = "all"
    """Record everything anew; the old file is replaced once the new one is complete."""

    @classmethod
    def named(cls, name: str) -> RecordMode:
        """Return the mode with this *name*. Raises `ValueError` that lists the names if there is none."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(mode.value for mode in cls)
            raise ValueError(f"expected a record mode, one of {names}; got {name!r}") from None


class Decision(enum.Enum):
    """What becomes of a request."""

    PLAY = "play"
    RECORD = "record"
    REFUSE = "refuse"


_TABLE: dict[RecordMode, tuple[Decision, Decision, Decision, Decision]] = {
    # file existed:            yes                                yes              no               no
    # exchange found:          yes                                no               yes              no
    RecordMode.NONE:         (Decision.PLAY,   Decision.REFUSE, Decision.REFUSE, Decision.REFUSE),
    RecordMode.ONCE:         (Decision.PLAY,   Decision.REFUSE, Decision.RECORD, Decision.RECORD),
    RecordMode.NEW_EPISODES: (Decision.PLAY,   Decision.RECORD, Decision.RECORD, Decision.RECORD),
    RecordMode.ALL:          (Decision.RECORD, Decision.RECORD, Decision.RECORD, Decision.RECORD),
}  # fmt: skip


def decide(mode: RecordMode, *, existed: bool, found: bool) -> Decision:
    """Return what becomes of a request in *mode*, by whether the file *existed* and an exchange was *found*."""
    return _TABLE[mode][(0 if existed else 2) + (0 if found else 1)]


def may_play(mode: RecordMode, *, existed: bool) -> bool:
    """Tell whether a request can be answered from the cassette, so that it must be looked up first."""
    return decide(mode, existed=existed, found=True) is not Decision.RECORD


def may_record(mode: RecordMode, *, existed: bool) -> bool:
    """Tell whether a request can go out to the network."""
    return decide(mode, existed=existed, found=False) is Decision.RECORD
