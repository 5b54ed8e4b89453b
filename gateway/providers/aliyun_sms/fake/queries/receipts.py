"""What became of a message: the one answer that details, statistics and QueryMessage all give."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from gateway.core.model import Document
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

State: TypeAlias = Literal["waiting", "delivered", "failed"]
DELIVERED = "DELIVERED"


class Receipt(NamedTuple):
    """``err_code`` as in QuerySendDetails. ``at``: when it came (the gateway's clock), None while it is awaited."""

    state: State
    err_code: str
    at: float | None


def receipt_of(capture: Document, now: float, settings: FakeSettings) -> Receipt:
    """The receipt of a capture at the time ``now``. What comes late has it later by as much, what a fault has lost
    has a bad one."""
    delivery = capture.get("delivery") or {}
    due: float = capture["details"]["acceptedAt"] + delivery.get("seconds", 0.0) + settings.receipt_delay
    if now < due:
        return Receipt("waiting", settings.guesses.waiting_err_code, None)
    bad = settings.bad_receipts.get(capture["readAs"])
    if bad is None and delivery.get("outcome") == "lost":
        bad = settings.guesses.lost_err_code
    return Receipt("delivered", DELIVERED, due) if bad is None else Receipt("failed", bad, due)
