"""What looks like a secret, though no rule knows it."""

from __future__ import annotations

import base64

import pytest

from cassettes.secret_names import SecretNames
from cassettes.suspects import Suspicion, suspicions

from .tokens_in_tests import TOKENS

RANDOM = "Zq7Kp2Xw9Lm4Vt8Rb3Nc6Yd"
HEX = "9f86d081884c7d659a2feaa0c55ad015"


def found(text: str, names: SecretNames | None = None) -> list[Suspicion]:
    """Return what is suspected in *text*."""
    return list(suspicions(text.encode(), names or SecretNames()))


@pytest.mark.parametrize("value", [RANDOM, HEX, "sk-" + RANDOM, RANDOM + "/+" + RANDOM + "=="])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\n  - X-Foo-Key: %s\n", "X-Foo-Key"),
        ("\n      key: %s\n", "key"),
        ("\n  line: GET /a?b=1&tokenValue=%s HTTP/1.1", "tokenValue"),
        ('\n    text: \'{"authId":"%s"}\'\n', "authId"),
        ("\n  - X-Password: '%s'\n", "X-Password"),
        ("\n      webhook: %s", "webhook"),
    ],
)
def test_a_random_value_is_suspected_after_a_name_that_speaks_of_keys(text: str, name: str, value: str) -> None:
    """It is told by its name and its line, and not shown."""
    assert found(text % value) == [Suspicion(2, f"a random value of {name!r}")]


@pytest.mark.parametrize("name", ["reset-password", "verify", "invitations", "token", "hooks"])
def test_a_random_value_in_a_path_is_suspected_after_such_a_name(name: str) -> None:
    """Redaction leaves paths alone, since exchanges are found by them."""
    suspected = [Suspicion(2, f"a random value after {name!r} in a path")]
    assert found(f"a\n  line: GET /a/{name}/{RANDOM}?b=1 HTTP/1.1") == suspected
    assert found(f"a\n  - Location: https://h/{name}/{RANDOM}/") == suspected
    assert found(f"GET /a/{name}/the-first-of-many-2026") == []
    assert found(f"GET /a/{name}/{RANDOM}", SecretNames(keep=(name,))) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"  line: GET /repos/a/git/commits/{HEX} HTTP/1.1",
        f"  line: GET /sessions/{HEX}/url HTTP/1.1",
        f"  - ETag: {HEX}",
        f"      sha256: {HEX}{HEX}",
        f"      id: {RANDOM}",
        "  - Idempotency-Key: 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        f"  - Sec-WebSocket-Key: {RANDOM}",
        f"      nextPageToken: {RANDOM}",
        f"      author: {RANDOM}",
        f"      public_key: {RANDOM}",
        "      key: 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "      key: the-key-of-the-house-2026-v2",
        "      access_token: xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "      access_token: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "      key: aaaaaaaaaaaaaaaaaaaaaaaaaaa1",
        "- request header X-Foo-Key",
    ],
)
def test_what_is_as_it_should_be_is_not_suspected(text: str) -> None:
    """Identifiers, digests, what is public, words, and stand-ins."""
    assert found(text) == []


def test_a_name_that_is_kept_is_not_suspected() -> None:
    """The project knows better."""
    assert found(f"X-Foo-Key: {RANDOM}", SecretNames(keep=("x-foo-key",))) == []


@pytest.mark.parametrize("length", [30, 300])
def test_a_secret_name_among_octets_is_suspected(length: int) -> None:
    """MessagePack and Protocol Buffers have names and values behind their lengths; the cassette has them in base64."""
    octets = bytes(length) + b"\x81\xa8password\xb1hunter2hunter2hun\x00" + bytes(length)
    written = base64.encodebytes(octets).decode().replace("\n", "\n      ").strip()
    literal = f"  body:\n    base64: |\n      {written}\nend: 1\n"
    assert found(literal) == [Suspicion(2, "octets after the name 'password', in base64")]
    plain = f"  body:\n    base64: {base64.b64encode(octets).decode()}\n"
    assert found(plain) == [Suspicion(2, "octets after the name 'password', in base64")]
    assert found(plain.replace("base64:", "other:")) == []


def test_a_token_among_octets_is_suspected() -> None:
    """Its length may stand right before it."""
    octets = b"\x00\xd9G" + TOKENS["Atlassian"][0].encode()
    written = base64.b64encode(octets).decode()
    assert found(f"base64: {written}\n") == [Suspicion(1, "token of Atlassian, in base64")]


def test_what_is_no_base64_and_what_is_long_is_left_alone() -> None:
    """Pictures are, for the most part."""
    assert found("base64: a\n") == []
    octets = b"\xa8password\xb1hunter2hunter2" + bytes(65_536)
    assert found(f"base64: {base64.b64encode(octets).decode()}\n") == []
