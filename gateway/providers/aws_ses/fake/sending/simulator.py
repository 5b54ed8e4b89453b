"""Whom a mail reaches: the mailbox simulator and the suppression list. Pure.

Source: Amazon SES, "Using the mailbox simulator". A label (``bounce+label@``) changes nothing.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Fate: TypeAlias = Literal[
    "delivered",
    "bounced",
    "complained",
    "suppressed",
    "suppressed_complaint",
    "simulated_suppression",
    "away",
]

DOMAIN = "simulator.amazonses.com"
_FATES: dict[str, Fate] = {
    "success": "delivered",
    "bounce": "bounced",
    "complaint": "complained",
    "suppressionlist": "simulated_suppression",
    "ooto": "away",
}
ARRIVES: frozenset[Fate] = frozenset({"delivered", "complained", "away"})
"""What is captured: all else reaches nobody."""


def is_simulated(address: str) -> bool:
    return address.lower().endswith(f"@{DOMAIN}")


def fate(address: str) -> Fate:
    """Of mail to this address, as far as the simulator decides it."""
    lowered = address.lower()
    if not lowered.endswith(DOMAIN):
        return "delivered"
    local, _, domain = lowered.rpartition("@")
    # The simulator has no other mailboxes: such mail bounces.
    return _FATES.get(local.partition("+")[0], "bounced") if domain == DOMAIN else "delivered"
