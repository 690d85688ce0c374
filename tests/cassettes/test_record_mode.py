"""Tests of `cassettes.record_mode`."""

from __future__ import annotations

import pytest

from cassettes.record_mode import Decision, RecordMode, decide, may_play, may_record

PLAY, RECORD, REFUSE = Decision.PLAY, Decision.RECORD, Decision.REFUSE


@pytest.mark.parametrize(
    ("mode", "existed_found", "existed_not_found", "new"),
    [
        ("none", PLAY, REFUSE, REFUSE),
        ("once", PLAY, REFUSE, RECORD),
        ("new_episodes", PLAY, RECORD, RECORD),
        ("all", RECORD, RECORD, RECORD),
    ],
)
def test_the_table(mode: str, existed_found: Decision, existed_not_found: Decision, new: Decision) -> None:
    """What each mode does with a request, by whether there was a file and an exchange was found."""
    named = RecordMode.named(mode)
    assert decide(named, existed=True, found=True) is existed_found
    assert decide(named, existed=True, found=False) is existed_not_found
    assert decide(named, existed=False, found=False) is new


@pytest.mark.parametrize("mode", list(RecordMode))
@pytest.mark.parametrize("existed", [False, True])
def test_mode_none_never_records_and_mode_all_never_plays(mode: RecordMode, existed: bool) -> None:
    """Whether the network, or the cassette, can be needed at all is known before the request."""
    assert may_record(mode, existed=existed) is (mode in {"all", "new_episodes"} or (mode == "once" and not existed))
    assert may_play(mode, existed=existed) is (mode == "none" or (existed and mode != "all"))


def test_an_unknown_mode_is_refused_with_the_names_there_are() -> None:
    """The message lists the modes."""
    with pytest.raises(ValueError, match=r"one of none, once, new_episodes, all; got 'rewrite'"):
        RecordMode.named("rewrite")
