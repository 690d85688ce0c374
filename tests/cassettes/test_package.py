"""Tests of `cassettes` itself: the public names."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cassettes


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Every pytest run that has us installed may pay for it."""
    program = (
        "import sys; before = set(sys.modules); import cassettes; "  # a tool that measures coverage loads some itself
        "heavy = ('cassettes.', 'httplib_sim', 'yaml', 'ssl', 'socket'); "
        "print([name for name in sys.modules if name.startswith(heavy) and name not in before])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", cassettes.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """And found by its name in its module."""
    assert getattr(cassettes, name) is not None
    assert name in dir(cassettes)


def test_other_names_are_an_attribute_error() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = cassettes.colour
