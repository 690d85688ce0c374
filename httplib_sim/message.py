"""The header section as httplib's users know it: `HTTPMessage`.

Law: an ``email.message.Message``, as http.client has it, with the methods of Python 2's mimetools.Message beside it, as
httplib's documentation has it. It is filled from `wire.Fields`, never by the email parser, which gives up at an odd
line and loses what follows. This module loads the email package, so nothing loads it before somebody asks for a
message.

Where the two disagree, the mapping is http.client's (``m[name]`` is the first value or None), and a folded line is one
line with one blank in it; ``getheader``, ``getheaders``, ``dict`` and ``headers`` are mimetools'.
"""

from __future__ import annotations

import email.message
import email.utils
from email.errors import MissingHeaderBodySeparatorDefect
from typing import TYPE_CHECKING, Any

from . import wire
from .errors import HTTPException, LineTooLong

if TYPE_CHECKING:
    from collections.abc import Iterable

_Table = dict[str, str]


class HTTPMessage(email.message.Message):
    """The headers of a response; a mapping whose names match in any case and may occur more than once."""

    status = ""
    """What was wrong with the lines, in words; empty if nothing was."""

    _lines: list[str] | None = None
    _pairs_of_lines: list[tuple[str, str]] | None = None

    # Lines, by the names of rfc822

    @property
    def headers(self) -> list[str]:
        """The lines as they came, each with its end; those that continue a folded one are lines of their own."""
        if self._lines is None or self._pairs_of_lines != self.items():
            self._pairs_of_lines = [(name, str(value)) for name, value in self.items()]
            self._lines = [f"{name}: {value}\r\n" for name, value in self._pairs_of_lines]
        return self._lines

    def getallmatchingheaders(self, name: str) -> list[str]:
        """Return the lines whose header is *name*, with those that continue them."""
        found: list[str] = []
        matches = False
        for line in self.headers:
            if line[:1] not in {" ", "\t"}:
                matches = line.partition(":")[0].strip().lower() == name.lower()
            if matches:
                found.append(line)
        return found

    def getfirstmatchingheader(self, name: str) -> list[str]:
        """Return the first line whose header is *name*, and those that continue it; an empty list if there is none."""
        found = self.getallmatchingheaders(name)
        end = next((index for index, line in enumerate(found) if index and line[:1] not in {" ", "\t"}), None)
        return found[:end]

    def getrawheader(self, name: str) -> str | None:
        """Return what stands behind the colon of the first header *name*, with all blanks and line ends; or None."""
        first = self.getfirstmatchingheader(name)
        return "".join(first).partition(":")[2] if first else None

    def getheaders(self, name: str) -> list[str]:
        r"""Return the values of the header *name*, one for each line; where it was folded, there is ``"\n "``."""
        values: list[str] = []
        for line in self.getallmatchingheaders(name):
            if line[:1] in {" ", "\t"}:
                values[-1] = f"{values[-1]}\n {line.strip()}"
            else:
                values.append(line.partition(":")[2].strip())
        return values

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return all values of the header *name* joined by ", ", or *default* if there is none."""
        values = self.getheaders(name)
        return ", ".join(values) if values else default

    @property
    def dict(self) -> _Table:
        """A dictionary from names in lower case to joined values."""
        return {name.lower(): self.getheader(name, "") or "" for name in self.keys()}

    def has_key(self, name: str) -> bool:
        """Tell whether there is a header *name*."""
        return name in self

    # Values, by the names of rfc822

    def getaddrlist(self, name: str) -> list[tuple[str, str]]:
        """Return the addresses in the headers *name*, as pairs of real name and address."""
        return email.utils.getaddresses(self.getheaders(name))

    def getaddr(self, name: str) -> tuple[str, str] | tuple[None, None]:
        """Return the first address in the headers *name*, or a pair of None."""
        found = self.getaddrlist(name)
        return found[0] if found else (None, None)

    def getdate(self, name: str) -> tuple[int, ...] | None:
        """Return the date in the header *name* as nine numbers for ``time.mktime``; None if there is none."""
        date = email.utils.parsedate(self.getheader(name) or "")
        return None if date is None else tuple(date)

    def getdate_tz(self, name: str) -> tuple[int | None, ...] | None:
        """Return the date in the header *name* as ten numbers, the last its offset in seconds; or None."""
        date = email.utils.parsedate_tz(self.getheader(name) or "")
        return None if date is None else tuple(date)

    # The content type: mimetools.Message

    @property
    def typeheader(self) -> str | None:
        """The value of Content-Type, None if there is none."""
        return self.getheader("content-type")

    @property
    def encodingheader(self) -> str | None:
        """The value of Content-Transfer-Encoding, None if there is none."""
        return self.getheader("content-transfer-encoding")

    def gettype(self) -> str:
        """Return the content type in lower case, without parameters; text/plain if there is none."""
        text = (self.typeheader or "text/plain").partition(";")[0]
        return "/".join(part.strip().lower() for part in text.split("/"))

    def getmaintype(self) -> str:
        """Return what stands before the slash of the content type."""
        return self.gettype().partition("/")[0]

    def getsubtype(self) -> str:
        """Return what stands behind the slash of the content type."""
        return self.gettype().partition("/")[2]

    def getplist(self) -> list[str]:
        """Return the parameters of the content type, each ``name=value``, with the name in lower case."""
        parameters = [part.partition("=") for part in (self.typeheader or "").split(";")[1:]]
        return [
            name.strip().lower() + "=" + value.strip() if equals else name.strip() for name, equals, value in parameters
        ]

    def getparam(self, name: str) -> str | None:
        """Return the value of the parameter *name* of the content type, without quotes; None if there is none."""
        for parameter in self.getplist():
            found, equals, value = parameter.partition("=")
            if equals and found == name.lower():
                return email.utils.unquote(value)
        return None

    def getparamnames(self) -> list[str]:
        """Return the names of the parameters of the content type, in lower case."""
        return [parameter.partition("=")[0] for parameter in self.getplist() if "=" in parameter]

    def getencoding(self) -> str:
        """Return the Content-Transfer-Encoding in lower case, 7bit if there is none."""
        return (self.encodingheader or "7bit").lower()


def from_fields(fields: wire.Fields, kind: Any = HTTPMessage) -> Any:  # noqa: ANN401  an instance of *kind*
    """Return a message of *kind* with *fields*.

    Lines that are none become its payload, and a defect, as those expect who look for such (urllib3 does).
    """
    message = kind()
    message._headers = pairs = fields.pairs()  # noqa: SLF001  as they came; add_header would look for what is not there
    if isinstance(message, HTTPMessage):
        message._lines = fields.octets.decode("latin-1").splitlines(keepends=True)  # noqa: SLF001
        message._pairs_of_lines = list(pairs)  # noqa: SLF001
    malformed = fields.malformed()
    if malformed:
        message.defects.append(MissingHeaderBodySeparatorDefect())
        message.status = "Non-header line where header expected"
    message.set_payload("".join(line + "\r\n" for line in malformed))
    return message


def read_header_lines(file: Any, most: int | None = None) -> list[bytes]:  # noqa: ANN401  any binary file
    """Return the lines of *file* up to the empty one, or the file's end, included.

    At most *most* lines, `wire.LIMITS.field_lines` if it is None. Raises `LineTooLong` and `HTTPException` past the
    limits.
    """
    limit = wire.LIMITS.field_lines if most is None else most
    longest = wire.LIMITS.field_line
    lines: list[bytes] = []
    while True:
        line = file.readline(longest + 1)
        if len(line) > longest:
            raise LineTooLong("header line")
        lines.append(line)
        if line in {b"\r\n", b"\n", b""}:
            return lines
        if len(lines) > limit:
            raise HTTPException(f"got more than {limit} headers")


def from_lines(lines: Iterable[bytes], kind: Any = HTTPMessage) -> Any:  # noqa: ANN401  an instance of *kind*
    """Return a message of *kind* with the header lines *lines*, the last of which may be empty, or lack its end."""
    octets = b"".join([line for line in lines if line.strip(b"\r\n")])
    if octets and not octets.endswith(b"\n"):
        octets += b"\r\n"
    return from_fields(wire.Fields.from_octets(octets), kind)


def parse_headers(fp: Any, _class: Any = HTTPMessage, *, _max_headers: int | None = None) -> Any:  # noqa: ANN401
    """Return a message of *_class* with the headers that the binary file *fp* gives, as http.client's function does."""
    return from_lines(read_header_lines(fp, _max_headers), _class)
