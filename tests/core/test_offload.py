"""Blocking calls in threads: what the deadline frees, what it leaves behind, and what it tells."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator

import pytest

from gateway.core.offload import NotStarted, Offload, run_by_size

HELD = 30.0  # a gate that a test forgets to open must not hold the process
SOON = 0.2  # long enough for a thread to start on a busy machine


@pytest.fixture
async def gate() -> AsyncIterator[threading.Event]:
    """What a stuck call waits for; opened when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def now() -> float:
    return asyncio.get_running_loop().time()


async def until_idle(offload: Offload) -> None:
    while offload.stuck:  # noqa: ASYNC110 (a count that threads lower has no event)
        await asyncio.sleep(0)


async def test_a_call_returns_what_it_returns_from_a_thread_of_its_own() -> None:
    offload = Offload()
    assert await offload.run(threading.get_ident, now() + 5) != threading.get_ident()
    offload.close()


async def test_a_call_raises_what_it_raises_and_asyncio_does_not_log_it(caplog: pytest.LogCaptureFixture) -> None:
    offload = Offload()

    def fails() -> None:
        raise KeyError("as it is")

    with pytest.raises(KeyError, match="as it is"):
        await offload.run(fails, now() + 5)
    assert await offload.run(lambda: "still working", now() + 5) == "still working"
    gc.collect()
    assert caplog.records == []
    offload.close()


async def test_a_call_past_its_deadline_is_left_to_end_alone(gate: threading.Event) -> None:
    offload = Offload(limit=1)
    with pytest.raises(TimeoutError) as raised:
        await offload.run(lambda: gate.wait(HELD), now() + SOON)
    assert not isinstance(raised.value, NotStarted)
    assert offload.stuck == 1
    gate.set()
    await until_idle(offload)
    offload.close()


async def test_the_place_of_a_stuck_call_is_free_at_its_deadline(gate: threading.Event) -> None:
    offload = Offload(limit=2)
    stuck = [offload.run(lambda: gate.wait(HELD), now() + SOON) for _ in range(2)]
    healthy = offload.run(lambda: "healthy", now() + 5)
    assert [type(result) for result in await asyncio.gather(*stuck, healthy, return_exceptions=True)] == [
        TimeoutError,
        TimeoutError,
        str,
    ]
    offload.close()


async def test_a_call_that_gets_no_place_by_its_deadline_was_never_made(gate: threading.Event) -> None:
    offload = Offload(limit=1)
    first = asyncio.create_task(offload.run(lambda: gate.wait(HELD), now() + 5))
    await asyncio.sleep(0)
    made: list[int] = []
    with pytest.raises(NotStarted, match="place"):
        await offload.run(lambda: made.append(1), now() + SOON)
    gate.set()
    assert await first
    assert made == []
    offload.close()


async def test_a_deadline_that_has_passed_starts_nothing() -> None:
    offload = Offload(limit=1)
    made: list[int] = []
    for _ in range(3):
        with pytest.raises(NotStarted):
            await offload.run(lambda: made.append(1), now() - 1)
    assert made == []
    assert await offload.run(lambda: "the place is still there", now() + 5)
    offload.close()


async def test_over_the_stuck_limit_new_calls_fail_at_once(gate: threading.Event) -> None:
    offload = Offload(limit=4, stuck_limit=2)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await offload.run(lambda: gate.wait(HELD), now() + SOON)
    with pytest.raises(NotStarted, match="2 earlier calls"):
        await offload.run(lambda: "never", now() + HELD)
    gate.set()
    await until_idle(offload)
    assert await offload.run(lambda: "again", now() + 5) == "again"
    offload.close()


async def test_a_cancelled_caller_frees_its_place_too(gate: threading.Event) -> None:
    offload = Offload(limit=1)
    started = threading.Event()

    def call() -> bool:
        started.set()
        return gate.wait(HELD)

    caller = asyncio.create_task(offload.run(call, now() + HELD))
    await asyncio.to_thread(started.wait, HELD)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert offload.stuck == 1
    assert await offload.run(lambda: "free", now() + 5) == "free"
    offload.close()


async def test_no_more_calls_run_at_once_than_the_limit() -> None:
    offload = Offload(limit=3)
    lock = threading.Lock()
    running = most = 0

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1

    await asyncio.gather(*(offload.run(call, now() + 10) for _ in range(200)))
    assert 1 <= most <= 3
    offload.close()


async def test_threads_are_used_again_and_end_when_it_is_closed() -> None:
    offload = Offload(limit=4)
    for _ in range(10):
        await asyncio.gather(*(offload.run(lambda: None, now() + 5) for _ in range(4)))
    ours = [thread for thread in threading.enumerate() if thread.name == "offload"]
    threads = {await offload.run(threading.current_thread, now() + 5) for _ in range(20)}
    assert len(threads) == 1
    assert threads <= set(ours)
    offload.close()
    await asyncio.to_thread(threads.pop().join, HELD)


async def test_a_stuck_thread_ends_with_its_call_even_after_closing(gate: threading.Event) -> None:
    offload = Offload()
    threads: list[threading.Thread] = []

    def call() -> bool:
        threads.append(threading.current_thread())
        return gate.wait(HELD)

    with pytest.raises(TimeoutError):
        await offload.run(call, now() + SOON)
    offload.close()
    gate.set()
    await asyncio.to_thread(threads[0].join, HELD)
    assert not threads[0].is_alive()
    assert threads[0].daemon


def test_a_stuck_call_that_ends_after_the_event_loop_troubles_nobody(caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    threads: list[threading.Thread] = []

    def call() -> bool:
        threads.append(threading.current_thread())
        return gate.wait(HELD)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await Offload().run(call, now() + SOON)

    asyncio.run(main())
    gate.set()
    threads[0].join(HELD)
    assert caplog.records == []


async def test_an_idle_thread_keeps_neither_the_call_nor_its_result_alive() -> None:
    class Big:
        pass

    offload = Offload()
    kept = weakref.ref(await offload.run(Big, now() + 5))
    await offload.run(lambda: None, now() + 5)
    gc.collect()
    assert kept() is None
    offload.close()


async def test_when_the_system_gives_no_thread_the_call_was_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    offload = Offload(limit=1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(NotStarted, match="threads"):
            await offload.run(lambda: None, now() + 5)
    assert await offload.run(lambda: "now it does", now() + 5)
    offload.close()


async def test_work_on_a_large_input_runs_in_a_thread() -> None:
    here = threading.get_ident()
    assert await run_by_size(10, threading.get_ident, small=10) == here
    assert await run_by_size(11, threading.get_ident, small=10) != here

    def fails() -> None:
        raise KeyError("as it is")

    for size in (0, 1_000_000):
        with pytest.raises(KeyError, match="as it is"):
            await run_by_size(size, fails)
