"""An HTTP/1.x client with the interface of Python 2.7's httplib: ``import httplib_sim as httplib``.

Law: names only, each loaded when it is first asked for, so that importing the package, as every pytest run does, costs
nothing. ``httplib_sim.client`` is the same client with the interface of Python 3's http.client, `httplib_sim.wire` its
codec.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .connection import HTTP_PORT, HTTPConnection
    from .errors import (
        BadStatusLine,
        CannotSendHeader,
        CannotSendRequest,
        HTTPException,
        ImproperConnectionState,
        IncompleteRead,
        InvalidURL,
        LineTooLong,
        NotConnected,
        RemoteDisconnected,
        ResponseNotReady,
        UnimplementedFileMode,
        UnknownProtocol,
        UnknownTransferEncoding,
        error,
    )
    from .https import HTTPS_PORT, HTTPSConnection
    from .legacy import HTTP, HTTPS, MAXAMOUNT, FakeSocket, LineAndFileWrapper
    from .message import HTTPMessage
    from .response import HTTPResponse
    from .status import *  # noqa: F403
    from .status import responses

_HOMES = {
    "connection": ("HTTPConnection", "HTTP_PORT"),
    "https": ("HTTPSConnection", "HTTPS_PORT"),
    "errors": (
        "BadStatusLine",
        "CannotSendHeader",
        "CannotSendRequest",
        "HTTPException",
        "ImproperConnectionState",
        "IncompleteRead",
        "InvalidURL",
        "LineTooLong",
        "NotConnected",
        "RemoteDisconnected",
        "ResponseNotReady",
        "UnimplementedFileMode",
        "UnknownProtocol",
        "UnknownTransferEncoding",
        "error",
    ),
    "legacy": ("HTTP", "HTTPS", "MAXAMOUNT", "FakeSocket", "LineAndFileWrapper"),
    "message": ("HTTPMessage",),
    "response": ("HTTPResponse",),
    "status": ("responses",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "HTTP",
    "HTTPS",
    "HTTPS_PORT",
    "HTTP_PORT",
    "MAXAMOUNT",
    "BadStatusLine",
    "CannotSendHeader",
    "CannotSendRequest",
    "FakeSocket",
    "HTTPConnection",
    "HTTPException",
    "HTTPMessage",
    "HTTPResponse",
    "HTTPSConnection",
    "ImproperConnectionState",
    "IncompleteRead",
    "InvalidURL",
    "LineAndFileWrapper",
    "LineTooLong",
    "NotConnected",
    "RemoteDisconnected",
    "ResponseNotReady",
    "UnimplementedFileMode",
    "UnknownProtocol",
    "UnknownTransferEncoding",
    "error",
    "responses",
]


def __dir__() -> list[str]:
    status = importlib.import_module(".status", __name__)
    return sorted({*globals(), *__all__, *(name for name in vars(status) if name.isupper())})


if not TYPE_CHECKING:  # a type checker is to find names that there are, and no others

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name) or ("status" if name.isupper() else None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f".{home}", __name__), name)
        globals()[name] = value
        return value
