r"""Secrets in text: what is masked, what is left, and what must not be mistaken for a secret."""

from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote

import pytest

from cassettes.masking import Masking
from cassettes.secret_names import SecretNames
from cassettes.stand_ins import FIXED
from cassettes.text_masking import mask_form, mask_text


def masking() -> Masking:
    """Return a new walk by the default names."""
    return Masking(SecretNames(), SecretNames())


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (rb'{"token":"a\"b\\"}', rb'{"token":"xxxxxx"}'),
        (rb'{"token" : -12.5e+3 ,"a":1}', rb'{"token" : -10.0e+0 ,"a":1}'),
        (rb'{"a": "b", "token": ["a", {"b": 12}], "c": 2}', rb'{"a": "b", "token": ["x", {"b": 10}], "c": 2}'),
        (rb"{'token': 'abc', 'a': 'b'}", rb"{'token': 'xxx', 'a': 'b'}"),
        (rb"{token: 'abc'}", rb"{token: 'xxx'}"),
        (rb'"{\"token\":\"a\\\"b\",\"c\":1}"', rb'"{\"token\":\"xxxxxx\",\"c\":1}"'),
        (rb'"{\"auth\":{\"a\":\"b\"},\"c\":\"d\"}"', rb'"{\"auth\":{\"a\":\"x\"},\"c\":\"d\"}"'),
        (rb'{"secret": abc}', rb'{"secret": xxx}'),
        (rb'{"a": "b", "secret": "ab', rb'{"a": "b", "secret": "xx'),
        (rb'{"secret": {"a": [1, "ab', rb'{"secret": {"a": [0, "xx'),
        (rb'["{\"secret\": {\"a\": [1, \"ab"]', rb'["{\"secret\": {\"a\": [0, \"xx"]'),
        (b"tool --token a1b2c3d4 a", b"tool --token xxxxxxxx a"),
        (b"const token = `abc`; b = `c`", b"const token = `xxx`; b = `c`"),
        (rb'{"q": "{a(token: \"\"\"abc\"\"\")}"}', rb'{"q": "{a(token: \"\"\"xxx\"\"\")}"}'),
        (b"/?u=%2F%3Ftoken%3Da%26b%3Dc", b"/?u=%2F%3Ftoken%3Dx%26b%3Dc"),
        (b"/?u=%2F%3Fu%3D%252F%253Ftoken%253Dabc&b=c", b"/?u=%2F%3Fu%3D%252F%253Ftoken%253Dxxx&b=c"),
        (b"a=1\nAPI_KEY=abc\n", b"a=1\nAPI_KEY=xxx\n"),
        (b"https://h/?a=1&amp;token=abc&b=2#access_token=abc", b"https://h/?a=1&amp;token=xxx&b=2#access_token=xxx"),
        (rb"https:\/\/ann:abc@h\/", rb"https:\/\/xxx:xxx@h\/"),
        (b"https://abc@h/ ssh://git@h/ ssh://git:abc@h/", b"https://xxx@h/ ssh://git@h/ ssh://xxx:xxx@h/"),
        (b"export TOKEN='abc def'", b"export TOKEN='xxx xxx'"),
        (b'<a token="abc"><b:Jwt c="d"> abc </b:Jwt></a>', b'<a token="xxx"><b:Jwt c="d"> xxx </b:Jwt></a>'),
        (b"<input value='abc' type=hidden name=csrf>", b"<input value='xxx' type=hidden name=csrf>"),
        (b"<input value=abc name='csrf'/>", b"<input value=xxx name='csrf'/>"),
        (b'<meta name="csrf-token" content="abc">', b'<meta name="csrf-token" content="xxx">'),
    ],
)  # fmt: skip
def test_secrets_are_masked_where_they_stand(text: bytes, masked: bytes) -> None:
    """All round them stays as it was; a second time nothing changes."""
    assert mask_text(text, masking(), "body") == masked
    assert mask_text(masked, masking(), "body") == masked


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"your password: please choose one",
        b'{"a": "the password:", "b": "c"}',
        b'{"a": "token=", "b": ["x token=","y"]}',
        b"""{"a": "'token':", "b": "c"}""",
        b"""{"a": "'token': ", "b": "c"}""",
        b'{"token": null, "secret": true, "auth": "", "session": {}, "jwt": []}',
        b'<p title="Your password:">text</p><a href="x">',
        b'<input type="password" name="user" value="ann">',
        b"<password></password><password> </password><token/>",
        b"mail ann@example.com or see //x@y",
        b"https://example.com/@ann?a=b@c",
        b"List<Token> a = b",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: bytes) -> None:
    """Above all, JSON stays JSON."""
    walk = masking()
    assert mask_text(text, walk, "body") == text
    assert not walk.found


def test_a_string_in_apostrophes_does_not_break_the_json_it_stands_in() -> None:
    """It may be torn, and there may be one more apostrophe further on."""
    text = json.dumps({"a": "'token': 'abc", "b": "it's", "c": "'x'"}).encode()
    assert json.loads(mask_text(text, masking(), "body")) == {"a": "'token': 'xxx", "b": "it's", "c": "'x'"}


@pytest.mark.parametrize(
    ("form", "masked"),
    [
        (b"a=1&token=a+b%20c&token&token=&b", b"a=1&token=x+xxxxx&token&token=&b"),
        (b"%74oken=abc&user%5Bpassword%5D=abc", b"%74oken=xxx&user%5Bpassword%5D=xxx"),
        (b"a=%7B%22token%22:%22a%2Fc%22%7d&b=1", b"a=%7B%22token%22:%22x%2Fx%22%7d&b=1"),
        (b"to=https%3A%2F%2Fann%3Aabc%40h%2F", b"to=https%3A%2F%2Fxxx%3Axxx%40h%2F"),
        (b"", b""),
    ],
)
def test_a_form_keeps_all_but_its_secrets(form: bytes, masked: bytes) -> None:
    """Its order, its escapes, its repetitions; also where JSON or a URL is the value of a field."""
    assert mask_form(form, masking(), "body") == masked


def test_for_comparing_a_stand_in_is_the_same_for_all() -> None:
    """Whatever the length of the secret, and however its surroundings are escaped."""
    walks = [Masking(SecretNames(), SecretNames(), FIXED) for _ in range(2)]
    forms = [b"a=%7B%22token%22%3A%22abc%22%7D&token=1", b"a=%7b%22token%22:%22a+long%2Fer%20one%22%7d&token=other"]
    assert mask_form(forms[0], walks[0], "query") == mask_form(forms[1], walks[1], "query")


def encoded(text: str, *, url_safe: bool = False, padding: bool = True) -> str:
    """Return *text* in base64."""
    octets = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(text.encode())
    return (octets if padding else octets.rstrip(b"=")).decode()


@pytest.mark.parametrize("url_safe", [True, False])
@pytest.mark.parametrize("padding", [True, False])
@pytest.mark.parametrize("more", ["", "a", "ab", "\u00ff\u00fe\u00fb??>>"])
def test_json_in_base64_is_masked(url_safe: bool, padding: bool, more: str) -> None:
    """In its own alphabet, of its own length; and matches, whatever the secret."""
    for text in ('{"a": 1, "token": "%s", "b": "%s"}', '[{"token": "%s", "b": "%s"}]', '{\n "token": "%s", "b": "%s"}'):
        content = '{"data": "' + encoded(text % ("hunter2", more), url_safe=url_safe, padding=padding) + '"}'
        expected = '{"data": "' + encoded(text % ("xxxxxxx", more), url_safe=url_safe, padding=padding) + '"}'
        walk = masking()
        assert mask_text(content.encode(), walk, "body").decode() == expected
        assert list(walk.found) == ["request body (base64) token"]
        fixed = Masking(SecretNames(), SecretNames(), FIXED)
        assert mask_text(content.encode(), fixed, "body") == mask_text(expected.encode(), fixed, "body")


@pytest.mark.parametrize(
    "text",
    [
        "password=geheim12345&x=1",
        "grant_type=password&password=geheim12345",
        "https://example.com/?password=geheim12345&x=1",
        "user: ann\npassword=geheim12345\n",
    ],
)
@pytest.mark.parametrize("padding", [True, False])
def test_forms_and_urls_in_base64_are_masked(text: str, *, padding: bool) -> None:
    """Nothing but what they decode to tells that they are there."""
    content, expected = (
        '{"d": "' + encoded(one, padding=padding) + '"}' for one in (text, text.replace("geheim12345", "x" * 11))
    )
    assert mask_text(content.encode(), masking(), "body").decode() == expected


def test_gzip_in_base64_is_masked() -> None:
    """As JSON carries what is compressed."""
    content = base64.b64encode(gzip.compress(b'{"token": "hunter2"}')).decode()
    masked = json.loads(mask_text(f'{{"d": "{content}"}}'.encode(), masking(), "body"))
    assert gzip.decompress(base64.b64decode(masked["d"])) == b'{"token": "xxxxxxx"}'


def test_what_is_no_base64_of_json_stays() -> None:
    """Also where its beginning looks like it, and where it ends too early."""
    key = encoded("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n")
    assert mask_text(key.encode(), masking(), "body").startswith(key[:36].encode())
    assert mask_text(key.encode(), masking(), "body") != key.encode()
    for text in ("eyJ" + "-+" * 20, encoded('{"a": "hunter2hunter2"}'), encoded('{"token": 1')[:17], "W3si" + "A" * 99):
        assert mask_text(text.encode(), masking(), "body") == text.encode()
    torn = encoded('{"token": "hunter2hunter2"}')[:-7]
    assert mask_text(torn.encode(), masking(), "body") != torn.encode()
    assert len(mask_text(torn.encode(), masking(), "body")) == len(torn)


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_what_is_encoded_several_times_is_masked(levels: int) -> None:
    """As redirects carry URLs that carry URLs."""
    url, expected = "/?token=abc", "/?token=xxx"
    for _ in range(levels):
        url, expected = "/?u=" + quote(url, safe=""), "/?u=" + quote(expected, safe="")
    assert mask_text(url.encode(), masking(), "query").decode() == expected


def test_what_is_encoded_without_end_is_given_up() -> None:
    """Nobody writes so but to do harm."""
    for text in (b"?a=%" + b"25" * 9999 + b"3Fb%3Dc", b"?a=" + b"%2525" * 999, b"<token> <b>" * 999):
        assert mask_text(text, masking(), "query") == text
