"""Where codes come from: randomness, a seed, or a pin that a test has set."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass

from gateway.core.clock import Clock
from gateway.core.model import Document, Recipient, iso
from gateway.verification.rules import Policy


def random_code(policy: Policy) -> str:
    return "".join(secrets.choice(policy.alphabet) for _ in range(policy.length))


def seeded_code(policy: Policy, seed: int, recipient: Recipient, usage_type: str, count: int) -> str:
    """Return code number ``count`` of the recipient: the same in every run, whatever other recipients request."""
    parts = json.dumps([seed, recipient.channel.value, recipient.read_as, usage_type, count])
    number = int.from_bytes(hashlib.sha256(parts.encode()).digest()) % policy.codes
    code = ""
    for _ in range(policy.length):
        number, digit = divmod(number, len(policy.alphabet))
        code = policy.alphabet[digit] + code
    return code


@dataclass(frozen=True, slots=True)
class Pin:
    """A code that is fixed beforehand for one recipient, ``until`` a time of the gateway's clock (seconds since the
    epoch; None for no end)."""

    recipient: Recipient
    code: str
    until: float | None = None

    def document(self) -> Document:
        return {
            "to": self.recipient.to,
            "readAs": self.recipient.read_as,
            "channel": self.recipient.channel.value,
            "code": self.code,
            "until": None if self.until is None else iso(self.until),
        }


class Pins:
    """The pins in force. They are in memory only, like faults, because no record may hold a code."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pins: dict[tuple[str, str], Pin] = {}

    def put(self, pin: Pin) -> None:
        """Set a pin, which replaces another one of the recipient."""
        self._pins[_key(pin.recipient)] = pin

    def get(self, recipient: Recipient) -> Pin | None:
        pin = self._pins.get(_key(recipient))
        return pin if pin is not None and self._is_in_force(pin) else None

    def listing(self) -> list[Pin]:
        return [pin for pin in self._pins.values() if self._is_in_force(pin)]

    def remove(self, recipient: Recipient) -> bool:
        """Remove the pin of a recipient and return whether there was one."""
        pin = self._pins.pop(_key(recipient), None)
        return pin is not None and self._is_in_force(pin)

    def clear(self) -> None:
        self._pins.clear()

    def _is_in_force(self, pin: Pin) -> bool:
        return pin.until is None or self._clock.now() < pin.until


def _key(recipient: Recipient) -> tuple[str, str]:
    return recipient.channel.value, recipient.read_as
