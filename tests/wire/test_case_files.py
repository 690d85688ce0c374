"""The notation of cases/*.md: what people write by hand is read right, what they get wrong is said with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from httplib_sim.wire import LIMITS, SERVER, STRICT

from .case_files import CaseError, load, show, unescape

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
# A file

Words for people.

## The first

More words.

```octets server +http09 field_line=20 open
GET /\\x20\\\\ HTTP/1.1\\r\\n
\\r\\n
```

```events
request GET / HTTP/1.1

end
```
"""


def test_a_case(tmp_path: Path) -> None:
    """A case has its place, title, octets without the line breaks of the file, reader and expected lines."""
    path = tmp_path / "good.md"
    path.write_text(GOOD)
    (case,) = load(path)
    assert (case.where, case.title, case.role, case.eof) == ("good.md:9", "The first", "server", False)
    assert case.octets == b"GET / \\ HTTP/1.1\r\n\r\n"
    assert case.expected == ("request GET / HTTP/1.1", "end")
    assert case.limits.field_line == 20
    assert case.leniency.http09 is True
    assert case.leniency.obs_fold is SERVER.obs_fold


def test_options_of_a_client(tmp_path: Path) -> None:
    """A client's case may name its requests, their version, and a strict leniency to which others are added."""
    path = tmp_path / "client.md"
    path.write_text(
        GOOD.replace("server +http09 field_line=20 open", "client strict +bare_lf methods=HEAD,GET version=10")
    )
    (case,) = load(path)
    assert (case.methods, case.version, case.limits) == (("HEAD", "GET"), 10, LIMITS)
    assert case.leniency.bare_lf is True
    assert case.leniency.obs_fold is STRICT.obs_fold


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("octets server", "octets proxy", "bad.md:9: expected 'octets client' or 'octets server', got 'octets proxy"),
        ("+http09", "+http08", "bad.md:9: expected strict, open, methods=.*got '.http08'"),
        ("field_line=20", "field_line=x", "bad.md:9: expected .* got 'field_line=x'"),
        ("\\x20", "\\q", "bad.md:9: expected an escape"),
        ("GET /", "G\u00c9T /", "bad.md:9: expected ASCII and escapes"),
        ("## The first", "The first", "bad.md:9: expected a ## heading, got octets"),
        ("```events", "## The second\n\n```events", "bad.md:14: expected the blocks octets and events of 'The first'"),
        ("```events", "```event", "bad.md:14: expected a block octets or events, got 'event'"),
        ("end\n```", "end", "bad.md:14: expected ``` to end the block 'events'"),
        (GOOD, "# Nothing here\n", "bad.md: expected at least one case"),
        (
            GOOD,
            "## A heading\n",
            "bad.md: expected the blocks octets and events of 'A heading', got the end of the file",
        ),
        (GOOD, "## A\n```events\n```\n", "bad.md:2: expected a block octets before events"),
        (GOOD, "## A\n```octets client\n```\n```octets client\n```\n", "bad.md:4: expected a block events, got octets"),
    ],
)
def test_a_bad_file(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A file that breaks the notation is one error: where, what was expected, what stands there."""
    path = tmp_path / "bad.md"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(CaseError, match=message):
        load(path)


def test_escapes_go_both_ways() -> None:
    """What `show` writes, `unescape` reads: every octet, and long runs."""
    octets = bytes(range(256)) + b"a" * 100 + b"\r\n"
    assert unescape(show(octets), "here") == octets
    assert show(b"a" * 50) == "\\{50*a}"
    assert unescape("\\{2*ab\\n}", "here") == b"ab\nab\n"
