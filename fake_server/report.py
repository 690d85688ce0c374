"""What is said about a request that nobody expected, and about expectations that nobody met.

Law: text, for the person who did not write the test: the request, the nearest expectations with what differs in each
and where they were written, and those that were used up, by which request. Secrets are masked.
"""

from __future__ import annotations

from textwrap import indent
from traceback import format_tb
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .errors import FakeServerError
from .masking import cut, shown_content
from .target import split_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .expectation import Expectation
    from .expectations import Expectations
    from .journal import Entry
    from .matching import RequestMatcher

NO_OTHERS: Final[Mapping[str, Expectations]] = MappingProxyType({})

CARRIED: Final = 5
"""How many earlier requests of the connection are shown."""

NEAREST: Final = 3
"""How many expectations are compared with the request."""

_NOT_THE_TESTS: Final = {"fake_server", "werkzeug"}
"""Packages whose frames say nothing of what a test's own function has raised."""


def unmatched(
    entry: Entry,
    expectations: Expectations,
    journal: Iterable[Entry] = (),
    others: Mapping[str, Expectations] = NO_OTHERS,
) -> str:
    """Return why no expectation was met by *entry*, what its connection has carried, and which *others* expect it.

    *others* are the expectations of other servers and of sessions, by where they are: ``on the server http://...``.
    """
    lines = [f"{_request_line(entry)} was not expected (request {entry.number}, connection {entry.caller.connection})"]
    if expectations.failed:
        lines.append("An ordered expectation has been missed: from then on, no request meets any.")
    ranked = sorted(expectations, key=lambda expectation: (_distance(expectation, entry), expectation.number))
    for rank, expectation in enumerate(ranked[:NEAREST]):
        lines += [
            "",
            f"{'Nearest' if rank == 0 else 'Then'}: {_title(expectation)}",
            *_comparison(expectation, entry, expectations),
        ]
    if len(ranked) > NEAREST:
        lines += ["", f"and {len(ranked) - NEAREST} more expectations, none of them more like it"]
    if not ranked:
        lines += ["", "The server has no expectation at all: make one with expect() or expect_request()."]
    lines += _elsewhere(entry, others)
    return "\n".join([*lines, "", "The request:", *_request(entry), *_before(entry, journal)])


def forbidden(entry: Entry, expectation: Expectation) -> str:
    """Return that *entry* is one of the requests that *expectation* forbids."""
    lines = [
        f"{_request_line(entry)} is forbidden (request {entry.number}, connection {entry.caller.connection})",
        "",
        f"Forbidden by: {_title(expectation)}",
    ]
    return "\n".join([*lines, "", "The request:", *_request(entry)])


def unused(expectation: Expectation) -> str:
    """Return that nobody has met *expectation*, or too few have."""
    users = _numbers(expectation)
    if not users:
        return f"{_title(expectation)}: no request has met it"
    wanted = len(expectation.entries) + expectation.missing
    return f"{_title(expectation)}: expected to be met by {wanted} requests, got {len(expectation.entries)}: {users}"


def misread(entry: Entry) -> str:
    """Return that what *entry* has is no request, and what can be done if that was meant."""
    came = f"what came on connection {entry.caller.connection} is no request: {entry.error}"
    meant = "Where the test sends it on purpose: clear_assertions(), or verify=False for the whole test."
    return "\n".join([came, *(["", "What could be read:", *_request(entry)] if entry.request else []), "", meant])


def without_request(journal: Iterable[Entry]) -> list[str]:
    """Return which connections came to no request, and why: the client was told, but the test may not be."""
    lines = [
        f"    connection {entry.caller.connection}, for {entry.caller.origin.url}: {entry.error}"
        for entry in journal
        if entry.error and not entry.is_finding
    ]
    return ["\n".join(["Connections that came to no whole request:", *lines])] if lines else []


def asked(entry: Entry) -> str:
    """Return in answering which request, of which expectation, or on which connection, something was raised."""
    met = entry.expectation
    if entry.request is None:
        return f"in serving connection {entry.caller.connection}, beside its requests"
    by = f"by {_title(met)}" if met is not None else "in looking for an expectation that it meets"
    return f"in answering {_brief(entry)}, {by}"


def raised(error: BaseException) -> str:
    """Return what a handler or a matcher raised, and where: the frames from the test's own on."""
    traceback = error.__traceback__
    while traceback is not None and _root(traceback.tb_frame.f_globals) in _NOT_THE_TESTS:
        traceback = traceback.tb_next
    if isinstance(error, AssertionError | FakeServerError):
        head = str(error) or f"{type(error).__name__} was raised"
    else:
        head = f"{type(error).__name__} was raised: {error}"
    frames = [line for text in format_tb(traceback) for line in text.splitlines()]
    return "\n".join([head, *(f"  {note}" for note in getattr(error, "__notes__", ())), *frames])


def listed(findings: Sequence[str], remarks: Iterable[str] = ()) -> str:
    """Return *findings* as one text, and below them the *remarks*."""
    head = f"{len(findings)} thing{'s are' if len(findings) > 1 else ' is'} not as expected:"
    texts = [f"{number}. {indent(finding, '   ').strip()}" for number, finding in enumerate(findings, 1)]
    return "\n\n".join([head, *texts, *remarks])


def _title(expectation: Expectation) -> str:
    return f"#{expectation.number} {expectation} [{expectation.kind.value}] ({expectation.where})"


def _distance(expectation: Expectation, entry: Entry) -> float:
    """The share of its parts in which an expectation differs; the path counts most, since it says what is meant."""
    differences = expectation.matcher.differences(entry)
    weight = sum(3 - _likeness(expectation, entry) if one.part == "path" else 1 for one in differences)
    return weight / (len(expectation.matcher) + 3)


def _likeness(expectation: Expectation, entry: Entry) -> float:
    """How much alike the paths are, from 0 to 1, as texts."""
    path = expectation.matcher.exact_path
    if path is None:
        return 0
    from difflib import SequenceMatcher  # noqa: PLC0415  only where something is not as expected

    return SequenceMatcher(None, path, entry.path, autojunk=False).ratio()


def _comparison(expectation: Expectation, entry: Entry, expectations: Expectations) -> list[str]:
    differences = expectation.matcher.differences(entry)
    lines = [f"    {difference.part:8} {detail}" for difference in differences for detail in difference.details]
    stage = expectation.stage
    if differences:
        agreed = expectation.matcher.agreements(entry)
        return [*lines, f"    agreed   {', '.join(agreed)}"] if agreed else lines
    if expectation.used_up:
        users = [f"        {_brief(user)} -> {_outcome(user)}, {_when(user, entry)}" for user in expectation.entries]
        return [
            f"    it would have been met, but was used up by request {_numbers(expectation)}:",
            *users[-CARRIED:],
        ]
    if stage is not None and not expectations.scenarios.is_in(stage):
        now = expectations.scenarios[stage.scenario]
        return [
            f"    it would be met in state {stage.during!r} of the scenario {stage.scenario!r}, which is in {now!r}"
        ]
    return ["    it would be met, but an ordered expectation comes before it"]


def _elsewhere(entry: Entry, others: Mapping[str, Expectations]) -> list[str]:
    """Where else the request is expected."""
    found = [
        f"It would be met {where}: {_title(expectation)}"
        for where, expectations in others.items()
        for expectation in expectations
        if not expectation.matcher.asks_the_test and not expectation.matcher.differences(entry)
    ]
    return ["", *found] if found else []


def _before(entry: Entry, journal: Iterable[Entry]) -> list[str]:
    """What the connection has carried before the request, in brief."""
    here = [known for known in journal if known.caller.connection == entry.caller.connection]
    earlier = [known for known in here if known.number < entry.number][-CARRIED:]
    lines = [
        f"    {_when(known, entry)}  request {known.number}: {_request_line(known)} -> "
        f"{_outcome(known)}, {len(known.octets)} octets received, {sum(map(len, known.parts))} sent"
        for known in earlier
    ]
    return ["", f"Before it on connection {entry.caller.connection}:", *lines] if lines else []


def _numbers(expectation: Expectation) -> str:
    return ", ".join(str(user.number) for user in expectation.entries)


def _brief(entry: Entry) -> str:
    return f"{_request_line(entry)} (request {entry.number}, connection {entry.caller.connection})"


def _outcome(entry: Entry) -> str:
    return entry.outcome if entry.done else "not answered yet"


def _when(known: Entry, entry: Entry) -> str:
    return f"{(known.started - entry.started) * 1000:+.1f} ms"


def _root(names: Mapping[str, object]) -> str:
    return str(names.get("__name__")).partition(".")[0]


def _request_line(entry: Entry) -> str:
    return f"{entry.method} {entry.path}"


def _request(entry: Entry) -> list[str]:
    shown = entry.shown
    query = split_target(shown.target)[1]
    lines = [f"    {entry.method} {entry.path}" + (f"?{_plain(query)}" if query else "")]
    for name, value in shown.headers.pairs():
        # Stand-ins have a length of their own; what was sent is what is of interest.
        value_sent = entry.headers.get(name, "") if name.lower() == "content-length" else value
        lines.append(f"    {name}: {_plain(value_sent)}")
    if entry.content:
        lines.append(f"    content, {len(entry.content)} octets: {shown_content(shown.content)}")
    trailers = shown.message.body.trailers
    lines += [f"    trailer {name}: {_plain(value)}" for name, value in (trailers.fields.pairs() if trailers else ())]
    return lines


def _plain(value: str) -> str:
    """A value without quotes round it, but on one line in any case."""
    return repr(cut(value))[1:-1]


def not_made(matcher: RequestMatcher, found: int, count: int, entries: Iterable[Entry]) -> str:
    """Return that *matcher* matched *found* requests where *count* were wanted, and which requests there are."""
    lines = [f"expected {count} requests like {matcher}, got {found}"]
    known = [entry for entry in entries if entry.request is not None]
    ranked = sorted(known, key=lambda entry: len(matcher.differences(entry)))
    for entry in ranked[:NEAREST]:
        differences = matcher.differences(entry)
        lines += ["", f"request {entry.number}, {_request_line(entry)}{'' if differences else ': like it'}"]
        lines += [f"    {difference.part:8} {detail}" for difference in differences for detail in difference.details]
    return "\n".join(lines if known else [*lines, "", "There was no request at all."])
