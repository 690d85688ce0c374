"""Redaction: what is true of all exchanges, whatever their secrets and whatever stands round them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction import _prepared, for_matching, redact
from httplib_sim import wire

from .exchanges_in_tests import answer, post, recorded
from .values import exchanges

if TYPE_CHECKING:
    from cassettes.exchange import Exchange

letters = "abcdefghijklmnopqrstuvw"
secrets = st.text(letters + "0123456789!$%&/()=?+*#~'-_.:,;<>|@ äß€😀\"\\", min_size=6).filter(
    lambda text: len(set(text) & set(letters)) > 3
)
names = st.sampled_from(["token", "accessToken", "client-secret", "PASSWORD", "user[password]", "x.session"])
plain_names = st.sampled_from(["user", "id", "note", "x"])
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text('ABCÄ€1"\\ ', max_size=8)
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_names, inner, max_size=3), max_leaves=8
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, object]:
    """Draw (a secret, a JSON value that has it under a secret name, somewhere)."""
    secret = draw(secrets)
    value: object = draw(st.sampled_from([secret, [secret], {"a": secret}, {"a": {"b": [1, secret]}}]))
    tree: object = {draw(names): value, **draw(st.dictionaries(plain_names, trees, max_size=3))}
    for _ in range(draw(st.integers(0, 3))):
        tree = draw(st.sampled_from([[tree], [1, tree, "a"], {"note": tree, "id": 1}, {"x": json.dumps(tree)}]))
    return secret, tree


def shape(value: object) -> object:
    """Return *value* with the types of its leaves in their place."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


@given(documents(), st.sampled_from([None, 2]), st.booleans())
def test_no_json_document_keeps_its_secret(document: tuple[str, object], indent: int | None, ascii_: bool) -> None:
    """However it is written; it stays JSON, of the same shape and length, and matches as before."""
    secret, value = document
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode()
    written = json.dumps(secret, ensure_ascii=ascii_)[1:-1]
    exchange = recorded(post(content))
    kept = redact(exchange)
    assert written.encode() not in kept.request.content
    assert secret not in kept.request.text
    assert shape(kept.request.json()) == shape(value)
    assert len(kept.request.content) == len(content)
    assert for_matching(kept.request) == for_matching(exchange.request)
    assert redact(kept) == kept


@given(secrets, names, st.lists(st.tuples(plain_names, st.text("ABC&=1% +", max_size=9)), max_size=3))
def test_no_form_and_no_query_keeps_its_secret(secret: str, name: str, others: list[tuple[str, str]]) -> None:
    """And the other fields come through."""
    form = urlencode([*others, (name, secret)])
    exchange = recorded(
        post(form.encode(), "application/x-www-form-urlencoded").replace(b"/a ", b"/a?%s " % form.encode(), 1)
    )
    kept = redact(exchange)
    encoded = urlencode({"": secret})[1:]
    assert encoded.encode() not in kept.request.message.octets
    assert kept.request.text.startswith(form[: -len(encoded)])
    assert kept.request.target == f"/a?{kept.request.text}"
    assert for_matching(kept.request) == for_matching(exchange.request)


@given(documents(), st.integers(0, 300))
def test_a_torn_document_is_masked_as_the_whole_one_is(document: tuple[str, object], cut: int) -> None:
    """Each octet that is masked in the whole document is masked in its beginning."""
    content = json.dumps(document[1]).encode()
    whole, torn = (redact(recorded(post(piece))).request.content for piece in (content, content[:cut]))
    assert len(torn) == len(content[:cut])
    for at, octet in enumerate(content[:cut]):
        assert whole[at] == octet or torn[at] != octet


@given(st.binary(max_size=200), st.booleans())
def test_whatever_a_body_is_it_stays_a_body(content: bytes, coded: bool) -> None:
    """Octets that are nothing come through redaction, with their framing."""
    fields = ("Content-Encoding: gzip",) if coded else ()
    for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=a", "text/xml"):
        kept = redact(recorded(b"GET / HTTP/1.1\r\n\r\n", answer(content, kind, *fields)))
        assert kept.response is not None
        assert wire.parse_responses(kept.answer) == [kept.response.message]


@given(exchanges())
def test_what_is_remembered_changes_nothing(original: Exchange) -> None:
    """What was looked at before is redacted as what was never seen."""
    redact(original)
    warm, for_comparing = redact(original), for_matching(original.request)
    _prepared.cache_clear()
    assert redact(original) == warm
    assert for_matching(original.request) == for_comparing
