"""`httplib_sim.cli.demo.comparison`: no octet differs unseen."""

from __future__ import annotations

from cassettes.exchange import Exchange, Request, Response
from httplib_sim import wire
from httplib_sim.cli.demo.comparison import Seen, compare, digest, first_difference
from httplib_sim.waist import Origin

ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nSum: 6\r\n\r\n"


def seen(answer: bytes = ANSWER, content: bytes | None = None) -> Seen:
    """An exchange with this answer, whose program read *content*, by default what the answer carries."""
    [response] = wire.parse_responses(answer)
    request = wire.Request(wire.RequestHead("GET", "/x", wire.Fields([("Host", "h")])))
    exchange = Exchange(request=Request(Origin("http", "h", 80), request), response=Response(response))
    return Seen(exchange, response.body.content if content is None else content)


def test_equal_performances() -> None:
    """Where all octets are equal no row has a difference, and all digests are the answer's."""
    rows = compare({"live": [seen(), seen()], "replay": [seen(), seen()], "fake": [seen(), seen()]})
    assert [row.differences for row in rows] == [(), ()]
    assert {row.digests for row in rows} == {(digest(ANSWER),) * 3}
    assert [(row.number, row.title, row.status, row.size) for row in rows] == [
        (1, "GET /x", "200", len(ANSWER)),
        (2, "GET /x", "200", len(ANSWER)),
    ]


def test_every_octet_counts() -> None:
    """Of an answer with chunks and trailers no octet can be changed, and none can be missing, without being seen.

    Digits are changed to digits and letters to letters, so that most of the changed answers are good HTTP still.
    """
    for offset in range(ANSWER.index(b"OK"), len(ANSWER)):
        changed = bytearray(ANSWER)
        changed[offset] ^= 1
        try:
            other = seen(bytes(changed))
        except wire.RemoteProtocolError:
            continue  # a changed chunk size: no response at all
        [row] = compare({"live": [seen()], "fake": [other]})
        assert row.digests[0] != row.digests[1]
        assert row.differences[0].startswith(f"fake: octet {offset + 1} of the answer differs: live ")


def test_content_counts_beside_the_answer() -> None:
    """A program that reads something else than the answer carries is found out."""
    [row] = compare({"live": [seen()], "replay": [seen(content=b"hello?")]})
    assert row.differences == ("replay: octet 6 of the content read differs: live 'hello!', replay 'hello?'",)


def test_missing_exchange() -> None:
    """A performance that is shorter, or longer, differs in the exchanges that only one of the two has."""
    shorter, longer = compare({"live": [seen()], "replay": [], "fake": [seen(), seen()]})
    assert shorter.differences == ("replay: there is no such exchange",)
    assert shorter.digests == (digest(ANSWER), None, digest(ANSWER))
    assert longer.differences == ("live: there is no such exchange", "live: there is no such exchange")


def test_first_difference() -> None:
    """The offset is that of the first octet that differs, or of the end of the shorter one."""
    assert first_difference(b"abc", b"abd") == 2
    assert first_difference(b"abc", b"ab") == 2
    assert first_difference(b"", b"ab") == 0


def test_difference_shows_only_its_surroundings() -> None:
    """Of a large content a few octets round the difference are shown, escaped, and where one has ended."""
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000
    [row] = compare({"live": [seen(large)], "fake": [seen(large, b"x" * 4000)]})
    [difference] = row.differences
    assert len(difference) < 250
    assert difference.endswith(f"live '{'x' * 48}', fake '{'x' * 24}' (its end)")
