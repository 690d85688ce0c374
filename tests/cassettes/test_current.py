"""Tests of `cassettes.current`."""

from __future__ import annotations

import asyncio
import contextvars
import threading

from cassettes.cassette import Cassette
from cassettes.current import current, enter, leave


def seen_by_a_new_thread() -> Cassette | None:
    """The cassette that a thread without a context of its own sees."""
    seen: list[Cassette | None] = []
    thread = threading.Thread(target=lambda: seen.append(current()))
    thread.start()
    thread.join()
    return seen[0]


def test_nobody_is_current_at_first() -> None:
    """Without a cassette requests are nobody's."""
    assert current() is None


def test_the_innermost_is_current() -> None:
    """Nested cassettes: the inner one counts, then the outer one again."""
    outer, inner = Cassette(), Cassette()
    enter(outer)
    enter(inner)
    assert current() is inner
    leave(inner)
    assert current() is outer
    leave(outer)
    assert current() is None


def test_threads_see_the_global_one() -> None:
    """A pool's thread inherits no context, and is to record all the same."""
    cassette = Cassette()
    enter(cassette)
    assert seen_by_a_new_thread() is cassette
    leave(cassette)
    assert seen_by_a_new_thread() is None


def test_a_local_one_is_for_this_context_alone() -> None:
    """Threads that run at the same time keep theirs apart."""
    cassette = Cassette()
    enter(cassette, local=True)
    assert current() is cassette
    assert seen_by_a_new_thread() is None
    leave(cassette)


def test_tasks_have_one_each() -> None:
    """Two tasks at once never mix, though both are entered globally too."""

    async def task(mine: Cassette, ready: asyncio.Event, other: asyncio.Event) -> bool:
        enter(mine)
        ready.set()
        await other.wait()
        found = current()
        leave(mine)
        return found is mine

    async def both() -> list[bool]:
        first, second = asyncio.Event(), asyncio.Event()
        return list(await asyncio.gather(task(Cassette(), first, second), task(Cassette(), second, first)))

    assert asyncio.run(both()) == [True, True]


def test_a_cassette_that_has_ended_is_current_for_nobody() -> None:
    """A context that was copied while it was current lives on, and must not reach it."""
    outer, inner = Cassette(), Cassette()
    enter(outer)
    enter(inner)
    context = contextvars.copy_context()
    leave(inner)
    inner.end()
    assert context.run(current) is outer
    leave(outer)
    outer.end()
    assert context.run(current) is None


def test_leaving_in_another_context_is_no_error() -> None:
    """Fixtures of asynchronous tests are taken down in other contexts than they were set up in."""
    cassette = Cassette()
    contextvars.copy_context().run(enter, cassette)
    assert current() is cassette
    leave(cassette)
    assert current() is None
