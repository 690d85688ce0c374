"""The values that stand in a cassette's documents, taken with care, and the one error for what cannot be taken.

Law: no YAML, no file and no octet of HTTP's grammar: a value, what was expected of it, and the keys that lead to it. A
person may have edited the document, so nothing is turned silently into what it is not.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_LINE = 76
_BLANKS = re.compile(r"[ \t\r\n]+")


class DocumentError(ValueError):
    """What stands in a document is not what must stand there; ``keys`` lead to the place."""

    def __init__(self, message: str, *keys: object) -> None:
        super().__init__(message)
        self.keys = keys


class inside:  # noqa: N801  a context manager, used as a function is
    """Add *keys* to the place of a `DocumentError` raised in the block."""

    __slots__ = ("_keys",)

    def __init__(self, *keys: object) -> None:
        self._keys = keys

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, problem: BaseException | None, traceback: object) -> None:
        if isinstance(problem, DocumentError):
            problem.keys = (*self._keys, *problem.keys)


def mapping(value: object, what: str, known: AbstractSet[str]) -> dict[str, Any]:
    """Return *value*, a mapping with no key but *known* ones. Raises `DocumentError`; *what* names it there."""
    if not isinstance(value, dict):
        raise DocumentError(f"expected {what} as a mapping, got {kind(value)}")
    for key in value:
        if key not in known:
            raise DocumentError(f"unknown key {str(key)!r} in {what}; known are {', '.join(sorted(known))}", key)
    return value


def items(value: object, what: str) -> list[Any]:
    """Return *value*, a list, or the empty list where there is nothing. Raises `DocumentError`."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise DocumentError(f"expected {what}, got {kind(value)}")
    return value


def text(value: object, what: str) -> str:
    """Return *value*, which is text. Raises `DocumentError`: what looks like a number or truth value needs quotes."""
    if isinstance(value, str):
        return value
    raise DocumentError(f"expected text as {what}, got {kind(value)}: put quotes round it")


def texts(value: object, what: str) -> list[str]:
    """Return *value*, a list of texts, or the empty list where there is nothing. Raises `DocumentError`."""
    found = []
    for number, item in enumerate(items(value, f"a list of {what}")):
        with inside(number):
            found.append(text(item, what))
    return found


def flag(value: object, what: str) -> bool:
    """Return *value*, which is true or false. Raises `DocumentError`."""
    if isinstance(value, bool):
        return value
    raise DocumentError(f"expected true or false as {what}, got {kind(value)}")


def latin_1(value: object, what: str) -> bytes:
    """Return the octets that *value*, text, stands for, one for each character. Raises `DocumentError`."""
    try:
        return text(value, what).encode("latin-1")
    except UnicodeEncodeError as problem:
        character = problem.object[problem.start]
        raise DocumentError(f"expected ISO-8859-1 as {what}, got the character {character!r} in it") from None


def to_base64(octets: bytes) -> str:
    """Return *octets* in base64, in lines."""
    encoded = base64.b64encode(octets).decode("ascii")
    return "\n".join(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))


def from_base64(value: object, what: str) -> bytes:
    """Return the octets that *value* spells; blanks and line ends do not count. Raises `DocumentError`."""
    try:
        return base64.b64decode(_BLANKS.sub("", text(value, what)), validate=True)
    except ValueError as problem:
        raise DocumentError(f"expected base64 as {what}, got what is none: {problem}") from None


def kind(value: object) -> str:
    """What *value* is, for an error's text."""
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    return names.get(type(value)) or f"the {'number' if isinstance(value, int | float) else 'value'} {str(value)[:40]}"
