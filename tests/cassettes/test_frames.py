"""Chunks as runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.frames import Frames
from httplib_sim import wire

heads = st.lists(
    st.sampled_from(
        [
            wire.ChunkHead(0),
            wire.ChunkHead(5),
            wire.ChunkHead(5, ";a=1"),
            wire.ChunkHead(5, "", b"05\r\n"),
            wire.ChunkHead(9),
        ]
    ),
    max_size=20,
)


@given(heads)
def test_all_of_them_come_back_in_order(chunks: list[wire.ChunkHead]) -> None:
    """With what is odd about each; equal lists are equal frames."""
    frames = Frames(chunks)
    assert list(frames) == chunks
    assert len(frames) == len(chunks)
    assert frames.total == sum(chunk.size for chunk in chunks)
    assert frames.filled == len([chunk for chunk in chunks if chunk.size])
    assert frames.octet_count == sum(len(chunk.octets) for chunk in chunks)
    assert frames == Frames(chunks)
    assert hash(frames) == hash(Frames(chunks))
    assert frames != Frames([*chunks, wire.ChunkHead(5)])
    assert frames.has_extensions is any(chunk.extension for chunk in chunks)


def test_runs_are_told_apart() -> None:
    """By all that a size line says."""
    frames = Frames()
    frames.add(wire.ChunkHead(5), 3)
    frames.add(wire.ChunkHead(5, ";a"), 2)
    frames.add(wire.ChunkHead(5, ";a"))
    frames.add(wire.ChunkHead(5), 0)
    assert list(frames.runs()) == [(wire.ChunkHead(5), 3), (wire.ChunkHead(5, ";a"), 3)]
    assert repr(frames) == "<Frames of 6 chunks, 30 octets>"


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(1, 10**9)), max_size=40))
def test_as_text_they_come_back(runs: list[tuple[int, int]]) -> None:
    """In lines of some."""
    frames = Frames()
    for size, count in runs:
        frames.add(wire.ChunkHead(size), count)
    frames.add(wire.ChunkHead(0))
    text = frames.as_text()
    assert Frames.from_text(text, frames.total) == frames
    assert all(len(line) < 500 for line in text.splitlines())


def test_what_no_text_says() -> None:
    """Size lines with an extension; and more chunks than there is content are none."""
    assert Frames([wire.ChunkHead(5, ";a")]).as_text() == ""
    with pytest.raises(ValueError, match="got '5x'"):
        Frames.from_text("5 5x", 100)
    assert Frames.from_text("5x1000000000", 12).total == 15
