"""What a receipt says, and when."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.providers.aliyun_sms.fake.queries.receipts import Receipt, receipt_of
from gateway.providers.aliyun_sms.fake.settings import FakeSettings, Guesses

SETTINGS = FakeSettings(
    receipt_delay=2.0,
    bad_receipts={"+8613800138009": "UNDELIV"},
    guesses=Guesses(waiting_err_code="-", lost_err_code="LOST"),
)


@pytest.mark.parametrize(
    ("number", "delivery", "now", "receipt"),
    [
        ("0", None, 101.9, Receipt("waiting", "-", None)),
        ("0", None, 102.0, Receipt("delivered", "DELIVERED", 102.0)),
        ("9", None, 101.9, Receipt("waiting", "-", None)),
        ("9", None, 102.0, Receipt("failed", "UNDELIV", 102.0)),
        ("0", {"outcome": "lost"}, 102.0, Receipt("failed", "LOST", 102.0)),
        ("9", {"outcome": "lost"}, 102.0, Receipt("failed", "UNDELIV", 102.0)),
        ("0", {"outcome": "late", "seconds": 30.0}, 131.9, Receipt("waiting", "-", None)),
        ("0", {"outcome": "late", "seconds": 30.0}, 132.0, Receipt("delivered", "DELIVERED", 132.0)),
    ],
)
def test_a_receipt_comes_when_it_is_due_and_says_what_became_of_it(
    number: str, delivery: dict[str, Any] | None, now: float, receipt: Receipt
) -> None:
    capture: dict[str, Any] = {"readAs": f"+861380013800{number}", "details": {"acceptedAt": 100.0}}
    if delivery is not None:
        capture["delivery"] = delivery
    assert receipt_of(capture, now, SETTINGS) == receipt
