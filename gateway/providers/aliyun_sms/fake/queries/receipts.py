"""What became of a message: the one answer that details, statistics and QueryMessage all give."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from gateway.model import Document
from gateway.providers.aliyun_sms.fake.settings import FakeSettings

State: TypeAlias = Literal["waiting", "delivered", "failed"]
DELIVERED = "DELIVERED"


class Receipt(NamedTuple):
    """``err_code`` as in QuerySendDetails. ``at``: when it came (the gateway's clock), None while it is awaited."""

    state: State
    err_code: str
    at: float | None


def receipt_of(capture: Document, now: float, settings: FakeSettings) -> Receipt:
    """The receipt of a capture at the time ``now``."""
    due: float = capture["details"]["acceptedAt"] + settings.receipt_delay
    if now < due:
        return Receipt("waiting", settings.guesses.waiting_err_code, None)
    bad = settings.bad_receipts.get(capture["readAs"])
    return Receipt("delivered", DELIVERED, due) if bad is None else Receipt("failed", bad, due)
