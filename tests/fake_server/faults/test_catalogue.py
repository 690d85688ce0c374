"""The catalogue: what clients make of each fault."""

from __future__ import annotations

import contextlib
import gzip
import http.client
from typing import TYPE_CHECKING, Final

import pytest

import httplib_sim.client
from fake_server.faults import CATALOGUE, Fault

if TYPE_CHECKING:
    from fake_server import FakeServer

PATIENCE: Final = 10.0

HURRY: Final = 0.2
"""Seconds that a client waits for what will never come."""

OK: Final = b"hello"

BAD_STATUS: Final = http.client.BadStatusLine
INCOMPLETE: Final = http.client.IncompleteRead
GONE: Final = http.client.RemoteDisconnected

# What http.client sees: the content, a status that it takes for the final one, or an error.
STANDARD: Final[dict[str, bytes | int | type[Exception]]] = {
    "empty_response": GONE,
    "reset": ConnectionResetError,
    "half_close": GONE,
    "garbage": BAD_STATUS,
    "stall": TimeoutError,
    "stall_in_head": TimeoutError,
    "stall_after_headers": TimeoutError,
    "truncate_stall": TimeoutError,
    "information_stall": 102,
    "status_line_swapped": BAD_STATUS,
    "status_line_version": http.client.UnknownProtocol,
    "status_line_four_digits": BAD_STATUS,
    "status_line_no_digits": BAD_STATUS,
    "status_line_lower_case": BAD_STATUS,
    "status_line_after_empty_line": BAD_STATUS,
    "status_line_too_long": http.client.LineTooLong,
    "http09": BAD_STATUS,
    "cut_status_line": BAD_STATUS,
    "reset_in_status_line": ConnectionResetError,
    "reset_after_status_line": ConnectionResetError,
    "information_102": 102,
    "information_103": 103,
    "information_unknown": 199,
    "information_flood": 102,
    "information_only": 102,
    "cut_headers": b"",
    "reset_after_headers": ConnectionResetError,
    "header_no_colon": TimeoutError,
    "header_space_before_colon": TimeoutError,
    "header_cr": TimeoutError,
    "header_too_long": http.client.LineTooLong,
    "too_many_headers": http.client.HTTPException,
    "two_content_lengths": b"he",
    "content_length_list": TimeoutError,
    "content_length_negative": TimeoutError,
    "content_length_hex": TimeoutError,
    "content_length_huge": OverflowError,
    "content_length_missing": TimeoutError,
    "transfer_encoding_unknown": TimeoutError,
    "transfer_encoding_gzip": TimeoutError,
    "truncate": INCOMPLETE,
    "truncate_reset": ConnectionResetError,
    "limit": b"",
    "corrupt": b"\x97ello",
    "truncated_gzip": gzip.compress(OK, mtime=0)[:-8],
    "corrupt_gzip": gzip.compress(OK, mtime=0)[:-8] + b"yY\xef\xc9\x05\0\0\0",
    "byte_order_mark": b"\xef\xbb\xbfhello",
    "chunk_extension_too_long": http.client.LineTooLong,
    "chunk_line_feeds": INCOMPLETE,
    "no_last_chunk": INCOMPLETE,
    "cut_in_chunk": INCOMPLETE,
    "cut_in_size_line": INCOMPLETE,
    "reset_in_chunk": ConnectionResetError,
    "chunk_size_letters": INCOMPLETE,
    "chunk_size_negative": TimeoutError,
    "chunk_size_huge": OverflowError,
    "chunk_size_missing": INCOMPLETE,
    "chunk_without_end": INCOMPLETE,
}


def ask(
    server: FakeServer, make: type[http.client.HTTPConnection | httplib_sim.client.HTTPConnection], patience: float
) -> bytes | int:
    """The content that a connection as *make* makes it gets, or the status, where that is not 200."""
    connection = make(server.host, server.port, timeout=patience)
    try:
        connection.request("GET", "/")
        with contextlib.closing(connection.getresponse()) as response:
            return response.read() if response.status == 200 else response.status
    finally:
        connection.close()


def patience_for(expected: object) -> float:
    """How long a client waits: not long where nothing will come."""
    return HURRY if expected is TimeoutError else PATIENCE


@pytest.mark.parametrize("name", CATALOGUE)
def test_http_client_sees_each_fault(server: FakeServer, name: str) -> None:
    """An error, a wrong content, or nothing at all: which one is known."""
    server.expect("/").respond(data=OK).with_fault(CATALOGUE[name])
    expected = STANDARD.get(name, OK)
    if isinstance(expected, type):
        with pytest.raises(expected) as caught:
            ask(server, http.client.HTTPConnection, patience_for(expected))
        assert caught.type is expected or expected is http.client.HTTPException
    else:
        assert ask(server, http.client.HTTPConnection, PATIENCE) == expected
    server.verify()


@pytest.mark.parametrize("name", CATALOGUE.without("stall"))
def test_our_client_never_takes_half_a_response_for_a_whole_one(server: FakeServer, name: str) -> None:
    """It raises, or it gets the content that was meant, or what the fault made of it; never what was cut."""
    server.expect("/").respond(data=OK).with_fault(CATALOGUE[name])
    try:
        got = ask(server, httplib_sim.client.HTTPConnection, HURRY)
    except (OSError, httplib_sim.client.HTTPException):
        return
    assert got == OK or (got == STANDARD[name] and name not in CUT)


CUT: Final = {"cut_headers", "limit", "two_content_lengths"}
"""What http.client takes, though it has been cut."""


def test_the_catalogue_is_a_mapping_in_groups() -> None:
    """Each name once; some groups can be had, or left out."""
    assert all(isinstance(fault, Fault) for fault in CATALOGUE.values())
    assert set(CATALOGUE.only("chunks", "trailers")) < set(CATALOGUE)
    assert len(CATALOGUE.only("chunks")) + len(CATALOGUE.without("chunks")) == len(CATALOGUE)
    assert sum(len(CATALOGUE.only(group)) for group in CATALOGUE.groups) == len(CATALOGUE)
    assert repr(CATALOGUE.only("stall", "body")) == "<Catalogue of 17 faults: stall, body>"
    assert set(STANDARD) < set(CATALOGUE)
    with pytest.raises(KeyError):
        CATALOGUE.only("nothing")
