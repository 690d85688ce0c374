"""Forbid the network, or allow it, for a block of code: `network`.

Law: puts the policy of `guard` and the interceptors together, so that a client's request is told by its URL, and no
more. The guard alone knows hosts and ports only.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from . import interceptors
from .guard import NetworkPolicy, enter, leave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@contextlib.contextmanager
def network(action: str = "block", *, hosts: Sequence[str] = (), local: bool = True) -> Iterator[NetworkPolicy]:
    """Let a policy count for the block, for all threads: "block" or "allow".

    With "block", *hosts* may still be reached, and this machine unless *local* is false; with "allow" and *hosts*, only
    these. In a host ``*`` stands for any text. What is forbidden raises `NetworkBlocked`, which ``blocked`` of the
    policy remembers. Raises `ValueError` for another *action*.
    """
    if action not in {"block", "allow"}:
        raise ValueError(f"expected 'block' or 'allow', got {action!r}")
    interceptors.install_all()
    policy = NetworkPolicy(action == "allow" and not hosts, tuple(hosts), local)
    enter(policy)
    try:
        yield policy
    finally:
        leave(policy)
