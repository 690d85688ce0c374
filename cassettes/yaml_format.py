"""The cassette format: exchanges as YAML documents, and back.

Law: text in, values out, and the reverse; no file (that is `store`), and the only place where YAML is read and written.
A document is written, read again and compared before it is given out: what does not come back to the octet is written
in a plainer form. Only what is of the kind of which that is known (`quick_document`) is not read again. Reading uses
the safe loader only.

A cassette is a stream of documents: first the format's number, then one document for each exchange, and for what came
after one on its connection, once that is known. Each begins with ``---`` in column 0, which no line inside a document
can have, and ends with ``end`` as its last key and ``...``: what lacks both was torn off while it was written.

What is written without quotes is text under the rules of YAML 1.1 as well, dates excepted, so that other programs read
it alike. Reading is simpler than these rules: only ``true``, ``false``, ``null`` and what JSON has as a number are more
than text. A person who writes ``no``, ``0755`` or ``12:30`` means that.
"""

from __future__ import annotations

import contextlib
import functools
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml

from . import quick_document, quick_reading, quick_yaml
from .body_files import locate
from .document import (
    afterword_from_data,
    afterword_to_data,
    attempt_from_data,
    attempt_to_data,
    exchange_from_data,
    exchange_to_data,
    gives_back,
)
from .errors import BadCassette, CassetteError
from .exchange import Afterword, Exchange, How
from .large_body import content_size
from .plain_data import DocumentError

if TYPE_CHECKING:
    from .attempts import FailedAttempt
    from .exchange import End

FORMAT = 1
HEADER = f"cassette: {FORMAT}\nrecorded_by: httplib-sim\n...\n"
"""The first document of every cassette."""

_TAG = "tag:yaml.org,2002:"
_TEXT, _MAPPING, _SEQUENCE = f"{_TAG}str", f"{_TAG}map", f"{_TAG}seq"
_RULES = {
    f"{_TAG}bool": ("true|false", "tf"),
    f"{_TAG}null": ("null|~|", ["n", "~", ""]),
    f"{_TAG}int": (quick_yaml.INTEGER, "-0123456789"),
    f"{_TAG}float": (quick_yaml.FLOAT, "-.0123456789"),
}
"""What plain text is more than text: the tag, what it must match, and with what it begins."""


class _Block(str):
    """Text to be written as a block of lines."""

    __slots__ = ()


class _Quoted(str):
    """Text to be written in quotes, each of its lines on a line, with escapes for what no editor shows."""

    __slots__ = ()


class _Line(dict[str, Any]):
    """A mapping to be written on one line."""


class _LineOfItems(list[Any]):
    """A list to be written on one line."""


@functools.cache
def _dumper() -> type[Any]:
    base: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper: type[Any] = type(
        "CassetteDumper", (base,), {"ignore_aliases": lambda _self, _data: True, "resolve": _resolve}
    )
    # A date is text in JSON, and needs no quotes to be text here.
    dumper.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != f"{_TAG}timestamp"]
        for first, rules in base.yaml_implicit_resolvers.items()
    }
    _add_rules(dumper)
    dumper.add_representer(str, _represent_text)
    # Plain str, dict and list in each: the C emitter refuses subclasses.
    dumper.add_representer(_Block, lambda it, data: it.represent_scalar(_TEXT, str(data), style="|"))
    dumper.add_representer(_Quoted, lambda it, data: it.represent_scalar(_TEXT, str(data), style='"'))
    dumper.add_representer(_Line, lambda it, data: it.represent_mapping(_MAPPING, dict(data), flow_style=True))
    dumper.add_representer(_LineOfItems, lambda it, data: it.represent_sequence(_SEQUENCE, list(data), flow_style=True))
    return dumper


def _represent_text(dumper: Any, text: str) -> Any:  # noqa: ANN401  PyYAML's
    """Text of several lines as a block; a line with its line end in quotes, so that the end is seen."""
    style = None
    if "\n" in text:
        style = "|" if "\n" in text[:-1] else '"'
    return dumper.represent_scalar(_TEXT, text, style=style)


@functools.cache
def _loader(*, pure: bool = False) -> type[Any]:
    """The safe loader with our rules: libyaml's where it is there, or the one in Python (*pure*)."""
    base: type[Any] = yaml.SafeLoader if pure else getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: type[Any] = type("CassetteLoader", (base,), {"resolve": _resolve})
    loader.yaml_implicit_resolvers = {}
    _add_rules(loader)
    return loader


def _resolve(self: Any, kind: type[Any], value: str | None, implicit: Any) -> str:  # noqa: ANN401  PyYAML's
    """The tag of a node that has none: what PyYAML's own does, without the rules by path, in half the time."""
    if kind is not yaml.ScalarNode:
        return _MAPPING if kind is yaml.MappingNode else _SEQUENCE
    if implicit[0] and value is not None:
        for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
            if pattern.match(value):
                return str(tag)
    return _TEXT


def _add_rules(resolver: type[Any]) -> None:
    for tag, (pattern, first) in _RULES.items():
        resolver.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), list(first))


def write_exchange(number: int, exchange: Exchange) -> str:
    """Return *exchange*, the *number*-th of its cassette from 1, as a document, from its ``---`` to its ``...``.

    Raises `CassetteError` if no form of it comes back to the octet.
    """
    try:
        return quick_document.write_document(_summary(number, exchange), exchange)
    except quick_yaml.Odd:
        return write_at_length(number, exchange)


def write_at_length(number: int, exchange: Exchange) -> str:
    """Return what `write_exchange` does, whatever *exchange* is: in the first form that comes back to the octet.

    Raises `CassetteError` if none does.
    """
    for readable_bodies, readable_heads in ((True, True), (False, True), (False, False)):
        try:
            data = exchange_to_data(exchange, readable_bodies=readable_bodies, readable_heads=readable_heads)
            text = _document(_summary(number, exchange), data)
            again = _load(text, "<document>", 1)
            if gives_back(again, exchange, data):
                return text
        except (yaml.YAMLError, UnicodeError, RecursionError, BadCassette, DocumentError):
            continue
    raise CassetteError(f"the exchange {exchange!r} cannot be written: no form of it reads back the same")


def write_afterword(afterword: Afterword) -> str:
    """Return *afterword* as a document, from its ``---`` to its ``...``."""
    size = f": {len(afterword.received)} B" if afterword.received else ""
    summary = f"# then, on connection {afterword.connection}{size}{_outcome(afterword.end)}"
    return _document(summary, afterword_to_data(afterword))


def write_attempt(number: int, attempt: FailedAttempt) -> str:
    """Return *attempt*, the *number*-th of its cassette from 1, as a document, from its ``---`` to its ``...``."""
    took = f"{attempt.elapsed * 1000:.0f} ms"
    summary = f"# {number:04}  connecting to {attempt.origin.url} failed: {attempt.failure.value}  {took}"
    return _document(summary, attempt_to_data(attempt))


def read(text: str, path: str = "<document>", line: int = 1) -> Exchange | Afterword | FailedAttempt:
    """Return what the document *text* is; *path* and *line* say where it stands. Raises `BadCassette`."""
    with contextlib.suppress(quick_yaml.Odd):
        return quick_reading.read_document(text)
    return read_at_length(text, path, line)


def read_at_length(text: str, path: str = "<document>", line: int = 1) -> Exchange | Afterword | FailedAttempt:
    """Return what `read` returns, by way of plain data."""
    data = _load(text, path, line)
    try:
        if isinstance(data, dict) and "afterword" in data:
            return afterword_from_data(data)
        if isinstance(data, dict) and "connecting" in data:
            return attempt_from_data(data)
        return exchange_from_data(data, partial(locate, path, line))
    except DocumentError as problem:
        raise BadCassette(str(problem), path, line + _line_of(problem.keys, text)) from None


def read_exchange(text: str, path: str = "<document>", line: int = 1) -> Exchange:
    """Return the exchange that the document *text* is; *path* and *line* say where it stands.

    What a person edited is made right again: see `mending`. Raises `BadCassette`.
    """
    found = read(text, path, line)
    if not isinstance(found, Exchange):
        what = "an afterword" if isinstance(found, Afterword) else "a failed attempt to connect"
        raise BadCassette(f"expected an exchange, got {what}", path, line)
    return found


def check_header(text: str, path: str, line: int = 1) -> None:
    """Raise `BadCassette` unless *text*, the first document, says that the file is a cassette that can be read here."""
    data = _load(text, path, line)
    number = data.get("cassette") if isinstance(data, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise BadCassette(f"expected 'cassette: {FORMAT}' in the first document: this file is no cassette", path, line)
    if number > FORMAT:
        text = f"expected a cassette of format {FORMAT}, got {number}: it was made by a newer version of httplib-sim"
        raise BadCassette(text, path, line)
    if number < 1:
        raise BadCassette(f"expected a cassette of format {FORMAT}, got {number}: there is no such format", path, line)


def _document(summary: str, data: dict[str, Any]) -> str:
    styled = _styled(data)
    try:
        text = quick_yaml.write(styled, _QUICK_STYLES)
    except quick_yaml.Odd:
        text = yaml.dump(styled, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=1_000_000)
    # After some blocks the emitter ends a document by itself.
    return f"---\n{summary}\n{text.removesuffix('...' + chr(10))}...\n"


def _write_line(lines: list[str], start: str, members: dict[str, Any], _: str) -> None:
    texts = [f"{quick_yaml.key_text(key)}: {quick_yaml.bracket_text(value)}" for key, value in members.items()]
    lines.append(f"{start} {{{', '.join(texts)}}}")


def _write_line_of_items(lines: list[str], start: str, items: list[Any], _: str) -> None:
    lines.append(f"{start} [{', '.join([quick_yaml.bracket_text(item) for item in items])}]")


_QUICK_STYLES: quick_yaml.Styles = {
    _Block: quick_yaml.write_block,
    _Quoted: quick_yaml.write_quoted,
    _Line: _write_line,
    _LineOfItems: _write_line_of_items,
}


def _styled(data: dict[str, Any]) -> dict[str, Any]:
    """*data* with text in blocks, and what is short on one line."""
    for message in (data.get("request", {}), data.get("response", {})):
        content = message.get("body", {})
        if "\n" in (content_text := content.get("text", "")):
            content["text"] = _Block(content_text) if quick_yaml.is_plain(content_text) else _Quoted(content_text)
        if "\n" in content.get("base64", ""):
            content["base64"] = _Block(content["base64"] + "\n")
        if "compressed" in content:
            content["compressed"] = _Line(content["compressed"])
        if "chunks" in content:
            content["chunks"] = _styled_chunks(content["chunks"])
    if "\n" in data.get("received", ""):
        data["received"] = _Block(data["received"] + "\n")
    for key in ("end", "connecting"):
        if key in data:
            data[key] = _Line(data[key])
    return data


def _styled_chunks(chunks: Any) -> _Block | _LineOfItems:  # noqa: ANN401  as `body_format` made them
    return _Block(chunks) if isinstance(chunks, str) else _LineOfItems(chunks)


def _summary(number: int, exchange: Exchange) -> str:
    """The line that a person looks for: a comment, never read."""
    if exchange.response is not None:
        outcome = f"{exchange.response.status} {exchange.response.reason}".rstrip()
        outcome += f"  {content_size(exchange.response.message.body)} B"
    else:
        outcome = "no response"
    url = exchange.request.url
    outcome += _outcome(exchange.end)
    text = f"# {number:04}  {exchange.request.method} {url} -> {outcome}  {exchange.elapsed * 1000:.0f} ms"
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def _outcome(end: End) -> str:
    return "" if end.how is How.COMPLETE else f"  ({end.how.value})"


def _load(text: str, path: str, line: int) -> Any:  # noqa: ANN401  whatever the document holds
    try:
        return quick_yaml.read(text)
    except quick_yaml.Odd:
        pass
    try:
        return _value(_compose(text))
    except yaml.YAMLError as problem:
        what = getattr(problem, "problem", None) or getattr(problem, "reason", None) or str(problem)
        raise BadCassette(f"expected YAML: {what}", path, line + _line_of_problem(problem, text)) from None
    except UnicodeEncodeError:
        raise BadCassette("expected characters, got half of one", path, line) from None
    except RecursionError:
        raise BadCassette("expected a document of some depth, got one without end", path, line) from None


def _compose(text: str, *, pure: bool = False) -> Any:  # noqa: ANN401  a node, or None for an empty document
    loader = _loader(pure=pure)(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _value(node: Any) -> Any:  # noqa: ANN401
    """What *node* stands for: its text, in nearly all cases, and never more than what JSON has."""
    kind = type(node)
    if kind is yaml.ScalarNode:
        return node.value if node.tag == _TEXT else _scalar(node)
    if kind is yaml.MappingNode and node.tag == _MAPPING:
        data = {_key(key): _value(value) for key, value in node.value}
        if len(data) != len(node.value):
            raise _twice(node)
        return data
    if kind is yaml.SequenceNode and node.tag == _SEQUENCE:
        return [_value(item) for item in node.value]
    if node is None:
        return None
    raise _no_tags(node)


def _scalar(node: Any) -> Any:  # noqa: ANN401
    rule = _RULES.get(node.tag)
    if rule is None or not re.fullmatch(rule[0], node.value):
        raise _no_tags(node)
    if node.tag == f"{_TAG}int":
        return int(node.value)
    if node.tag == f"{_TAG}float":
        return float(node.value.replace(".inf", "inf").replace(".nan", "nan"))
    return node.value == "true" if node.tag == f"{_TAG}bool" else None


def _key(node: Any) -> Any:  # noqa: ANN401
    if type(node) is not yaml.ScalarNode:
        raise yaml.MarkedYAMLError(problem="a key that is no text", problem_mark=node.start_mark)
    return _value(node)


def _twice(mapping: Any) -> yaml.MarkedYAMLError:  # noqa: ANN401
    """The error for a key that stands twice in *mapping*, where YAML would forget the first."""
    seen = set()
    for key, _ in mapping.value:
        if (value := _value(key)) in seen:
            return yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
        seen.add(value)
    return yaml.MarkedYAMLError(problem="a key stands twice", problem_mark=mapping.start_mark)


def _no_tags(node: Any) -> yaml.MarkedYAMLError:  # noqa: ANN401
    return yaml.MarkedYAMLError(problem=f"the tag {node.tag!r} has no place here", problem_mark=node.start_mark)


def _line_of_problem(problem: yaml.YAMLError, text: str) -> int:
    """How many lines of *text* stand before what the parser stumbled over."""
    if isinstance(problem, yaml.reader.ReaderError):  # a character that YAML does not allow: the first of its kind
        return _lines_before(text.find(chr(problem.character)), text)
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    return _lines_before(mark.index, text) if mark is not None else 0


def _lines_before(position: int, text: str) -> int:
    """How many lines stand before *position*: as an editor counts them, to which U+0085 and U+2028 are no line ends."""
    return text.count("\n", 0, min(position, len(text.rstrip())))


def _line_of(keys: tuple[object, ...], text: str) -> int:
    """How many lines of *text* stand before what *keys* lead to, as far as that is there."""
    node = _compose(text)
    line = 0
    for key in keys:
        if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
            line = _lines_before(node.start_mark.index, text)
        elif isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == key]
            if not found:
                break
            line, node = _lines_before(found[0][0].start_mark.index, text), found[0][1]
        else:
            break
    return line
