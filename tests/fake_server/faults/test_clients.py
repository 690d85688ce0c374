"""What requests, httpx and aiohttp make of each fault of the catalogue: a status, or the name of their own error."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Final

import aiohttp
import httpx
import pytest
import requests

from fake_server.faults import CATALOGUE

from .test_catalogue import HURRY, PATIENCE, STANDARD

if TYPE_CHECKING:
    from fake_server import FakeServer

Seen = int | str

# What they see: requests 2.34, httpx 0.28 and aiohttp 3.14. Where nothing stands, all see a 200.
SEEN: Final[dict[str, tuple[Seen, Seen, Seen]]] = {
    "empty_response": ("ConnectionError", "RemoteProtocolError", "ServerDisconnectedError"),
    "reset": ("ConnectionError", "ReadError", "ClientOSError"),
    "half_close": ("ConnectionError", "RemoteProtocolError", "ServerDisconnectedError"),
    "garbage": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "stall": ("ReadTimeout", "ReadTimeout", "TimeoutError"),
    "stall_in_head": ("ReadTimeout", "ReadTimeout", "TimeoutError"),
    "stall_after_headers": ("ConnectionError", "ReadTimeout", "TimeoutError"),
    "truncate_stall": ("ConnectionError", "ReadTimeout", "TimeoutError"),
    "information_stall": (102, "ReadTimeout", "TimeoutError"),
    "status_line_swapped": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "status_line_version": ("ConnectionError", 200, "ClientResponseError"),
    "status_line_four_digits": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "status_line_no_digits": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "status_line_lower_case": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "status_line_after_empty_line": ("ConnectionError", "RemoteProtocolError", 200),
    "status_line_too_long": ("ConnectionError", 200, "ClientResponseError"),
    "http09": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "cut_status_line": ("ConnectionError", "RemoteProtocolError", "ServerDisconnectedError"),
    "reset_in_status_line": ("ConnectionError", "ReadError", "ClientOSError"),
    "reset_after_status_line": ("ConnectionError", "ReadError", "ClientOSError"),
    "information_102": (102, 200, 200),
    "information_103": (103, 200, 200),
    "information_unknown": (199, 200, 200),
    "information_flood": (102, 200, 200),
    "information_only": (102, "RemoteProtocolError", "ServerDisconnectedError"),
    "cut_headers": (200, "RemoteProtocolError", "ServerDisconnectedError"),
    "reset_after_headers": ("ChunkedEncodingError", "ReadError", "ClientPayloadError"),
    "header_no_colon": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "header_space_before_colon": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "header_nul": (200, "RemoteProtocolError", "ClientResponseError"),
    "header_cr": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "header_empty_name": (200, "RemoteProtocolError", "ClientResponseError"),
    "header_too_long": ("ConnectionError", 200, "ClientResponseError"),
    "too_many_headers": ("ConnectionError", 200, "ClientResponseError"),
    "headers_doubled": (200, 200, "ClientResponseError"),
    "two_content_lengths": ("InvalidHeader", "RemoteProtocolError", "ClientResponseError"),
    "content_length_list": ("ConnectionError", 200, "ClientResponseError"),
    "content_length_negative": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "content_length_plus": (200, "RemoteProtocolError", "ClientResponseError"),
    "content_length_hex": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "content_length_huge": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "content_length_missing": ("ConnectionError", "ReadTimeout", "TimeoutError"),
    "content_length_and_chunked": (200, 200, "ClientResponseError"),
    "transfer_encoding_unknown": ("ConnectionError", "RemoteProtocolError", "TimeoutError"),
    "transfer_encoding_twice": (200, "RemoteProtocolError", 200),
    "transfer_encoding_gzip": (200, "RemoteProtocolError", 200),
    "truncate": ("ChunkedEncodingError", "RemoteProtocolError", "ClientPayloadError"),
    "truncate_reset": ("ChunkedEncodingError", "ReadError", "ClientPayloadError"),
    "limit": (200, "RemoteProtocolError", "ServerDisconnectedError"),
    "unzippable": ("ContentDecodingError", "DecodingError", "ClientPayloadError"),
    "corrupt_gzip": ("ContentDecodingError", "DecodingError", "ClientPayloadError"),
    "chunk_extension_too_long": ("ChunkedEncodingError", 200, 200),
    "chunk_line_feeds": ("ChunkedEncodingError", "RemoteProtocolError", "ClientResponseError"),
    "no_last_chunk": ("ChunkedEncodingError", "RemoteProtocolError", "ClientPayloadError"),
    "cut_in_chunk": ("ChunkedEncodingError", "RemoteProtocolError", "ClientPayloadError"),
    "cut_in_size_line": ("ChunkedEncodingError", "RemoteProtocolError", "ClientPayloadError"),
    "reset_in_chunk": ("ChunkedEncodingError", "ReadError", "ClientPayloadError"),
    "chunk_size_letters": ("ChunkedEncodingError", "RemoteProtocolError", "ClientResponseError"),
    "chunk_size_negative": ("ConnectionError", "RemoteProtocolError", "ClientResponseError"),
    "chunk_size_huge": ("ConnectionError", "ReadTimeout", "ClientResponseError"),
    "chunk_size_0x": (200, "RemoteProtocolError", "ClientResponseError"),
    "chunk_size_blank": (200, "RemoteProtocolError", "ClientResponseError"),
    "chunk_size_missing": ("ChunkedEncodingError", "RemoteProtocolError", "ClientResponseError"),
    "chunk_without_end": ("ChunkedEncodingError", "RemoteProtocolError", "ClientResponseError"),
    "trailers_forbidden": (200, 200, "ClientResponseError"),
    "trailers_malformed": (200, "RemoteProtocolError", "ClientResponseError"),
    "trailers_flood": (200, 200, "ClientResponseError"),
    "cut_trailers": (200, "RemoteProtocolError", "ClientPayloadError"),
    "extra_octets": (200, 200, "ClientResponseError"),
}

WAITING: Final = {name for name, seen in STANDARD.items() if seen is TimeoutError} | {
    "chunk_size_huge",
    "content_length_huge",
}
"""Where requests, as http.client under it, waits for what never comes."""


def by_requests(url: str, patience: float) -> Seen:
    """The status that requests sees, or its error."""
    with requests.Session() as session:
        try:
            return session.get(url, timeout=patience).status_code
        except requests.RequestException as error:
            return type(error).__name__


def by_httpx(url: str, patience: float) -> Seen:
    """The status that httpx sees, or its error."""
    with httpx.Client(trust_env=False) as client:
        try:
            return client.get(url, timeout=patience).status_code
        except (httpx.TransportError, httpx.DecodingError) as error:
            return type(error).__name__


async def by_aiohttp(url: str, patience: float) -> Seen:
    """The status that aiohttp sees, or its error."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session:
        try:
            async with session.get(url) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # what a client leaves open where it fails is its own
@pytest.mark.parametrize("name", CATALOGUE)
def test_each_client_sees_what_is_known_of_it(server: FakeServer, name: str) -> None:
    """Its own error, a response that it takes for a good one, or the end of its patience."""
    server.expect("/").respond(data=b"hello").with_fault(CATALOGUE[name])
    of_requests, of_httpx, of_aiohttp = SEEN.get(name, (200, 200, 200))
    url = server.url_for("/")
    assert by_requests(url, HURRY if name in WAITING else PATIENCE) == of_requests
    assert by_httpx(url, HURRY if of_httpx == "ReadTimeout" else PATIENCE) == of_httpx
    assert asyncio.run(by_aiohttp(url, HURRY if of_aiohttp == "TimeoutError" else PATIENCE)) == of_aiohttp
    gc.collect()


def test_the_table_names_faults_that_there_are() -> None:
    """None of them twice as another word for what all take."""
    assert set(SEEN) < set(CATALOGUE)
    assert (200, 200, 200) not in SEEN.values()
