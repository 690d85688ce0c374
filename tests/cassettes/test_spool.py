"""The temporary place of a large body."""

from __future__ import annotations

import hashlib

from cassettes.spool import TEMPORARY, TemporarySpool


def test_what_is_written_can_be_read_again_and_again() -> None:
    """Also while more is written, by several at a time."""
    spool = TemporarySpool()
    spool.write(b"a" * 100_000)
    reading = spool.finish().pieces()
    first = next(reading)
    spool.write(b"b" * 100_000)
    assert first + b"".join(reading) == b"".join(spool.finish().pieces()) == b"a" * 100_000 + b"b" * 100_000
    assert spool.size == 200_000
    assert spool.sha256 == hashlib.sha256(b"a" * 100_000 + b"b" * 100_000).hexdigest()


def test_each_body_has_a_place_of_its_own() -> None:
    """And none is in the way of another."""
    one, other = TEMPORARY.make(None, None, None), TEMPORARY.make(None, None, None)
    one.write(b"1")
    other.write(b"2")
    assert b"".join(one.finish().pieces()) == b"1"
