"""Parts of a matcher: each looks at one part of a request, and says whether it agrees and what differs.

Law: explaining is matching: what differs is worked out by the part that has compared. Values are compared with ``==``,
the expected one first, so that objects that are equal to many (such as those of dirty-equals, and of `patterns`) work
anywhere. Secrets in a Difference are masked.
"""

# ruff: noqa: D102  what the methods of all parts do is said once, by Part

from __future__ import annotations

import io
import json as json_module
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from cassettes.json_difference import ABSENT, MOST_LINES, path_text
from cassettes.matchers import Difference

from .masking import (
    contrast,
    cut,
    masked_content,
    masked_header,
    masked_json,
    masked_path,
    masked_query,
    shown_content,
    shown_json,
)
from .patterns import File, places
from .target import split_target

if TYPE_CHECKING:
    from collections.abc import Callable

    from cassettes.json_difference import Path

    from .journal import Entry


class Part(Protocol):
    """Looks at one part of a request."""

    def agrees(self, entry: Entry, /) -> bool:
        """Tell whether the request agrees. Many are asked about each request, so nothing is written here."""

    def difference(self, entry: Entry, /) -> Difference:
        """Return what differs in a request that does not agree."""


class ExactPath(NamedTuple):
    """The path, percent-decoded, equals *path*."""

    path: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.path == entry.path)

    def difference(self, entry: Entry) -> Difference:
        differs = _differs("path", masked_path(str(self.path)), masked_path(entry.path))
        if isinstance(self.path, str) and self.path.partition("?")[0] == entry.path:
            return replace(differs, details=(*differs.details, "a path has no query: give it as query_string="))
        return differs


class PathPattern(NamedTuple):
    """The path, percent-decoded, is one that *pattern* matches; what a rule finds in it, the entry keeps."""

    pattern: Any

    def agrees(self, entry: Entry) -> bool:
        found = self.pattern.match(entry.path)
        if isinstance(found, dict):
            entry.arguments = found
            return True
        return bool(found)

    def difference(self, entry: Entry) -> Difference:
        return _differs("path", uri_text(self.pattern), masked_path(entry.path))


class Method(NamedTuple):
    """The method, as it stands."""

    method: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.method == entry.method)

    def difference(self, entry: Entry) -> Difference:
        return _differs("method", str(self.method), entry.method)


class Query(NamedTuple):
    """The query, as sent, equals *query*."""

    query: bytes

    def agrees(self, entry: Entry) -> bool:
        return entry.query.encode("latin-1") == self.query

    def difference(self, entry: Entry) -> Difference:
        return _differs("query", masked_query(self.query), repr(cut(_shown_query(entry))))


class QueryParameters(NamedTuple):
    """The query's parameters equal *parameters*; only the first of each name counts, unless *all_values* do."""

    parameters: dict[str, Any]
    all_values: bool

    def agrees(self, entry: Entry) -> bool:
        return self.parameters == self._parsed(entry.query)

    def difference(self, entry: Entry) -> Difference:
        got = self._parsed(entry.query)
        shown = self._parsed(_shown_query(entry))
        names = [name for name in {**self.parameters, **got} if self._expected(name) != got.get(name, ABSENT)]
        texts = [
            (name, masked_json(self._expected(name), [name]), shown_json(shown.get(name, ABSENT))) for name in names
        ]
        return Difference("query", tuple(f"{name}: {contrast(*pair)}" for name, *pair in texts[:MOST_LINES]))

    def _expected(self, name: str) -> Any:  # noqa: ANN401  whatever equals a value
        return self.parameters.get(name, ABSENT)

    def _parsed(self, query: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in parse_qsl(query.encode("latin-1").decode("utf-8", "replace"), keep_blank_values=True):
            if self.all_values:
                found.setdefault(name, []).append(value)
            else:
                found.setdefault(name, value)
        return found


class QueryMatcher(NamedTuple):
    """The query, as sent, is one that *matcher* matches."""

    matcher: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.matcher.match(entry.query.encode("latin-1")))

    def difference(self, entry: Entry) -> Difference:
        return _differs("query", repr(self.matcher), repr(cut(_shown_query(entry))))


class Header(NamedTuple):
    """A field has the expected value; that of several field lines is their values, joined by commas."""

    name: str
    expected: Any
    agree: Callable[[str, str | None, Any], bool]

    def agrees(self, entry: Entry) -> bool:
        values = entry.headers.get_all(self.name)
        if self.agree(self.name, ",".join(values) if values else None, self.expected):
            return True
        return len(values) > 1 and bool(self.expected == ", ".join(values))

    def difference(self, entry: Entry) -> Difference:
        values = entry.shown.headers.get_all(self.name)
        got = repr(cut(",".join(values))) if values else "missing"
        expected = masked_header(self.name, self.expected) if isinstance(self.expected, str) else repr(self.expected)
        return _differs(f"header {self.name}", expected, got)


class Content(NamedTuple):
    """The content equals *content*."""

    content: bytes

    def agrees(self, entry: Entry) -> bool:
        return self.content == entry.content

    def difference(self, entry: Entry) -> Difference:
        return _differs("content", masked_content(self.content), shown_content(entry.shown.content))


class Json(NamedTuple):
    """The content, read as JSON, equals *expected*."""

    expected: Any
    encoding: str

    def agrees(self, entry: Entry) -> bool:
        got = self._read(entry.content)
        return got is not ABSENT and bool(self.expected == got)

    def difference(self, entry: Entry) -> Difference:
        got, shown = self._read(entry.content), self._read(entry.shown.content)
        if got is ABSENT:
            return _differs("json", masked_json(self.expected), f"no JSON: {shown_content(entry.shown.content)}")
        lines = [
            f"{path_text(path)}: {contrast(masked_json(expected, path), _shown_at(path, shown))}"
            for path, expected, _ in islice(places(self.expected, got), MOST_LINES)
        ]
        return Difference("json", tuple(lines))

    def _read(self, content: bytes) -> Any:  # noqa: ANN401  JSON can be anything
        try:
            return json_module.loads(content.decode(self.encoding))
        except ValueError:
            return ABSENT


class Form(NamedTuple):
    """The content is a form (urlencoded, or multipart), and these of its fields have these values.

    Each value is that of the first field of its name, or, for a list, of all of them. A file is a `patterns.File`.
    """

    fields: dict[str, Any]

    def agrees(self, entry: Entry) -> bool:
        got = read_form(entry.headers.get("content-type", ""), entry.content)
        return all(self._equals(expected, got.get(name, [])) for name, expected in self.fields.items())

    def difference(self, entry: Entry) -> Difference:
        got = read_form(entry.headers.get("content-type", ""), entry.content)
        shown = read_form(entry.headers.get("content-type", ""), entry.shown.content)
        if not got:
            what = f"expected a form, got none: {shown_content(entry.shown.content)}"
            return Difference("form", (what,))
        names = [name for name, expected in self.fields.items() if not self._equals(expected, got.get(name, []))]
        lines = []
        for name in names[:MOST_LINES]:
            values = shown.get(name, [])
            one = len(values) == 1 and not isinstance(self.fields[name], list)
            text = "nothing" if not values else shown_json(values[0] if one else values)
            lines.append(f"{name}: {contrast(masked_json(self.fields[name], [name]), text)}")
        return Difference("form", tuple(lines))

    @staticmethod
    def _equals(expected: Any, got: list[Any]) -> bool:  # noqa: ANN401  whatever equals a value
        return bool(expected == got) if isinstance(expected, list) else bool(got) and bool(expected == got[0])


class FieldNames(NamedTuple):
    """The header section has these names, in this case and this order; others may stand between them."""

    names: tuple[str, ...]

    def agrees(self, entry: Entry) -> bool:
        left = iter(name for name, _ in entry.headers.pairs())
        return all(name in left for name in self.names)

    def difference(self, entry: Entry) -> Difference:
        got = ", ".join(name for name, _ in entry.headers.pairs())
        return _differs("names", f"{', '.join(self.names)} in this order and case", got or "none")


class Trailer(NamedTuple):
    """A field of the trailer section has this value."""

    name: str
    expected: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.expected == entry.trailers.get(self.name))

    def difference(self, entry: Entry) -> Difference:
        trailers = entry.shown.message.body.trailers
        got = trailers.fields.get(self.name) if trailers is not None else None
        expected = masked_header(self.name, self.expected) if isinstance(self.expected, str) else repr(self.expected)
        return _differs(f"trailer {self.name}", expected, "missing" if got is None else repr(cut(got)))


class Told(NamedTuple):
    """The test's own *function* says yes of the journal's entry."""

    function: Callable[[Entry], object]

    def agrees(self, entry: Entry) -> bool:
        return bool(self.function(entry))

    def difference(self, entry: Entry) -> Difference:  # noqa: ARG002  the function says no more than no
        name = getattr(self.function, "__qualname__", repr(self.function))
        code = getattr(self.function, "__code__", None)
        where = f" ({code.co_filename}:{code.co_firstlineno})" if code is not None else ""
        return Difference("where", (f"{name}{where} says no",))


def read_form(content_type: str, content: bytes) -> dict[str, list[Any]]:
    """Return the fields of a form with their values, which for files are `File`; nothing where it is no form."""
    from werkzeug.formparser import parse_form_data  # noqa: PLC0415  only for those who compare forms

    environ: Any = {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(content)),
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(content),
    }
    _, fields, files = parse_form_data(environ, stream_factory=_in_memory)
    found: dict[str, list[Any]] = {name: list(values) for name, values in fields.lists()}
    for name, many in files.lists():
        found.setdefault(name, []).extend(File(one.filename, one.mimetype, one.read()) for one in many)
    return found


def _in_memory(*_: Any, **__: Any) -> io.BytesIO:  # noqa: ANN401  what is known of the file beforehand
    return io.BytesIO()


def _shown_at(path: Path, value: Any) -> str:  # noqa: ANN401  JSON can be anything
    """What *value*, which has no secret, has in the place to which *path* leads."""
    try:
        for step in path:
            value = value[step]
    except (LookupError, TypeError):
        value = ABSENT
    return shown_json(value)


def _differs(part: str, expected: str, got: str) -> Difference:
    return Difference(part, (contrast(expected, got),))


def _shown_query(entry: Entry) -> str:
    return split_target(entry.shown.target)[1]


def uri_text(uri: Any) -> str:  # noqa: ANN401  see RequestMatcher
    """Return what texts show of a path, or of what stands for many."""
    return masked_path(uri) if isinstance(uri, str) else str(getattr(uri, "pattern", uri))
