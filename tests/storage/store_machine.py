"""A store against a slow and obvious model of it, driven by hypothesis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.errors import Conflict
from gateway.storage.memory import Bounds
from gateway.storage.ports import Store
from tests.support.wall_clock import WallClock

_Make: TypeAlias = Callable[[Mapping[str, Bounds], WallClock], AbstractAsyncContextManager[Store]]
_T = TypeVar("_T")

BOUNDS = {"a": Bounds(count=5, bytes=100, age=50), "b": Bounds(count=3, bytes=1000, age=1000)}
STREAMS = st.sampled_from(["a", "b"])
KEYS = st.sampled_from(["k", "l", "m"])
KEY_LISTS = st.lists(KEYS, max_size=3)
SIZES = st.integers(0, 60)
NAMES = st.sampled_from(["x", "x/1", "x/2", "y"])
CURSORS = st.none() | st.integers(0, 40)


@dataclass
class Line:
    seq: int
    stream: str
    value: dict[str, Any]
    at: float
    keys: set[str]
    size: int


class Model:
    """The log as one list, everything looked up by walking it."""

    def __init__(self, wall: WallClock) -> None:
        self.wall = wall
        self.lines: list[Line] = []
        self.last = 0
        self.gone = {"a": 0, "b": 0}

    def of(self, stream: str) -> list[Line]:
        return [line for line in self.lines if line.stream == stream]

    def evict(self) -> None:
        for stream, bounds in BOUNDS.items():
            while own := self.of(stream):
                too_old = self.wall() - own[0].at > bounds.age
                too_big = sum(line.size for line in own) > bounds.bytes and len(own) > 1
                if not (too_old or too_big or len(own) > bounds.count):
                    break
                self.lines.remove(own[0])
                self.gone[stream] = own[0].seq

    def append(self, stream: str, value: dict[str, Any], keys: list[str], size: int) -> int:
        self.last += 1
        self.lines.append(Line(self.last, stream, value, self.wall(), set(keys), size))
        self.evict()
        return self.last

    def read(
        self, stream: str, key: str | None, after: int | None, before: int | None, limit: int, newest_first: bool
    ) -> list[tuple[int, str, dict[str, Any], float]]:
        self.evict()
        found = [
            (line.seq, line.stream, line.value, line.at)
            for line in self.of(stream)
            if (key is None or key in line.keys)
            and (after is None or line.seq > after)
            and (before is None or line.seq < before)
        ]
        return (found[::-1] if newest_first else found)[:limit]

    def drop(self, stream: str, key: str | None) -> int:
        self.evict()
        doomed = [line for line in self.of(stream) if key is None or key in line.keys]
        self.lines = [line for line in self.lines if line not in doomed]
        return len(doomed)


def machine_for(make: _Make) -> type[RuleBasedStateMachine]:  # noqa: C901  # it only holds the class
    """The machine for the store that ``make`` makes."""

    class StoreMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.wall = WallClock()
            self.model = Model(self.wall)
            self.records: dict[str, tuple[dict[str, Any], int]] = {}
            self.versions: set[int] = set()
            self.runner = asyncio.Runner()
            self.context = make(BOUNDS, self.wall)
            self.store = self.run(self.context.__aenter__())
            self.count = 0

        def run(self, work: Coroutine[Any, Any, _T]) -> _T:
            return self.runner.run(work)

        def value(self) -> dict[str, Any]:
            self.count += 1
            return {"n": self.count}

        def teardown(self) -> None:
            self.runner.run(self.context.__aexit__(None, None, None))
            self.runner.close()

        @rule(stream=STREAMS, keys=KEY_LISTS, size=SIZES)
        def append(self, stream: str, keys: list[str], size: int) -> None:
            value = self.value()
            seq = self.run(self.store.log.append(stream, value, keys, size))
            assert seq == self.model.append(stream, value, keys, size)

        @rule(
            stream=STREAMS,
            key=st.none() | KEYS,
            after=CURSORS,
            before=CURSORS,
            limit=st.integers(1, 6),
            newest_first=st.booleans(),
        )
        def read(
            self,
            stream: str,
            key: str | None,
            after: int | None,
            before: int | None,
            limit: int,
            newest_first: bool,
        ) -> None:
            found = self.run(
                self.store.log.read(
                    stream, key=key, after=after, before=before, limit=limit, newest_first=newest_first
                )
            )
            assert [tuple(entry) for entry in found] == self.model.read(
                stream, key, after, before, limit, newest_first
            )

        @rule(stream=STREAMS, key=st.none() | KEYS)
        def drop(self, stream: str, key: str | None) -> None:
            assert self.run(self.store.log.drop(stream, key)) == self.model.drop(stream, key)

        @rule(seconds=st.sampled_from([1.0, 20.0, 51.0, 1001.0]))
        def let_time_pass(self, seconds: float) -> None:
            self.wall.go(seconds)

        @rule(key=NAMES, which=st.sampled_from(["none", "current", "nought", "old"]))
        def put(self, key: str, which: str) -> None:
            there = self.records.get(key)
            current = there[1] if there else 0
            old = max([0, *(version for version in self.versions if version != current)])
            wanted = {"none": None, "current": current, "nought": 0, "old": old}[which]
            value = self.value()
            try:
                version = self.run(self.store.records.put(key, value, wanted))
            except Conflict:
                assert wanted is not None
                assert wanted != current
                return
            assert wanted in (None, current)
            assert version > max(self.versions, default=0)
            self.versions.add(version)
            self.records[key] = (value, version)

        @rule(key=NAMES)
        def delete(self, key: str) -> None:
            assert self.run(self.store.records.delete(key)) is (self.records.pop(key, None) is not None)

        @rule(prefix=st.sampled_from(["", "x", "x/", "y", "z"]))
        def scan(self, prefix: str) -> None:
            found = [(key, tuple(record)) for key, record in self.run(self.store.records.scan(prefix))]
            assert found == sorted((key, pair) for key, pair in self.records.items() if key.startswith(prefix))

        @rule(stream=STREAMS, keys=KEY_LISTS, name=NAMES, fits=st.booleans(), breaks=st.booleans())
        def batch(self, stream: str, keys: list[str], name: str, fits: bool, breaks: bool) -> None:
            there = self.records.get(name)
            current = there[1] if there else 0
            values = [self.value(), self.value(), self.value()]

            async def work() -> list[int]:
                async with self.store.batch() as batch:
                    batch.append(stream, values[0], keys, 1)
                    batch.put(name, values[1], current if fits else current + 1000)
                    batch.append(stream, values[2], keys, 1)
                    if breaks:
                        raise LookupError
                return batch.seqs

            try:
                seqs = self.run(work())
            except (Conflict, LookupError) as error:
                assert breaks if isinstance(error, LookupError) else not fits  # noqa: PT017  # both are right, each in its case
                return
            assert fits
            assert not breaks
            assert seqs == [self.model.append(stream, value, keys, 1) for value in (values[0], values[2])]
            record = self.run(self.store.records.get(name))
            assert record is not None
            assert record.value == values[1]
            self.versions.add(record.version)
            self.records[name] = (values[1], record.version)

        @precondition(lambda self: self.model.lines)
        @rule(data=st.data())
        def wait_for_what_is_there(self, data: st.DataObject) -> None:
            self.model.evict()
            lines = self.model.lines
            if lines:
                line = data.draw(st.sampled_from(lines))
                one = [min(line.keys)] if line.keys else []
                self.run(asyncio.wait_for(self.store.log.wait(line.stream, one, line.seq - 1), 5))

        @invariant()
        def the_cursors_agree(self) -> None:
            self.model.evict()
            assert self.store.log.last() == self.model.last
            assert {stream: self.store.log.evicted(stream) for stream in BOUNDS} == self.model.gone

        @invariant()
        def the_records_agree(self) -> None:
            for key in ("x", "x/1", "x/2", "y"):
                found = self.run(self.store.records.get(key))
                assert (tuple(found) if found else None) == self.records.get(key)

    return StoreMachine
