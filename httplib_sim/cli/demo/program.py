"""The program of the demo: what somebody writes who uses the client.

Law: nothing here knows whether a real server answers, a cassette, or a fake server.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from httplib_sim import HTTPConnection, HTTPResponse


def program(
    connection: HTTPConnection,
    upload: pathlib.Path,
    token: str,
) -> Iterator[HTTPResponse]:
    """Send seven requests over one connection, which is kept alive.

    The content of each response is read before the next request.
    """
    gzipped = {"Accept-Encoding": "gzip"}
    connection.request("GET", "/gzip", headers=gzipped)
    yield connection.getresponse()

    order = json.dumps({"item": "umbrella", "quantity": 2})
    as_json = {"Content-Type": "application/json"}
    connection.request("POST", "/post", order, as_json)
    yield connection.getresponse()

    connection.request("GET", "/stream/3")  # comes in chunks
    yield connection.getresponse()

    connection.request("HEAD", "/get")  # a length, but no content
    yield connection.getresponse()

    connection.request("GET", "/redirect/1")  # 302: not followed
    yield connection.getresponse()

    with upload.open("rb") as file:
        as_text = {"Content-Type": "text/plain; charset=utf-8"}
        connection.request("PUT", "/put", file, as_text)
    yield connection.getresponse()

    secret = {"Authorization": f"Bearer {token}"}
    connection.request("GET", "/json", headers=secret)
    yield connection.getresponse()
