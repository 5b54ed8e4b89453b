"""Pins: codes that are known beforehand, for one recipient each and until a moment."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.clock import Clock
from gateway.core.model import Document, Recipient, iso


@dataclass(frozen=True, slots=True)
class Pin:
    """``until``: seconds of the gateway's clock, None for no end."""

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
    """In memory only, like faults: no code is ever in a record, and a restart begins without pins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pins: dict[tuple[str, str], Pin] = {}

    def put(self, pin: Pin) -> None:
        """In the place of another one of that recipient."""
        self._pins[_key(pin.recipient)] = pin

    def of(self, recipient: Recipient) -> Pin | None:
        pin = self._pins.get(_key(recipient))
        return pin if pin is not None and self._holds(pin) else None

    def listing(self) -> list[Pin]:
        return [pin for pin in self._pins.values() if self._holds(pin)]

    def remove(self, recipient: Recipient) -> bool:
        pin = self._pins.pop(_key(recipient), None)
        return pin is not None and self._holds(pin)

    def clear(self) -> None:
        self._pins.clear()

    def _holds(self, pin: Pin) -> bool:
        return pin.until is None or self._clock.now() < pin.until


def _key(recipient: Recipient) -> tuple[str, str]:
    return recipient.channel.value, recipient.read_as
