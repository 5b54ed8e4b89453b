"""Fault rules: how a fake misbehaves on purpose, and which requests a rule applies to. Pure: no I/O, no clock.

Rules are tried in the order in which they were added. The first rule that matches and is not used up applies.
So two rules with ``count=1`` make a sequence.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from gateway.core.model import PLAIN, Document, Pairs, Recipient, Wire, new_id

Stage: TypeAlias = Literal["before", "after"]
"""Before the fake accepts a message, or after."""

Outcome: TypeAlias = Literal["lost", "late", "twice"]
"""What happens to an accepted message: it never arrives, arrives late, or arrives twice."""

IMPLIED = "magic_"
"""Prefix of the fault ids of magic recipients (``magic``), which belong to no rule."""


@dataclass(frozen=True, slots=True)
class ProviderError:
    """Answer with an error of the provider. If a field is None, the provider's table of errors has its value."""

    code: str
    """The provider's code."""
    message: str | None = None
    status: int | None = None
    """HTTP status."""
    retry_after: float | None = None
    """Seconds. The fake writes it as its provider does."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer that the provider never gives itself, such as a proxy's HTML, an empty 204, or broken JSON."""

    status: int
    headers: Pairs = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Conditions on a request. A field that is None matches every request."""

    provider: str | None = None
    """Name of the provider."""
    operation: str | None = None
    """The provider's name of the call."""
    recipients: frozenset[str] | None = None
    """Every reading of the number or address. One recipient of the request must have one of them."""
    key_id: str | None = None
    """The access key id in the request."""
    nth: int | None = None
    """Apply only to this matching request, counted from 1."""
    probability: float | None = None
    """Apply to this share of the matching requests, 0 to 1."""
    seed: int = 0
    """Seed of the random numbers for ``probability``."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A fault in the delivery of a message that the fake accepts."""

    outcome: Outcome
    late_seconds: float = 0.0
    """How late it arrives, in seconds of the gateway's clock."""
    recipients: frozenset[str] | None = None
    """The readings of the recipients that it applies to. None applies to all."""
    rule_id: str = ""
    """The fault that causes it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule or a magic recipient does to a request."""

    wire: Wire = PLAIN
    """How the answer is sent."""
    error: ProviderError | None = None
    """Replaces the answer."""
    answer: RawAnswer | None = None
    """Replaces the answer."""
    rule_id: str = ""
    """The id of the rule, or of the fault of a magic recipient."""
    deliveries: tuple[Delivery, ...] = ()
    """Applied by the inbox: a fake passes the effect on with its captures."""
    mutate: Mapping[str, Any] = field(default_factory=dict)
    """How the regular answer is changed. Each provider defines the keys, and its fake applies them."""

    @property
    def replaces(self) -> bool:
        """True if the client gets no regular answer. At the stage ``before``, the request is not executed then."""
        wire = self.wire
        return wire.hang or wire.reset or wire.fin or self.error is not None or self.answer is not None

    @property
    def implied(self) -> bool:
        """True if a magic recipient causes it, not a rule."""
        return self.rule_id.startswith(IMPLIED)

    @property
    def fault_ids(self) -> tuple[str, ...]:
        """The ids of all faults in the effect, each once, for the exchange."""
        return tuple(dict.fromkeys([self.rule_id, *(delivery.rule_id for delivery in self.deliveries)]))

    def delivery_to(self, reading: str) -> Delivery | None:
        """Return the fault in the delivery to this recipient, or None."""
        for delivery in self.deliveries:
            if delivery.recipients is None or reading in delivery.recipients:
                return delivery
        return None


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault that a test has added."""

    match: Match
    effect: Effect
    stage: Stage = "before"
    count: int | None = None
    """How many requests it applies to. None is no limit."""
    given: Document = field(default_factory=dict)
    """The rule as the caller wrote it, which the API shows."""
    id: str = field(default_factory=lambda: new_id("fault"))


class Hit(NamedTuple):
    """A request that a fault applied to."""

    at: float
    """When the answer was ready: seconds since the epoch, on the gateway's clock."""
    exchange_id: str
    """The id of the request."""


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """A rule and its counters."""

    rule: Rule
    matched: int = 0
    """How many requests it matched."""
    hits: int = 0
    """How many of them it applied to."""
    last: Hit | None = None
    """The last of these."""

    @property
    def end(self) -> str | None:
        """Why the rule applies to no further request, None if it can apply to one."""
        count, nth = self.rule.count, self.rule.match.nth
        if count is not None and self.hits >= count:
            return f"count: it has applied {_times(count)}, which is all; it applies no more"
        if nth is not None and self.matched >= nth:
            return f"nth: it has seen {_times(self.matched)} what it matches; it applies no more"
        return None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


@dataclass(slots=True)
class Tally:
    """The counters of a magic recipient."""

    hits: int = 0
    last: Hit | None = None


@dataclass(slots=True)
class _ActiveRule:
    rule: Rule
    generator: random.Random
    matched: int = 0
    hits: int = 0
    last: Hit | None = None

    def status(self) -> RuleStatus:
        return RuleStatus(self.rule, self.matched, self.hits, self.last)


class FaultBook:
    """The active rules, with their counters, and the counters of magic recipients."""

    def __init__(self, *, magic: bool = False) -> None:
        """
        Args:
            magic: Whether magic recipients are in use. ``magic.Magic`` applies them, after the rules.
        """
        self.magic = magic
        self._active: dict[str, _ActiveRule] = {}
        self._tallies: dict[str, Tally] = {}

    def add(self, rule: Rule) -> None:
        """Add a rule after all others."""
        self._active[rule.id] = _ActiveRule(rule, random.Random(rule.match.seed))  # noqa: S311  # must repeat

    def remove(self, rule_id: str) -> bool:
        """Remove a rule. Return False if there is none with this id."""
        return self._active.pop(rule_id, None) is not None

    def clear(self) -> int:
        """Remove all rules and all counters, and return the number of rules."""
        count = len(self._active)
        self._active.clear()
        self._tallies.clear()
        return count

    def listing(self) -> list[RuleStatus]:
        """Return all rules, in the order in which they are tried."""
        return [active.status() for active in self._active.values()]

    def get(self, rule_id: str) -> RuleStatus | None:
        """Return the rule, or None if there is none with this id."""
        active = self._active.get(rule_id)
        return active.status() if active is not None else None

    def hidden_by(self, rule_id: str) -> str | None:
        """Return the id of a rule that always applies first to whatever this rule matches, or None."""
        later = self._active[rule_id].rule
        before = True
        for other in self._active.values():
            if other.rule.id == rule_id:
                before = False
            elif (before or other.rule.stage != later.stage) and _hides(other.rule, later):
                return other.rule.id
        return None

    def tally(self, fault_id: str) -> Tally:
        """Return the counters of a magic recipient, by its fault id."""
        return self._tallies.get(fault_id) or Tally()

    def note(self, fault_ids: Iterable[str], hit: Hit) -> None:
        """Record the request as the last hit of these faults, and count it for magic recipients (``at`` counts for
        rules)."""
        for fault_id in fault_ids:
            active = self._active.get(fault_id)
            if active is not None:
                active.last = hit
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
        """Count the request, and return the effect of the first rule that applies to it at this stage, or None.

        Args:
            sends: The provider's operations that send. If given, a rule about delivery applies to these only.
        """
        for active in self._active.values():
            rule = active.rule
            if rule.stage != stage or (rule.count is not None and active.hits >= rule.count):
                continue
            if rule.effect.deliveries and sends and operation not in sends:
                continue
            if _matches(rule.match, provider, operation, recipients, key_id) and _count(active):
                active.hits += 1
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


def _hides(first: Rule, later: Rule) -> bool:
    """Return whether the first rule applies to every request that the later one matches.

    A rule at the stage ``before`` that replaces the answer leaves nothing for the stage ``after``.
    """
    if first.stage != later.stage and not (first.stage == "before" and first.effect.replaces):
        return False
    wide, narrow = first.match, later.match
    if first.count is not None or wide.nth is not None or wide.probability not in (None, 1):
        return False
    if first.effect.deliveries and not later.effect.deliveries:
        return False  # it applies only to what sends
    return (
        wide.provider in (None, narrow.provider)
        and wide.operation in (None, narrow.operation)
        and wide.key_id in (None, narrow.key_id)
        and (wide.recipients is None or (narrow.recipients is not None and narrow.recipients <= wide.recipients))
    )


def _count(active: _ActiveRule) -> bool:
    """Count a matching request, and return whether the rule applies to it by ``nth`` and ``probability``."""
    active.matched += 1
    match = active.rule.match
    if match.nth is not None and active.matched != match.nth:
        return False
    return match.probability is None or active.generator.random() < match.probability
