"""The shapes of an operation: its row in the table, what it is about to do, what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.model import Recipient
from gateway.ports import Context
from gateway.providers.aliyun_sms.fake.call import Call


@dataclass(frozen=True, slots=True)
class Parameter:
    """``body``: the SDK sends it in a form body, not in the query; the gateway takes it from either.
    ``max_length`` in characters is a rule of strict fakes."""

    name: str
    required: bool = False
    body: bool = False
    max_length: int | None = None


@dataclass(slots=True)
class Outcome:
    """The answer's own fields, and what was captured."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    capture_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """A request that passed every check: nothing has happened yet, ``act`` does it."""

    recipients: tuple[Recipient, ...]
    act: Callable[[], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Operation:
    """``plan`` applies the operation's own rules and raises Refusal."""

    action: str
    version: str
    parameters: tuple[Parameter, ...]
    plan: Callable[[Call, Context], Plan]
