"""Case files: octets and what the codec makes of them, as Markdown that people write and read.

Law: the notation and nothing else: a file into cases (`load`), and what a reader gives into the lines a case expects
(`transcribe`). cases/README.md is the description for people. A file that breaks the notation is one `CaseError` that
says where.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

from httplib_sim.wire import (
    CLIENT,
    LIMITS,
    NEED_DATA,
    SERVER,
    STRICT,
    BodyKind,
    ChunkHead,
    ChunkTail,
    Data,
    EndOfMessage,
    Event,
    Leniency,
    Limits,
    MessageReader,
    RemoteProtocolError,
    RequestHead,
    RequestReader,
    ResponseHead,
    ResponseReader,
    Trailers,
    keeps_alive,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_ESCAPE = re.compile(r"\\(?:([rnt0\\])|x([0-9a-f]{2})|\{([0-9]+)\*([^}]+)\})|(\\)")
_NAMED = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
_SHOWN = {character: "\\" + name for name, character in _NAMED.items()}
_RUN = re.compile(r"([^\\{}])\1{39,}")
_VERSIONS = {9: "HTTP/0.9", 10: "HTTP/1.0", 11: "HTTP/1.1"}


class CaseError(Exception):
    """A case file that breaks the notation: where, what was expected, what stands there."""


@dataclass(frozen=True)
class Case:
    """Octets, who reads them, and the lines that are expected of it."""

    where: str
    title: str
    octets: bytes
    expected: tuple[str, ...]
    role: str = "client"
    methods: tuple[str, ...] = ("GET",)
    version: int = 11
    leniency: Leniency = CLIENT
    limits: Limits = LIMITS
    eof: bool = True

    def reader(self) -> MessageReader:
        """Return a new reader in this case's role, which knows the requests if it is a client's."""
        if self.role == "server":
            return RequestReader(self.leniency, self.limits)
        reader = ResponseReader(self.leniency, self.limits)
        for method in self.methods:
            reader.expect(method, self.version)
        return reader


@dataclass
class Outcome:
    """What reading gave: the events, the error if there was one, and what was left."""

    events: list[Event] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    error: RemoteProtocolError | None = None
    rest: bytes = b""
    waiting: bool = False


def read(reader: MessageReader, pieces: Iterable[bytes], *, eof: bool = True) -> Outcome:
    """Feed *pieces*, one after the other, and the end if there is to be one; return all that *reader* gave."""
    outcome = Outcome()
    for piece in pieces:
        reader.feed(piece)
        _ask(reader, outcome)
    if eof:
        reader.feed_eof()
        _ask(reader, outcome)
    outcome.waiting = reader.framing is not None
    outcome.rest = reader.rest()
    return outcome


def _ask(reader: MessageReader, outcome: Outcome) -> None:
    """Take events until there is none; once there is an error, it must be the same for ever."""
    try:
        while (event := reader.next_event()) is not NEED_DATA:
            outcome.events.append(event)
            if isinstance(event, RequestHead | ResponseHead):
                outcome.bodies.append(_body_line(reader, event))
    except RemoteProtocolError as error:
        if outcome.error not in {None, error}:
            raise AssertionError("a second error came after the first") from error
        outcome.error = error
        return
    assert outcome.error is None, "after an error, the same error was not raised again"


def _body_line(reader: MessageReader, head: RequestHead | ResponseHead) -> str:
    framing = reader.framing
    if framing is None:
        return ""
    length = f" {framing.length}" if framing.kind is BodyKind.FIXED else ""
    kind = framing.kind.value.split()[0] if framing.kind is BodyKind.FIXED else framing.kind.value
    lasts = keeps_alive(head) or framing.kind in {BodyKind.UNTIL_CLOSE, BodyKind.TUNNEL}
    return f"body {kind}{length}{'' if lasts else ', then close'}"


def transcribe(outcome: Outcome) -> list[str]:
    """Return the lines that a case with this outcome expects."""
    lines: list[str] = []
    bodies = iter(outcome.bodies)
    content = b""
    for event in [*outcome.events, None]:
        if isinstance(event, Data):
            content += event.content
            continue
        if content:
            lines.append(f"data {show(content)}")
            content = b""
        if event is not None:
            lines += _event_lines(event, bodies)
    if outcome.error is not None:
        lines.append(f"error {type(outcome.error).__name__}: {outcome.error}")
    elif outcome.waiting:
        lines.append("waiting")
    if outcome.rest:
        lines.append(f"rest {show(outcome.rest)}")
    return lines


def _event_lines(event: Event, bodies: Iterator[str]) -> Iterator[str]:
    if isinstance(event, RequestHead | ResponseHead):
        version = _VERSIONS.get(event.version, f"HTTP/1.{event.version - 10}")
        if isinstance(event, RequestHead):
            yield f"request {show(event.method)} {show(event.target)} {version}"
        else:
            kind = "interim" if event.is_interim else "response"
            yield f"{kind} {version} {event.status} {show(event.reason)}".rstrip()
        yield from _field_lines("field", event.fields)
        yield from filter(None, [next(bodies)])
    elif isinstance(event, ChunkHead):
        odd = f" written {show(event.raw)}" if event.raw is not None else ""
        yield f"chunk {event.size}{' ' if event.extension else ''}{show(event.extension)}{odd}"
    elif isinstance(event, ChunkTail):
        if event.octets != b"\r\n":
            yield f"tail {show(event.octets)}"
    elif isinstance(event, Trailers):
        yield "trailers" if event.end == b"\r\n" else f"trailers ended by {show(event.end)}"
        yield from _field_lines("trailer", event.fields)
    else:
        assert isinstance(event, EndOfMessage), event
        yield "end"


def _field_lines(word: str, lines: Iterable[tuple[str, str, bytes | None]]) -> Iterator[str]:
    for name, value, _ in lines:
        yield f"{word} {show(name)}: {show(value)}".rstrip() if name else f"malformed {word} {show(value)}"


def show(octets: bytes | str) -> str:
    """Return octets in the notation of case files: odd ones as escapes, runs of forty or more shortened."""
    text = octets if isinstance(octets, str) else octets.decode("latin-1")
    text = "".join(_SHOWN.get(c) or (c if " " <= c <= "~" else f"\\x{ord(c):02x}") for c in text)
    return _RUN.sub(lambda run: f"\\{{{len(run[0])}*{run[1]}}}", text)


def unescape(text: str, where: str) -> bytes:
    r"""Return the octets that *text* writes: ``\r \n \t \0 \\ \xHH``, and ``\{70000*a}`` for 70,000 times ``a``."""

    def octets(match: re.Match[str]) -> str:
        name, code, count, repeated, stray = match.groups()
        if stray:
            raise CaseError(f"{where}: expected an escape \\r \\n \\t \\0 \\\\ \\xHH or \\{{N*text}}, got {text!r}")
        if name:
            return _NAMED[name]
        return chr(int(code, 16)) if code else _ESCAPE.sub(octets, repeated) * int(count)

    if not text.isascii():
        raise CaseError(f"{where}: expected ASCII and escapes, got {text!r}")
    return _ESCAPE.sub(octets, text).encode("latin-1")


def load(path: Path) -> list[Case]:
    """Return the cases of a file. Raises `CaseError`."""
    cases: list[Case] = []
    title, started, octets_block = "", 0, None
    for number, info, lines in _blocks(path):
        where = f"{path.name}:{number}"
        if info.startswith("## "):
            if octets_block is not None or (title and started == len(cases)):
                raise CaseError(f"{where}: expected the blocks octets and events of {title!r}, got the next heading")
            title, started = info[3:].strip(), len(cases)
        elif info.split()[:1] == ["octets"]:
            if not title or octets_block is not None:
                raise CaseError(f"{where}: expected {'a ## heading' if not title else 'a block events'}, got octets")
            octets_block = _options(info, where, title), b"".join(unescape(line, where) for line in lines)
        elif info == "events":
            if octets_block is None:
                raise CaseError(f"{where}: expected a block octets before events")
            case, octets = octets_block
            cases.append(replace(case, octets=octets, expected=tuple(filter(None, map(str.rstrip, lines)))))
            octets_block = None
        else:
            raise CaseError(f"{where}: expected a block octets or events, got {info or 'a block without a word'!r}")
    if octets_block is not None or (title and started == len(cases)):
        raise CaseError(f"{path.name}: expected the blocks octets and events of {title!r}, got the end of the file")
    if not cases:
        raise CaseError(f"{path.name}: expected at least one case")
    return cases


def _blocks(path: Path) -> Iterator[tuple[int, str, list[str]]]:
    """Yield (line number, heading or info of the fence, lines) of each case heading and each fenced block."""
    info, begun = "", 0
    block: list[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if block is None and line.startswith("## "):
            yield number, line, []
        elif block is None and line.startswith("```"):
            info, begun, block = line[3:].strip(), number, []
        elif block is not None and line.rstrip() == "```":
            yield begun, info, block
            block = None
        elif block is not None:
            block.append(line)
    if block is not None:
        raise CaseError(f"{path.name}:{begun}: expected ``` to end the block {info!r}")


def _options(info: str, where: str, title: str) -> Case:
    """Read what follows the word octets: who reads, and how."""
    words = info.split()[1:]
    if words[:1] not in (["client"], ["server"]):
        raise CaseError(f"{where}: expected 'octets client' or 'octets server', got {info!r}")
    case = Case(where, title, b"", (), words[0], leniency=CLIENT if words[0] == "client" else SERVER)
    for word in words[1:]:
        case = _with_option(case, word, where)
    return case


def _with_option(case: Case, word: str, where: str) -> Case:
    name, _, value = word.partition("=")
    if word == "strict":
        return replace(case, leniency=STRICT)
    if word == "open":
        return replace(case, eof=False)
    if name == "methods" and value:
        return replace(case, methods=tuple(value.split(",")))
    if name == "version" and value.isdigit():
        return replace(case, version=int(value))
    if word[1:] in {flag.name for flag in fields(Leniency)} and word[0] in "+-":
        return replace(case, leniency=replace(case.leniency, **{word[1:]: word[0] == "+"}))
    if name in {limit.name for limit in fields(Limits)} and value.isdigit():
        return replace(case, limits=replace(case.limits, **{name: int(value)}))
    known = "strict, open, methods=, version=, +leniency, -leniency or limit=number"
    raise CaseError(f"{where}: expected {known}, got {word!r}")
