"""Fault rules: how a fake misbehaves on purpose, and which request a rule hits. Pure: no I/O, no clock.

Rules are asked in the order in which they were made; the first that matches and is not used up wins. So two
rules with ``count=1`` make a sequence.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from gateway.core.model import PLAIN, Document, Pairs, Recipient, Wire, new_id

Stage: TypeAlias = Literal["before", "after"]
Outcome: TypeAlias = Literal["lost", "late", "twice"]

IMPLIED = "magic_"
"""How the ids of faults begin that no rule stands for: ``gateway.magic``."""


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
class Delivery:
    """What becomes of a message that was accepted, and answered as such: ``lost``, it never arrives; ``late``, it
    arrives ``late_seconds`` of the gateway's clock later; ``twice``, it arrives two times. ``recipients``: only of
    what goes to them (readings); None: of all."""

    outcome: Outcome
    late_seconds: float = 0.0
    recipients: frozenset[str] | None = None
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a hit does. ``wire`` shapes the answer; ``error`` or ``answer`` replaces it. ``deliveries`` are the
    inbox's business: a fake that is told of them *before* acceptance hands the effect on with its captures.
    ``mutate`` is the fake's business: how its regular answer is to be wrong, in the words of its provider."""

    wire: Wire = PLAIN
    error: ProviderError | None = None
    answer: RawAnswer | None = None
    rule_id: str = ""
    deliveries: tuple[Delivery, ...] = ()
    mutate: Mapping[str, Any] = field(default_factory=dict)

    @property
    def replaces(self) -> bool:
        """True where the client gets no regular answer, so that a rule *before* acceptance stops the request."""
        wire = self.wire
        return wire.hang or wire.reset or wire.fin or self.error is not None or self.answer is not None

    @property
    def implied(self) -> bool:
        """No rule of anybody's: a magic recipient."""
        return self.rule_id.startswith(IMPLIED)

    @property
    def fault_ids(self) -> tuple[str, ...]:
        """Every rule that is in it: for an exchange."""
        if not self.deliveries:
            return (self.rule_id,)
        return tuple(dict.fromkeys([self.rule_id, *(one.rule_id for one in self.deliveries)]))

    def delivery_to(self, reading: str) -> Delivery | None:
        """What becomes of a capture for that recipient; None: it arrives as usual."""
        for one in self.deliveries:
            if one.recipients is None or reading in one.recipients:
                return one
        return None


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


class Hit(NamedTuple):
    """``at``: seconds of the gateway's clock, when the answer was ready. ``exchange_id``: the request."""

    at: float
    exchange_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule, the requests that it matched, those of them that it hit, and the last of these."""

    rule: Rule
    seen: int = 0
    hits: int = 0
    last: Hit | None = None


@dataclass(slots=True)
class Tally:
    """Hits of something that is no rule of anybody's: a magic recipient."""

    hits: int = 0
    last: Hit | None = None


@dataclass(slots=True)
class _Live:
    rule: Rule
    draws: random.Random
    seen: int = 0
    hits: int = 0
    last: Hit | None = None

    def standing(self) -> Standing:
        return Standing(self.rule, self.seen, self.hits, self.last)


class FaultBook:
    """The rules in force, with their counters. ``magic``: whether there are implied ones after them, which are not
    here (``gateway.magic``)."""

    def __init__(self, *, magic: bool = False) -> None:
        self.magic = magic
        self._live: dict[str, _Live] = {}
        self._tallies: dict[str, Tally] = {}

    def add(self, rule: Rule) -> None:
        self._live[rule.id] = _Live(rule, random.Random(rule.match.seed))  # noqa: S311  # repeatable is the point

    def remove(self, rule_id: str) -> bool:
        return self._live.pop(rule_id, None) is not None

    def clear(self) -> int:
        """Remove all, and forget what was counted; how many rules there were."""
        count = len(self._live)
        self._live.clear()
        self._tallies.clear()
        return count

    def listing(self) -> list[Standing]:
        """Every rule, in the order in which they are asked."""
        return [live.standing() for live in self._live.values()]

    def get(self, rule_id: str) -> Standing | None:
        live = self._live.get(rule_id)
        return live.standing() if live is not None else None

    def tally(self, fault_id: str) -> Tally:
        """What was noted of an id that is no rule's."""
        return self._tallies.get(fault_id) or Tally()

    def note(self, fault_ids: Iterable[str], hit: Hit) -> None:
        """An exchange ran into these faults. A rule has counted it already, when it was asked."""
        for fault_id in fault_ids:
            live = self._live.get(fault_id)
            if live is not None:
                live.last = hit
            elif fault_id.startswith(IMPLIED):
                tally = self._tallies.setdefault(fault_id, Tally())
                tally.hits += 1
                tally.last = hit

    def at(
        self,
        stage: Stage,
        provider: str,
        operation: str | None,
        recipients: Sequence[Recipient],
        key_id: str | None,
        sends: Collection[str] = (),
    ) -> Effect | None:
        """What happens to this request at this stage, or None. ``sends``: the operations of the provider that send;
        a rule about delivery is about no other (of none, where the provider does not say)."""
        if not self._live:
            return None
        for live in self._live.values():
            rule = live.rule
            if rule.stage != stage or (rule.count is not None and live.hits >= rule.count):
                continue
            if rule.effect.deliveries and sends and operation not in sends:
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
