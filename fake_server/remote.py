"""Sessions on a server of another process: what a test says of them stays in its own.

Law: such a session is a fake server, with all that one can, and the words of a `Session`: the clients' requests come by
way of the shared server (`sharing`, `relay`), which is told nothing but a key and a port.
"""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from httplib_sim import wire

from .errors import BadExpectation, WrongState
from .marks import beginning, mark
from .server import FakeServer

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE: Final = 10.0
"""Seconds within which the shared server must answer."""

_REFUSED: Final = {409: WrongState, 422: BadExpectation}


class SharedServer:
    """A fake server of another process, which gave *url*: see `FakeServer.share`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def session(
        self,
        key: str | None = None,
        *,
        header: str = "X-Test-Session",
        path: bool = False,
        query: str | None = None,
        host: str = "127.0.0.1",
    ) -> RemoteSession:
        """Open a session, as `FakeServer.session` does; *host* is where this process is reached by the other one.

        Raises `WrongState` for a key that is taken, or if nobody is at the address, and `BadExpectation`.
        """
        asked = {"key": key, "header": header, "path": path, "query": query}
        session = RemoteSession(self, asked, host)
        session.start()
        return session

    def request(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  JSON
        """Ask, and return what the answer's JSON says. Raises `WrongState` and `BadExpectation`."""
        octets = b"" if content is None else json.dumps(content).encode()
        fields = wire.Fields([("Host", "fake-server"), ("Content-Length", str(len(octets))), ("Connection", "close")])
        head = wire.RequestHead(method, path, fields)
        url = urlsplit(self.url)
        try:
            with socket.create_connection((url.hostname or "", url.port or 80), PATIENCE) as sock:
                sock.sendall(head.octets + octets)
                received = b"".join(iter(lambda: sock.recv(65_536), b""))
            (response,) = wire.parse_responses(received, [method])
        except (OSError, wire.RemoteProtocolError) as error:
            raise WrongState(f"expected a shared fake server at {self.url}, got {error}") from error
        text = response.body.content.decode()
        if response.head.status != 200:
            raise _REFUSED.get(response.head.status, WrongState)(text)
        return json.loads(text) if text else None

    def __repr__(self) -> str:
        return f"<SharedServer {self.url}>"


class RemoteSession(FakeServer):
    """A session on *shared*: to its clients as a `Session`, and in this process a fake server that answers for it.

    *asked* is what it asks for. With `stop`, or the end of its block, the shared server forgets its key.
    """

    def __init__(self, shared: SharedServer, asked: Mapping[str, Any], host: str) -> None:
        super().__init__(host)
        self.server = shared
        self._asked = asked
        self._mark = mark(asked["header"], path=asked["path"], query=asked["query"])
        self._told: Mapping[str, Any] = {}

    def start(self) -> None:
        """Listen, and have the shared server ask here. Raises `WrongState` and `BadExpectation`: see `SharedServer`."""
        super().start()
        try:
            self._told = self.server.request("PUT", "/sessions", {**self._asked, "port": self.port})
        except BaseException:
            super().stop()
            raise

    def stop(self, *, finish: float = 0.0) -> None:
        """Have the shared server forget the key, and stop listening."""
        if self.is_running():
            with contextlib.suppress(WrongState):  # it is gone, and so is what it knew
                self.server.request("DELETE", f"/sessions/{self._told['number']}")
        super().stop(finish=finish)

    @property
    def key(self) -> str:
        """The key."""
        return str(self._told["key"])

    @property
    def headers(self) -> Mapping[str, str]:
        """The fields that a client must send."""
        return self._mark.headers(self.key)

    @property
    def params(self) -> Mapping[str, str]:
        """The parameters that a client must send in the query."""
        return self._mark.params(self.key)

    @property
    def url(self) -> str:
        """What URLs on the shared server begin with: see `Session.url`."""
        return beginning(self._mark, self._told["url"], self.key) if self._told else super().url

    def url_for(self, path: str) -> str:
        """Return the URL of *path* on the shared server, with the key if it belongs there."""
        return self._mark.url(self._told["url"], path.removeprefix("/"), self.key)
