"""How bodies end, asked directly; cases/framing.md has the rules as octets."""

from __future__ import annotations

import pytest

from httplib_sim.wire import (
    STRICT,
    BadFraming,
    BodyKind,
    Fields,
    Framing,
    RequestHead,
    ResponseHead,
    connection_options,
    content_length,
    keeps_alive,
    request_framing,
    response_framing,
    transfer_codings,
)


def response(*lines: tuple[str, str], status: int = 200, version: int = 11) -> ResponseHead:
    """A response's head with these fields."""
    return ResponseHead(status, "", Fields(lines), version)


def test_a_framing_compares_and_tells_itself() -> None:
    """A framing is a kind and a length."""
    assert response_framing(response(("Content-Length", "5")), "GET") == Framing(BodyKind.FIXED, 5)
    assert response_framing(response(), "GET") == (BodyKind.UNTIL_CLOSE, 0)


@pytest.mark.parametrize("status", [100, 103, 199, 204, 304])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_no_body_whatever_the_fields_say(status: int, method: str) -> None:
    """1xx, 204 and 304 have no body (RFC 9112 section 6.3, 1)."""
    head = response(("Content-Length", "5"), ("Transfer-Encoding", "chunked"), status=status)
    assert response_framing(head, method).kind is BodyKind.NONE


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_connect_granted(status: int) -> None:
    """Any 2xx to CONNECT is a tunnel (RFC 9110 section 9.3.6)."""
    assert response_framing(response(("Content-Length", "5"), status=status), "CONNECT").kind is BodyKind.TUNNEL


def test_fields_made_from_parts_frame_as_read_ones() -> None:
    """Framing asks for values, not for how the lines are written."""
    made = Fields([("content-LENGTH", "05"), ("CONNECTION", "Close")])
    assert content_length(made) == content_length(Fields.from_octets(b"content-LENGTH : 05 \n")) == 5
    assert connection_options(made) == {"close"}


def test_transfer_codings_in_their_order() -> None:
    """Codings come in the order of their application, lines joined, empty elements left out, parameters kept."""
    fields = Fields([("Transfer-Encoding", "GZIP;q=1, ,"), ("X", "br"), ("transfer-encoding", "\tChunked")])
    assert transfer_codings(fields) == ["gzip;q=1", "chunked"]
    assert transfer_codings(Fields()) == []


def test_many_different_lengths_are_told_shortly() -> None:
    """The message shows the first few."""
    lines = [("Content-Length", str(number)) for number in range(50)]
    with pytest.raises(BadFraming, match="got 50 different ones") as caught:
        content_length(Fields(lines))
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("head", "lasts"),
    [
        (response(), True),
        (response(version=10), False),
        (response(version=9), False),
        (response(version=19), True),
        (response(("Connection", "keep-alive"), version=10), True),
        (response(("Connection", "keep-alive"), version=9), False),
        (response(("Connection", "Keep-Alive, Upgrade"), version=10), True),
        (response(("Connection", "close")), False),
        (response(("Connection", "x"), ("connection", "CLOSE")), False),
        (response(("Connection", "")), True),
        (response(("Connection-X", "close")), True),
        (response(("Transfer-Encoding", "chunked")), True),
        (response(("Transfer-Encoding", "chunked"), ("Connection", "keep-alive"), version=10), False),
        (response(("Transfer-Encoding", "chunked"), ("Content-Length", "5")), False),
        (RequestHead("GET", "/", Fields([("Connection", "close")])), False),
        (RequestHead("GET", "/", Fields()), True),
    ],
)
def test_keeps_alive(head: RequestHead | ResponseHead, lasts: bool) -> None:
    """RFC 9112 section 9.3, and not where the framing was open to doubt."""
    assert keeps_alive(head) is lasts


def test_a_request_that_a_strict_reader_refuses() -> None:
    """Leniency decides over Transfer-Encoding beside Content-Length for either role."""
    head = RequestHead("POST", "/", Fields([("Transfer-Encoding", "chunked"), ("Content-Length", "5")]))
    with pytest.raises(BadFraming, match="both"):
        request_framing(head, STRICT)
    with pytest.raises(BadFraming, match="both"):
        response_framing(response(*[line[:2] for line in head.fields]), "GET", STRICT)
