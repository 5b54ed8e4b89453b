"""What can go wrong, with Logto's codes and statuses.

::

    RequestError
    ├── VerificationError         400   a check that fails, in the order in which it is asked
    │   ├── Blocked                     the recipient is locked, or must wait after a wrong code
    │   ├── CodeNotFound
    │   ├── PhoneMismatch, EmailMismatch    the code is another recipient's
    │   ├── CodeExpired
    │   ├── TriesUsedUp
    │   └── CodeMismatch                the only one that costs a try
    ├── MessageRateLimited        429   too many sends, or too soon
    ├── NoConnector               501   nothing carries messages of that kind
    └── SandboxOnly               403   a code that is known beforehand, in mode live
"""

from __future__ import annotations

from typing import Any

from gateway.core.errors import RequestError
from gateway.verification.rules import Refusal, Verdict


class VerificationError(RequestError):
    """``retry_after``: whole seconds, where waiting helps."""

    def __init__(self, message: str, *, tries_left: int | None = None, retry_after: int | None = None) -> None:
        known = {"triesLeft": tries_left, "retryAfter": retry_after}
        super().__init__(message, data={key: value for key, value in known.items() if value is not None})
        self.retry_after = retry_after


class Blocked(VerificationError):
    code = "session.verification_blocked_too_many_attempts"


class CodeNotFound(VerificationError):
    code = "verification_code.not_found"


class PhoneMismatch(VerificationError):
    code = "verification_code.phone_mismatch"


class EmailMismatch(VerificationError):
    code = "verification_code.email_mismatch"


class CodeExpired(VerificationError):
    code = "verification_code.expired"


class TriesUsedUp(VerificationError):
    code = "verification_code.exceed_max_try"


class CodeMismatch(VerificationError):
    code = "verification_code.code_mismatch"


class MessageRateLimited(RequestError):
    """``rule`` is what says so: a window by its ``by``, or ``resend_wait``."""

    code = "request.message_rate_limited"
    status = 429

    def __init__(self, rule: str, retry_after: int | None) -> None:
        what = "too soon after the last one" if rule == "resend_wait" else f"as many by {rule} as there may be"
        data: dict[str, Any] = {"limitedBy": rule}
        if retry_after is not None:
            data["retryAfter"] = retry_after
        super().__init__(f"no code is sent now: {what}", data=data)
        self.retry_after = retry_after


class NoConnector(RequestError):
    code = "connector.not_found"
    status = 501


class SandboxOnly(RequestError):
    code = "verification.sandbox_only"
    status = 403


_OF_VERDICTS: dict[Verdict, tuple[type[VerificationError], str]] = {
    Verdict.LOCKED: (Blocked, "too many wrong codes: wait before the next one"),
    Verdict.NOT_FOUND: (CodeNotFound, "there is no code to check for that recipient and usage type"),
    Verdict.EXPIRED: (CodeExpired, "the code has expired: request a new one"),
    Verdict.EXCEED_MAX_TRY: (TriesUsedUp, "too many wrong codes: request a new one"),
    Verdict.CODE_MISMATCH: (CodeMismatch, "that is not the code"),
}


def failed(verdict: Verdict, refusal: Refusal | None, tries_left: int | None, now: int) -> VerificationError:
    kind, text = _OF_VERDICTS[verdict]
    if refusal is not None and refusal.until is None:
        text = "too many wrong codes: that recipient is locked until somebody lifts it"
    return kind(text, tries_left=tries_left, retry_after=refusal.retry_after(now) if refusal else None)
