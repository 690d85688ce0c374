"""The YAML that cassettes are written in, written and read by string operations.

Law: a fast path, and nothing else: for the documents it takes, it writes the very text that PyYAML would write, and
reads what PyYAML would read; any other it leaves, by raising `Odd`. Nothing is decided here about what is odd. No
library, no file, and no knowledge of what the keys mean.

The documents it takes are what nearly all exchanges become: mappings and lists a member a line, plain scalars, literal
blocks, and short mappings and lists of plain scalars between brackets.
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

INTEGER: Final = r"-?(?:0|[1-9][0-9]{0,4000})"  # int() refuses what has more digits
FLOAT: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|-?\.inf|\.nan"

_INTEGER = re.compile(INTEGER)
_NUMBER = re.compile(
    rf"(?:{FLOAT})"
    # and what YAML 1.1 takes for one: binary, octal, hexadecimal, with underscores, in base 60
    r"|0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
)
_LETTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz/(")
_DIGITS: Final = frozenset("0123456789")
_INDICATORS: Final = frozenset("#,[]{}&*!|>'\"%@`")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_WRITTEN_CONSTANTS: Final = {True: "true", False: "false", None: "null"}
_BRACKETS = re.compile(r"[,\[\]{}?:]")
_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_.$/@-]{0,60}")
_ESCAPED = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_ROW = re.compile("[^\n]*\n|[^\n]+")
_STEP: Final = "  "
_DEEPEST: Final = 40
_MOST_BITS: Final = 10_000  # of an integer that is read as one
_DECIMAL: Final = re.compile(r"-?[0-9]+\.[0-9]+")


Styles = dict[type[Any], "Callable[[list[str], str, Any, str], None]"]
"""How values of special types are written; see `write`."""


class Odd(Exception):  # noqa: N818  no error: the other way is taken
    """The document, or a value in it, is not of the usual kind."""


# Writing


def write(data: dict[str, Any], styles: Styles, depth: int = 0) -> str:
    """Return *data* as the lines of a mapping, each with its line end; *depth* says in how many others it stands.

    *styles* are functions for values of special types: they are given the lines so far, what stands before the value on
    its line, the value, and the column as blanks. Raises `Odd`.
    """
    lines: list[str] = []
    _write_mapping(lines, data, _STEP * depth, styles, depth)
    return "\n".join(lines) + "\n"


def _write_mapping(lines: list[str], data: dict[Any, Any], pad: str, styles: Styles, depth: int) -> None:
    for key, value in data.items():
        if type(value) is str and "\n" not in value:
            lines.append(f"{pad}{key_text(key)}: {scalar_text(value)}")
        else:
            _write_value(lines, f"{pad}{key_text(key)}:", value, pad, styles, depth)


def _write_value(lines: list[str], start: str, value: Any, pad: str, styles: Styles, depth: int) -> None:  # noqa: ANN401
    kind = type(value)
    if kind is dict and value:
        if depth == _DEEPEST:
            raise Odd
        lines.append(start)
        _write_mapping(lines, value, pad + _STEP, styles, depth + 1)
    elif kind is list and value:
        lines.append(start)
        _write_list(lines, value, pad, styles, depth + 1)
    elif kind in styles:
        styles[kind](lines, start, value, pad)
    elif kind is str and "\n" in value:
        write_block(lines, start, value, pad)
    else:
        lines.append(f"{start} {plain_text(value)}")


def _write_list(lines: list[str], items: list[Any], pad: str, styles: Styles, depth: int) -> None:
    for item in items:
        if type(item) is dict and item:
            first = len(lines)
            _write_mapping(lines, item, pad + _STEP, styles, depth)
            lines[first] = f"{pad}- {lines[first][len(pad) + 2 :]}"
        elif type(item) is list or (type(item) is str and "\n" in item):
            raise Odd
        else:
            lines.append(f"{pad}- {plain_text(item)}")


def write_block(lines: list[str], start: str, text: str, pad: str) -> None:
    """Write *text* as a literal block, each of its lines a line of the file. Raises `Odd`."""
    content = text.removesuffix("\n")
    if (
        "\n" not in text[:-1]
        or content[-1:] in {"\n", " "}
        or content[0] in "\n "
        or " \n" in content
        or not content.replace("\n", "").isprintable()
    ):
        raise Odd
    lines.append(f"{start} |" if len(content) < len(text) else f"{start} |-")
    inner = "\n" + pad + _STEP
    block = inner[1:] + content.replace("\n", inner)
    lines.append(block.replace(inner + "\n", "\n\n") if "\n\n" in content else block)


def is_plain(text: str) -> bool:
    """Tell whether a block can hold *text*: whether every character of it is seen, and no line end is odd."""
    return _ESCAPED.search(text) is None


def write_quoted(lines: list[str], start: str, text: str, pad: str) -> None:
    """Write *text* in quotes, each of its lines on a line of the file, with its end as an escape."""
    rows = [_escaped(row) for row in _ROW.findall(text)]
    lines.append(f'{start} "' + f"\\\n{pad}{_STEP}".join(rows) + '"')


def _escaped(row: str) -> str:
    quoted = _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(row, ensure_ascii=False)[1:-1])
    return f"\\{quoted}" if quoted[:1] == " " else quoted


def plain_text(value: object) -> str:
    """Return a scalar as it stands on its line. Raises `Odd`."""
    kind = type(value)
    if kind is str:
        return scalar_text(value)
    if kind is int and value.bit_length() < _MOST_BITS:  # type: ignore[attr-defined]
        return str(value)
    if kind is bool or value is None:
        return _WRITTEN_CONSTANTS[value]  # type: ignore[index]
    if kind is float and _DECIMAL.fullmatch(text := repr(value)):
        return text
    if value in ({}, []):
        return str(value)
    raise Odd


@functools.lru_cache(2048)
def key_text(key: object) -> str:
    """Return *key* as it stands before its colon. Raises `Odd`."""
    if type(key) is not str or _KEY.fullmatch(key) is None or key.lower() in _WORDS:
        raise Odd
    return key


@functools.lru_cache(4096)
def scalar_text(text: str) -> str:
    """Return *text* as a scalar that every reader of YAML takes for this text, in quotes if need be. Raises `Odd`."""
    if not (text.isascii() and text.isprintable()):
        raise Odd
    first = text[:1]
    plain = not (text[-1:] in {"", " ", ":"} or ": " in text or " #" in text)
    if first in _LETTERS:
        plain = plain and text.lower() not in _WORDS
    elif first in _DIGITS:
        plain = plain and _NUMBER.fullmatch(text) is None
    elif first in _INDICATORS:
        plain = False
    elif first:
        raise Odd
    return text if plain else "'" + text.replace("'", "''") + "'"


def bracket_text(value: object) -> str:
    """Return a scalar as it stands between brackets. Raises `Odd`."""
    text = plain_text(value)
    if _BRACKETS.search(text):
        raise Odd
    return text


# Reading


def read(text: str) -> dict[str, Any]:
    """Return the mapping that *text*, a document with its ``---`` and its ``...``, is. Raises `Odd`."""
    lines = text.split("\n")
    if lines[0] != "---" or lines[-2:] != ["...", ""] or not text.replace("\n", "").isprintable():
        raise Odd
    reader = _Reader(lines, 2 if lines[1].startswith("# ") else 1)
    data = reader.mapping("")
    if reader.at != len(lines) - 2:
        raise Odd
    return data


def read_lines(lines: list[str], pad: str) -> Any:  # noqa: ANN401  a mapping, or a list
    """Return what *lines* are: a mapping or a list in the column of *pad*. Raises `Odd`."""
    reader = _Reader([*lines, "..."], 0)
    data = reader._list(pad) if lines[0].startswith(pad + "- ") else reader.mapping(pad)  # noqa: SLF001  its own
    if reader.at != len(lines):
        raise Odd
    return data


def read_scalar(text: str) -> Any:  # noqa: ANN401
    """Return what a scalar on one line is, which is not remembered. Raises `Odd`."""
    if text[:1] in _INLINE:
        raise Odd
    return _scalar.__wrapped__(text)


class _Reader:
    """The lines of a document, and which of them comes next."""

    __slots__ = ("at", "lines")

    def __init__(self, lines: list[str], at: int) -> None:
        self.lines = lines
        self.at = at

    def mapping(self, pad: str) -> dict[str, Any]:
        """Read the mapping whose keys stand in the column of *pad*."""
        lines, width = self.lines, len(pad)
        data: dict[str, Any] = {}
        count = 0
        while True:
            line = lines[self.at]
            if line == "..." or not line.startswith(pad):
                break
            self.at += 1
            key, value = _pair(line[width:])
            count += 1
            if value is None:
                data[key] = self._below(pad)
            elif value[0] == "|":
                data[key] = self._block(value, pad)
            elif lines[self.at].startswith(pad + " "):
                raise Odd  # the scalar goes on
            else:
                data[key] = _INLINE.get(value[0], _scalar)(value)
        if count != len(data) or not data:
            raise Odd
        return data

    def _below(self, pad: str) -> Any:  # noqa: ANN401
        """Read what stands below a key: a mapping, or a list in the key's own column."""
        line = self.lines[self.at]
        if line.startswith(pad + "- "):
            return self._list(pad)
        if line.startswith(pad + _STEP) and line[len(pad) + 2 : len(pad) + 3] not in {" ", ""}:
            return self.mapping(pad + _STEP)
        raise Odd

    def _list(self, pad: str) -> list[Any]:
        lines, width = self.lines, len(pad) + 2
        dash, inner = pad + "- ", pad + _STEP
        items: list[Any] = []
        while lines[self.at].startswith(dash):
            rest = lines[self.at][width:]
            if lines[self.at + 1].startswith(inner):
                if not _KEY.match(rest):
                    raise Odd
                lines[self.at] = inner + rest
                items.append(self.mapping(inner))
                continue
            self.at += 1
            items.append(_item(rest))
        return [dict([item]) if type(item) is tuple else item for item in items]

    def _block(self, mark: str, pad: str) -> str:
        """Read the lines of a literal block."""
        if mark not in {"|", "|-"}:
            raise Odd
        lines, inner = self.lines, pad + _STEP
        first = self.at
        if not lines[first].startswith(inner) or lines[first][len(inner) : len(inner) + 1] in {" ", ""}:
            raise Odd
        content = []
        while (line := lines[self.at]).startswith(inner) or not line:
            content.append(line[len(inner) :])
            self.at += 1
        if not content[-1]:
            raise Odd
        return "\n".join(content) + ("\n" if mark == "|" else "")


@functools.lru_cache(2048)
def _pair(line: str) -> tuple[str, str | None]:
    """A key and what stands behind its colon, None where nothing does."""
    key, colon, value = line.partition(": ")
    if not colon:
        if not key.endswith(":"):
            raise Odd
        key, value = key[:-1], ""
    if _KEY.fullmatch(key) is None or key in _CONSTANTS or (colon and not value):
        raise Odd
    return key, value or None


def _item(text: str) -> Any:  # noqa: ANN401
    """An item of a list that stands on one line; a pair, for a mapping of one key."""
    if text[:1] in _INLINE or text[:1] in {"'", '"'} or ": " not in text:
        return _INLINE.get(text[:1], _scalar)(text)
    key, value = _pair(text)
    if value is None:
        raise Odd
    return key, _INLINE.get(value[0], _scalar)(value)


@functools.lru_cache(4096)
def _scalar(text: str) -> Any:  # noqa: ANN401
    """A scalar on one line: plain, or in quotes without an escape."""
    first = text[:1]
    if first in {"'", '"'}:
        inner = text[1:-1]
        if len(text) < 2 or text[-1] != first or first in inner.replace("''", "") or (first == '"' and "\\" in inner):
            raise Odd
        return inner.replace("''", "'") if first == "'" else inner
    if text[-1:] in {"", " ", ":"} or ": " in text or " #" in text:
        raise Odd
    if first in _LETTERS:
        return _CONSTANTS.get(text, text)
    if first not in _DIGITS and first != "-":
        raise Odd
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        if _DECIMAL.fullmatch(text) and repr(number := float(text)) == text:
            return number
        raise Odd
    if first == "-":
        raise Odd
    return text


def _flow_mapping(text: str) -> dict[str, Any]:
    """A mapping of plain scalars between brackets."""
    if text == "{}":
        return {}
    if text[-1] != "}" or not _BRACKETS.search(text, 1, len(text) - 1):
        raise Odd
    data: dict[str, Any] = {}
    members = text[1:-1].split(", ")
    for member in members:
        key, value = _pair(member)
        if value is None or _BRACKETS.search(value):
            raise Odd
        data[key] = _scalar(value)
    if len(data) != len(members):
        raise Odd
    return data


def _flow_list(text: str) -> list[Any]:
    """A list of plain scalars between brackets."""
    if text == "[]":
        return []
    if text[-1] != "]":
        raise Odd
    items = text[1:-1].split(", ")
    if any(_BRACKETS.search(item) for item in items):
        raise Odd
    return [_scalar(item) for item in items]


_INLINE: Final[dict[str, Callable[[str], Any]]] = {"{": _flow_mapping, "[": _flow_list}
