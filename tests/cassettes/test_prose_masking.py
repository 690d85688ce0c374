"""Secrets in settings, credentials and private keys."""

from __future__ import annotations

import pytest

from cassettes.masking import Masking
from cassettes.prose_masking import mask_credentials, mask_settings
from cassettes.secret_names import SecretNames
from cassettes.stand_ins import FIXED


def masking(*, fixed: bool = False) -> Masking:
    """Return a new walk by the default names."""
    walk = Masking(SecretNames(), SecretNames())
    return Masking(walk.names, walk.headers, FIXED) if fixed else walk


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b"password: abc", b"password: xxx"),
        (b"a: b\r\n  db-password:  a b#c # d\r\n", b"a: b\r\n  db-password:  x xxx # d\r\n"),
        (b"- token: abc\n- token: 1234\n", b"- token: xxx\n- token: 1000\n"),
        (b"export TOKEN=abc\nset PWD = abc\n", b"export TOKEN=xxx\nset PWD = xxx\n"),
        (b"; notes\n[a b]\npassword=abc\n", b"; notes\n[a b]\npassword=xxx\n"),
        (b"[db]\r\nsecret = abc\r\n", b"[db]\r\nsecret = xxx\r\n"),
        (b"Authorization: Basic abc\nCookie: abc", b"Authorization: Basic xxx\nCookie: xxx"),
        (b"secret: |\n  a b\n\n  c\nd: e\n", b"secret: |\n  x x\n\n  x\nd: e\n"),
        (b"a: |\n  b\n  secret: >-\n    c\n  d: e\n", b"a: |\n  b\n  secret: >-\n    x\n  d: e\n"),
        (b"- secret: |\n    a\n  b: c\n", b"- secret: |\n    x\n  b: c\n"),
    ],
)
def test_settings_are_masked_line_by_line(text: bytes, masked: bytes) -> None:
    """All but the values stay; a second time nothing changes."""
    assert mask_settings(text, masking(), "body") == masked
    assert mask_settings(masked, masking(), "body") == masked


@pytest.mark.parametrize(
    "text",
    [
        b"your password: abc",
        b"keyword: abc\nzip_code = abc\nprimary_key: abc\ncode: abc\n",
        b"password:\npassword: true\nsession: null\n",
        b'{"a":\npassword: abc}',
        b"<a>\npassword: abc</a>",
        b'["a",\npassword: abc]',
        b"nothing at all",
    ],
)
def test_what_is_no_setting_stays(text: bytes) -> None:
    """Other names, other texts, JSON and markup."""
    assert mask_settings(text, masking(), "body") == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b"Bearer abcdefg1, then", b"Bearer xxxxxxxx, then"),
        (b'"Basic dXNlcjpwYXNz"', b'"Basic xxxxxxxxxxxx"'),
        (b"Basic understanding, bearer authentication, basic JavaScript", None),
        (b"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----", None),
        (
            b"-----BEGIN PRIVATE KEY-----\r\nab+c/\r\nd=\r\n-----END PRIVATE KEY-----\r\nabc",
            b"-----BEGIN PRIVATE KEY-----\r\nxx+x/\r\nx=\r\n-----END PRIVATE KEY-----\r\nabc",
        ),
        (
            rb'{"a": "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----\n"}',
            rb'{"a": "-----BEGIN EC PRIVATE KEY-----\nxxx\n-----END EC PRIVATE KEY-----\n"}',
        ),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nab", b"-----BEGIN OPENSSH PRIVATE KEY-----\nxx"),
        (b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nab\n", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n"),
    ],
)
def test_credentials_and_private_keys_need_no_name(text: bytes, masked: bytes | None) -> None:
    """What stands before them says what they are; a second time nothing changes."""
    masked = text if masked is None else masked
    assert mask_credentials(text, masking(), "body") == masked
    assert mask_credentials(masked, masking(), "body") == masked


def test_for_comparing_keys_of_all_lengths_are_one() -> None:
    """And so are credentials."""
    key = b"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY----- Bearer %s"
    texts = [key % (secret, secret) for secret in (b"abcdefg1", b"a-longer-one+2", b"xxxxxxxxxx")]
    assert len({mask_credentials(text, masking(fixed=True), "body") for text in texts}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"tool --token a1b2c3d4 --b c", b"tool --token xxxxxxxx --b c"),
        (b'["tool", "--db-password", "a1b2c3d4"]', b'["tool", "--db-password", "xxxxxxxx"]'),
        (rb"{\"a\": [\"--token\", \"a1b2c3d4\"]}", rb"{\"a\": [\"--token\", \"xxxxxxxx\"]}"),
        (
            b"--token --verbose1 --user a1b2c3d4 -- token a1b2c3d4",
            b"--token --verbose1 --user a1b2c3d4 -- token a1b2c3d4",
        ),
        (b"--auth basic", b"--auth basic"),
    ],
)
def test_what_follows_an_option_with_a_secret_name_is_masked(text: bytes, expected: bytes) -> None:
    """In a line of a shell, and in a list of arguments."""
    assert mask_credentials(text, masking(), "body") == expected
    assert mask_credentials(expected, masking(), "body") == expected
