"""The codec: HTTP/1.x messages from octets and to octets (RFC 9112, RFC 9110), for both roles, without I/O.

Law: no socket, no clock, no thread, no file; and no octet is ever dropped: ``emit(parse(octets)) == octets``. Whoever
has octets can drive it: a blocking client, a server's thread, a recorder that looks on, an event loop.

===============  ====================================================================================
`grammar`        what is regular in the RFCs, and the checks of what is about to be emitted
`limits`         how much is accepted (`Limits`), and how much of what the grammar forbids (`Leniency`)
`inbox`          the octets that have arrived and that nobody has taken yet
`fields`         field lines: in order, in their case, as received
`head`           start lines with their fields
`framing`        how the end of a body is found
`body`           bodies, part by part
`quick`          the heads that nearly all responses have, read in one go
`drive`          the readers of whole connections: `RequestReader`, `ResponseReader`
`message`        whole messages as values; `emit`
`errors`         everything that can be wrong
===============  ====================================================================================

Text is ISO-8859-1: each octet is one character, so nothing is lost; content is bytes.
"""

from .body import (
    END_OF_MESSAGE,
    BodyPart,
    BodyReader,
    ChunkedReader,
    ChunkHead,
    ChunkTail,
    Data,
    EndOfMessage,
    FixedReader,
    Trailers,
    UntilCloseReader,
    body_reader,
)
from .drive import Event, MessageReader, RequestReader, ResponseReader
from .errors import (
    BadChunk,
    BadFieldLine,
    BadFraming,
    BadStartLine,
    IncompleteMessage,
    LimitExceeded,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownVersion,
    WireError,
)
from .fields import FieldLine, Fields
from .framing import (
    BodyKind,
    Framing,
    connection_options,
    content_length,
    keeps_alive,
    request_framing,
    response_framing,
    transfer_codings,
)
from .grammar import check_chunk_extension, check_field_name, check_field_value, check_method, check_target
from .head import (
    HTTP09,
    HTTP10,
    HTTP11,
    RequestHead,
    ResponseHead,
    parse_request_head,
    parse_response_head,
    request_head,
    response_head,
    version_text,
)
from .inbox import NEED_DATA, Inbox, NeedData
from .limits import CLIENT, LENIENT, LIMITS, SERVER, STRICT, UNLIMITED, Leniency, Limits, check_section_limits
from .message import Body, BodyCollector, HasOctets, Request, Response, emit, parse_requests, parse_responses
from .quick import CHUNKED_LENGTH, take_plain_head

__all__ = [
    "CHUNKED_LENGTH",
    "CLIENT",
    "END_OF_MESSAGE",
    "HTTP09",
    "HTTP10",
    "HTTP11",
    "LENIENT",
    "LIMITS",
    "NEED_DATA",
    "SERVER",
    "STRICT",
    "UNLIMITED",
    "BadChunk",
    "BadFieldLine",
    "BadFraming",
    "BadStartLine",
    "Body",
    "BodyCollector",
    "BodyKind",
    "BodyPart",
    "BodyReader",
    "ChunkHead",
    "ChunkTail",
    "ChunkedReader",
    "Data",
    "EndOfMessage",
    "Event",
    "FieldLine",
    "Fields",
    "FixedReader",
    "Framing",
    "HasOctets",
    "Inbox",
    "IncompleteMessage",
    "Leniency",
    "LimitExceeded",
    "Limits",
    "LocalProtocolError",
    "MessageReader",
    "NeedData",
    "RemoteProtocolError",
    "Request",
    "RequestHead",
    "RequestReader",
    "Response",
    "ResponseHead",
    "ResponseReader",
    "Trailers",
    "UnknownVersion",
    "UntilCloseReader",
    "WireError",
    "body_reader",
    "check_chunk_extension",
    "check_field_name",
    "check_field_value",
    "check_method",
    "check_section_limits",
    "check_target",
    "connection_options",
    "content_length",
    "emit",
    "keeps_alive",
    "parse_request_head",
    "parse_requests",
    "parse_response_head",
    "parse_responses",
    "request_framing",
    "request_head",
    "response_framing",
    "response_head",
    "take_plain_head",
    "transfer_codings",
    "version_text",
]
