"""Leeway: in what requests may differ and still be the same.

Law: a value, checked where it is made; who compares asks it. An option that names nothing is told here, with a remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .json_paths import Path, json_path

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Leeway:
    """What is not compared: places in *json*, parameters of the *query*, fields of a *form*, *headers* by name.

    A form is one that is written like a query, or multipart. Names of headers are in lower case.
    """

    json: tuple[Path, ...] = ()
    query: frozenset[bytes] = frozenset()
    form: frozenset[bytes] = frozenset()
    headers: frozenset[str] = frozenset()


NONE: Final = Leeway()
"""All that is compared must be the same."""


def leeway(
    json: str | Iterable[str] = (),
    query: str | Iterable[str] = (),
    form: str | Iterable[str] = (),
    headers: str | Iterable[str] = (),
) -> Leeway:
    """Return the leeway that these names and paths give; one alone can stand without a list.

    Raises `ValueError` for what is no path, `TypeError` for what is no text.
    """
    return Leeway(
        tuple(json_path(path) for path in texts(json, "ignore_json")),
        frozenset(name.encode() for name in texts(query, "ignore_query")),
        frozenset(name.encode() for name in texts(form, "ignore_form")),
        frozenset(name.lower() for name in texts(headers, "ignore_headers")),
    )


def texts(value: str | Iterable[str], option: str) -> tuple[str, ...]:
    """Return *value*, one text or several, as several. Raises `TypeError` for anything else."""
    found = (value,) if isinstance(value, str) else tuple(value)
    for text in found:
        if not isinstance(text, str):
            raise TypeError(f"expected {option} to be a name or a list of names, got {text!r} in it")
    return found
