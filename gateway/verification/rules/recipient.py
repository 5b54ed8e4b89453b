"""The state of one recipient, and the three functions that change it: issue, settle and check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from gateway.verification.rules import windows
from gateway.verification.rules.policy import By, Policy
from gateway.verification.rules.windows import Histories, Refusal, milliseconds, running

State: TypeAlias = Mapping[str, Any]
"""``{"codes": {type: [code, ...]}, "sends": history, "unanswered": {id: time}, "failed", "failedAt"}``. A key
without a value is left out. A code is ``{"id", "digest", "at", "expiresAt", "tries", "policy"}``. The last code
of a type counts; older ones are kept until the outcome of its send is known. ``unanswered`` are the sends since
the last right code."""

# Codes of one type whose sends overlap. The oldest is dropped.
_MOST_CODES = 8
# More than the waits of any policy plus the sends that may overlap.
_MOST_UNANSWERED = 40


class Verdict(StrEnum):
    """The result of a check, in the order in which Logto checks. Only a mismatch costs a try."""

    LOCKED = "locked"
    NOT_FOUND = "not_found"
    EXPIRED = "expired"
    EXCEED_MAX_TRY = "exceed_max_try"
    CODE_MISMATCH = "code_mismatch"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict with the state that must be stored before the verdict is told.

    ``tries_left`` counts for this code and this recipient; None if there is no limit.
    """

    verdict: Verdict
    state: State
    tries_left: int | None = None
    refusal: Refusal | None = None


def refusal(state: State, policy: Policy, histories: Histories, now: int) -> Refusal | None:
    """Return the rule that forbids a send for the longest time, or None if it is allowed.

    ``histories`` are of the client's address, the country and all sends. Windows without a history do not count.
    """
    found = [_resend_wait(state, policy, now)]
    for by, history in {**histories, By.RECIPIENT: state.get("sends", [])}.items():
        found.append(windows.refused(history, policy.windows_by(by), now))
    return max((one for one in found if one is not None), key=lambda one: one.until or 0, default=None)


def resend_at(state: State, policy: Policy, histories: Histories, now: int) -> int:
    """Return when the next send is allowed: ``now``, or later."""
    found = refusal(state, policy, histories, now)
    return now if found is None or found.until is None else found.until


def issue(state: State, policy: Policy, name: str, usage_type: str, code: Mapping[str, Any], now: int) -> State:
    """Return the state with a new code and a send that counts as sent until ``settle`` says otherwise.

    ``code`` is ``{"id", "digest"}``. ``name`` is the name of the policy by which the code will be checked. Call
    ``refusal`` first.
    """
    lifetime = policy.lifetime_seconds
    expires_at = None if lifetime is None else now + milliseconds(lifetime)
    made = {**code, "at": now, "expiresAt": expires_at, "tries": 0, "policy": name}
    older = state.get("codes", {}).get(usage_type, []) if policy.failed_send_keeps_older else []
    codes = {**state.get("codes", {}), usage_type: [*older[1 - _MOST_CODES :], made]}
    unanswered = state.get("unanswered", {})
    if policy.resend_waits:
        unanswered = dict([*unanswered.items(), (code["id"], now)][-_MOST_UNANSWERED:])
    sends = windows.added(state.get("sends", []), policy.windows_by(By.RECIPIENT), now)
    return _put(state, codes=codes, unanswered=unanswered, sends=sends)


def settle(state: State, policy: Policy, usage_type: str, code_id: str, at: int, *, sent: bool) -> State:
    """Apply the outcome of the send of a code that was issued at ``at``. If it was not ``sent``, it does not
    count."""
    codes: Mapping[str, Any] = state.get("codes", {})
    own: list[Any] = codes.get(usage_type, [])
    place = next((place for place, code in enumerate(own) if code["id"] == code_id), None)
    if sent:
        # The codes that it replaces end. A newer code stays. If the code is gone, there is nothing to do.
        return _put(state, codes={**codes, usage_type: own[place:]}) if place else state
    if place is not None and policy.failed_send_keeps_older:
        codes = {**codes, usage_type: [*own[:place], *own[place + 1 :]]}
    unanswered = {one: when for one, when in state.get("unanswered", {}).items() if one != code_id}
    sends = windows.removed(state.get("sends", []), policy.windows_by(By.RECIPIENT), at)
    return _put(state, codes=codes, unanswered=unanswered, sends=sends)


def check(
    state: State,
    policy_of: Callable[[str | None], Policy],
    usage_type: str,
    is_right: Callable[[Mapping[str, Any]], bool],
    now: int,
    code_id: str | None = None,
) -> Checked:
    """Check the newest code of a type.

    ``policy_of`` returns the policy with the name in the code (None if there is no code). ``is_right`` compares the
    stored code with the typed one. ``code_id``: only this code may be used.
    """
    own: list[Any] = state.get("codes", {}).get(usage_type, [])
    code = own[-1] if own else None
    policy = policy_of(code["policy"] if code else None)
    blocked = _blocked(state, policy, now)
    if blocked is not None:
        return Checked(Verdict.LOCKED, state, refusal=blocked)
    if code is None or code_id not in (None, code["id"]):
        return Checked(Verdict.NOT_FOUND, state)
    if code["expiresAt"] is not None and now > code["expiresAt"]:
        return Checked(Verdict.EXPIRED, state)
    if policy.tries_per_code is not None and code["tries"] >= policy.tries_per_code:
        return Checked(Verdict.EXCEED_MAX_TRY, state, 0)
    codes = state["codes"]
    if is_right(code):
        others = {one: listed for one, listed in codes.items() if one != usage_type}
        return Checked(Verdict.VERIFIED, _put(state, codes=others, unanswered={}, failed=0, failedAt=0))
    failed = _failed(state, policy, now) + 1
    tried = {**code, "tries": code["tries"] + 1}
    after = _put(state, codes={**codes, usage_type: [*own[:-1], tried]}, failed=failed, failedAt=now)
    return Checked(Verdict.CODE_MISMATCH, after, tries_left(after, policy, usage_type, now))


def tries_left(state: State, policy: Policy, usage_type: str, now: int) -> int | None:
    """Return the tries left of the newest code of a type; None if there is no limit."""
    code = state["codes"][usage_type][-1]
    limits = ((policy.tries_per_code, code["tries"]), (policy.tries_per_recipient, _failed(state, policy, now)))
    return min((max(0, limit - used) for limit, used in limits if limit is not None), default=None)


def forgettable(state: State, policies: Sequence[Policy], now: int) -> bool:
    """Whether the state can be deleted without any effect on a later call."""
    if any(state.get(name) for name in ("codes", "unanswered", "failed")):
        return False
    longest = max((milliseconds(one.seconds) for policy in policies for one in policy.windows), default=0)
    return not any(running(at, longest, now) for at, _ in state.get("sends", []))


def _resend_wait(state: State, policy: Policy, now: int) -> Refusal | None:
    unanswered = list(state.get("unanswered", {}).values())
    if not unanswered or not policy.resend_waits:
        return None
    wait = milliseconds(policy.resend_waits[min(len(unanswered), len(policy.resend_waits)) - 1])
    return Refusal("resend_wait", unanswered[-1] + wait) if running(unanswered[-1], wait, now) else None


def _failed(state: State, policy: Policy, now: int) -> int:
    """Return the number of wrong codes in a row. A lock that is over resets it."""
    failed: int = state.get("failed", 0)
    limit, lock = policy.tries_per_recipient, policy.lock_seconds
    over = limit is not None and failed >= limit and lock is not None
    return 0 if over and lock is not None and not running(state["failedAt"], milliseconds(lock), now) else failed


def _blocked(state: State, policy: Policy, now: int) -> Refusal | None:
    """Return the lock, or the wait after a wrong code, that forbids a check now."""
    failed = _failed(state, policy, now)
    if not failed:
        return None
    at: int = state["failedAt"]
    if policy.tries_per_recipient is not None and failed >= policy.tries_per_recipient:
        return Refusal("lock", None if policy.lock_seconds is None else at + milliseconds(policy.lock_seconds))
    if not policy.try_waits:
        return None
    wait = milliseconds(policy.try_waits[min(failed, len(policy.try_waits)) - 1])
    return Refusal("try_wait", at + wait) if running(at, wait, now) else None


def _put(state: State, **changes: Any) -> State:
    """Return the state with changes. Empty values, and types without codes, are left out to keep records small."""
    if "codes" in changes:
        changes["codes"] = {usage_type: own for usage_type, own in changes["codes"].items() if own}
    return {name: value for name, value in {**state, **changes}.items() if value}
