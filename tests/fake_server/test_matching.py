"""Matching: what a request is compared by, and the words for what differs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from fake_server import BadExpectation, RequestMatcher
from fake_server.rules import RulePattern

from .raw import get
from .test_journal import entry_of

if TYPE_CHECKING:
    from fake_server import Entry


def differences(entry: Entry, *arguments: Any, **criteria: Any) -> list[str]:
    """What differs, as text; and whether anything does must be what match says."""
    matcher = RequestMatcher(*arguments, **criteria)
    found = [str(difference) for difference in matcher.differences(entry)]
    assert matcher.match(entry) == (not found)
    return found


def put(content: bytes, *fields: str) -> Entry:
    """A PUT to /a with this content."""
    return entry_of(get("/a", f"Content-Length: {len(content)}", *fields, method="PUT") + content)


@pytest.mark.parametrize("uri", ["/a b", "", re.compile("/a"), RulePattern("/<name>")], ids=repr)
def test_a_path_is_compared_percent_decoded(uri: Any) -> None:
    """As text, by a regular expression, by a rule, or not at all."""
    assert differences(entry_of(get("/a%20b?c")), uri) == []


@pytest.mark.parametrize(
    ("uri", "expected"),
    [("/b", "/b"), (re.compile("/b+"), "/b+"), (RulePattern("/<int:id>"), "/<int:id>")],
    ids=["text", "expression", "rule"],
)
def test_another_path_is_a_difference(uri: Any, expected: str) -> None:
    """It says which was expected."""
    assert differences(entry_of(get("/a")), uri) == [f"path: expected {expected}, got /a"]


def test_a_pattern_may_be_any_object_that_matches() -> None:
    """As a URIPattern of pytest-httpserver does; and one that equals many paths."""

    class Prefix:
        def match(self, uri: str) -> bool:
            return uri.startswith("/a")

    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    assert differences(entry_of(get("/abc")), Prefix()) == []
    assert len(differences(entry_of(get("/b")), Prefix())) == 1
    assert differences(entry_of(get("/b")), Anything()) == []


def test_the_method_is_expected_in_upper_case() -> None:
    """However a test writes it; that of a request stands, since methods are case-sensitive (RFC 9110 section 9.1)."""
    assert differences(entry_of(get("/")), "/", "GET") == []
    assert differences(entry_of(get("/")), "/", "get") == []
    assert differences(entry_of(get("/", method="get")), "/", "get") == ["method: expected GET, got get"]


@pytest.mark.parametrize(
    "query",
    ["a=1&b=&a=2&c=%C3%A9", b"a=1&b=&a=2&c=%C3%A9", {"a": "1", "b": "", "c": "é"}],
    ids=["text", "octets", "first values"],
)
def test_a_query_is_compared_whole_or_by_its_parameters(query: Any) -> None:
    """Of several values of one name, a mapping has the first."""
    assert differences(entry_of(get("/?a=1&b=&a=2&c=%C3%A9")), "/", query_string=query) == []


def test_a_multi_dict_has_all_values_of_a_parameter() -> None:
    """In their order."""
    entry = entry_of(get("/?a=1&b=2&a=3"))
    assert differences(entry, "/", query_string=MultiDict([("a", "1"), ("a", "3"), ("b", "2")])) == []
    wrong = differences(entry, "/", query_string=MultiDict([("a", "1"), ("b", "2")]))
    assert wrong == ['query: a: expected ["1"], got ["1", "3"]']


def test_a_query_may_be_matched_by_any_object() -> None:
    """It is given the octets."""

    class Short:
        def match(self, query: bytes) -> bool:
            return len(query) < 3

        def __repr__(self) -> str:
            return "Short()"

    assert differences(entry_of(get("/?a")), "/", query_string=Short()) == []
    assert differences(entry_of(get("/?abc")), "/", query_string=Short()) == ["query: expected Short(), got 'abc'"]


def test_what_differs_in_a_query_is_named() -> None:
    """Each parameter for itself, secret ones masked."""
    entry = entry_of(get("/?a=1&token=geheim&c=3"))
    (found,) = differences(entry, "/", query_string={"a": "2", "token": "other", "d": "4"})
    assert found.removeprefix("query: ").split("; ") == [
        'a: expected "2", got "1"',
        "token: it differs in what is not shown",
        'd: expected "4", got nothing',
        'c: expected nothing, got "3"',
    ]
    assert differences(entry, "/", query_string="token=x") == [
        "query: expected 'token=xxxxxxxx', got 'a=1&token=xxxxxxxx&c=3'"
    ]


def test_a_query_that_cannot_be_compared_is_refused() -> None:
    """Where it is written."""
    with pytest.raises(BadExpectation, match=r"expected query_string= as str, bytes, a mapping, .* got 5"):
        RequestMatcher("/", query_string=5)


@pytest.mark.parametrize("name", ["X-Value", "x-value"])
def test_headers_are_found_in_any_case(name: str) -> None:
    """Their values are compared as they stand (RFC 9110 section 5.1)."""
    entry = entry_of(get("/", "x-VALUE:  A b "))
    assert differences(entry, "/", headers={name: "A b"}) == []
    assert differences(entry, "/", headers={name: "a b"}) == [f"header {name}: expected 'a b', got 'A b'"]


def test_a_header_that_is_not_there_is_missing() -> None:
    """Which differs from an empty one."""
    assert differences(entry_of(get("/")), "/", headers={"X-A": ""}) == ["header X-A: expected '', got missing"]


@pytest.mark.parametrize("value", ["1,2", "1, 2"])
def test_several_lines_of_one_name_are_joined(value: str) -> None:
    """As in WSGI, and as in RFC 9110 section 5.3."""
    assert differences(entry_of(get("/", "A: 1", "a: 2")), "/", headers={"A": value}) == []


def test_credentials_are_compared_by_what_they_mean_and_never_shown() -> None:
    """The scheme in any case."""
    entry = entry_of(get("/", "Authorization: basic QTpC"))
    assert differences(entry, "/", headers={"authorization": "Basic QTpC"}) == []
    text = str(differences(entry, "/", headers={"Authorization": "Basic ZZZZ"}))
    assert text == "[\"header Authorization: expected 'Basic xxxxxxxx', got 'basic xxxxxxxx'\"]"


def test_headers_may_be_compared_by_a_function_or_an_object() -> None:
    """The function is given name, value and what is expected; the object is asked by ==."""

    class Long:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, str) and len(other) > 3

        def __hash__(self) -> int:
            return 0

        def __repr__(self) -> str:
            return "Long()"

    def ends(name: str, actual: str | None, expected: str) -> bool:
        return name == "X-A" and (actual or "").endswith(expected)

    entry = entry_of(get("/", "X-A: abc"))
    assert differences(entry, "/", headers={"X-A": "c"}, header_value_matcher=ends) == []
    assert differences(entry, "/", headers={"X-A": Long()}) == ["header X-A: expected Long(), got 'abc'"]


def test_content_is_compared_octet_for_octet() -> None:
    """Text is UTF-8, unless another encoding is named."""
    assert differences(put("é".encode()), "/a", data="é") == []
    assert differences(put(b"\xe9"), "/a", data="é", data_encoding="latin-1") == []
    assert differences(put(b"ab"), "/a", data=b"abc") == ["content: expected b'abc', got b'ab'"]


@pytest.mark.parametrize("value", [{"a": [1, None]}, None, [], 5, "x"], ids=repr)
def test_json_is_compared_by_value(value: Any) -> None:
    """Blanks and order mean nothing; null is a value too."""
    import json

    assert differences(put(json.dumps(value, indent=3).encode()), "/a", json=value) == []


def test_what_differs_in_json_is_named_by_its_path() -> None:
    """Each place for itself, secret members masked."""
    entry = put(b'{"name": "anne", "items": [1, {"n": 2}], "password": "geheim", "more": 1}')
    expected = {"name": "ann", "items": [1, {"n": 3}, 4], "password": "other", "less": 2}
    (found,) = differences(entry, "/a", json=expected)
    assert found.removeprefix("json: ").split("; ") == [
        '$.name: expected "ann", got "anne"',
        "$.items[1].n: expected 3, got 2",
        "$.items[2]: expected 4, got nothing",
        "$.password: it differs in what is not shown",
        "$.less: expected 2, got nothing",
        "$.more: expected nothing, got 1",
    ]


def test_content_that_is_no_json_is_shown() -> None:
    """What was expected too."""
    assert differences(put(b"a b"), "/a", json={"a": 1}) == ["json: expected {\"a\": 1}, got no JSON: b'a b'"]


def test_json_beside_data_is_refused() -> None:
    """Both describe the content."""
    with pytest.raises(BadExpectation, match="either data or json"):
        RequestMatcher("/", data="x", json=None)


def test_all_that_differs_is_told() -> None:
    """Not only the first part."""
    found = differences(put(b"x"), "/b", "POST", b"y", headers={"A": "1"}, query_string="q")
    assert [text.partition(":")[0] for text in found] == ["method", "path", "query", "header A", "content"]


def test_a_matcher_shows_what_it_is_about() -> None:
    """In a few words."""
    assert str(RequestMatcher("/a", "PUT")) == "PUT /a"
    assert str(RequestMatcher("")) == "any method any path"
    assert repr(RequestMatcher("/a", json={})) == "<RequestMatcher any method /a, 2 parts compared>"


@pytest.mark.parametrize(
    ("rule", "path", "arguments"),
    [
        ("/users/<int:id>", "/users/7", {"id": 7}),
        ("/users/<int:id>", "/users/x", None),
        ("/users/<int:id>", "/users/7/", None),
        ("/users/<int:id>/", "/users/7", None),
        ("/a//b", "/a//b", {}),
        ("/a//b", "/a/b", None),
        ("/<path:rest>", "/é/b c", {"rest": "é/b c"}),
    ],
)
def test_a_rule_finds_what_is_in_a_path(rule: str, path: str, arguments: dict[str, Any] | None) -> None:
    """And takes no other path for it, with a slash more or less."""
    assert RulePattern(rule).match(path) == arguments


def test_a_rule_of_werkzeugs_says_a_path_and_no_more() -> None:
    """Its method would be overlooked otherwise."""
    assert RulePattern(Rule("/users/<int:id>")).match("/users/7") == {"id": 7}
    with pytest.raises(BadExpectation, match="expected a rule of a path alone"):
        RulePattern(Rule("/users", methods=["PUT"]))


@pytest.mark.parametrize("rule", ["users/<id>", "/<int:", "/<nothing:id>", "/<id>/<id>"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    """Where it is written."""
    with pytest.raises(BadExpectation, match="expected a rule such as '/users/<int:id>', got"):
        RulePattern(rule)
