"""Request targets in their four forms."""

from __future__ import annotations

import pytest

from fake_server.target import decoded_path, path_octets, split_target


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a/b?x=1&y=2", "/a/b", "x=1&y=2"),
        ("/a?", "/a", ""),
        ("/a?b?c", "/a", "b?c"),
        ("/a%20b?x=%20", "/a%20b", "x=%20"),
        ("//a//b", "//a//b", ""),
        ("http://host:8080/a?x=1", "/a", "x=1"),
        ("http://host", "/", ""),
        ("http://host?x=1", "/", "x=1"),
        ("https://host/a://b", "/a://b", ""),
        ("*", "*", ""),
        ("host:443", "host:443", ""),
    ],
)
def test_a_target_has_a_path_and_a_query(target: str, path: str, query: str) -> None:
    """Whatever its form (RFC 9112 section 3.2)."""
    assert split_target(target) == (path, query)


@pytest.mark.parametrize(
    ("path", "decoded"),
    [("/a b", "/a b"), ("/a%20b", "/a b"), ("/%C3%A9", "/é"), ("/Ã©", "/é"), ("/%FF", "/\ufffd"), ("/a+b", "/a+b")],
)
def test_a_path_is_decoded_as_utf_8(path: str, decoded: str) -> None:
    """Percent-encoded or not; what is no UTF-8 is shown as such."""
    assert decoded_path(path) == decoded


def test_the_octets_of_a_path_are_kept() -> None:
    """What is no UTF-8 is not lost."""
    assert path_octets("/%FF\xe9") == b"/\xff\xe9"
