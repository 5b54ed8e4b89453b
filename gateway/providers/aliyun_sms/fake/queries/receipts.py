"""The receipt of one capture: when it comes, and what it says."""

from __future__ import annotations

from typing import NamedTuple

from gateway.model import Document
from gateway.providers.aliyun_sms.fake.settings import FakeSettings


class Receipt(NamedTuple):
    """``at``: seconds of the gateway's clock. ``delivered``: False for what a fault has lost."""

    at: float
    delivered: bool


def receipt_of(capture: Document, settings: FakeSettings) -> Receipt:
    """What comes late has its receipt later by as much."""
    delivery = capture.get("delivery") or {}
    at = capture["details"]["acceptedAt"] + delivery.get("seconds", 0.0) + settings.receipt_delay
    return Receipt(at, delivery.get("outcome") != "lost")
