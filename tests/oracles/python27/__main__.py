"""Records the facts: ``python -m tests.oracles.python27``."""

from __future__ import annotations

from .record import record

if __name__ == "__main__":
    record()
