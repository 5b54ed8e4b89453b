"""The shapes of an operation: its row in a table, what it is about to do, what it did; and what a version is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from gateway.core.model import Pairs
from gateway.providers.aws_ses.fake.call import Call


@dataclass(slots=True)
class Outcome:
    """The answer's own fields (v2's JSON, v1's result element), what was captured, what a person should know."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    capture_ids: tuple[str, ...] = ()
    explanation: Mapping[str, Any] | None = None


Act = Callable[[], Awaitable[Outcome]]
"""Does what was checked. It may still raise Refusal: what counts is checked when it is counted."""


class Operation(Protocol):
    """One row of a version's table."""

    @property
    def name(self) -> str: ...
    @property
    def plan(self) -> Callable[[Call], Awaitable[Act]]:
        """Checks the request, names its recipients in ``call.recipients``, and changes nothing. Raises Refusal."""


def at_once(act: Callable[[Call], Awaitable[Outcome]]) -> Callable[[Call], Awaitable[Act]]:
    """The plan of an operation that is about nobody: it checks and does in one go, after the faults were asked."""

    async def plan(call: Call) -> Act:
        return partial(act, call)

    return plan


@dataclass(frozen=True, slots=True)
class Version:
    """One protocol of the service. ``find`` names the operation, also one that is not native (then None is
    returned and ``call.operation`` may be set); ``read`` fills ``call.parameters`` after the caller is known;
    both raise Refusal. ``success`` and ``error`` write bodies and headers: ``error(call, code, status, message)``
    takes the version's own code. ``v1`` picks the column in the table of errors."""

    name: str
    v1: bool
    find: Callable[[Call], Operation | None]
    read: Callable[[Call, Operation], None]
    success: Callable[[Call, Mapping[str, Any]], tuple[Pairs, bytes]]
    error: Callable[[Call, str, int, str], tuple[Pairs, bytes]]
