"""Tests of `cassettes.warp`: time-outs of hours, in no time."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from cassettes.warp import wait_in_vain

HOUR = 3600.0


def test_a_timer_of_hours_fires_at_once() -> None:
    """Where the loop has nothing else to do, its clock is set forward."""

    async def program() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert wait_in_vain(loop, lambda: True, lambda: None)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), HOUR)
        assert loop.time() - begun >= HOUR

    asyncio.run(program())


def test_timers_fire_in_their_order() -> None:
    """Nobody is overtaken."""
    woken: list[float] = []

    async def program() -> None:
        async def sleeper(seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append(seconds)

        wait_in_vain(asyncio.get_running_loop(), lambda: len(woken) < 4, lambda: None)
        await asyncio.gather(*[sleeper(hours * HOUR) for hours in (3, 1, 4, 2)])

    asyncio.run(program())
    assert woken == [HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR]


def test_it_ends_when_nobody_waits_any_more() -> None:
    """Later timers take their time."""

    async def program() -> None:
        loop = asyncio.get_running_loop()
        waiting = True
        wait_in_vain(loop, lambda: waiting, lambda: None)
        await asyncio.sleep(HOUR)
        waiting = False
        now = loop.time()
        for _ in range(20):
            await asyncio.sleep(0)
        late = loop.call_later(HOUR, pytest.fail)
        for _ in range(20):
            await asyncio.sleep(0)
        late.cancel()
        assert loop.time() - now < HOUR

    asyncio.run(program())


def test_several_wait_at_once() -> None:
    """They do not keep each other busy."""
    given_up: list[int] = []

    async def program() -> None:
        loop = asyncio.get_running_loop()

        async def waiter(number: int) -> None:
            wait_in_vain(loop, lambda: number not in given_up, lambda: None)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(number * HOUR):
                    await asyncio.Event().wait()
            given_up.append(number)

        await asyncio.gather(*map(waiter, (3, 1, 2)))

    asyncio.run(program())
    assert given_up == [1, 2, 3]


def test_what_is_under_way_comes_first() -> None:
    """A time-out fires only once nothing else is left to do."""

    async def program() -> None:
        wait_in_vain(asyncio.get_running_loop(), lambda: True, lambda: None)
        async with asyncio.timeout(HOUR):
            for _ in range(100):
                await asyncio.sleep(0)

    asyncio.run(program())


def test_who_waits_without_any_timer_is_told() -> None:
    """It would be for ever."""

    async def program() -> None:
        stalled = asyncio.Event()
        wait_in_vain(asyncio.get_running_loop(), lambda: True, stalled.set)
        await stalled.wait()

    asyncio.run(program())


def test_a_task_that_wakes_up_for_ever_does_not_keep_others_waiting_for_ever() -> None:
    """After so many timers, it is not a time-out that is waited for."""

    async def program() -> None:
        stalled = asyncio.Event()

        def beat() -> None:
            loop.call_later(HOUR, beat)

        loop = asyncio.get_running_loop()
        beat()
        wait_in_vain(loop, lambda: True, stalled.set)
        await stalled.wait()

    asyncio.run(program())


def test_a_loop_that_keeps_its_timers_to_itself_is_left_alone() -> None:
    """Such as uvloop's."""
    loop = cast("asyncio.AbstractEventLoop", object())
    assert not wait_in_vain(loop, lambda: True, lambda: None)
