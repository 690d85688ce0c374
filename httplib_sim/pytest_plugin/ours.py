"""What the parts of the plugin share: its settings, and the way to our packages.

Law: imports pytest and the standard library's cheapest only; our packages are imported when a test asks for one.
"""

from __future__ import annotations

import importlib
import pathlib
from typing import TYPE_CHECKING, Final, cast

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT: Final = pathlib.Path(__file__).resolve().parent.parent.parent
BEGAN: Final = pytest.StashKey[float]()
"""When the run began, in seconds since 1970; the workers of pytest-xdist are told."""


def configured(config: pytest.Config, name: str) -> str:
    """The option on the command line, or the ini setting of the same name, or nothing."""
    return cast("str", config.getoption(name) or config.getini(name))


def ours(name: str, request: pytest.FixtureRequest) -> ModuleType:
    """Import our package *name*; fail the test with a sentence if a file of the project hides it."""
    module = importlib.import_module(name)
    found = pathlib.Path(getattr(module, "__file__", None) or "(a folder without __init__.py)")
    if found.resolve().parent.parent != ROOT:
        pytest.fail(
            f"{request.node.nodeid}: the fixture needs httplib-sim's package {name!r}, but {found} stands before it on "
            f"sys.path. Rename that file, or give its folder an __init__.py.",
            pytrace=False,
        )
    return module
