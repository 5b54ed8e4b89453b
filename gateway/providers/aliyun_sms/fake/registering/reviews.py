"""How Aliyun says what a review came to. A cancelled template is ``AUDIT_SATE_CANCEL``, so written; a cancelled
signature is spelt as one would expect."""

from __future__ import annotations

from gateway.providers.aliyun_sms.fake.days import written
from gateway.providers.aliyun_sms.fake.registering.applications import Review

STATUS = {"reviewing": 0, "approved": 1, "rejected": 2, "cancelled": 10}
_AUDIT = {
    "reviewing": "AUDIT_STATE_INIT",
    "approved": "AUDIT_STATE_PASS",
    "rejected": "AUDIT_STATE_NOT_PASS",
}
SIGN_AUDIT = {**_AUDIT, "cancelled": "AUDIT_STATE_CANCEL"}
TEMPLATE_AUDIT = {**_AUDIT, "cancelled": "AUDIT_SATE_CANCEL"}


def audit_date(review: Review) -> str:
    return "" if review.at is None else written(review.at)


def audit_info(review: Review) -> dict[str, str]:
    return {"AuditDate": audit_date(review), "RejectInfo": review.reason}


def reason(review: Review) -> dict[str, str]:
    """``Reason`` in the lists."""
    rejected = review.state == "rejected"
    return {
        "RejectDate": audit_date(review) if rejected else "",
        "RejectInfo": review.reason if rejected else "",
        "RejectSubInfo": "",
    }
