"""The header section as httplib's users know it: `HTTPMessage`.

Law: an ``email.message.Message``, as http.client has it, with the methods of mimetools.Message beside it, as httplib's
documentation has it; filled from `wire.Fields`, never by the email parser, which loses what follows an odd line. This
module loads the email package, so nothing loads it before somebody asks for a message.
"""

from __future__ import annotations

import email.message
import email.utils
from email.errors import MissingHeaderBodySeparatorDefect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import wire


class HTTPMessage(email.message.Message):
    """The headers of a response; a mapping whose names match in any case and may occur more than once.

    ``m[name]`` is the first value or None, as in http.client; `getheader` joins all values, as in httplib.
    """

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """Return all values of the header *name* joined by ", ", or *default* (httplib: repeated headers are combined)."""
        values = self.getheaders(name)
        return ", ".join(values) if values else default

    def getheaders(self, name: str) -> list[str]:
        """Return the values of the header *name*, one for each line."""
        return [str(value) for value in self.get_all(name, [])]

    def getrawheader(self, name: str) -> str | None:
        """Return the first value of the header *name* as it stood behind the colon, with its line end; None if there is none."""
        for line in self.getallmatchingheaders(name):
            return line.partition(":")[2]
        return None

    def getallmatchingheaders(self, name: str) -> list[str]:
        """Return the lines, each with its line end, whose header is *name*."""
        return [line for line in self.headers if line.partition(":")[0].strip().lower() == name.lower()]

    def getfirstmatchingheader(self, name: str) -> list[str]:
        """Return the first of the lines whose header is *name*, as a list."""
        return self.getallmatchingheaders(name)[:1]

    @property
    def headers(self) -> list[str]:
        """The lines of the section, each with its line end."""
        return [f"{name}: {value}\r\n" for name, value in self.items()]

    @property
    def dict(self) -> dict[str, str]:
        """A dictionary from names in lower case to joined values."""
        return {name.lower(): self.getheader(name) or "" for name in self.keys()}  # noqa: SIM118  a Message iterates otherwise

    def has_key(self, name: str) -> bool:
        """Tell whether there is a header *name*."""
        return name in self

    def getaddrlist(self, name: str) -> list[tuple[str, str]]:
        """Return the addresses in the headers *name*, as pairs of real name and address."""
        return email.utils.getaddresses(self.getheaders(name))

    def getaddr(self, name: str) -> tuple[str, str] | tuple[None, None]:
        """Return the first address in the headers *name*, or a pair of None."""
        found = self.getaddrlist(name)
        return found[0] if found else (None, None)

    def getdate(self, name: str) -> tuple[int, int, int, int, int, int, int, int, int] | None:
        """Return the date in the header *name* as a time tuple, None if there is none."""
        value = self.getheader(name)
        return email.utils.parsedate(value) if value else None  # type: ignore[return-value]

    def getdate_tz(self, name: str) -> tuple[int, int, int, int, int, int, int, int, int, int | None] | None:
        """Return the date in the header *name* as a time tuple with its offset in seconds, None if there is none."""
        value = self.getheader(name)
        return email.utils.parsedate_tz(value) if value else None  # type: ignore[return-value]

    def gettype(self) -> str:
        """Return the content type in lower case, text/plain if there is none."""
        return self.get_content_type()

    def getmaintype(self) -> str:
        """Return what stands before the slash of the content type."""
        return self.get_content_maintype()

    def getsubtype(self) -> str:
        """Return what stands behind the slash of the content type."""
        return self.get_content_subtype()

    def getplist(self) -> list[str]:
        """Return the parameters of the content type, as they stand."""
        return [part.strip() for part in str(self.get("content-type", "")).split(";")[1:]]

    def getparam(self, name: str) -> str | None:
        """Return the value of the parameter *name* of the content type, without quotes; None if there is none."""
        value = self.get_param(name)
        return str(value) if value is not None else None

    def getparamnames(self) -> list[str]:
        """Return the names of the parameters of the content type, in lower case."""
        return [part.partition("=")[0].strip().lower() for part in self.getplist() if "=" in part]

    def getencoding(self) -> str:
        """Return the Content-Transfer-Encoding in lower case, 7bit if there is none."""
        return str(self.get("content-transfer-encoding", "7bit")).lower()


def from_fields(fields: wire.Fields, kind: type[HTTPMessage] = HTTPMessage) -> HTTPMessage:
    """Return a message with *fields*; lines that are none become its payload, and a defect, as urllib3 looks for."""
    message = kind()
    message._headers = fields.pairs()  # type: ignore[attr-defined]  # noqa: SLF001  each header without the checks of add_header
    malformed = fields.malformed()
    if malformed:
        message.defects.append(MissingHeaderBodySeparatorDefect())
        message.status = "Non-header line where header expected"  # type: ignore[attr-defined]
    message.set_payload("".join(line + "\r\n" for line in malformed))
    return message
