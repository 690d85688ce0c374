"""Sharing: other processes open sessions on a server, as pytest-xdist's workers do, or tests of a server in a box.

Law: what a session expects stays in its own process (`remote`), where it is a fake server, so that nothing of a test is
ever written down or sent away. Here is known which key leads where. The two talk HTTP, on a port beside the server's.

::

    the test's process                   the shared server's
    SharedServer(url).session()
        PUT /sessions  --------------->  Doorkeeper: opens a session that a `Relay` answers
        its own port  <----------------  a request with the session's key
    stop(), or the end of the block
        DELETE /sessions/<number>  --->  closes it
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from .errors import BadExpectation, WrongState
from .relay import Relay

if TYPE_CHECKING:
    from werkzeug import Request, Response

    from .hosting import Hosting
    from .server import FakeServer
    from .sessions import Session


class Doorkeeper:
    """Opens and closes sessions on *shared* for other processes, which come to the server *at*."""

    def __init__(self, shared: Hosting, at: FakeServer) -> None:
        self._shared = shared
        self._numbers = itertools.count(1)
        self._open: dict[int, Session] = {}
        self._server = at
        self._server.expect("/sessions", "PUT", required=False).respond_with_handler(self._enter)
        self._server.expect("/sessions/<int:number>", "DELETE", required=False).respond_with_handler(self._leave)
        self._server.start()
        self.url = self._server.url

    def close(self) -> None:
        """Let nobody in any more, and close what is open."""
        self._server.stop()
        for session in self._open.values():
            session.close()

    def _enter(self, request: Request) -> Response:
        from werkzeug import Response  # noqa: PLC0415  it is loaded: this is a handler

        asked = json.loads(request.get_data())
        try:
            session = self._shared.session(
                asked["key"], header=asked["header"], path=asked["path"], query=asked["query"]
            )
        except WrongState as error:
            return Response(str(error), 409)
        except BadExpectation as error:
            return Response(str(error), 422)
        session.ask(Relay(request.environ["REMOTE_ADDR"], asked["port"]))
        number = next(self._numbers)
        self._open[number] = session
        told = {"number": number, "key": session.key, "url": self._shared.url}
        return Response(json.dumps(told), content_type="application/json")

    def _leave(self, request: Request) -> str:
        session = self._open.pop(request.environ["wsgiorg.routing_args"][1]["number"], None)
        if session is not None:
            session.close()
        return ""
