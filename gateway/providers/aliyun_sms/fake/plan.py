"""The shapes of an operation: its row in the table, what it is about to do, what it did."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.core.model import Recipient
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.ports import Context

Grammar: TypeAlias = Callable[[str, str], None]
"""Name and value of a parameter; raises Refusal."""

_INTEGER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """``body``: the SDK sends it in a form body, not in the query; the gateway takes it from either. ``grammar``
    is always checked. ``max_length`` in characters is a rule of strict fakes, ``too_long`` the code for it."""

    name: str
    required: bool = False
    body: bool = False
    max_length: int | None = None
    too_long: str = "isv.PARAM_LENGTH_LIMIT"
    grammar: Grammar | None = None


@dataclass(slots=True)
class Outcome:
    """The answer's own fields, what was captured, and what a person should know of it."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    capture_ids: tuple[str, ...] = ()
    explanation: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Plan:
    """A request that passed every check that needs no turn: nothing has happened yet, ``act`` does it. It may still
    raise Refusal: what counts is checked when it is counted."""

    recipients: tuple[Recipient, ...]
    act: Callable[[], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Operation:
    """``answer``: the answer's own fields. ``plan`` applies the operation's own rules and raises Refusal."""

    action: str
    version: str
    parameters: tuple[Parameter, ...]
    answer: tuple[str, ...]
    plan: Callable[[Call, Context], Awaitable[Plan]]
    judged: tuple[Parameter, ...] = field(init=False)
    """Those that every fake looks at, lenient ones too."""

    def __post_init__(self) -> None:
        judged = [one for one in self.parameters if one.required or one.grammar is not None]
        object.__setattr__(self, "judged", tuple(judged))


def integer(low: int, high: int) -> Grammar:
    def check(name: str, sent: str) -> None:
        if not (_INTEGER.fullmatch(sent) and low <= int(sent) <= high):
            raise invalid(name, f"an integer from {low} to {high}")

    return check


def choice(*known: str, code: str | None = None) -> Grammar:
    """``code``: what another value gets, if not ``Invalid...``."""

    def check(name: str, sent: str) -> None:
        if sent not in known:
            right = f"one of {', '.join(known)}"
            raise invalid(name, right) if code is None else Refusal(code, f"{name} is {right}")

    return check


def invalid(name: str, right: str) -> Refusal:
    message = f"Specified parameter {name} is not valid. It is {right}."
    return Refusal(f"Invalid{name}", f"{name} is {right}", message=message)
