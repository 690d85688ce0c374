"""The face of Python 3's http.client: ``sys.modules["http.client"] = httplib_sim.client``.

Law: signatures and names, as http.client of Python 3.11 to 3.15 has them, those included that are not public but used all
the same; what is done is done in `connection` and `response`, and what is done otherwise than in httplib is in `face`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from . import connection, response, status, tls
from .connection import HTTP_PORT, HTTPS_PORT
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
from .face import HTTP_CLIENT
from .link import DEFAULT_TIMEOUT
from .message import HTTPMessage, parse_headers, read_header_lines
from .source import Source
from .status import responses
from .wire import LIMITS

if TYPE_CHECKING:
    import ssl
