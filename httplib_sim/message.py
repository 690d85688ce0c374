"""The header section as httplib's users know it: `HTTPMessage`.

Law: an ``email.message.Message``, as http.client has it, with the methods of Python 2's mimetools.Message beside it, as
httplib's documentation has it. It is filled from `wire.Fields`, never by the email parser, which gives up at an odd
line and loses what follows. This module loads the email package, so nothing loads it before somebody asks for a
message.

Where the two disagree, the mapping is http.client's (``m[name]`` is the first value or None), and a folded line is one
line with one blank in it; ``getheader``, ``getheaders``, ``dict``, ``headers`` and ``str(m)`` are mimetools'.
"""

from __future__ import annotations

import email.message
import email.utils
from email.errors import MissingHeaderBodySeparatorDefect
from typing import TYPE_CHECKING, Any, Final

from . import wire
from .errors import HTTPException, LineTooLong

if TYPE_CHECKING:
    from collections.abc import Iterable

_Table = dict[str, str]
_FOLD: Final = (" ", "\t")
_BLANKS: Final = " \t\r\n\v\f"  # what mimetools strips; str.strip would take some of ISO-8859-1's letters, too


class HTTPMessage(email.message.Message):
    """The headers of a response; a mapping whose names match in any case and may occur more than once.

    ``HTTPMessage(fp)`` reads them from a binary file, up to the empty line.
    """

    status = ""
    """What was wrong with the lines, in words; empty if nothing was."""
    unixfrom = ""
    """Kept for its name: the line that begins a message in a Unix mailbox."""
    fp: Any = None
    seekable = 0
    startofheaders: int | None = None
    startofbody: int | None = None

    _fields: wire.Fields | None = None
    _lines: list[str] | None = None
    _pairs_of_lines: list[tuple[str, str]] | None = None

    def __init__(self, fp: Any = None, seekable: int = 1, **policy: Any) -> None:  # noqa: ANN401, ARG002  mimetools' signature, and email's
        of_file = hasattr(fp, "readline")
        super().__init__(*([] if of_file or fp is None else [fp]), **policy)
        if of_file:
            lines = read_header_lines(fp)
            _fill(self, _fields_of(lines))
            if not lines[-1]:
                self.status = "EOF in headers"

    def __str__(self) -> str:
        """The lines as they came, as mimetools has it; ``as_string()`` is the email package's."""
        return "".join(self.headers)

    # Lines, by the names of rfc822

    @property
    def headers(self) -> list[str]:
        """The lines as they came, each with its end; those that continue a folded one are lines of their own.

        Lines that are no header lines are left out: they are the payload.
        """
        pairs = [(name, str(value)) for name, value in self.items()]
        if self._lines is None or self._pairs_of_lines != pairs:
            if self._fields is not None and self._fields.pairs() == pairs:
                text = b"".join([line.octets for line in self._fields if line.name]).decode("latin-1")
            else:
                text = "".join([f"{name}: {value}\r\n" for name, value in pairs])
            self._pairs_of_lines = pairs
            self._lines = [line + "\n" for line in text.split("\n")[:-1]]
        return self._lines

    @property
    def dict(self) -> _Table:
        r"""A dictionary from names in lower case to values: joined by ", ", or by ``"\n "`` where they were folded."""
        table: _Table = {}
        name = ""
        for line in self.headers:
            if line.startswith(_FOLD):
                table[name] += "\n " + line.strip(_BLANKS)
                continue
            found, _, value = line.partition(":")
            name = found.strip(_BLANKS).lower()
            value = value.strip(_BLANKS)
            table[name] = f"{table[name]}, {value}" if name in table else value
        return table

    def getallmatchingheaders(self, name: str) -> list[str]:
        """Return the lines whose header is *name*, with those that continue them."""
        found: list[str] = []
        matches = False
        for line in self.headers:
            if not line.startswith(_FOLD):
                matches = line.partition(":")[0].strip(_BLANKS).lower() == name.lower()
            if matches:
                found.append(line)
        return found

    def getfirstmatchingheader(self, name: str) -> list[str]:
        """Return the first line whose header is *name*, and those that continue it; an empty list if there is none."""
        found = self.getallmatchingheaders(name)
        end = next((index for index, line in enumerate(found) if index and not line.startswith(_FOLD)), None)
        return found[:end]

    def getrawheader(self, name: str) -> str | None:
        """Return what stands behind the colon of the first header *name*, with all blanks and line ends; or None."""
        first = self.getfirstmatchingheader(name)
        return "".join(first).partition(":")[2] if first else None

    def getheaders(self, name: str) -> list[str]:
        r"""Return the values of the header *name*, one for each line; where it was folded, there is ``"\n "``."""
        values: list[str] = []
        for line in self.getallmatchingheaders(name):
            if line.startswith(_FOLD):
                values[-1] = f"{values[-1]}\n {line.strip(_BLANKS)}" if values[-1] else line.strip(_BLANKS)
            else:
                values.append(line.partition(":")[2].strip(_BLANKS))
        return values

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return all values of the header *name* joined by ", ", or *default* if there is none."""
        return self.dict.get(name.lower(), default)

    def has_key(self, name: str) -> bool:
        """Tell whether there is a header *name*."""
        return name in self

    def setdefault(self, name: str, default: str = "") -> str:
        """Return the first value of the header *name*, after adding it with *default* if there is none."""
        if name not in self:
            self[name] = default
        return str(self[name])

    def addheader(self, key: str, value: str) -> None:
        """Add a header line."""
        self[key] = value

    def addcontinue(self, key: str, more: str) -> None:
        """Fold *more* into the first header *key*. Raises `KeyError` if there is none."""
        self.replace_header(key, f"{self[key]}\n {more}")

    def isheader(self, line: str) -> str | None:
        """Return the header's name, in lower case, if *line* has one; else None."""
        name, colon, _ = line.partition(":")
        return name.lower() if colon else None

    def islast(self, line: str) -> bool:
        """Tell whether *line* ends the headers."""
        return line in {"\r\n", "\n"}

    def iscomment(self, line: str) -> bool:  # noqa: ARG002  a hook of rfc822
        """Tell whether *line* is to be passed over: none is."""
        return False

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
        return None if date is None else (*date[:8], 0)

    def getdate_tz(self, name: str) -> tuple[int | None, ...] | None:
        """Return the date in the header *name* as ten numbers, the last its offset in seconds; or None."""
        date = email.utils.parsedate_tz(self.getheader(name) or "")
        return None if date is None else (*date[:8], 0, date[9])

    # The content type: mimetools.Message

    @property
    def typeheader(self) -> str | None:
        """The value of Content-Type, None if there is none."""
        return self.getheader("content-type")

    @property
    def encodingheader(self) -> str | None:
        """The value of Content-Transfer-Encoding, None if there is none."""
        return self.getheader("content-transfer-encoding")

    @property
    def type(self) -> str:
        """The content type in lower case, without parameters; text/plain if there is none."""
        value = self.typeheader
        text = "text/plain" if value is None else value.partition(";")[0]
        return "/".join([part.strip(_BLANKS).lower() for part in text.split("/")])

    @property
    def maintype(self) -> str:
        """What stands before the slash of the content type."""
        return self.type.partition("/")[0]

    @property
    def subtype(self) -> str:
        """What stands behind the slash of the content type."""
        return self.type.partition("/")[2]

    @property
    def plisttext(self) -> str:
        """The parameters of the content type as they stand there, from the first semicolon on."""
        _, semicolon, text = (self.typeheader or "").partition(";")
        return semicolon + text

    @property
    def plist(self) -> list[str]:
        """The parameters of the content type, each ``name=value``, with the name in lower case."""
        parameters = [part.partition("=") for part in self.plisttext.split(";")[1:]]
        return [
            name.strip(_BLANKS).lower() + equals + value.strip(_BLANKS) if equals else name.strip(_BLANKS)
            for name, equals, value in parameters
        ]

    def gettype(self) -> str:
        """Return the content type in lower case, without parameters; text/plain if there is none."""
        return self.type

    def getmaintype(self) -> str:
        """Return what stands before the slash of the content type."""
        return self.maintype

    def getsubtype(self) -> str:
        """Return what stands behind the slash of the content type."""
        return self.subtype

    def getplist(self) -> list[str]:
        """Return the parameters of the content type, each ``name=value``, with the name in lower case."""
        return self.plist

    def getparam(self, name: str) -> str | None:
        """Return the value of the parameter *name* of the content type, without quotes; None if there is none."""
        for parameter in self.plist:
            found, equals, value = parameter.partition("=")
            if equals and found == name.lower():
                return email.utils.unquote(value)
        return None

    def getparamnames(self) -> list[str]:
        """Return the names of the parameters of the content type, in lower case."""
        return [parameter.partition("=")[0] for parameter in self.plist if "=" in parameter]

    def getencoding(self) -> str:
        """Return the Content-Transfer-Encoding in lower case, 7bit if there is none."""
        value = self.encodingheader
        return "7bit" if value is None else value.lower()


def from_fields(fields: wire.Fields, kind: Any = HTTPMessage) -> Any:  # noqa: ANN401  an instance of *kind*
    """Return a message of *kind* with *fields*.

    Lines that are none become its payload, and a defect, as those expect who look for such (urllib3 does).
    """
    message = kind()
    _fill(message, fields)
    return message


def _fill(message: email.message.Message, fields: wire.Fields) -> None:
    message._headers = fields.pairs()  # type: ignore[attr-defined]  # noqa: SLF001  as they came; add_header would look for what is not there
    if isinstance(message, HTTPMessage):
        message._fields = fields
    malformed = fields.malformed()
    if malformed:
        message.defects.append(MissingHeaderBodySeparatorDefect())
        if isinstance(message, HTTPMessage) and any(":" not in line for line in malformed):
            message.status = "Non-header line where header expected"
    message.set_payload("".join(line + "\r\n" for line in malformed))


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
    return from_fields(_fields_of(lines), kind)


def _fields_of(lines: Iterable[bytes]) -> wire.Fields:
    octets = b"".join([line for line in lines if line.strip(b"\r\n")])
    if octets and not octets.endswith(b"\n"):
        octets += b"\r\n"
    return wire.Fields.from_octets(octets)


def parse_headers(fp: Any, _class: Any = HTTPMessage, *, _max_headers: int | None = None) -> Any:  # noqa: ANN401
    """Return a message of *_class* with the headers that the binary file *fp* gives, as http.client's function does."""
    return from_lines(read_header_lines(fp, _max_headers), _class)
