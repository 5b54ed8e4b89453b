"""Magic recipients: numbers and addresses that cause the same fault at every fake of their channel, without a rule.

No person can have one. ``+86 154`` is not assigned in China. ``+44 7700 900xxx`` is Ofcom's range for drama. No
North American area code has 9 as its second digit, and 555-01xx is reserved for fiction. The domains are in
``.test`` and ``example.com`` (RFC 2606). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from gateway.core.model import Channel, Recipient, Wire
from gateway.faults.rules import IMPLIED, Delivery, Effect, Stage


class Meaning(NamedTuple):
    """What a magic recipient causes."""

    name: str
    """The label before the domain of the addresses."""
    number: str
    """Two digits of the numbers."""
    what: str
    """The description that the API shows."""
    effect: Effect | None = None
    """The effect at every provider. None if each provider has an error of its own for it (``Provider.magic``)."""
    stage: Stage = "before"

    @property
    def fault_id(self) -> str:
        """The id of the fault in an exchange."""
        return f"{IMPLIED}{self.name}"

    @property
    def phones(self) -> tuple[str, ...]:
        """The patterns of its numbers; ``x`` is any digit. Aliyun writes the first without ``+86``."""
        return (f"+86 154 00{self.number} xxxx", f"+44 7700 9009{self.number}", f"+1 x9x 555 01{self.number}")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The patterns of its addresses; ``*`` is any local part."""
        return tuple(f"*@{self.name}{domain}" for domain in DOMAINS)


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
_PHONE = re.compile(r"(?:\+8615400(\d\d)\d{4}|\+4477009009(\d\d)|\+1[2-9]9\d55501(\d\d))", re.ASCII)


def meaning_of(recipient: Recipient) -> str | None:
    """Return the name of the meaning of a magic recipient, None for any other recipient."""
    reading = recipient.readings[0]
    if recipient.channel is Channel.EMAIL:
        label, _, domain = reading.rpartition("@")[2].partition(".")
        return label if label in _NAMES and f".{domain}" in DOMAINS else None
    match = _PHONE.fullmatch(reading)
    return _BY_NUMBER.get(match[match.lastindex or 0]) if match else None


class Magic:
    """The magic recipients at one provider."""

    def __init__(self, own: Mapping[str, Effect]) -> None:
        """Raises ValueError if ``own`` names a meaning that does not exist.

        Args:
            own: The provider's own effects, by the name of a meaning. A meaning that has neither an effect here nor
                one of its own has no effect at this provider.
        """
        unknown = next((name for name in own if name not in _NAMES), None)
        if unknown is not None:
            raise ValueError(f"there is no meaning {unknown}; there are {', '.join(sorted(_NAMES))}")
        self._effects: dict[str, tuple[Stage, Effect]] = {}
        for meaning in MEANINGS:
            effect = own.get(meaning.name, meaning.effect)
            if effect is not None:
                self._effects[meaning.name] = meaning.stage, replace(effect, rule_id=meaning.fault_id)

    def at(self, stage: Stage, recipients: Sequence[Recipient]) -> Effect | None:
        """Return the effect on a request to these recipients at this stage, or None.

        If the effect of a recipient is on the whole request, it is the only one. Otherwise the effects on the
        delivery to each recipient are combined.
        """
        deliveries: list[Delivery] = []
        for recipient in recipients:
            name = meaning_of(recipient)
            if name is None:
                continue
            own_stage, effect = self._effects.get(name, ("", None))
            if effect is None or own_stage != stage:
                continue
            if not effect.deliveries:
                return effect
            only = frozenset({recipient.read_as})
            deliveries.append(replace(effect.deliveries[0], recipients=only, rule_id=effect.rule_id))
        if not deliveries:
            return None
        return Effect(rule_id=deliveries[0].rule_id, deliveries=tuple(deliveries))
