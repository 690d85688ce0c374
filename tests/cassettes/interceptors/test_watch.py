"""Tests of `cassettes.interceptors`: libraries that are imported later than cassettes are first used."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest


def run(program: str) -> None:
    """Run *program* in a process of its own, in which nothing is imported yet."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("library", ["httpcore", "aiohttp"])
def test_a_library_is_intercepted_when_it_is_imported(library: str) -> None:
    """And is left as if nobody had watched: its loader is the one it always had."""
    run(f"""
        import importlib.machinery, sys
        from cassettes import use_cassette

        use_cassette("x.yaml")
        assert {library!r} not in sys.modules
        import {library}

        assert "cassettes.interceptors.{library}" in sys.modules
        assert type({library}.__spec__.loader) is type({library}.__loader__) is importlib.machinery.SourceFileLoader
    """)


def test_httpx_imports_httpcore_when_it_first_needs_it() -> None:
    """Long after cassettes are used."""
    run("""
        import sys

        import httpx
        import pytest
        from cassettes import use_cassette
        from cassettes.cassette import Cassette
        from cassettes.current import enter
        from cassettes.errors import NoMatch

        use_cassette("x.yaml")
        enter(Cassette(mode="none", existed=True))
        with pytest.raises(NoMatch):
            httpx.get("http://127.0.0.1:9/a")
    """)


def test_a_library_that_is_not_there_is_not_there() -> None:
    """Nor is one imported to see whether it is."""
    run("""
        import importlib.util, sys
        from cassettes import use_cassette

        use_cassette("x.yaml")
        for library in ("aiohttp", "httpcore", "uvloop", "trio"):
            assert library not in sys.modules
        sys.modules["uvloop"] = None
        try:
            import uvloop
        except ImportError:
            pass
        else:
            raise AssertionError
    """)


TAKEN_OUT = """
for name in [*sys.modules]:
    if name.startswith("httplib2"):
        del sys.modules[name]
"""


@pytest.mark.parametrize("again", [TAKEN_OUT, "importlib.reload(httplib2)"], ids=["taken out", "reloaded"])
def test_a_library_that_is_imported_again_is_intercepted_again(again: str) -> None:
    """Its classes are others then: tests of optional dependencies do that, and pytester."""
    program = """
import importlib, sys
import httplib2
import pytest
from cassettes import use_cassette
from cassettes.cassette import Cassette
from cassettes.current import enter
from cassettes.errors import NoMatch

use_cassette("x.yaml")
AGAIN
import httplib2
use_cassette("x.yaml")
enter(Cassette(mode="none", existed=True))
with pytest.raises(NoMatch):
    httplib2.Http().request("http://127.0.0.1:9/a")
"""
    run(program.replace("AGAIN", again))


STUBS = ["types.ModuleType('httplib2')", "unittest.mock.MagicMock()", "types.SimpleNamespace()"]


@pytest.mark.parametrize("stub", STUBS)
def test_a_stub_of_a_library_is_left_alone(stub: str) -> None:
    """Tests put one in the place of what is not installed."""
    run(f"""
        import sys, types, unittest.mock
        sys.modules["httplib2"] = {stub}
        from cassettes import use_cassette

        use_cassette("x.yaml")
    """)


def test_a_library_of_another_version_is_told_of() -> None:
    """No import of it fails: that would be worse than not to be recorded."""
    run("""
        import warnings
        import httplib2
        del httplib2.HTTPConnectionWithTimeout
        from cassettes import use_cassette
        from cassettes.errors import InterceptionWarning

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            use_cassette("x.yaml")
        [told] = [one for one in caught if one.category is InterceptionWarning]
        assert "httplib2" in str(told.message) and httplib2.__version__ in str(told.message)
    """)
