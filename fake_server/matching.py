"""Matching: which requests an expectation is about, and where a request differs from one.

Law: explaining is matching. Each part of a matcher looks at one part of a request and returns None or the
`Difference`; that a request matches means that no part has one; secrets in a Difference are masked. Values are
compared with ``==``, the expected one first, so that objects that are equal to many (such as those of dirty-equals)
work anywhere.
"""

from __future__ import annotations

import json as json_module
from collections.abc import Callable, Mapping
from itertools import islice
from operator import eq
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol
from urllib.parse import parse_qsl

from cassettes.json_difference import ABSENT, MOST_LINES, path_text, places
from cassettes.matchers import Difference

from .errors import BadExpectation
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
from .target import split_target

if TYPE_CHECKING:
    from cassettes.json_difference import Path

    from .journal import Entry

ANY_METHOD: Final = "__ALL"
"""The method that stands for every method; the value is pytest-httpserver's ``METHOD_ALL``."""

ANY_URI: Final = ""
"""The uri that stands for every path; the value is pytest-httpserver's ``URI_DEFAULT``."""


class _Undefined:
    """The type of `UNDEFINED`."""

    def __repr__(self) -> str:
        return "<UNDEFINED>"


UNDEFINED: Final = _Undefined()
"""Where no JSON is given: None is JSON too."""

HeaderValueMatcher = Callable[[str, str | None, str], bool]
"""Called with a field's name, its value or None, and the expected value; tells whether they agree."""


class Part(Protocol):
    """Looks at one part of a request."""

    def agrees(self, entry: Entry, /) -> bool:
        """Tell whether the request agrees. Many are asked about each request, so nothing is written here."""

    def difference(self, entry: Entry, /) -> Difference:
        """Return what differs in a request that does not agree."""


class RequestMatcher:
    """Tells whether a request is the expected one.

    *uri* is a path, percent-decoded (``""`` is any), a compiled regular expression, or anything with ``match(path)``.
    *method* is compared as it stands. *data* is the content; a str is encoded with *data_encoding*. *json* is what
    the content reads as. *headers* maps names, in any case, to values; *header_value_matcher* may compare them.
    *query_string* is the whole query, or a mapping of its parameters (the first value of each; all of them with a
    werkzeug MultiDict), or anything with ``match(octets)``. What is not given is not compared. Raises
    `BadExpectation` for *data* beside *json*.
    """

    def __init__(
        self,
        uri: Any,  # noqa: ANN401  also whatever equals a path
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        data_encoding: str = "utf-8",
        headers: Mapping[str, Any] | None = None,
        query_string: Any = None,  # noqa: ANN401  see the docstring
        header_value_matcher: HeaderValueMatcher | None = None,
        json: Any = UNDEFINED,  # noqa: ANN401  JSON can be anything
    ) -> None:
        if json is not UNDEFINED and data is not None:
            raise BadExpectation("give either data or json: both describe the content")
        self.uri = uri
        self.method = method
        self.exact_path = uri if type(uri) is str and uri != ANY_URI else None
        self.path_part: Part | None = _path_part(uri)
        parts: list[Part] = [] if method == ANY_METHOD else [_Method(method)]
        if query_string is not None:
            parts.append(_query_part(query_string))
        for name, value in (headers or {}).items():
            parts.append(_Header(name, value, header_value_matcher or header_values_agree))
        if data is not None:
            parts.append(_Content(data.encode(data_encoding) if isinstance(data, str) else data))
        if json is not UNDEFINED:
            parts.append(_Json(json, data_encoding))
        self.parts = tuple(parts)

    def match(self, entry: Entry) -> bool:
        """Tell whether the request of *entry* is the expected one."""
        return (self.path_part is None or self.path_part.agrees(entry)) and self.match_apart_from_path(entry)

    def match_apart_from_path(self, entry: Entry) -> bool:
        """Tell the same, for one who knows that the path agrees."""
        return all(part.agrees(entry) for part in self.parts)

    def differences(self, entry: Entry) -> list[Difference]:
        """Return all that differs: nothing if the request is the expected one."""
        path = [self.path_part] if self.path_part is not None else []
        parts = (*self.parts[:1], *path, *self.parts[1:])
        return [part.difference(entry) for part in parts if not part.agrees(entry)]

    @property
    def constant(self) -> bool:
        """Whether requests with the same octets are the same to it: it asks no object and no function of the test's."""
        return (self.uri == ANY_URI or self.exact_path is not None) and all(map(_is_constant, self.parts))

    @property
    def compares_content(self) -> bool:
        """Whether it needs the request's content."""
        return any(isinstance(part, _Content | _Json) for part in self.parts)

    def __len__(self) -> int:
        """How many parts are compared."""
        return len(self.parts) + (self.path_part is not None)

    def __str__(self) -> str:
        method = "any method" if self.method == ANY_METHOD else self.method
        return f"{method} {_uri_text(self.uri) or 'any path'}"

    def __repr__(self) -> str:
        return f"<RequestMatcher {self}, {len(self)} parts compared>"


def header_values_agree(name: str, actual: str | None, expected: Any) -> bool:  # noqa: ANN401  anything with ==
    """Compare field values: Authorization by what it means, all others as they stand."""
    if expected == actual:
        return True
    if name.lower() != "authorization" or actual is None or not isinstance(expected, str):
        return False
    from werkzeug.datastructures import Authorization  # noqa: PLC0415  only for those who compare credentials

    return Authorization.from_header(expected) == Authorization.from_header(actual) is not None


class _ExactPath(NamedTuple):
    """The path, percent-decoded, equals *path*."""

    path: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.path == entry.path)

    def difference(self, entry: Entry) -> Difference:
        return _differs("path", masked_path(str(self.path)), masked_path(entry.path))


class _PathPattern(NamedTuple):
    """The path, percent-decoded, is one that *pattern* matches; what a rule finds in it, the entry keeps."""

    pattern: Any

    def agrees(self, entry: Entry) -> bool:
        found = self.pattern.match(entry.path)
        if isinstance(found, dict):
            entry.arguments = found
            return True
        return bool(found)

    def difference(self, entry: Entry) -> Difference:
        return _differs("path", _uri_text(self.pattern), masked_path(entry.path))


class _Method(NamedTuple):
    method: str

    def agrees(self, entry: Entry) -> bool:
        return self.method == entry.method

    def difference(self, entry: Entry) -> Difference:
        return _differs("method", self.method, entry.method)


class _Query(NamedTuple):
    """The query, as sent, equals *query*."""

    query: bytes

    def agrees(self, entry: Entry) -> bool:
        return entry.query.encode("latin-1") == self.query

    def difference(self, entry: Entry) -> Difference:
        return _differs("query", masked_query(self.query), repr(cut(_shown_query(entry))))


class _QueryParameters(NamedTuple):
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


class _QueryMatcher(NamedTuple):
    """The query, as sent, is one that *matcher* matches."""

    matcher: Any

    def agrees(self, entry: Entry) -> bool:
        return bool(self.matcher.match(entry.query.encode("latin-1")))

    def difference(self, entry: Entry) -> Difference:
        return _differs("query", repr(self.matcher), repr(cut(_shown_query(entry))))


class _Header(NamedTuple):
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


class _Content(NamedTuple):
    """The content equals *content*."""

    content: bytes

    def agrees(self, entry: Entry) -> bool:
        return self.content == entry.content

    def difference(self, entry: Entry) -> Difference:
        return _differs("content", masked_content(self.content), shown_content(entry.shown.content))


class _Json(NamedTuple):
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
            for path, expected, _ in islice(places(self.expected, got, eq), MOST_LINES)
        ]
        return Difference("json", tuple(lines))

    def _read(self, content: bytes) -> Any:  # noqa: ANN401  JSON can be anything
        try:
            return json_module.loads(content.decode(self.encoding))
        except ValueError:
            return ABSENT


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


def _is_constant(part: Part) -> bool:
    """Whether *part* says the same of the same octets each time, since it knows nothing but text and octets."""
    if isinstance(part, _Header):
        return type(part.expected) is str and part.agree is header_values_agree
    if isinstance(part, _QueryParameters):
        return all(type(value) is str for value in part.parameters.values())
    return isinstance(part, _Query | _Content) or (isinstance(part, _Method) and type(part.method) is str)


def _path_part(uri: Any) -> Part | None:  # noqa: ANN401  see RequestMatcher
    if isinstance(uri, str):
        return None if uri == ANY_URI else _ExactPath(uri)
    return _PathPattern(uri) if callable(getattr(uri, "match", None)) else _ExactPath(uri)


def _query_part(query: Any) -> Part:  # noqa: ANN401  see RequestMatcher
    if isinstance(query, str | bytes):
        return _Query(query.encode() if isinstance(query, str) else query)
    if callable(getattr(query, "match", None)):
        return _QueryMatcher(query)
    if callable(get_list := getattr(query, "getlist", None)):
        return _QueryParameters({name: get_list(name) for name in query}, all_values=True)
    if isinstance(query, Mapping):
        return _QueryParameters(dict(query), all_values=False)
    raise BadExpectation(f"expected query_string as str, bytes, a mapping, or with a match method, got {query!r}")


def _uri_text(uri: Any) -> str:  # noqa: ANN401  see RequestMatcher
    return masked_path(uri) if isinstance(uri, str) else str(getattr(uri, "pattern", uri))
