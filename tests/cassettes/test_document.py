"""Exchanges as plain data: which keys there are, what each may be, and where it is wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from cassettes.document import exchange_from_data, exchange_to_data
from cassettes.exchange import End, How, Request
from cassettes.plain_data import DocumentError
from httplib_sim.waist import Origin

from .values import exchange, exchanges, get

if TYPE_CHECKING:
    from cassettes.exchange import Exchange


@given(exchanges())
def test_any_exchange_comes_back(original: Exchange) -> None:
    """Octets both ways, end, connection, time and what was redacted, without YAML in between."""
    again = exchange_from_data(exchange_to_data(original))
    assert (again.request.message.octets, again.answer) == (original.request.message.octets, original.answer)
    assert (again.end, again.connection, again.redacted) == (original.end, original.connection, original.redacted)
    assert (again.started, again.elapsed) == (original.started, original.elapsed)


@pytest.mark.parametrize("how", How)
def test_every_end_comes_back(how: How) -> None:
    """How an exchange ended, with the text of its error, and what came that is no response."""
    original = exchange(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", None, end=End(how, "it broke"), received=b"HTTP/1.")
    again = exchange_from_data(exchange_to_data(original))
    assert again == original


def test_end_is_the_last_key_and_nothing_is_said_without_need() -> None:
    """What would be empty is not there; where there is no `end`, the document was torn off."""
    assert list(exchange_to_data(get("/", b""))) == ["origin", "connection", "at", "request", "response", "end"]
    with pytest.raises(DocumentError, match="no 'end': it was torn off while it was written"):
        exchange_from_data({key: value for key, value in exchange_to_data(get()).items() if key != "end"})


@pytest.mark.parametrize("host", ["fe80::1%eth0", "fe80::1%25en1", "::1", "a_b.example"])
def test_any_host_that_was_connected_to_comes_back(host: str) -> None:
    """Also an address with the zone that a link-local one needs (RFC 4007 section 11)."""
    original = replace(get(), request=Request(Origin("http", host, 8080), get().request.message))
    assert exchange_from_data(exchange_to_data(original)).request.origin == original.request.origin


def test_a_time_without_a_zone_is_utc() -> None:
    """A person who writes no zone means the one that all others have."""
    made = exchange_from_data({**exchange_to_data(get()), "at": "2026-11-22T20:00:00"})
    assert made.started.isoformat() == "2026-11-22T20:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "keys", "message"),
    [
        ({"origin": "https://a.example/path"}, ("origin",), "expected an origin such as https://api.example.com"),
        ({"origin": "https://ann@a.example"}, ("origin",), "expected an origin"),
        ({"origin": "https://a.example:65536"}, ("origin",), "expected an origin"),
        ({"origin": 5}, ("origin",), "expected an origin"),
        ({"connection": 0}, ("connection",), "expected a whole number from 1 as the number of a connection"),
        ({"connection": True}, ("connection",), "got the truth value true"),
        ({"at": "soon"}, ("at",), "expected a time such as 2026-11-22T20:00:00.123Z, got 'soon'"),
        ({"at": "0001-01-01T00:00:00+12:00"}, ("at",), "expected a time"),
        ({"redacted": "all"}, ("redacted",), "expected a list of places that were redacted, got text"),
        ({"redacted": ["a", 5]}, ("redacted", 1), "expected text as places that were redacted, got the number 5"),
        ({"received": "*"}, ("received",), "expected base64 as what was received"),
        ({"request": None}, ("request",), "expected a request as a mapping with 'line', 'headers' and 'body'"),
        ({"response": []}, ("response",), "expected a response as a mapping with"),
        ({"response": {"line": "HTTP/1.1 103 X"}}, ("response", "line"), "it belongs under 'interim'"),
        ({"response": {"line": "HTTP/1.1 200 X", "interim": 5}}, ("response",), "expected interim responses as a list"),
        (
            {"response": {"line": "HTTP/1.1 200 X", "interim": [{"line": "HTTP/1.1 200 X"}]}},
            ("response", "interim", 0),
            "expected an interim response, of a status from 100, got 200",
        ),
        ({"end": "complete"}, ("end",), "expected the end of an exchange as a mapping, got text"),
        ({"end": {"when": 1}}, ("end", "when"), "unknown key 'when' in the end of an exchange"),
        ({"end": {"how": "well"}}, ("end", "how"), "one of complete, client-closed, eof, reset, timeout; got"),
        ({"end": {"how": ["eof"]}}, ("end", "how"), "expected how the exchange ended"),
        ({"end": {"detail": 5}}, ("end", "detail"), "expected text as the detail of an end"),
        ({"end": {"after": 87}}, ("end", "after"), "expected a duration such as '87 ms', got '87'"),
        ({"end": {"bytes": -1}}, ("end", "bytes"), "expected a whole number from 0 as a count of bytes"),
        ({"end": {"crc32": 12}}, ("end", "crc32"), "expected text as a checksum, got the number 12"),
        ({"end": {"crc32": "xyz"}}, ("end", "crc32"), "expected a checksum of eight hexadecimal digits, got 'xyz'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], keys: tuple[object, ...], message: str) -> None:
    """What was expected, what came, and the keys that lead to it."""
    with pytest.raises(DocumentError, match=re.escape(message)) as caught:
        exchange_from_data({**exchange_to_data(get()), **changes})
    assert caught.value.keys == keys
