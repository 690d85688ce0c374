"""Secrets in fields, in targets, and in lines."""

from __future__ import annotations

import pytest

from cassettes.field_masking import mask_fields, mask_lines, mask_repeated, mask_repeated_in_target, mask_target
from cassettes.masking import Masking
from cassettes.secret_names import SecretNames
from cassettes.stand_ins import FIXED
from httplib_sim import wire


def masking(*headers: str) -> Masking:
    """Return a new walk by the default names, and by *headers*."""
    return Masking(SecretNames(), SecretNames(headers))


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b"Authorization: Bearer ab.c\r\n", b"Authorization: Bearer xx.x\r\n"),
        (b"authorization:  bearer\tabc \n", b"authorization:  bearer\txxx \n"),
        (b"Authorization: hunter two\r\n", b"Authorization: xxxxxx xxx\r\n"),
        (b"Authorization: abc\r\n", b"Authorization: xxx\r\n"),
        (b"Authorization: Basic\r\n abc\r\n", b"Authorization: Basic\r\n xxx\r\n"),
        (
            b"Authorization: AWS4-HMAC-SHA256 Credential=AK/2026/s3, Signature=ab\r\n",
            b"Authorization: AWS4-HMAC-SHA256 xxxxxxxxxx=xx/xxxx/xx, xxxxxxxxx=xx\r\n",
        ),
        (b"Cookie: a=b; c=d=e;f; g=\r\n", b"Cookie: a=x; c=x=x;x; g=\r\n"),
        (b"Cookie: a=b;\r\n\tc=d\r\n", b"Cookie: a=x;\r\n\tc=x\r\n"),
        (b'Set-Cookie: a="b c"; Path=/; Expires=Thu\r\n', b"Set-Cookie: a=xx xx; Path=/; Expires=Thu\r\n"),
        (b"X-Tenant: abc\r\n", b"X-Tenant: xxx\r\n"),
        (b"Location: /next?a=1&token=abc\r\n", b"Location: /next?a=1&token=xxx\r\n"),
        (b"Location: https://ann:abc@h/#access_token=abc\r\n", b"Location: https://xxx:xxx@h/#access_token=xxx\r\n"),
        (b"Link: <https://h/?sig=abc>; rel=next\r\n", b"Link: <https://h/?sig=xxx>; rel=next\r\n"),
        (b"X-Api-Key abc\r\n", b"X-Api-Key xxx\r\n"),
        (b": abc\r\n", b": abc\r\n"),
        (b"Access-Control-Allow-Credentials: true\r\n", b"Access-Control-Allow-Credentials: true\r\n"),
        (b'WWW-Authenticate: Digest realm="a", nonce="b"\r\n', b'WWW-Authenticate: Digest realm="a", nonce="b"\r\n'),
        (b"X-\xe4: \xe4\xf6\r\n", b"X-\xe4: \xe4\xf6\r\n"),
    ],
)  # fmt: skip
def test_of_a_field_line_only_the_secret_changes(line: bytes, masked: bytes) -> None:
    """Its octets stay, odd ones too; alone and among lines that nobody could parse it is the same."""
    fields = wire.Fields.from_octets(b"Host: h\r\n" + line)
    assert mask_fields(fields, masking("X-Tenant")).octets == b"Host: h\r\n" + masked
    assert mask_lines(b"HTTP/1.1 200 OK\r\n" + line, masking("X-Tenant")) == b"HTTP/1.1 200 OK\r\n" + masked


def test_fields_without_a_secret_are_the_same_object() -> None:
    """Nothing is made anew for nothing."""
    fields = wire.Fields([("Host", "h"), ("Accept", "*/*")])
    assert mask_fields(fields, masking()) is fields


def test_for_comparing_the_scheme_and_the_names_of_cookies_count() -> None:
    """And nothing else of them."""
    lines = [[("Authorization", f"Bearer {one}"), ("Cookie", f"a={one}; b=")] for one in ("abc", "another")]
    first, second = (mask_fields(wire.Fields(line), Masking(SecretNames(), SecretNames(), FIXED)) for line in lines)
    assert first == second
    assert first.octets == b"Authorization: Bearer xxxxxxxx\r\nCookie: a=xxxxxxxx; b=\r\n"


@pytest.mark.parametrize(
    ("target", "masked"),
    [
        ("/token/abc?token=abc", "/token/abc?token=xxx"),
        ("http://ann:abc@h:80/a?b=c", "http://xxx:xxx@h:80/a?b=c"),
        ("/a?url=http://h/?token=abc", "/a?url=http://h/?token=xxx"),
        ("/?\xe4=\xf6&token=\xf6", "/?\xe4=\xf6&token=x"),
        ("/a#access_token=abc&b=c", "/a#access_token=xxx&b=c"),
        ("/a#/b?token=abc", "/a#/b?token=xxx"),
        ("/a?b#token=abc", "/a?b#token=xxx"),
        ("http://ann:a@b:c@h:80/a", "http://xxx:xxx:x@h:80/a"),
        ("ann:abc@h:443", "xxx:xxx@h:443"),
        ("/a@b?c", "/a@b?c"),
        ("/?key=Zq7Kp2Xw9Lm4Vt&code=4/0AX4XfWhtoken1", "/?key=xxxxxxxxxxxxxx&code=x/xxxxxxxxxxxxxx"),
        ("/?key=color&code=404&zip_code=a1234567&country_code=12345678&key=2026-11-23", None),
        ("*", "*"),
        ("h:443", "h:443"),
    ],
)
def test_a_target_keeps_its_path(target: str, masked: str | None) -> None:
    """By it exchanges are found. A second time nothing changes."""
    masked = target if masked is None else masked
    assert mask_target(target, masking()) == masked
    assert mask_target(masked, masking()) == masked


def test_what_a_field_repeats_of_a_secret_is_masked() -> None:
    """Under any name, once it is known; an odd line keeps its octets, and a field that says what follows is left."""
    walk = masking()
    section = (
        b"Authorization: Bearer 12-abc-45\r\nX-Copy:  <12-abc-45>\nX-12-abc-45: 1\r\nContent-Type: a/12-abc-45\r\n"
    )
    fields = mask_repeated(mask_fields(wire.Fields.from_octets(section), walk), walk)
    assert fields.octets == section.replace(b"Bearer 12-abc-45", b"Bearer xx-xxx-xx").replace(
        b"<12-abc-45", b"<xx-xxx-xx"
    )
    assert "request header X-Copy (repeated)" in walk.found
    assert mask_repeated_in_target("/12-abc-45?a=12-abc-45#12-abc-45", walk) == "/12-abc-45?a=xx-xxx-xx#xx-xxx-xx"


def test_fields_that_repeat_nothing_are_the_same_object() -> None:
    """With a secret known, too."""
    walk, fields = masking(), wire.Fields([("Host", "h"), ("Accept", "*/*")])
    walk.text(b"12-abc-45", "query token")
    assert mask_repeated(fields, walk) is fields
