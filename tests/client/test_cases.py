"""Every response among the codec's cases, read by the client: what the codec says of the octets, the client says, too.

The cases' own expectations are held against the codec in tests/wire; so they hold for the client, by both of its faces,
however the octets arrive.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import httplib_sim
from httplib_sim import client, wire
from tests.wire.case_files import Case, read
from tests.wire.test_cases import CASES

from .peers import Octets

if TYPE_CHECKING:
    from collections.abc import Callable


def is_for_the_client(case: object) -> bool:
    """Whether it is a response that a client reads as the client is made: its own leniency, and its own limits."""
    assert isinstance(case, Case)
    return (
        case.role == "client"
        and (case.leniency, case.limits, case.version) == (wire.CLIENT, wire.LIMITS, 11)
        and len(case.methods) == 1
        and case.eof
        and case.title not in RULE_OF_HTTPLIB
    )


RULE_OF_HTTPLIB = {"A negative length"}
"""The one breach that httplib, http.client and their tests take for no length at all; see test_response.py."""

RULE_OF_HTTP_CLIENT = {"Nothing behind 103"}
"""http.client takes such an interim response for the answer, and http.server's tests demand it."""

RESPONSES = [param for param in CASES if is_for_the_client(param.values[0])]


def strict(sock: object, method: str) -> httplib_sim.HTTPResponse:
    """Return the response as httplib makes it where HTTP/0.9 is not expected, as the codec does not."""
    return httplib_sim.HTTPResponse(sock, strict=1, method=method)


FACES = [pytest.param(strict, id="httplib_sim"), pytest.param(client.HTTPResponse, id="client")]


class Said(NamedTuple):
    """What somebody makes of a response."""

    status: int | None = None
    reason: str | None = None
    fields: list[tuple[str, str]] | None = None
    closes: bool = False
    content: bytes = b""
    interim: tuple[int, ...] = ()
    trailers: tuple[tuple[str, str], ...] = ()
    fails: bool = False


def by_the_codec(case: Case) -> Said:
    """Return what the codec says of the first response."""
    outcome = read(case.reader(), [case.octets])
    said = Said(fails=outcome.error is not None)
    for event in outcome.events:
        if isinstance(event, wire.ResponseHead):
            if said.status is not None:
                return said._replace(fails=False)
            if event.is_interim:
                said = said._replace(interim=(*said.interim, event.status))
            else:
                said = said._replace(status=event.status, reason=event.reason, fields=event.fields.pairs())
                body = outcome.bodies[len(said.interim)]
                said = said._replace(closes=body == "body until close" or not wire.keeps_alive(event))
                if body.startswith("body tunnel") and event.status == 101:
                    return said._replace(fails=False)  # what follows is not HTTP's
        elif isinstance(event, wire.Data):
            said = said._replace(content=said.content + event.content)
        elif isinstance(event, wire.Trailers):
            said = said._replace(trailers=tuple(event.fields.pairs()))
        elif isinstance(event, wire.EndOfMessage) and said.status is not None:
            return said._replace(fails=False)
    if isinstance(outcome.error, wire.IncompleteMessage) and _has_last_chunk(outcome.events):
        said = said._replace(fails=False)  # only trailers were cut, and they are optional
    return said


def _has_last_chunk(events: list[wire.Event]) -> bool:
    return any(isinstance(event, wire.ChunkHead) and not event.size for event in events)


def by_the_client(response: httplib_sim.HTTPResponse) -> Said:
    """Return what the client says."""
    said = Said()
    try:
        response.begin()
        fields = response.getheaders()
        said = Said(response.status, response.reason, fields, response.will_close, b"", _statuses(response))
        content = response.read()
    except httplib_sim.IncompleteRead as problem:
        partial = b"" if said.status is None else problem.partial
        return said._replace(content=partial, interim=_statuses(response), fails=True)
    except httplib_sim.HTTPException:
        return said._replace(interim=_statuses(response), fails=True)
    return said._replace(content=content, trailers=tuple(response.trailers.pairs()))


def _statuses(response: httplib_sim.HTTPResponse) -> tuple[int, ...]:
    return tuple(head.status for head in response.interim)


def over_a_socket(octets: bytes, made: Callable[[Any], httplib_sim.HTTPResponse]) -> Said:
    """Return what the client says of octets that come over a real connection."""
    here, there = socket.socketpair()
    with here, there:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_000_000)
        there.settimeout(5)
        there.sendall(octets)
        there.shutdown(socket.SHUT_WR)
        return by_the_client(made(here))


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("case", RESPONSES)
def test_the_client_says_what_the_codec_says(case: Case, face: Callable[..., httplib_sim.HTTPResponse]) -> None:
    """Status, reason, fields, persistence, content, interim responses and trailers; and an error where there is one."""
    if face is client.HTTPResponse and case.title in RULE_OF_HTTP_CLIENT:
        pytest.skip("http.client's users expect otherwise")
    expected = by_the_codec(case)
    sizes = [1, 7] if len(case.octets) < 20_000 else [4096]
    said = {size: by_the_client(face(Octets(case.octets, size), method=case.methods[0])) for size in sizes}
    said[0] = over_a_socket(case.octets, lambda sock: face(sock, method=case.methods[0]))
    for way, actual in said.items():
        if actual.fails and expected.status is None:  # http.client's face lets a head be seen that is doubtful
            actual = Said(interim=actual.interim, fails=True)  # noqa: PLW2901  what else it says has no counterpart
        assert actual == expected, f"{case.where}, read in pieces of {way or 'any'} octets"
