"""Values as texts show them: not too long, and what a test expects with stand-ins in the place of secrets.

Law: text out; only for what people read, never for what is compared or sent. What is secret is for `cassettes` to say:
requests come here masked already (`Entry.shown`), and what a test expects is masked by the same rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cassettes import redaction
from cassettes.field_masking import mask_field_value, mask_target
from cassettes.json_difference import ABSENT
from cassettes.secret_names import Kind
from cassettes.text_masking import mask_form, mask_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN: Final = 200
"""Characters of a value that are shown."""


def contrast(expected: str, got: str) -> str:
    """Return that a value is not the expected one, both as they are shown; they may differ in a secret alone."""
    return f"expected {expected}, got {got}" if expected != got else "it differs in what is not shown"


def masked_header(name: str, value: str) -> str:
    """Return the value that a field is expected to have; of credentials the scheme stays (RFC 9110 section 11.4)."""
    octets = mask_field_value(name, value.encode("utf-8"), redaction.masking(), "header")
    return repr(cut(octets.decode("utf-8")))


def masked_path(path: str) -> str:
    """Return a path, percent-decoded, with stand-ins for the tokens in it."""
    octets = path.encode("utf-8", "surrogateescape").decode("latin-1")
    masked = mask_target(octets, redaction.masking())
    return path if masked == octets else masked.encode("latin-1").decode("utf-8", "surrogateescape")


def masked_query(query: bytes) -> str:
    """Return the query that is expected."""
    return repr(cut(mask_form(query, redaction.masking(), "query").decode("utf-8", "replace")))


def masked_content(content: bytes) -> str:
    """Return the content that is expected."""
    return shown_content(mask_text(content, redaction.masking(), "body"))


def masked_json(value: Any, names: Iterable[str | int] = ()) -> str:  # noqa: ANN401  JSON can be anything
    """Return the JSON value that is expected in the place to which *names* lead: whatever a secret's name is among."""
    masking = redaction.masking()
    kinds = {Kind.SECRET, Kind.DIGITS}
    secret = next(
        (name for name in names if isinstance(name, str) and masking.names.kind(name.encode()) in kinds), None
    )
    try:
        text = json.dumps(value if secret is None else {secret: value})
    except (TypeError, ValueError):
        return shown_json(value)
    masked = json.loads(mask_text(text.encode(), masking, "body"))
    return shown_json(masked if secret is None else masked[secret])


def shown_json(value: Any) -> str:  # noqa: ANN401  JSON can be anything
    """Return a JSON value that has no secret; an object that is no JSON, but is equal to some, as it shows itself."""
    if value is ABSENT:
        return "nothing"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return cut(text)


def shown_content(content: bytes) -> str:
    """Return content that has no secret: JSON as text, all else as octets."""
    if content[:1] in (b"{", b"["):
        text = content.decode("utf-8", "replace")
        if text.isprintable():
            return cut(text)
    return repr(content) if len(content) <= SHOWN else f"{content[:SHOWN]!r}... ({len(content)} octets)"


def cut(text: str) -> str:
    """Return *text*, or as much of it as is shown."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}... ({len(text)} characters)"
