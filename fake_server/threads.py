"""Waiting in a thread while an event loop goes on.

Law: one function, for asyncio and for trio; nothing of HTTP.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Given = TypeVarTuple("Given")


async def in_thread(function: Callable[[*Given], T], *arguments: *Given) -> T:
    """Return what *function* returns, called in a thread of its own. Raises what it raises."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # another library runs: trio, if it has been loaded
        trio = sys.modules.get("trio")
        if trio is None:
            raise
        found: T = await trio.to_thread.run_sync(function, *arguments)
        return found
    return await asyncio.to_thread(function, *arguments)
