"""The words that scenarios are written with: each makes a step, or the steps that many scenarios share.

Law: data for `player`, which says what it means; nothing is played here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Step = list[Any]
Scenarios = dict[str, list[Step]]

HOST: Final = "127.0.0.1:{port}"
OK: Final = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def words(text: str) -> list[str]:
    """The words of *text*."""
    return text.split()


def call(path: str, *arguments: Any, into: str = "", **keywords: Any) -> Step:
    """Call what *path* is; the result is called *into* from then on."""
    return [into, path, list(arguments), keywords]


def look(*paths: str) -> list[Step]:
    """Look at what each of *paths* is."""
    return [["", path] for path in paths]


def ask(path: str, argument_lists: Iterable[Iterable[Any]]) -> list[Step]:
    """Call what *path* is once with each list of arguments."""
    return [call(path, *arguments) for arguments in argument_lists]


def connect(**keywords: Any) -> Step:
    """Make a connection to the scenario's server, c."""
    return call("httplib.HTTPConnection", HOST, into="c", **keywords)


def request(method: Any = "GET", url: Any = "/", *more: Any) -> Step:
    """Send a request on c."""
    return call("c.request", method, url, *more)


def answer(octets: str, then: str = "keep") -> Step:
    """Have the server answer."""
    return call("answer", octets, then)


def respond() -> Step:
    """Get the response, r."""
    return call("c.getresponse", into="r")


def pairs(*items: tuple[str, Any]) -> dict[str, Any]:
    """A mapping of headers, as an argument."""
    return {"pairs": [list(item) for item in items]}


def exchange(octets: str, then: str = "end", *, method: str = "GET", **keywords: Any) -> list[Step]:
    """One request, answered with *octets*."""
    return [connect(**keywords), request(method), answer(octets, then), respond()]


HEAD_FACTS: Final = look("r.status", "r.reason", "r.version", "r.will_close", "r.length", "r.chunked")
BODY_FACTS: Final = [call("r.read"), call("r.isclosed"), call("r.read")]
