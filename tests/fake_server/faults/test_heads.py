"""Faults of the head: literal octets on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fake_server.faults import (
    DoubleFields,
    Fault,
    FieldLine,
    Http09,
    Http10,
    Information,
    LineFeeds,
    NoLength,
    RecasedFields,
    ReverseFields,
    SetField,
    StatusLine,
)
from tests.fake_server.raw import RawClient, ask, get

if TYPE_CHECKING:
    from fake_server import FakeServer

LENGTH = b"Content-Length: 5\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nX-Case: 1\r\n" + LENGTH + b"\r\n"


def answered(server: FakeServer, fault: Fault) -> bytes:
    """What is sent, of ``hello`` with one field line before its length, with *fault*."""
    server.expect("/").respond(data=b"hello", headers={"X-Case": "1", "Content-Type": "a/b"}).with_fault(
        SetField("Content-Type"), fault
    )
    return ask(server, get())


@pytest.mark.parametrize(
    ("fault", "octets"),
    [
        (StatusLine(b"HTTP/9.9 200"), HEAD.replace(b"HTTP/1.1 200 OK", b"HTTP/9.9 200") + b"hello"),
        (StatusLine(b"HTTP/1.1 200 OK\n"), HEAD.replace(b"OK\r\n", b"OK\n") + b"hello"),
        (FieldLine(b"no colon"), HEAD.replace(b"X-Case", b"no colon\r\nX-Case") + b"hello"),
        (FieldLine(b"A : 1", at=99), HEAD.replace(LENGTH, LENGTH + b"A : 1\r\n") + b"hello"),
        (SetField("x-case", ("2", b"\xff")), HEAD.replace(b"X-Case: 1", b"x-case: 2\r\nx-case: \xff") + b"hello"),
        (SetField("Content-Length"), HEAD.replace(LENGTH, b"") + b"hello"),
        (SetField("New", ("1",)), HEAD.replace(LENGTH, LENGTH + b"New: 1\r\n") + b"hello"),
        (ReverseFields(), b"HTTP/1.1 200 OK\r\n" + LENGTH + b"X-Case: 1\r\n\r\nhello"),
        (DoubleFields(), b"HTTP/1.1 200 OK\r\n" + b"X-Case: 1\r\n" * 2 + LENGTH * 2 + b"\r\nhello"),
        (RecasedFields(), HEAD.replace(b"X-Case", b"X-CASE").replace(b"Content-Length", b"CONTENT-LENGTH") + b"hello"),
        (RecasedFields(upper=False), HEAD.replace(b"X-Case", b"x-case").replace(b"Content-L", b"content-l") + b"hello"),
        (LineFeeds(), HEAD.replace(b"\r\n", b"\n") + b"hello"),
        (Http10(), HEAD.replace(b"HTTP/1.1", b"HTTP/1.0").replace(LENGTH, b"") + b"hello"),
        (Http09(), b"hello"),
        (NoLength(), HEAD.replace(LENGTH, b"Connection: close\r\n") + b"hello"),
    ],
    ids=str,
)
def test_what_is_sent_is_literally_what_is_said(server: FakeServer, fault: Fault, octets: bytes) -> None:
    """And nothing else is changed."""
    assert answered(server, fault) == octets


@pytest.mark.parametrize("fault", [Http10(), Http09(), NoLength()], ids=str)
def test_where_there_is_no_length_the_connection_ends(server: FakeServer, fault: Fault) -> None:
    """The client asked to keep it."""
    server.expect("/").respond(data=b"hello").with_fault(fault)
    with RawClient(server) as client:
        assert client.send(get() + get()).rest().endswith(b"hello")
    assert len(server.journal) == 1


def test_interim_responses_come_before_the_final_one(server: FakeServer) -> None:
    """As often as said, with their fields."""
    server.expect("/").respond(data="hello").with_fault(Information(103, (("Link", "</a>"),), times=2, seconds=0.0001))
    with RawClient(server) as client:
        response = client.send(get()).response()
    assert [head.octets for head in response.interim] == [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"] * 2
    assert response.body.content == b"hello"
