"""The tree of errors, as its docstring draws it."""

from __future__ import annotations

from httplib_sim.wire import errors


def test_the_tree() -> None:
    """Every error stands in the tree that the docstring of the module draws, under its base class."""
    drawn: dict[str, str] = {}
    path: list[tuple[int, str]] = [(0, "WireError")]
    for line in (errors.__doc__ or "").splitlines():
        if "+-- " in line:
            indent, name = line.index("+--"), line.split("+-- ")[1].split()[0]
            path = [(column, above) for column, above in path if column < indent]
            drawn[name] = path[-1][1]
            path.append((indent, name))
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert {cls.__name__: cls.__bases__[0].__name__ for cls in classes} == {"WireError": "Exception", **drawn}


def test_ours_is_a_value_error() -> None:
    """What we were asked to emit is the caller's ValueError; what a peer sent is none."""
    assert issubclass(errors.LocalProtocolError, ValueError)
    assert not issubclass(errors.RemoteProtocolError, ValueError)


def test_octets_in_messages() -> None:
    """Octets are shown escaped, and a long line is cut, with its length."""
    assert errors.shown(b"a\r\n\xff") == r"'a\r\n\xff'"
    assert errors.shown(b"x" * 61) == f"'{'x' * 60}'... (61 octets)"
