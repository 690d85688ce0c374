"""The catalogue: every fault that an ordinary response can have, by name, for `pytest.mark.parametrize`.

Law: names and values. A response with content of a few octets has a position for each of them; none of them waits for
longer than a client's time-out, and where it waits for that, its family is ``stall``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from .afterwards import All, Extra, Twice
from .base import Fault
from .bodies import ByteOrderMark, Corrupt, CorruptGzip, Drip, Insert, Rate, Slice, TruncatedGzip, Unzippable
from .chunks import Chunked, ChunkSize, NoChunkEnd, NoLastChunk, Trailers
from .ends import Close, CloseWithoutNotify, HalfClose, Limit, Pause, Reset, Stall, Truncate
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


class Catalogue(Mapping[str, Fault]):
    """Faults by their names, in groups."""

    def __init__(self, groups: Mapping[str, Mapping[str, Fault]]) -> None:
        self._groups = groups
        self._all = {name: fault for group in groups.values() for name, fault in group.items()}

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of the groups."""
        return tuple(self._groups)

    def only(self, *groups: str) -> Catalogue:
        """Return the catalogue of these *groups*. Raises KeyError, which says which there are."""
        return Catalogue({group: self._faults_of(group) for group in groups})

    def without(self, *groups: str) -> Catalogue:
        """Return the catalogue without these *groups*. Raises KeyError, which says which there are."""
        for group in groups:
            self._faults_of(group)
        return Catalogue({group: faults for group, faults in self._groups.items() if group not in groups})

    def __getitem__(self, name: str) -> Fault:
        if name in self._all:
            return self._all[name]
        from difflib import get_close_matches  # noqa: PLC0415  only for those who mistype

        near = get_close_matches(str(name), self._all, cutoff=0.4) or self._all
        raise KeyError(f"expected the name of a fault, such as {', '.join(near)}; got {name!r}")

    def _faults_of(self, group: str) -> Mapping[str, Fault]:
        if group not in self._groups:
            raise KeyError(f"expected one of the groups {', '.join(self._groups)}; got {group!r}")
        return self._groups[group]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"<Catalogue of {len(self)} faults: {', '.join(self._groups)}>"


def _garbage(octets: bytes) -> Fault:
    return All(Close(), Insert(octets, after="request"))


def _length(*values: str) -> Fault:
    return SetField("Content-Length", values)


_BEFORE: Final[dict[str, Fault]] = {
    "empty_response": Close(),
    "reset": Reset(),
    "half_close": HalfClose(),
    "garbage": _garbage(b"\x00\x01garbage\xff"),
    "pause": Pause(seconds=0.01),
}

_STALL: Final[dict[str, Fault]] = {
    "stall": Stall(),
    "stall_in_head": Stall(after="status-line"),
    "stall_after_headers": Stall(after="headers"),
    "truncate_stall": Truncate(1, then="stall"),
    "information_stall": All(Stall(), Information(102)),
}

_STATUS_LINE: Final[dict[str, Fault]] = {
    "status_line_swapped": StatusLine(b"HTTP/1.1 OK 200"),
    "status_line_version": StatusLine(b"HTTP/9.9 200 OK"),
    "status_line_no_reason": StatusLine(b"HTTP/1.1 200"),
    "status_line_four_digits": StatusLine(b"HTTP/1.1 2000 OK"),
    "status_line_no_digits": StatusLine(b"HTTP/1.1 abc OK"),
    "status_line_lower_case": StatusLine(b"http/1.1 200 ok"),
    "status_line_line_feed": StatusLine(b"HTTP/1.1 200 OK\n"),
    "status_line_after_empty_line": StatusLine(b"\r\nHTTP/1.1 200 OK"),
    "status_line_too_long": StatusLine(b"HTTP/1.1 200 " + b"r" * 70_000),
    "http09": Http09(),
    "http10": Http10(),
    "cut_status_line": Close(after="status-line[:5]"),
    "reset_in_status_line": Reset(after="status-line[:5]"),
    "reset_after_status_line": Reset(after="status-line"),
}

_INTERIM: Final[dict[str, Fault]] = {
    "information_100": Information(100),
    "information_102": Information(102),
    "information_103": Information(103, (("Link", "</a.css>; rel=preload"),)),
    "information_unknown": Information(199),
    "information_flood": Information(102, times=200),
    "information_only": All(Close(), Information(102)),
}

_HEADERS: Final[dict[str, Fault]] = {
    "cut_headers": Close(after="headers[:5]"),
    "reset_after_headers": Reset(after="headers"),
    "header_no_colon": FieldLine(b"no colon"),
    "header_space_before_colon": FieldLine(b"X-Space : 1"),
    "header_folded": FieldLine(b"X-Folded: 1,\r\n 2"),
    "header_nul": FieldLine(b"X-Nul: a\0b"),
    "header_cr": FieldLine(b"X-Cr: a\rb"),
    "header_utf8": FieldLine("X-Text: é€".encode()),
    "header_latin1": FieldLine("X-Text: é".encode("latin-1")),
    "header_empty_name": FieldLine(b": 1"),
    "header_too_long": FieldLine(b"X-Long: " + b"v" * 70_000),
    "too_many_headers": FieldLine(b"\r\n".join(b"X-%d: 1" % number for number in range(150))),
    "headers_doubled": DoubleFields(),
    "headers_reversed": ReverseFields(),
    "headers_upper_case": RecasedFields(),
    "headers_lower_case": RecasedFields(upper=False),
    "line_feeds": LineFeeds(),
    "drip_headers": Drip(),
}

_FRAMING: Final[dict[str, Fault]] = {
    "two_content_lengths": _length("2", "3"),
    "content_length_list": _length("5, 5"),
    "content_length_negative": _length("-1"),
    "content_length_plus": _length("+5"),
    "content_length_hex": _length("0x5"),
    "content_length_huge": _length("9" * 30),
    "content_length_missing": _length(),
    "content_length_and_chunked": All(Chunked(), _length("2")),
    "transfer_encoding_unknown": All(Chunked(), SetField("Transfer-Encoding", ("xchunked",))),
    "transfer_encoding_twice": All(Chunked(), SetField("Transfer-Encoding", ("chunked", "chunked"))),
    "transfer_encoding_gzip": All(Chunked(), SetField("Transfer-Encoding", ("gzip, chunked",))),
    "chunked_on_http10": All(Chunked(), StatusLine(b"HTTP/1.0 200 OK"), Close(after="response")),
    "no_length": NoLength(),
}

_BODY: Final[dict[str, Fault]] = {
    "truncate": Truncate(1),
    "truncate_reset": Truncate(1, then="reset"),
    "limit": Limit(20),
    "corrupt": Corrupt(),
    "unzippable": Unzippable(),
    "truncated_gzip": TruncatedGzip(),
    "corrupt_gzip": CorruptGzip(),
    "wrong_charset": SetField("Content-Type", ("text/plain; charset=no-such",)),
    "byte_order_mark": ByteOrderMark(),
    "drip": Drip(after="headers"),
    "rate": Rate(),
    "slice": Slice(),
}

_CHUNKS: Final[dict[str, Fault]] = {
    "chunks_of_one_octet": Chunked((1,)),
    "chunk_extension": Chunked(extension=b";a=1"),
    "chunk_extension_too_long": Chunked(extension=b";a=" + b"x" * 70_000),
    "chunk_line_feeds": Chunked(line_end=b"\n"),
    "no_last_chunk": NoLastChunk(),
    "cut_in_chunk": All(Chunked(), Close(after="chunk[0][:1]")),
    "cut_in_size_line": All(Chunked(), Close(after="chunk-size[0][:1]")),
    "reset_in_chunk": All(Chunked(), Reset(after="chunk[0][:1]")),
    "chunk_size_letters": ChunkSize(b"zz"),
    "chunk_size_negative": ChunkSize(b"-1"),
    "chunk_size_huge": ChunkSize(b"f" * 20),
    "chunk_size_0x": ChunkSize(b"0x5"),
    "chunk_size_blank": ChunkSize(b"  5"),
    "chunk_size_missing": ChunkSize(b""),
    "chunk_without_end": NoChunkEnd(),
}

_TRAILERS: Final[dict[str, Fault]] = {
    "trailers": Trailers(),
    "trailers_forbidden": Trailers((b"Content-Length: 3",)),
    "trailers_malformed": Trailers((b"no colon",)),
    "trailers_flood": Trailers(tuple(b"X-%d: 1" % number for number in range(150))),
    "cut_trailers": All(Trailers(), Close(after="trailers[:3]")),
}

_AFTERWARDS: Final[dict[str, Fault]] = {
    "close_unannounced": Close(after="response"),
    "reset_unannounced": Reset(after="response"),
    "close_without_notify": CloseWithoutNotify(after="response"),
    "close_on_next": Close(after="next-request"),
    "reset_on_next": Reset(after="next-request"),
    "unsolicited_408": All(
        Close(after="response"),
        Extra(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    ),
    "extra_octets": Extra(),
    "double_response": Twice(),
    "lying_close": SetField("Connection", ("close",)),
    "lying_keep_alive": All(SetField("Connection", ("keep-alive",)), Close(after="response")),
    "slow_close": All(Pause(after="response", seconds=0.01), Close(after="response")),
}

CATALOGUE: Final = Catalogue(
    {
        "before": _BEFORE,
        "stall": _STALL,
        "status-line": _STATUS_LINE,
        "interim": _INTERIM,
        "headers": _HEADERS,
        "framing": _FRAMING,
        "body": _BODY,
        "chunks": _CHUNKS,
        "trailers": _TRAILERS,
        "afterwards": _AFTERWARDS,
    }
)
"""All faults of responses. ``CATALOGUE.only("body")`` has those of one group, ``CATALOGUE.groups`` are their names."""
