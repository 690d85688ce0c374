"""The module's names: constants, reasons, the tree of exceptions, what a star import brings."""

from __future__ import annotations

from typing import Any, Final

from tests.oracles.python27.steps import Scenarios, ask, call, look, words

_CODES: Final = words(
    """
    CONTINUE SWITCHING_PROTOCOLS PROCESSING OK CREATED ACCEPTED NON_AUTHORITATIVE_INFORMATION NO_CONTENT
    RESET_CONTENT PARTIAL_CONTENT MULTI_STATUS IM_USED MULTIPLE_CHOICES MOVED_PERMANENTLY FOUND SEE_OTHER
    NOT_MODIFIED USE_PROXY TEMPORARY_REDIRECT BAD_REQUEST UNAUTHORIZED PAYMENT_REQUIRED FORBIDDEN NOT_FOUND
    METHOD_NOT_ALLOWED NOT_ACCEPTABLE PROXY_AUTHENTICATION_REQUIRED REQUEST_TIMEOUT CONFLICT GONE LENGTH_REQUIRED
    PRECONDITION_FAILED REQUEST_ENTITY_TOO_LARGE REQUEST_URI_TOO_LONG UNSUPPORTED_MEDIA_TYPE
    REQUESTED_RANGE_NOT_SATISFIABLE EXPECTATION_FAILED UNPROCESSABLE_ENTITY LOCKED FAILED_DEPENDENCY
    UPGRADE_REQUIRED INTERNAL_SERVER_ERROR NOT_IMPLEMENTED BAD_GATEWAY SERVICE_UNAVAILABLE GATEWAY_TIMEOUT
    HTTP_VERSION_NOT_SUPPORTED INSUFFICIENT_STORAGE NOT_EXTENDED
    """
)
_WITHOUT_REASON: Final = words(
    """
    PROCESSING MULTI_STATUS IM_USED UNPROCESSABLE_ENTITY LOCKED FAILED_DEPENDENCY UPGRADE_REQUIRED INSUFFICIENT_STORAGE
    NOT_EXTENDED
    """
)
_RENAMED: Final = words("REQUEST_ENTITY_TOO_LARGE REQUEST_URI_TOO_LONG REQUESTED_RANGE_NOT_SATISFIABLE")
_EXCEPTIONS: Final = words(
    """
    HTTPException NotConnected InvalidURL UnknownProtocol UnknownTransferEncoding UnimplementedFileMode
    IncompleteRead ImproperConnectionState CannotSendRequest CannotSendHeader ResponseNotReady BadStatusLine
    LineTooLong
    """
)
_CLASSES: Final = ("HTTPConnection", "HTTPSConnection", "HTTPResponse", "HTTPMessage", "HTTP", "HTTPS")
_OTHERS: Final = ("MAXAMOUNT", "HTTP_PORT", "HTTPS_PORT", "error", "FakeSocket", "LineAndFileWrapper", "__all__")
_STARRED: Final = words(
    """
    HTTP HTTPResponse HTTPConnection HTTPException NotConnected UnknownProtocol UnknownTransferEncoding
    UnimplementedFileMode IncompleteRead InvalidURL ImproperConnectionState CannotSendRequest CannotSendHeader
    ResponseNotReady BadStatusLine error responses HTTPSConnection
    """
)
_MADE: Final[dict[str, list[list[Any]]]] = {
    "HTTPException": [[], ["x"], ["x", "y"]],
    "NotConnected": [[], ["x"]],
    "InvalidURL": [[], ["x"]],
    "UnknownProtocol": [["HTTP/2.0"], []],
    "UnknownTransferEncoding": [[], ["x"]],
    "UnimplementedFileMode": [[], ["x"]],
    "IncompleteRead": [["abc"], ["abc", 5], []],
    "ImproperConnectionState": [[], ["x"]],
    "CannotSendRequest": [[], ["x"]],
    "CannotSendHeader": [[], ["x"]],
    "ResponseNotReady": [[], ["x"]],
    "BadStatusLine": [["x"], [""], []],
    "LineTooLong": [["header line"], []],
}

SCENARIOS: Final[Scenarios] = {
    "constants/ports": look("httplib.HTTP_PORT", "httplib.HTTPS_PORT"),
    **{f"constants/{code}": look(f"httplib.{code}") for code in _CODES},
    **{
        f"responses/{code}": [call("item", {"name": "httplib.responses"}, {"name": f"httplib.{code}"})]
        for code in _CODES
        if code not in (*_WITHOUT_REASON, *_RENAMED)
    },
    "responses/306": [call("item", {"name": "httplib.responses"}, 306)],
    "responses/no such": [call("item", {"name": "httplib.responses"}, 299)],
    **{
        f"tree/{name}": [
            call("issubclass", {"name": f"httplib.{name}"}, {"name": f"httplib.{other}"}) for other in _EXCEPTIONS
        ]
        for name in _EXCEPTIONS
    },
    "tree/error": [call("same", {"name": "httplib.error"}, {"name": "httplib.HTTPException"})],
    **{f"names/{name}": [call("hasattr", {"name": "httplib"}, name)] for name in (*_CLASSES, *_OTHERS)},
    **{f"star import/{name}": [call("contains", {"name": "httplib.__all__"}, name)] for name in _STARRED},
    "names/connection": [
        call("hasattr", {"name": "httplib.HTTPConnection"}, name)
        for name in words(
            """
            request putrequest putheader endheaders send getresponse set_debuglevel set_tunnel connect close
            response_class default_port auto_open debuglevel strict _http_vsn _http_vsn_str _get_hostport
            """
        )
    ],
    "names/response": [
        call("hasattr", {"name": "httplib.HTTPResponse"}, name)
        for name in words("begin read getheader getheaders fileno close isclosed _read_status")
    ],
    "values": look(
        "httplib.MAXAMOUNT",
        "httplib.HTTPConnection.auto_open",
        "httplib.HTTPConnection.debuglevel",
        "httplib.HTTPConnection.strict",
        "httplib.HTTPConnection.default_port",
        "httplib.HTTPSConnection.default_port",
        "httplib.HTTPConnection._http_vsn",
        "httplib.HTTPConnection._http_vsn_str",
        "httplib.HTTPConnection.response_class",
        "httplib.HTTP._http_vsn",
        "httplib.HTTP._http_vsn_str",
    ),
    **{
        f"made/{name}/{number}": [
            call(f"httplib.{name}", *arguments, into="e"),
            *look("e.args"),
            call("str", {"name": "e"}),
            call("repr", {"name": "e"}) if name == "IncompleteRead" else call("type", {"name": "e"}),
        ]
        for name, lists in _MADE.items()
        for number, arguments in enumerate(lists)
    },
    "made/BadStatusLine/line": [call("httplib.BadStatusLine", "x", into="e"), *look("e.line")],
    "made/UnknownProtocol/version": [call("httplib.UnknownProtocol", "x", into="e"), *look("e.version")],
    "FakeSocket": [call("httplib.FakeSocket", 1, 2)],
    "LineAndFileWrapper": [
        call("httplib.LineAndFileWrapper", "hello\n", {"octets": "world"}, into="w"),
        *ask("w.read", [[3], [5], []]),
    ],
    "LineAndFileWrapper/lines": [
        call("httplib.LineAndFileWrapper", "hello\n", {"octets": "world\n!"}, into="w"),
        call("w.readline"),
        call("w.readline"),
        call("w.readlines"),
    ],
}
