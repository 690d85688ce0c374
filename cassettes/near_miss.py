"""Explaining a miss: the request, the recorded ones nearest to it, and the remedies that fit.

Law: text out of values. It shows requests only as they are compared, with stand-ins in the place of secrets.
"""

from __future__ import annotations

import heapq
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from .due import RecordedAttempt
from .matchers import Difference, Matcher, MatchFunction, place
from .record_mode import RecordMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .exchange import Exchange, Request
    from .index import Matching, Recorded
    from .matchers import Placed

_NEAREST = 3
_EXAMINED = 200
_WEIGHTS = {"scheme": 4, "host": 8, "port": 4, "method": 3, "path": 6, "query": 2, "body": 2}


def explain_miss(
    request: Request,
    recorded: Sequence[Recorded],
    matching: Matching,
    path: str,
    mode: RecordMode,
    *,
    head_only: bool = False,
) -> str:
    """Return why none of *recorded*, the exchanges of the cassette at *path*, answers *request*, and what to do.

    With *head_only* its body is not known yet, and nothing is said of it.
    """
    near = _nearest(request, recorded, matching, head_only=head_only)
    sent = matching.show(request)
    names = ", ".join(name_of(matcher) for matcher in matching.matchers)
    lines = [
        "no recorded exchange answers this request:",
        "",
        f"  {sent.method} {sent.url}",
        "",
        f"cassette: {path}",
        f"  mode {mode.value!r}, matched on {names}",
        f"  {len(recorded)} recorded, {sum(1 for item in recorded if item.played)} of them played",
    ]
    if near:
        lines += ["", "nearest recorded requests:"]
        for number, (item, differences) in enumerate(near, 1):
            lines += _candidate(number, item, differences, matching, path)
    lines += ["", "what to do:", *[f"  * {remedy}" for remedy in _remedies(near, matching, path, mode)]]
    return "\n".join(lines)


def explain_missing(request: Request, matching: Matching, path: str) -> str:
    """Return that there is no cassette at *path* that could answer *request*, and what to do about it."""
    sent = matching.show(request)
    return (
        f"expected a cassette at {Path(path).absolute()} to answer {sent.method} {sent.url}, but there is none, "
        f"and mode 'none' never records. Record it with mode='once' ({_command('once')}), or mend the path."
    )


def explain_unused(unused: Sequence[Recorded | RecordedAttempt], matching: Matching, path: str) -> str:
    """Return what of the cassette at *path* nobody asked for, and what to do about it."""
    unused = sorted(unused, key=lambda item: item.number)
    lines = [f"{len(unused)} recorded exchange(s) of {path} were never asked for:", ""]
    lines += [f"  {path}:{item.line}  {_outline(item, matching)}" for item in unused[:10]]
    if len(unused) > 10:
        lines.append(f"  ... and {len(unused) - 10} more")
    lines += [
        "",
        "what to do:",
        "  * if the program need not ask for them any more: delete them, or record anew with mode='all'",
        "  * if it does not matter: strict=False",
    ]
    return "\n".join(lines)


def summary(exchange: Exchange, matching: Matching) -> str:
    """Return an exchange in one line: method, URL, and the status or how it ended."""
    request = matching.show(exchange.request)
    outcome = exchange.response.status if exchange.response is not None else exchange.end.how.value
    return f"{request.method} {request.url} -> {outcome}"


def _outline(item: Recorded | RecordedAttempt, matching: Matching) -> str:
    """An exchange or a failed attempt in one line."""
    if isinstance(item, RecordedAttempt):
        return f"connecting to {item.attempt.origin.url} -> {item.attempt.failure.value}"
    return summary(item.exchange, matching)


def name_of(matcher: Matcher | MatchFunction) -> str:
    """Return what a matcher is called."""
    return matcher.name if isinstance(matcher, Matcher) else str(getattr(matcher, "__name__", matcher))


def _nearest(
    sent: Request, recorded: Sequence[Recorded], matching: Matching, *, head_only: bool
) -> list[tuple[Recorded, list[Difference]]]:
    """The recorded exchanges that differ least from *sent*, the nearest first."""
    likely = heapq.nlargest(_EXAMINED, recorded, key=lambda item: _likeness(sent, item.placed))
    examined = []
    for item in likely:
        found = differences(item.exchange.request, sent, matching)
        if head_only:
            found = [difference for difference in found if difference.part != "body"]
        distance = sum(_WEIGHTS.get(difference.part, 2) for difference in found)
        details = sum(len(difference.details) for difference in found)
        examined.append(((distance, details, bool(item.played), -_likeness(sent, item.placed)), item, found))
    examined.sort(key=lambda entry: entry[0])
    return [(item, found) for _, item, found in examined[:_NEAREST]]


def differences(recorded: Request, sent: Request, matching: Matching) -> list[Difference]:
    """Return in what two requests differ, told without a secret."""
    compared = matching.comparable(recorded), matching.comparable(sent)
    shown = matching.show(recorded), matching.show(sent)
    found = []
    for matcher in matching.matchers:
        if matcher(*compared) is not None:
            hidden = Difference(name_of(matcher), ("it differs in a secret",))
            found.append(matcher(*shown) or hidden)
    return found


def _likeness(sent: Request, recorded: Placed) -> int:
    """How alike two requests are, by what is cheap to compare."""
    _, host, _, path, _ = place(sent)
    _, other_host, _, other_path, _ = place(recorded)
    shorter = min(len(path), len(other_path))
    common = next((at for at in range(shorter) if path[at] != other_path[at]), shorter)
    likeness = min(common, 200)
    likeness += 300 if sent.method == recorded.method else 0
    likeness += 600 if path == other_path else 0
    return likeness + (800 if host == other_host else 0)


def _candidate(number: int, item: Recorded, differences: list[Difference], matching: Matching, path: str) -> list[str]:
    played = ", already played" if item.played else ""
    lines = [f"  {number}. {path}:{item.line}  {summary(item.exchange, matching)}{played}"]
    for difference in differences:
        details = difference.details or ("differs",)
        lines += [f"     {difference.part}: {detail}" for detail in details]
    if not differences:
        lines.append("     the same in all that is matched")
    return lines


def _remedies(
    near: list[tuple[Recorded, list[Difference]]], matching: Matching, path: str, mode: RecordMode
) -> list[str]:
    remedies = []
    differences = near[0][1] if near else None
    if differences == []:
        if matching.ordered and not near[0][0].played:
            remedies.append("it is not this exchange's turn: with ordered=True they answer in the order of the file")
        else:
            remedies.append(
                "each recorded exchange answers once: allow_repeats=True lets the last one go on answering, "
                "allow_repeats='cycle' begins again with the first"
            )
    parts = {difference.part for difference in differences or ()}
    ignoring = [difference.ignoring for difference in differences or () if difference.ignoring]
    if ignoring and len(ignoring) == len(differences or ()):
        remedies.append(f"if that changes with every run, do not compare it: {', '.join(ignoring)}")
    elif parts and parts <= {"query", "body", "host", "port"}:
        rest = tuple(name_of(matcher) for matcher in matching.matchers if name_of(matcher) not in parts)
        why = "the server is elsewhere at every run" if parts & {"host", "port"} else "that part differs at every run"
        remedies.append(f"if {why}, do not match on it: match_on={rest!r}")
    remedies.append(f"if the request is new, add it: mode='new_episodes' ({_command('new_episodes')})")
    if near:
        remedies.append(f"if the program has changed on purpose, record anew: mode='all' ({_command('all')})")
    if mode is RecordMode.ONCE:
        remedies.append(
            f"mode 'once' records only where there is no file: or delete {path}, as is right where the program or the "
            "test failed while it was recorded"
        )
    return remedies


def _command(mode: str) -> str:
    """How pytest is to be called for that; within a test, for this test alone."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
    return f"pytest {shlex.quote(test)} --cassette-mode={mode}" if test else f"pytest: --cassette-mode={mode}"
