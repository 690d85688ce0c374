"""Secrets in content that comes piece by piece."""

from __future__ import annotations

import json
import random

import pytest

from cassettes import stream_masking
from cassettes.redaction import DEFAULT, Redaction, masked_stream
from cassettes.stream_masking import MaskedStream
from httplib_sim import wire

SECRET = b"hunter2-and-more-4711"


def stream(content_type: str = "application/json", rules: Redaction = DEFAULT, **headers: str) -> MaskedStream:
    """What masks a response of that type."""
    fields = wire.Fields([wire.FieldLine("Content-Type", content_type)])
    request = wire.RequestHead("GET", "/", wire.Fields([wire.FieldLine(*item) for item in headers.items()]))
    made = masked_stream(request, wire.ResponseHead(200, "OK", fields), rules)
    assert isinstance(made, MaskedStream)
    return made


def masked(content: bytes, made: MaskedStream, size: int = 65_536) -> bytes:
    """*content* as *made* masks it, given in pieces of this *size*."""
    pieces = [made(content[start : start + size]) for start in range(0, len(content), size)]
    return b"".join(pieces) + made(None)


@pytest.mark.parametrize("size", [1000, 65_536, 1_000_000])
def test_what_has_no_secret_stays_as_it_is(size: int) -> None:
    """Text, JSON, octets."""
    numbers = random.Random(1)
    for content in (
        b"the quick brown fox\n" * 30_000,
        json.dumps([{"id": number, "name": f"Ann {number}"} for number in range(20_000)]).encode(),
        numbers.randbytes(600_000),
        b"",
        b"x",
    ):
        made = stream()
        assert masked(content, made, size) == content
        assert not made.changed


@pytest.mark.parametrize(
    "text", [b'"password": "%b"', b'\\"token\\":\\"%b\\"', b"Bearer %b", b"https://u:%b@example.com/"]
)
def test_a_secret_is_masked_wherever_it_stands(text: bytes) -> None:
    """Also where it lies across a border of windows, and whatever the pieces are."""
    unit = text % SECRET
    window = stream_masking._WINDOW
    for place in (0, 100, window - len(unit) // 2, window - 5, window + stream_masking.AROUND - 3, 3 * window - 9):
        before = (b'{"a": "some text, no more"},\n' * 40_000)[:place]
        content = before + b" " + unit + b" " + b'{"a": "some text, no more"},\n' * 10_000
        for size in (777, 65_536, len(content)):
            made = stream()
            given = masked(content, made, size)
            assert made.changed
            assert len(given) == len(content)
            assert SECRET not in given
            assert given[:place] == before
            assert given.endswith(content[place + 1 + len(unit) :])


def test_what_is_masked_in_a_small_body_is_masked_in_a_large_one() -> None:
    """Forms, multipart, settings, markup, tokens of known services; what a head gave away; patterns of the project."""
    key = b"ghp_" + b"aB3dE6gH9j" * 4
    part = b'\r\n--XX\r\nContent-Disposition: form-data; name="pwd"\r\n\r\n%b\r\n--XX\r\n\r\n' % SECRET
    rules = Redaction(patterns=(r"account-(\w+)",), names=("Kontonummer",))
    for content_type, unit in (
        ("application/x-www-form-urlencoded", b"&a=b&password=%b" % SECRET),
        ("multipart/form-data; boundary=XX", part),
        ("text/plain", b"\nAPI_KEY=%b\n" % SECRET),
        ("application/xml", b"<a><Password>%b</Password></a>" % SECRET),
        ("text/plain", b" see %b there" % key),
        ("text/plain", b" of account-%b here" % SECRET),
        ("application/json", b'{"konto_nummer": "%b"}' % SECRET),
        ("text/plain", b"and so it was b8Xk2mP0qL7vR9tYwz that"),
    ):
        filler = b"abcde fghij\n" * 20_000 if "form-" not in content_type else b"&abc=def" * 20_000
        content = (b"<a>" if "xml" in content_type else b"") + filler + unit + filler
        given = masked(content, stream(content_type, rules, Authorization="Bearer b8Xk2mP0qL7vR9tYwz"))
        assert len(given) == len(content)
        for secret in (SECRET, key, b"b8Xk2mP0qL7vR9tYwz"):
            assert secret not in given, content_type
        assert given.count(filler[:1000]) == content.count(filler[:1000])


@pytest.mark.parametrize("place", [0, 100_000, stream_masking._WINDOW - 100, stream_masking._WINDOW + 5])
def test_a_secret_between_files_is_masked(place: int) -> None:
    """Octets that are no text stand before and after it; they stay as they are."""
    octets = random.Random(5).randbytes(600_000)
    file = b'\r\n--XX\r\nContent-Disposition: form-data; name="f"\r\nContent-Type: application/octet-stream\r\n\r\n'
    part = b'\r\n--XX\r\nContent-Disposition: form-data; name="password"\r\n\r\n%b' % SECRET
    content = (file + octets[:place] + part + file + octets + b"\r\n--XX--\r\n")[2:]
    given = masked(content, stream("multipart/form-data; boundary=XX"))
    assert given == content.replace(SECRET, b"xxxxxxx-xxx-xxxx-xxxx")


def test_text_may_have_some_control_characters() -> None:
    """They do not make it no text."""
    content = b'{"a": "\0 some text, and more and more of it"},\n' * 10_000 + b'{"password": "%b"}' % SECRET
    assert SECRET not in masked(content, stream())


def test_many_secrets_cost_no_more_each() -> None:
    """Only so many are looked for elsewhere, so that time does not grow with their square."""
    content = b"".join(b'{"token": "aB%08dxyz"},\n' % number for number in range(20_000))
    made = stream()
    given = masked(content, made)
    assert given == b'{"token": "xxxxxxxxxxxxx"},\n' * 20_000
    assert len(made.masking.echoes) < 1000


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("size", [1001, 65_536])
def test_a_secret_in_another_encoding_is_masked(encoding: str, size: int) -> None:
    """The text stays what it is, and is written in the same encoding; what is cut off stays as it was."""
    text = '{"name": "Größe, 東京"},\n' * 10_000 + '{"password": "hunter2-and-more-4711"}\n' + "\U0001f389" * 30_000
    content = text.encode(encoding)
    made = stream("application/json; charset=utf-16" + encoding[6:] if "16" in encoding else "application/json")
    expected = text.replace("hunter2-and-more-4711", "xxxxxxx-xxx-xxxx-xxxx").encode(encoding)
    assert masked(content, made, size) == expected
    assert made.changed
    assert masked(content[:-1], stream("text/plain; charset=" + encoding), size) == expected[:-1]


def test_octets_that_only_begin_like_utf_16_stay_as_they_are() -> None:
    """From where on it cannot be read, it is given as it is."""
    content = "some text, ".encode("utf-16") * 20_000 + b"\x00\xd8\x00\x00" * 50_000 + b"rest"
    assert masked(content, stream("text/plain; charset=utf-16")) == content
