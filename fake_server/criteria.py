"""Criteria: the parts of a matcher that a test's arguments make.

Law: one function for each argument of `RequestMatcher` that is more than a value; what no request can have is refused
here, where it is written (`BadExpectation`). What the parts do is in `parts`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import checks
from .parts import (
    Content,
    ExactPath,
    Form,
    Header,
    Method,
    Part,
    PathPattern,
    Query,
    QueryMatcher,
    QueryParameters,
    Trailer,
)
from .patterns import meant

HeaderValueMatcher = Callable[[str, str | None, str], bool]
"""Called with a field's name, its value or None, and the expected value; tells whether they agree."""


def path_part(uri: Any, method: object) -> Part:  # noqa: ANN401  see RequestMatcher
    """Return what compares the path."""
    if isinstance(uri, str):
        checks.path(uri, method)
        return ExactPath(uri)
    if callable(getattr(uri, "match", None)) and not isinstance(uri, type):
        return PathPattern(uri)
    return ExactPath(checks.comparable("a path", uri))


def method_part(method: Any) -> Part:  # noqa: ANN401  also whatever equals a method
    """Return what compares the method."""
    if isinstance(method, list | tuple | set | frozenset):
        raise checks.wrong("one method as text", method, "matchers of one each are put together by |")
    return Method(method.upper() if type(method) is str else checks.comparable("a method", meant(method)))


def query_part(query: Any) -> Part:  # noqa: ANN401  see RequestMatcher
    """Return what compares the query."""
    if isinstance(query, str | bytes):
        return Query(query.encode() if isinstance(query, str) else query)
    if callable(getattr(query, "match", None)):
        return QueryMatcher(query)
    if callable(get_list := getattr(query, "getlist", None)):
        return QueryParameters({name: get_list(name) for name in query}, all_values=True)
    if isinstance(query, Mapping):
        values = {name: checks.comparable(f"{name!r} in a query", meant(value)) for name, value in query.items()}
        return QueryParameters(values, all_values=False)
    raise checks.wrong("query_string= as str, bytes, a mapping, or with a match method", query)


def header_parts(given: Mapping[str, Any] | None, agree: HeaderValueMatcher | None) -> list[Part]:
    """Return what compares fields of the header section, each by *agree*, if that is given."""
    fields = checks.compared("headers=", given)
    if agree is None:
        return [Header(name, _field_value(name, value), header_values_agree) for name, value in fields.items()]
    checks.called("header_value_matcher=, a function", agree)
    return [Header(name, value, agree) for name, value in fields.items()]


def trailer_parts(given: Mapping[str, Any] | None) -> list[Part]:
    """Return what compares fields of the trailer section."""
    fields = checks.compared("trailers=", given)
    return [Trailer(name, _field_value(name, value)) for name, value in fields.items()]


def content_part(data: Any, encoding: str) -> Part:  # noqa: ANN401  anything
    """Return what compares the content, which is text in this *encoding*, or octets."""
    if isinstance(data, str):
        return Content(data.encode(encoding))
    if isinstance(data, dict | list):
        raise checks.wrong("data= as text or bytes", data, "json= and form= compare what is in the content")
    checks.octets("data=, where it is no text,", data)
    return Content(bytes(data))


def form_part(given: Mapping[str, Any] | None) -> Part:
    """Return what compares a form's fields, of each of which a list is all values."""
    fields = checks.compared("form=", given)
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            checks.comparable(f"{name!r} in a form", meant(one))
    return Form({name: meant(value) for name, value in fields.items()})


def header_values_agree(name: str, actual: str | None, expected: Any) -> bool:  # noqa: ANN401  anything with ==
    """Compare field values: Authorization by what it means, all others as they stand."""
    if expected == actual:
        return True
    if name.lower() != "authorization" or actual is None or not isinstance(expected, str):
        return False
    from werkzeug.datastructures import Authorization  # noqa: PLC0415  only for those who compare credentials

    return Authorization.from_header(expected) == Authorization.from_header(actual) is not None


def _field_value(name: str, value: Any) -> Any:  # noqa: ANN401  whatever equals a value
    """What the value of the field *name* is compared with; None is that of a field that is not there."""
    return value if value is None else checks.comparable(f"the value of the field {name!r}", meant(value))
