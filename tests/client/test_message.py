"""HTTPMessage: an email.message.Message that still is what mimetools made of the headers."""

from __future__ import annotations

import email.message
import email.policy
import io
from email.errors import MissingHeaderBodySeparatorDefect

import pytest

from httplib_sim import HTTPException, HTTPMessage, LineTooLong
from httplib_sim.message import from_lines, parse_headers

from .peers import response_to

USUAL = [b"Content-Type: text/html; charset=utf-8\r\n", b"A: b\r\n", b"a: c\r\n", b"D: e\r\n", b" f\r\n", b"\r\n"]


@pytest.fixture
def message() -> HTTPMessage:
    """A message with a repeated and a folded header."""
    made = from_lines(USUAL)
    assert isinstance(made, HTTPMessage)
    return made


class TestBothInterfaces:
    """What Python 3's programs and Python 2's ask for, of one object."""

    def test_the_mapping_is_that_of_email(self, message: HTTPMessage) -> None:
        """Names in their case, repeats kept, the first value or None by [], a fold as one blank."""
        assert isinstance(message, email.message.Message)
        assert message.keys() == ["Content-Type", "A", "a", "D"]
        assert message["a"] == "b"
        assert message["X"] is None
        assert message.get_all("A") == ["b", "c"]
        assert message["D"] == "e f"
        assert message.get_content_charset() == "utf-8"

    def test_the_methods_are_those_of_mimetools(self, message: HTTPMessage) -> None:
        """Values joined, folds kept, lines as they came."""
        assert message.getheader("a") == "b, c"
        assert message.getheader("X", "y") == "y"
        assert message.getheaders("d") == ["e\n f"]
        assert message.dict == {"content-type": "text/html; charset=utf-8", "a": "b, c", "d": "e\n f"}
        assert message.headers == [line.decode() for line in USUAL[:-1]]
        assert (message.gettype(), message.getparam("charset")) == ("text/html", "utf-8")

    def test_as_text_it_is_its_lines(self, message: HTTPMessage) -> None:
        """As printing it did in Python 2; the email package's text is as_string()."""
        assert str(message) == b"".join(USUAL[:-1]).decode()
        assert message.as_string().endswith("\n\n")

    def test_changes_are_seen_by_both(self, message: HTTPMessage) -> None:
        """What was assigned or deleted as an email is so for mimetools' methods."""
        message["New"] = "1"
        del message["A"]
        assert message.getheader("new") == "1"
        assert message.getheader("a") is None
        assert message.headers[-1] == "New: 1\r\n"
        assert message.setdefault("new", "2") == "1"
        assert message.setdefault("Other", "2") == "2"
        assert message.getheader("other") == "2"

    def test_a_header_can_be_added_and_continued(self, message: HTTPMessage) -> None:
        """By the names that mimetools' subclasses use."""
        message.addheader("Z", "1")
        message.addcontinue("z", "2")
        assert message.getheaders("Z") == ["1\n 2"]
        with pytest.raises(KeyError):
            message.addcontinue("Missing", "2")


class TestMaking:
    """How a message comes to be."""

    def test_of_a_file(self) -> None:
        """It is read up to the empty line; what follows stays."""
        file = io.BytesIO(b"".join(USUAL) + b"content")
        made = HTTPMessage(file, 0)
        assert made.getheader("A") == "b, c"
        assert made.status == ""
        assert file.read() == b"content"

    def test_of_a_file_that_ends_too_early(self) -> None:
        """The status says so."""
        assert HTTPMessage(io.BytesIO(b"A: b\r\n")).status == "EOF in headers"

    def test_as_the_email_package_makes_it(self) -> None:
        """With a policy, by position or by name, or with nothing."""
        for made in (HTTPMessage(email.policy.HTTP), HTTPMessage(policy=email.policy.HTTP)):
            assert made.policy is email.policy.HTTP
        assert HTTPMessage().headers == []
        parsed = email.message_from_string("A: b\n\ncontent", _class=HTTPMessage)
        assert (parsed.getheader("a"), parsed.get_payload()) == ("b", "content")

    def test_limits(self) -> None:
        """A line, and the number of lines, are limited (CVE-2013-1752)."""
        with pytest.raises(LineTooLong):
            HTTPMessage(io.BytesIO(b"A: " + b"x" * 65_536 + b"\r\n\r\n"))
        with pytest.raises(HTTPException, match="got more than 100 headers"):
            parse_headers(io.BytesIO(b"A: b\r\n" * 200 + b"\r\n"))


class TestOddLines:
    """Nothing that follows a bad line is lost, and nothing is cut where no line ends."""

    @pytest.mark.parametrize("octet", [b"\x85", b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\r"])
    def test_only_lf_ends_a_line(self, octet: bytes) -> None:
        """What ends a line for str.splitlines does not here."""
        made = from_lines([b"A: b" + octet + b"c: d\r\n", b"E: f\r\n"])
        assert made.headers == [f"A: b{octet.decode('latin-1')}c: d\r\n", "E: f\r\n"]
        assert made.getheaders("c") == []
        assert made.getheader("E") == "f"

    def test_latin_1_blanks_are_text(self) -> None:
        """A no-break space or a next-line octet at a value's end belongs to it."""
        made = from_lines([b"A: \xa0b\x85\r\n"])
        assert made.getheader("a") == made["a"] == "\xa0b\x85"

    def test_a_line_without_colon(self) -> None:
        """It is the payload and a defect, as urllib3 expects; the status says so, and .headers leave it out."""
        made = from_lines([b"A: b\r\n", b"nonsense\r\n", b"C: d\r\n"])
        assert made.headers == ["A: b\r\n", "C: d\r\n"]
        assert made.get_payload() == "nonsense\r\n"
        assert made.status == "Non-header line where header expected"
        assert isinstance(made.defects[0], MissingHeaderBodySeparatorDefect)

    def test_a_line_without_name(self) -> None:
        """It is left out, too; httplib does not count it as an error."""
        made = from_lines([b": b\r\n", b"C: d\r\n"])
        assert made.headers == ["C: d\r\n"]
        assert made.status == ""
        assert made.defects

    def test_of_a_response(self) -> None:
        """The response's msg and headers are one object, made when it is first asked for."""
        response = response_to(b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 0\r\n\r\n")
        assert response.msg is response.headers
        assert response.msg.getheader("a") == response.getheader("A") == "b"
