"""Parameters: the names and values of a query, or of a form that is written like one.

Law: text in, octets out, order-free: what stands in another order means the same, but the values of one name keep
theirs. Where two differ is told by names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

Pairs = tuple[tuple[bytes, bytes | None], ...]


def pairs(text: str) -> Pairs:
    """Return the parameters of a query or form, sorted by name; a name without "=" has the value None.

    Percent-encoding and "+" are undone; values of one name keep their order. Nothing is left out, unlike with
    parse_qsl.
    """
    result = []
    for piece in text.split("&"):
        if piece:
            name, mark, value = piece.partition("=")
            result.append((_plain(name), _plain(value) if mark else None))
    return tuple(sorted(result, key=_name)) if len(result) > 1 else tuple(result)


def pairs_without(text: str, names: Collection[bytes]) -> Pairs:
    """Return `pairs` but those with one of *names*."""
    found = pairs(text)
    return tuple([pair for pair in found if pair[0] not in names]) if names else found


def differences(recorded: Pairs, sent: Pairs) -> tuple[tuple[str, str], ...]:
    """Return the name of each parameter that differs, and how."""
    old, new = _grouped(recorded), _grouped(sent)
    details = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            details.append((name, f"recorded {old[name]}, not sent"))
        elif name not in old:
            details.append((name, f"sent {new[name]}, not recorded"))
        elif old[name] != new[name]:
            details.append((name, f"recorded {old[name]}, sent {new[name]}"))
    return tuple(details)


def _grouped(found: Pairs) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for name, value in found:
        shown = "without a value" if value is None else repr(value.decode("utf-8", "replace"))
        groups.setdefault(name.decode("utf-8", "replace"), []).append(shown)
    return {name: ", ".join(values) for name, values in groups.items()}


def _plain(text: str) -> bytes:
    """The octets that a name or value of a form or query stands for."""
    if text.isalnum() and text.isascii():
        return text.encode()
    return unquote_to_bytes(text.replace("+", " ").encode("latin-1"))


def _name(pair: tuple[bytes, bytes | None]) -> bytes:
    return pair[0]
