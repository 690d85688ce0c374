"""Every case of cases/*.md, read whole, octet by octet, at random splits, and with octets behind it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from httplib_sim.wire import RequestReader, ResponseReader, emit

from .case_files import Case, Outcome, load, read, transcribe

FILES = sorted(path for path in Path(__file__).with_name("cases").glob("*.md") if path.name != "README.md")


def _ends_by_itself(case: object) -> bool:
    """Whether something could follow: the end of the case is not the end of its connection."""
    assert isinstance(case, Case)
    return case.eof and not any(line.startswith(ENDS_WITH_CONNECTION) for line in case.expected)


CASES = [pytest.param(case, id=f"{path.stem}: {case.title}") for path in FILES for case in load(path)]
NEXT = {
    "server": (b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n", "request GET /next HTTP/1.1"),
    "client": (b"HTTP/1.1 204 \r\n\r\n", "response HTTP/1.1 204"),
}
ENDS_WITH_CONNECTION = ("body until close", "body tunnel", "error IncompleteMessage")


def check(case: Case, outcome: Outcome) -> None:
    """Hold an outcome against what the case expects."""
    lines, expected = transcribe(outcome), list(case.expected)
    if outcome.error is not None and not any(line.startswith("rest") for line in expected):
        lines = [line for line in lines if not line.startswith("rest")]  # an error's rest need not be written down
    if outcome.error is not None and expected and expected[-1].startswith("error "):
        actual = lines[-1]
        kind, _, message = expected[-1].partition(": ")
        if actual.startswith(kind + ": ") and message in actual:
            lines[-1] = expected[-1]
    assert lines == expected, f"{case.where}: {case.title}"


def pieces_at_random(octets: bytes, seed: int) -> list[bytes]:
    """Cut *octets* at a few random places."""
    cuts = sorted(random.Random(seed).choices(range(len(octets) + 1), k=min(6, len(octets))))
    return [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]


@pytest.mark.parametrize("case", CASES)
def test_whole(case: Case) -> None:
    """Fed in one piece, a case gives what its file says, and no octet is lost."""
    outcome = read(case.reader(), [case.octets], eof=case.eof)
    check(case, outcome)
    assert emit(*outcome.events) + outcome.rest == case.octets


@pytest.mark.parametrize("case", CASES)
def test_octet_by_octet(case: Case) -> None:
    """Fed one octet at a time, a case gives the same events, the same error, and what is left adds up."""
    octets = case.octets
    size = max(1, len(octets) // 4000)  # the long ones in few thousand pieces
    outcome = read(case.reader(), [octets[i : i + size] for i in range(0, len(octets), size)], eof=case.eof)
    check(case, outcome)
    assert emit(*outcome.events) + outcome.rest == octets


@pytest.mark.parametrize("case", CASES)
def test_random_splits(case: Case) -> None:
    """However it is cut, a case gives the same."""
    for seed in range(8):
        outcome = read(case.reader(), pieces_at_random(case.octets, seed), eof=case.eof)
        check(case, outcome)
        assert emit(*outcome.events) + outcome.rest == case.octets


@pytest.mark.parametrize("case", [param for param in CASES if _ends_by_itself(param.values[0])])
def test_with_octets_behind(case: Case) -> None:
    """What comes after a message that ends by itself is the next message; what comes after an error changes nothing."""
    reader = case.reader()
    if isinstance(reader, ResponseReader):
        reader.expect("GET")
    behind, head = NEXT[case.role]
    alone = read(case.reader(), [case.octets], eof=case.eof)
    outcome = read(reader, [case.octets + behind])
    lines = transcribe(outcome)
    if alone.error is not None:
        assert outcome.error is not None
        assert str(outcome.error) == str(alone.error)
        assert outcome.rest == alone.rest + behind
    else:
        assert alone.rest == b"" or isinstance(reader, RequestReader)
        count = len(case.expected) - any(line.startswith("rest") for line in case.expected)
        assert lines[:count] == list(case.expected[:count])
        assert lines[count] == head
    assert emit(*outcome.events) + outcome.rest == case.octets + behind
