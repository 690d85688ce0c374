"""The project's own pytest set-up: examples in the documentation, and Hypothesis.

Law: only what concerns every test of this repository. What the product offers to tests is `httplib_sim.pytest_plugin`,
which comes through its entry point, as it does for users.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.abstract.codeblock import PythonDocTestOrCodeBlockParser
from sybil.parsers.myst import CodeBlockParser, DocTestDirectiveParser, SkipParser

if TYPE_CHECKING:
    from sybil import Example

pytest_plugins = ["pytester"]

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


class _ExampleEvaluator(PythonEvaluator):
    """Runs a Python block of a document; a block that defines tests is run by pytest, as a reader would run it."""

    def __call__(self, example: Example) -> None:
        if re.search(r"^(async )?def test_|^class Test|^ +def test_", example.parsed, re.MULTILINE):
            _run_as_test_file(example.parsed)
        else:
            super().__call__(example)


def _run_as_test_file(source: str) -> None:
    """Run *source* in a folder of its own with pytest, in a process of its own; its output is the failure's text."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_example.py").write_text(source, encoding="utf-8")
        plugins = ["-p", "no:cacheprovider", "-p", "no:asyncio"]  # the latter warns about a setting of its own
        command = [sys.executable, "-m", "pytest", "-q", *plugins, "--rootdir", folder, folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603  the documentation's own code
    assert done.returncode == 0, done.stdout + done.stderr


class _ExampleParser(PythonDocTestOrCodeBlockParser):
    """Finds the Python blocks of a Markdown document, with and without ``>>>``."""

    codeblock_parser_class = CodeBlockParser

    def __init__(self) -> None:
        super().__init__()
        self.codeblock_parser = self.codeblock_parser_class("python", _ExampleEvaluator())


class _Desk:
    """A folder of its own for each document, so that what the examples write never lands in the working tree."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()

    def open(self, namespace: dict[str, Any]) -> None:  # noqa: ARG002  Sybil's signature
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self._stack.enter_context(contextlib.chdir(folder))

    def close(self, namespace: dict[str, Any]) -> None:  # noqa: ARG002  Sybil's signature
        self._stack.close()


_desk = _Desk()

pytest_collect_file = Sybil(
    parsers=[_ExampleParser(), DocTestDirectiveParser(), SkipParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    setup=_desk.open,
    teardown=_desk.close,
).pytest()
