"""Errors of requesting and checking one-time codes, with Logto's codes and statuses.

The checks run in the order of the subclasses of ``VerificationError``, and the first that fails is raised.
"""

from __future__ import annotations

from typing import Any

from gateway.core.errors import RequestError
from gateway.verification.rules import Refusal, Verdict


class VerificationError(RequestError):
    """Base class: a code was checked and is not accepted.

    ``tries_left`` is the number of wrong codes that may still follow; ``retry_after`` is in whole seconds of the
    gateway's clock. Both are in ``data`` too, and None if they do not apply.
    """

    def __init__(self, message: str, *, tries_left: int | None = None, retry_after: int | None = None) -> None:
        details = {"triesLeft": tries_left, "retryAfter": retry_after}
        super().__init__(message, data={key: value for key, value in details.items() if value is not None})
        self.retry_after = retry_after


class Blocked(VerificationError):
    """The recipient is locked, or must wait after a wrong code."""

    code = "session.verification_blocked_too_many_attempts"
    cause = "Too many wrong codes for that recipient: it is locked, or must wait. Not even the right code passes."
    cure = (
        "Wait for `data.retryAfter` seconds of the gateway's clock. Without it the lock has no end: "
        "`DELETE /api/verifications/{to}` lifts it."
    )


class CodeNotFound(VerificationError):
    code = "verification_code.not_found"
    cause = "No code was requested for that recipient and usage type, or it is used, or it is another request's."
    cure = "Request one. A code is good once; the usage type must be the same (`Generic` unless given)."


class PhoneMismatch(VerificationError):
    code = "verification_code.phone_mismatch"
    cause = "`verificationId` is of a code that went to another number."
    cure = "Check with the recipient that the code was requested for."


class EmailMismatch(VerificationError):
    code = "verification_code.email_mismatch"
    cause = "`verificationId` is of a code that went to another address."
    cure = "Check with the recipient that the code was requested for."


class CodeExpired(VerificationError):
    code = "verification_code.expired"
    cause = "The code was right for as long as the policy says, and that is over."
    cure = "Request a new one. The gateway's clock counts, which somebody may have moved."


class TriesUsedUp(VerificationError):
    code = "verification_code.exceed_max_try"
    cause = "As many wrong codes were tried as the policy allows: not even the right one passes."
    cure = "Request a new one."


class CodeMismatch(VerificationError):
    """The only error that costs a try."""

    code = "verification_code.code_mismatch"
    cause = "That is not the code. It has cost a try."
    cure = "Type the newest one: it has replaced the older ones. `data.triesLeft` says how often."


class MessageRateLimited(RequestError):
    """Too many codes were requested, or the last one is too recent.

    ``rule`` is the ``by`` of the window that is full, or ``resend_wait``. ``retry_after`` is in whole seconds of
    the gateway's clock, None if waiting does not help.
    """

    code = "request.message_rate_limited"
    status = 429
    cause = "As many codes were sent as the policy allows, or the last one is too young."
    cure = (
        "Wait for `Retry-After` seconds of the gateway's clock, or advance it. `data.limitedBy` names the rule. In "
        "tests: fresh recipients, or the policy `off`."
    )

    def __init__(self, rule: str, retry_after: int | None) -> None:
        what = "too soon after the last one" if rule == "resend_wait" else f"as many by {rule} as there may be"
        data: dict[str, Any] = {"limitedBy": rule}
        if retry_after is not None:
            data["retryAfter"] = retry_after
        super().__init__(f"no code is sent now: {what}", data=data)
        self.retry_after = retry_after


class NoConnector(RequestError):
    """No connector sends on the channel of the recipient."""

    code = "connector.not_found"
    status = 501
    cause = (
        "There is no connector for such recipients: none for SMS, or none for email. Or a test names a factory "
        "that does not exist, or one of social connectors, which send nothing."
    )
    cure = "Add one to the config file, or over the API; `GET /api/connector-factories` lists what can be tested."


class NoSuchConnector(NoConnector):
    """No factory of that id sends messages."""

    status = 404


class SandboxOnly(RequestError):
    """A code can be fixed in advance in a sandbox only."""

    code = "verification.sandbox_only"
    status = 403
    cause = "A code that is known beforehand was asked of a gateway in mode live."
    cure = "Pin codes in a sandbox only."


_ERRORS: dict[Verdict, tuple[type[VerificationError], str]] = {
    Verdict.LOCKED: (Blocked, "too many wrong codes: wait before the next one"),
    Verdict.NOT_FOUND: (CodeNotFound, "there is no code to check for that recipient and usage type"),
    Verdict.EXPIRED: (CodeExpired, "the code has expired: request a new one"),
    Verdict.EXCEED_MAX_TRY: (TriesUsedUp, "too many wrong codes: request a new one"),
    Verdict.CODE_MISMATCH: (CodeMismatch, "that is not the code"),
}


def failed(verdict: Verdict, refusal: Refusal | None, tries_left: int | None, now: int) -> VerificationError:
    """Return the error for the verdict of a check. ``now`` is Unix time in milliseconds, as in ``refusal``."""
    kind, text = _ERRORS[verdict]
    if refusal is not None and refusal.until is None:
        text = "too many wrong codes: that recipient is locked until somebody lifts it"
    return kind(text, tries_left=tries_left, retry_after=refusal.retry_after(now) if refusal else None)
