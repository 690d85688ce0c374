"""Masking: values that may be secret, before they are shown in a text.

Law: text in, text out; only for what people read, never for what is compared or sent. Which names stand before secrets
is for `cassettes` to say; and what is shown of a request is first given the stand-ins that it would have in a cassette
(`Entry.shown`), so that secrets in odd places, such as a multipart body, are not shown either.
"""

from __future__ import annotations

import json
from typing import Any, Final

from cassettes.secret_names import SecretNames

SHOWN: Final = 200
"""Characters of a value that are shown."""

MASK: Final = "***"

_SECRET_NAMES: Final = SecretNames()


def is_secret(name: str) -> bool:
    """Tell whether the value of a field, parameter or member with this *name* may be secret: what cassettes redact."""
    return name in _SECRET_NAMES


def masked_header(name: str, value: str) -> str:
    """Return a field value as it may be shown; of credentials the scheme stays (RFC 9110 section 11.4)."""
    if not is_secret(name):
        return repr(value[:SHOWN])
    scheme, blank, _ = value.partition(" ")
    return repr(f"{scheme} {MASK}" if blank and "=" not in scheme else MASK)


def masked_query(query: str) -> str:
    """Return a query or form as it may be shown."""
    pieces = [piece.partition("=") for piece in query.split("&")]
    shown = [f"{name}={MASK}" if is_secret(name) else name + mark + value for name, mark, value in pieces]
    return repr("&".join(shown)[:SHOWN])


def masked_json(value: Any, name: str = "") -> str:  # noqa: ANN401  JSON can be anything
    """Return a value, of the member called *name*, as it may be shown."""
    if name and is_secret(name) and isinstance(value, str | int | float):
        return MASK
    try:
        text = json.dumps(_masked(value), ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"


def masked_text(content: bytes) -> str:
    """Return content as it may be shown: JSON and forms member by member, all else as it is."""
    try:
        return masked_json(json.loads(content))
    except (ValueError, RecursionError):
        pass
    if b"=" in content and not any(octet in content for octet in b"\r\n <{"):
        return masked_query(content.decode("latin-1"))
    text = repr(content[:SHOWN])
    return text if len(content) <= SHOWN else f"{text}... ({len(content)} octets)"


def _masked(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: MASK if is_secret(str(name)) else _masked(member) for name, member in value.items()}
    return [_masked(member) for member in value] if isinstance(value, list) else value
