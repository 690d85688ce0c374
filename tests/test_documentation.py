"""How the documentation is tested: the root conftest.py, put over a small documentation of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = """
# A page

```python
import pathlib
written = pathlib.Path("note.txt").write_text("hello")
```

```python
assert pathlib.Path("note.txt").read_text() == "hello"
```

```python
>>> 1 + 1
3
```

```python
def test_with_a_fixture(tmp_path):
    assert not tmp_path.exists()
```

<!-- skip: next "needs another planet" -->
```python
raise AssertionError
```

```toml
not = python
```
"""


@pytest.fixture
def documentation(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with our conftest.py and the page above."""
    pytester.makeconftest((ROOT / "conftest.py").read_text(encoding="utf-8"))
    docs = pytester.mkdir("docs")
    (docs / "page.md").write_text(PAGE, encoding="utf-8")
    return pytester


def test_every_python_block_is_run(documentation: pytest.Pytester) -> None:
    """A wrong answer fails, as does a failing test; a skipped block is skipped, another language is left alone."""
    result = documentation.runpytest_subprocess("-rs", "docs")
    result.assert_outcomes(passed=3, failed=2, skipped=1)  # the mark that skips counts as passed
    result.stdout.fnmatch_lines(["*Expected:*", "*test_with_a_fixture*", "*needs another planet*"])


def test_what_examples_write_does_not_stay(documentation: pytest.Pytester) -> None:
    """Each page is run in a folder of its own, which is gone afterwards."""
    documentation.runpytest_subprocess("docs")
    assert not list(documentation.path.rglob("note.txt"))
