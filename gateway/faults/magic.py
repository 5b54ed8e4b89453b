"""Magic recipients: numbers and addresses that behave in one way at every fake of their channel, without any rule.

They cannot be anybody's. Numbers: ``+86 154`` is no prefix of the mainland's numbering plan; ``+44 7700 900xxx``
is Ofcom's range for drama; no North American area code has a 9 in its middle, and 555-01xx is kept for fiction
besides. Addresses: RFC 2606, ``.test`` and ``example.com``. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.core.model import Channel, Recipient, Wire
from gateway.faults.rules import IMPLIED, Delivery, Effect, Stage


class Meaning(NamedTuple):
    """``name`` is a label of the addresses, ``number`` two digits of the numbers. ``effect`` is the same at every
    provider; None: it is one of the provider's own errors, as its table ``magic`` says."""

    name: str
    number: str
    what: str
    effect: Effect | None = None
    stage: Stage = "before"

    @property
    def fault_id(self) -> str:
        return f"{IMPLIED}{self.name}"

    @property
    def phones(self) -> tuple[str, ...]:
        """``x`` is any digit. ``15400...`` is how Aliyun writes the first one."""
        return (f"+86 154 00{self.number} xxxx", f"+44 7700 9009{self.number}", f"+1 x9x 555 01{self.number}")

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple([f"*@{self.name}{domain}" for domain in DOMAINS])


LATE_SECONDS = 30.0
DOMAINS = (".magic.test", ".magic.example.com")

MEANINGS = (
    Meaning("invalid", "01", "refused: there is no such number or address"),
    Meaning("blocked", "02", "refused: it is on the provider's blacklist"),
    Meaning("rate-limited", "03", "refused: too many messages to this recipient"),
    Meaning("throttled", "04", "refused: too many calls, worth another try"),
    Meaning("down", "05", "the provider fails with a 5xx"),
    Meaning("timeout", "06", "never an answer, and no message", Effect(Wire(hang=True))),
    Meaning(
        "timeout-sent", "07", "the message is sent, but there is never an answer", Effect(Wire(hang=True)), "after"
    ),
    Meaning("lost", "08", "accepted, and never delivered", Effect(deliveries=(Delivery("lost"),))),
    Meaning(
        "late", "09", "accepted, and delivered 30 s later", Effect(deliveries=(Delivery("late", LATE_SECONDS),))
    ),
    Meaning("twice", "10", "accepted, and delivered twice", Effect(deliveries=(Delivery("twice"),))),
)

_BY_NUMBER = {meaning.number: meaning.name for meaning in MEANINGS}
_NAMES = frozenset(meaning.name for meaning in MEANINGS)
# How they begin and end: two look-ups tell almost everybody else.
_HEADS = frozenset(
    {"+8615400", "+4477009", *(f"+1{first}9{third}555" for first in "23456789" for third in range(10))}
)
_TAILS = frozenset({domain[-11:] for domain in DOMAINS})
_PHONE = re.compile(r"(?:\+8615400(\d\d)\d{4}|\+4477009009(\d\d)|\+1[2-9]9\d55501(\d\d))", re.ASCII)


def meaning_of(recipient: Recipient) -> str | None:
    """The name of what it means, as the provider reads it; None for everybody else."""
    reading = recipient.readings[0]
    if recipient.channel is Channel.EMAIL:
        if not reading.endswith(DOMAINS):
            return None
        label = reading.rpartition("@")[2].partition(".")[0]
        return label if label in _NAMES and reading.endswith(tuple([f"@{label}{one}" for one in DOMAINS])) else None
    found = _PHONE.fullmatch(reading)
    return _BY_NUMBER.get(found[found.lastindex or 0]) if found else None


class Magic:
    """The magic recipients at one provider. ``own``: its errors, by the name of a meaning; one that it does not
    have is an ordinary recipient there."""

    def __init__(self, own: Mapping[str, Effect]) -> None:
        unknown = next((name for name in own if name not in _NAMES), None)
        if unknown is not None:
            raise ValueError(f"there is no meaning {unknown}; there are {', '.join(sorted(_NAMES))}")
        self._effects: dict[str, tuple[Stage, Effect]] = {}
        for meaning in MEANINGS:
            effect = own.get(meaning.name, meaning.effect)
            if effect is not None:
                self._effects[meaning.name] = meaning.stage, replace(effect, rule_id=meaning.fault_id)

    def at(self, stage: Stage, recipients: Sequence[Recipient]) -> Effect | None:
        """What happens to a message to them. One whose effect is on the request decides for all; else each gets
        what it means."""
        # Every request comes by here.
        for recipient in recipients:
            reading = recipient.readings[0]
            if reading[:8] in _HEADS or reading[-11:] in _TAILS:
                return self._at(stage, recipients)
        return None

    def _at(self, stage: Stage, recipients: Sequence[Recipient]) -> Effect | None:
        deliveries: list[Delivery] = []
        for recipient in recipients:
            name = meaning_of(recipient)
            if name is None:
                continue
            its_stage, effect = self._effects.get(name, ("", None))
            if effect is None or its_stage != stage:
                continue
            if not effect.deliveries:
                return effect
            own, reading = effect.deliveries[0], recipient.readings[0]
            deliveries.append(replace(own, recipients=frozenset({reading}), rule_id=effect.rule_id))
        if not deliveries:
            return None
        return Effect(rule_id=deliveries[0].rule_id, deliveries=tuple(deliveries))
