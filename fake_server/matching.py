"""Matching: which requests an expectation is about, and where a request differs from one.

Law: a matcher is a tuple of `parts`, each of which looks at one part of a request; that a request matches means that
none of them differs. Matchers are put together by ``&``, ``|`` and ``~``.
"""

# ruff: noqa: D102  what the methods of combined matchers do is said by RequestMatcher

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from cassettes.matchers import Difference

from . import checks
from .criteria import (
    HeaderValueMatcher,
    content_part,
    form_part,
    header_parts,
    header_values_agree,
    method_part,
    path_part,
    query_part,
    trailer_parts,
)
from .errors import BadExpectation
from .parts import (
    Content,
    FieldNames,
    Form,
    Header,
    Json,
    Method,
    Part,
    Query,
    QueryParameters,
    Told,
    Trailer,
    uri_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import werkzeug

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


class RequestMatcher:
    """Tells whether a request is the expected one.

    *uri* is a path, percent-decoded (``""`` is any), a compiled regular expression, or anything with ``match(path)``.
    *method* is compared in upper case. *data* is the content; a str is encoded with *data_encoding*. *json* is what
    the content reads as. *headers* maps names, in any case, to values; *header_value_matcher* may compare them.
    *query_string* is the whole query, or a mapping of its parameters (the first value of each; all of them with a
    werkzeug MultiDict), or anything with ``match(octets)``. *form* maps names of fields of a form, urlencoded or
    multipart, to values, of which a list is all of a name. *header_names* are field names in their case and order.
    *trailers* maps names to values. A value may be a regular expression, which must match all of it, or a function of
    it. *where* is a function that is asked about the `Entry`. What is not given is not
    compared. Raises `BadExpectation` for more than one of *data*, *json* and *form*, and for what no request can be.
    """

    def __init__(  # noqa: PLR0913  a request has many parts
        self,
        uri: Any,  # noqa: ANN401  also whatever equals a path
        method: str = ANY_METHOD,
        data: str | bytes | None = None,
        data_encoding: str = "utf-8",
        headers: Mapping[str, Any] | None = None,
        query_string: Any = None,  # noqa: ANN401  see the docstring
        header_value_matcher: HeaderValueMatcher | None = None,
        json: Any = UNDEFINED,  # noqa: ANN401  JSON can be anything
        *,
        form: Mapping[str, Any] | None = None,
        header_names: Sequence[str] = (),
        trailers: Mapping[str, Any] | None = None,
        where: Callable[[Entry], object] | None = None,
    ) -> None:
        if (json is not UNDEFINED) + (data is not None) + (form is not None) > 1:
            raise BadExpectation("give either data or json or form: each of them describes the content")
        self.uri = uri
        self.method = method
        self.exact_path = uri if type(uri) is str and uri != ANY_URI else None
        self.path_part = None if isinstance(uri, str) and uri == ANY_URI else path_part(uri, method)
        parts: list[Part] = [] if method == ANY_METHOD else [method_part(method)]
        if query_string is not None:
            parts.append(query_part(query_string))
        parts += header_parts(headers, header_value_matcher)
        if data is not None:
            parts.append(content_part(data, data_encoding))
        if json is not UNDEFINED:
            parts.append(Json(json, data_encoding))
        if form is not None:
            parts.append(form_part(form))
        if header_names:
            parts.append(FieldNames(checks.names("header_names=", header_names)))
        parts += trailer_parts(trailers)
        if where is not None:
            checks.called("where=, a function", where)
            parts.append(Told(where))
        self.parts = tuple(parts)

    def match(self, entry: Entry | werkzeug.Request) -> bool:
        """Tell whether the request of *entry* is the expected one; or that of werkzeug's Request."""
        entry = entry_of(entry)
        return (self.path_part is None or self.path_part.agrees(entry)) and self.match_apart_from_path(entry)

    def match_apart_from_path(self, entry: Entry) -> bool:
        """Tell the same, for one who knows that the path agrees."""
        return all(part.agrees(entry) for part in self.parts)

    def differences(self, entry: Entry) -> list[Difference]:
        """Return all that differs: nothing if the request is the expected one."""
        path = [self.path_part] if self.path_part is not None else []
        parts = (*self.parts[:1], *path, *self.parts[1:])
        return [part.difference(entry) for part in parts if not part.agrees(entry)]

    def agreements(self, entry: Entry) -> list[str]:
        """Return the names of the parts that agree."""
        path = [self.path_part] if self.path_part is not None else []
        return [part.difference(entry).part for part in (*path, *self.parts) if part.agrees(entry)]

    @property
    def asks_the_test(self) -> bool:
        """Whether it calls a function of the test's own, which may be meant for requests of its server alone."""
        return any(isinstance(part, Told) for part in self.parts) or isinstance(self, ByRequest | _Combined | _Not)

    @property
    def constant(self) -> bool:
        """Whether requests with the same octets are the same to it: it asks no object and no function of the test's."""
        return (self.uri == ANY_URI or self.exact_path is not None) and all(map(_is_constant, self.parts))

    @property
    def compares_content(self) -> bool:
        """Whether it needs the request's content."""
        return any(isinstance(part, Content | Json | Form | Trailer) for part in self.parts)

    def __and__(self, other: RequestMatcher) -> RequestMatcher:
        return _Combined((self, other), all, "and")

    def __or__(self, other: RequestMatcher) -> RequestMatcher:
        return _Combined((self, other), any, "or")

    def __invert__(self) -> RequestMatcher:
        return _Not(self)

    def __len__(self) -> int:
        """How many parts are compared."""
        return len(self.parts) + (self.path_part is not None)

    def __str__(self) -> str:
        method = "any method" if self.method == ANY_METHOD else self.method
        return f"{method} {uri_text(self.uri) or 'any path'}"

    def __repr__(self) -> str:
        return f"<RequestMatcher {self}, {len(self)} parts compared>"


class Matcher(Protocol):
    """What can be asked whether a request is the expected one: a `RequestMatcher`, or pytest-httpserver's."""

    def match(self, request: werkzeug.Request, /) -> bool:
        """Tell whether *request* is the expected one."""


class _Combined(RequestMatcher):
    """All, or any, of several matchers."""

    def __init__(self, matchers: tuple[RequestMatcher, ...], rule: Callable[[Iterable[bool]], bool], word: str) -> None:
        super().__init__(ANY_URI)
        self._matchers = matchers
        self._rule = rule
        self._word = word

    def match(self, entry: Entry | werkzeug.Request) -> bool:
        entry = entry_of(entry)
        return self._rule(matcher.match(entry) for matcher in self._matchers)

    def match_apart_from_path(self, entry: Entry) -> bool:
        return self.match(entry)

    def differences(self, entry: Entry) -> list[Difference]:
        if self.match(entry):
            return []
        found = [matcher.differences(entry) for matcher in self._matchers]
        return min(found, key=len) if self._rule is any else [one for some in found for one in some]

    @property
    def constant(self) -> bool:
        return False

    @property
    def compares_content(self) -> bool:
        return any(matcher.compares_content for matcher in self._matchers)

    def __len__(self) -> int:
        return sum(map(len, self._matchers))

    def __str__(self) -> str:
        return f" {self._word} ".join(f"({matcher})" for matcher in self._matchers)


class ByRequest(RequestMatcher):
    """What *matcher*, of a class of the test's own with ``match(request)``, says of requests as werkzeug has them.

    The class may be derived from ours, or from pytest-httpserver's.
    """

    def __init__(self, matcher: Matcher) -> None:
        super().__init__(ANY_URI)
        self._matcher = matcher

    def match(self, entry: Entry | werkzeug.Request) -> bool:
        entry = entry_of(entry)
        from .wsgi import request_of  # noqa: PLC0415  only for those who look at werkzeug's Request

        return bool(self._matcher.match(request_of(entry)))

    def match_apart_from_path(self, entry: Entry) -> bool:
        return self.match(entry)

    def differences(self, entry: Entry) -> list[Difference]:
        if self.match(entry):
            return []
        found = self._matcher.differences(entry) if isinstance(self._matcher, RequestMatcher) else []
        return found or [Difference("request", (f"{type(self._matcher).__qualname__}.match says no",))]

    @property
    def constant(self) -> bool:
        return False

    @property
    def compares_content(self) -> bool:
        return True

    def __len__(self) -> int:
        return len(self._matcher) + 1 if isinstance(self._matcher, RequestMatcher) else 1

    def __str__(self) -> str:
        return str(self._matcher)


class _Not(RequestMatcher):
    """Whatever another matcher does not match."""

    def __init__(self, matcher: RequestMatcher) -> None:
        super().__init__(ANY_URI)
        self._matcher = matcher

    def match(self, entry: Entry | werkzeug.Request) -> bool:
        entry = entry_of(entry)
        return not self._matcher.match(entry)

    def match_apart_from_path(self, entry: Entry) -> bool:
        return self.match(entry)

    def differences(self, entry: Entry) -> list[Difference]:
        return [] if self.match(entry) else [Difference("request", (f"expected another one than {self._matcher}",))]

    @property
    def constant(self) -> bool:
        return False

    @property
    def compares_content(self) -> bool:
        return self._matcher.compares_content

    def __len__(self) -> int:
        return len(self._matcher)

    def __str__(self) -> str:
        return f"not ({self._matcher})"


def entry_of(given: Entry | werkzeug.Request) -> Entry:
    """Return the entry that *given* is, or that it was made of."""
    found: Any = given
    environ = getattr(given, "environ", None)
    return cast("Entry", found if environ is None else environ["httplib_sim.entry"])


def adapted(matcher: Matcher) -> RequestMatcher:
    """Return *matcher*, whose class may have a ``match(request)`` of the test's own, or be pytest-httpserver's.

    Raises `BadExpectation` for what is none.
    """
    if isinstance(matcher, type) or not callable(getattr(matcher, "match", None)):
        raise checks.wrong("a matcher of requests, such as RequestMatcher('/a')", matcher)
    if isinstance(matcher, RequestMatcher) and type(matcher).match.__module__ == __name__:
        return matcher
    return ByRequest(matcher)


def is_matcher(given: object) -> bool:
    """Tell whether *given* matches whole requests: a `RequestMatcher`, or pytest-httpserver's, or what acts like it."""
    if isinstance(given, RequestMatcher):
        return True
    return not isinstance(given, type) and all(hasattr(given, name) for name in ("match", "method", "uri"))


def _is_constant(part: Part) -> bool:
    """Whether *part* says the same of the same octets each time, since it knows nothing but text and octets."""
    if isinstance(part, Header):
        return type(part.expected) is str and part.agree is header_values_agree
    if isinstance(part, QueryParameters):
        return all(type(value) is str for value in part.parameters.values())
    return isinstance(part, Query | Content) or (isinstance(part, Method) and type(part.method) is str)
