"""Fault rules: how a fake misbehaves on purpose, and which request a rule hits. Pure: no I/O, no clock.

Rules are asked in the order in which they were made; the first that matches and is not used up wins. So two
rules with ``count=1`` make a sequence.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gateway.model import PLAIN, Document, Pairs, Recipient, Wire, new_id

Stage: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class ProviderError:
    """Answer with one of the provider's own errors, by its own code. What is None comes from its table.

    ``retry_after`` is in seconds; the fake spells it as its provider does.
    """

    code: str
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer that the provider itself would never give: a proxy's HTML, an empty 204, half a JSON."""

    status: int
    headers: Pairs = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests a rule is about; None matches all. ``recipients`` holds every reading of the one number or
    address that was asked for. ``nth`` counts matching requests from 1."""

    provider: str | None = None
    operation: str | None = None
    recipients: frozenset[str] | None = None
    key_id: str | None = None
    nth: int | None = None
    probability: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """What a hit does. ``wire`` shapes the answer; ``error`` or ``answer`` replaces it."""

    wire: Wire = PLAIN
    error: ProviderError | None = None
    answer: RawAnswer | None = None
    rule_id: str = ""

    @property
    def replaces(self) -> bool:
        """True where the client gets no regular answer, so that a rule *before* acceptance stops the request."""
        wire = self.wire
        return wire.hang or wire.reset or wire.fin or self.error is not None or self.answer is not None


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. ``count`` is how often it may hit (None: always). ``given`` is the caller's own spelling, which
    the API shows again."""

    match: Match
    effect: Effect
    stage: Stage = "before"
    count: int | None = None
    given: Document = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("fault"))


@dataclass(slots=True)
class _Live:
    rule: Rule
    draws: random.Random
    seen: int = 0
    hits: int = 0


class FaultBook:
    """The rules in force, with their counters."""

    def __init__(self) -> None:
        self._live: dict[str, _Live] = {}

    def add(self, rule: Rule) -> None:
        self._live[rule.id] = _Live(rule, random.Random(rule.match.seed))  # noqa: S311  # repeatable is the point

    def remove(self, rule_id: str) -> bool:
        return self._live.pop(rule_id, None) is not None

    def clear(self) -> int:
        count = len(self._live)
        self._live.clear()
        return count

    def listing(self) -> list[tuple[Rule, int, int]]:
        """Every rule with the requests it matched and those it hit."""
        return [(live.rule, live.seen, live.hits) for live in self._live.values()]

    def at(
        self,
        stage: Stage,
        provider: str,
        operation: str | None,
        recipients: Sequence[Recipient],
        key_id: str | None,
    ) -> Effect | None:
        """What happens to this request at this stage, or None."""
        if not self._live:
            return None
        for live in self._live.values():
            rule = live.rule
            if rule.stage != stage or (rule.count is not None and live.hits >= rule.count):
                continue
            if _matches(rule.match, provider, operation, recipients, key_id) and _falls_on(live):
                live.hits += 1
                return rule.effect
        return None


def _matches(
    match: Match, provider: str, operation: str | None, recipients: Iterable[Recipient], key_id: str | None
) -> bool:
    if match.provider not in (None, provider) or match.operation not in (None, operation):
        return False
    if match.key_id not in (None, key_id):
        return False
    return match.recipients is None or any(r.read_as in match.recipients for r in recipients)


def _falls_on(live: _Live) -> bool:
    """Count one matching request, and say whether the rule falls on it."""
    live.seen += 1
    match = live.rule.match
    if match.nth is not None and live.seen != match.nth:
        return False
    return match.probability is None or live.draws.random() < match.probability
