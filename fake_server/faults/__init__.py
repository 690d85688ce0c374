"""Faults: what can go wrong with an answer, a request or a connection, as small frozen values.

Law: only public names stand here. Nothing of this is loaded before a test has something go wrong.
"""

from __future__ import annotations

from .afterwards import All, Extra, Twice
from .base import Fault
from .bodies import (
    BadRecord,
    ByteOrderMark,
    Corrupt,
    CorruptGzip,
    Drip,
    Insert,
    Rate,
    Slice,
    TruncatedGzip,
    Unzippable,
)
from .catalogue import CATALOGUE, Catalogue
from .chunks import Chunked, ChunkSize, NoChunkEnd, NoLastChunk, Trailers
from .connections import Alert, Say
from .dialogue import Dialogue, Expect, Send, Wait
from .ends import Close, CloseWithoutNotify, HalfClose, Hold, Ignore, Limit, Pause, Reset, Stall, Truncate
from .heads import (
    DoubleFields,
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
from .requests import ContinueTwice, EarlyResponse, NoContinue, SlowRead

__all__ = [
    "CATALOGUE",
    "Alert",
    "All",
    "BadRecord",
    "ByteOrderMark",
    "Catalogue",
    "ChunkSize",
    "Chunked",
    "Close",
    "CloseWithoutNotify",
    "ContinueTwice",
    "Corrupt",
    "CorruptGzip",
    "Dialogue",
    "DoubleFields",
    "Drip",
    "EarlyResponse",
    "Expect",
    "Extra",
    "Fault",
    "FieldLine",
    "HalfClose",
    "Hold",
    "Http09",
    "Http10",
    "Ignore",
    "Information",
    "Insert",
    "Limit",
    "LineFeeds",
    "NoChunkEnd",
    "NoContinue",
    "NoLastChunk",
    "NoLength",
    "Pause",
    "Rate",
    "RecasedFields",
    "Reset",
    "ReverseFields",
    "Say",
    "Send",
    "SetField",
    "Slice",
    "SlowRead",
    "Stall",
    "StatusLine",
    "Trailers",
    "Truncate",
    "TruncatedGzip",
    "Twice",
    "Unzippable",
    "Wait",
]
