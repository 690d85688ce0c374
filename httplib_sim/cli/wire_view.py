"""What ``request -v`` shows: the heads of an exchange as they are on the wire, secrets masked.

Law: wire values in, lines of text out. A secret is what `cassettes.redaction` takes for one; a control character is
shown escaped, since what a server sends could otherwise steer the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cassettes.exchange import Exchange, Request, Response
from cassettes.recorder import Recorder
from cassettes.sockets import RecordingSocket
from cassettes.transcript import Requests
from httplib_sim import wire

from .errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httplib_sim import HTTPConnection
    from httplib_sim.waist import Origin


class WireView:
    """Makes the lines for one exchange with *origin*; with *secrets* nothing is masked."""

    def __init__(self, origin: Origin, *, secrets: bool = False) -> None:
        self._origin = origin
        self._secrets = secrets
        self._sent = Requests()

    def watch(self, connection: HTTPConnection) -> None:
        """Look on at *connection*, which is connected, from between the client and its socket."""
        connection.sock = RecordingSocket(connection.sock, _Observer(self._origin, self._sent))

    def request_lines(self) -> list[str]:
        """Return the lines of the request as it was sent, each after ``>``; of its body, the length."""
        message = self._sent.message()
        shown = self._masked(Exchange(request=Request(self._origin, message))).request.message
        lines = [f"> {line}" for line in _lines(shown.head.octets)]
        return [*lines, f"* {len(message.body.content):,} octets of content sent"] if message.body.content else lines

    def response_lines(self, *heads: wire.ResponseHead) -> list[str]:
        """Return the lines of response heads, interim ones first, each after ``<``."""
        request = Request(self._origin, self._sent.message())
        exchanges = [Exchange(request=request, response=Response(wire.Response(head))) for head in heads]
        masked = [exchange.response for exchange in map(self._masked, exchanges)]
        shown = [response.message.head for response in masked if response is not None]
        return [f"< {line}" for head in shown for line in _lines(head.octets)]

    def _masked(self, exchange: Exchange) -> Exchange:
        if self._secrets:
            return exchange
        from cassettes.redaction import redact

        return redact(exchange)


def _lines(octets: bytes) -> Iterator[str]:
    """The lines of a head, the empty one that ends it included, fit for a terminal."""
    for line in octets.decode("latin-1").removesuffix("\n").split("\n"):
        yield visible(line.removesuffix("\r"))


class _Observer(Recorder):
    """A recorder that keeps nothing but what was sent, in *sent*."""

    def __init__(self, origin: Origin, sent: Requests) -> None:
        super().__init__(origin, lambda _: None)
        self._sent = sent

    def sent(self, data: bytes | memoryview) -> int:
        """Note that the client sends *data*, up to the end of the request."""
        count = super().sent(data)
        self._sent.take(data[:count])
        return count
