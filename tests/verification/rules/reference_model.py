"""The rules of codes, slow and obvious: everything that ever happened, looked up by walking it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.verification.rules import By, Policy


@dataclass
class Sent:
    """``certainly_not``: its send failed. ``tries``: wrong codes while it was the one that counted."""

    id: str
    usage_type: str
    at: int
    code: str
    tries: int = 0
    certainly_not: bool = False
    settled: bool = False
    retired: bool = False
    answered: bool = False


@dataclass
class Model:
    policy: Policy
    sends: list[Sent] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    # --- sending ----------------------------------------------------------------------------------------

    def may_send_at(self, now: int) -> int:
        """The first millisecond from ``now`` on at which no rule is in the way."""
        while not self._may_send(now):
            now += 1
        return now

    def _may_send(self, now: int) -> bool:
        waits = self.policy.resend_waits
        unanswered = [one for one in self.sends if not one.certainly_not and not one.answered]
        if waits and unanswered:
            wait = waits[len(unanswered) - 1] if len(unanswered) <= len(waits) else waits[-1]
            if now < max(one.at for one in unanswered) + wait * 1000:
                return False
        for window in self.policy.windows_by(By.RECIPIENT):
            counted = [
                one for one in self.sends if not one.certainly_not and now - window.seconds * 1000 < one.at <= now
            ]
            if len(counted) >= window.sends:
                return False
        return True

    def issue(self, sent: Sent) -> None:
        if not self.policy.failed_send_keeps_older:
            for one in self._of(sent.usage_type):
                one.retired = True
        self.sends.append(sent)

    def settle(self, sent: Sent, went_out: bool) -> None:
        sent.settled = True
        if not went_out:
            sent.certainly_not = True
            if self.policy.failed_send_keeps_older:
                sent.retired = True
        elif not sent.retired:
            own = self._of(sent.usage_type)
            for one in own[: own.index(sent)]:
                one.retired = True

    # --- checking ---------------------------------------------------------------------------------------

    def check(self, usage_type: str, typed: str, now: int) -> str:
        if self.locked(now):
            return "locked"
        own = self._of(usage_type)
        if not own:
            return "not_found"
        code = own[-1]
        lifetime = self.policy.lifetime_seconds
        if lifetime is not None and now > code.at + lifetime * 1000:
            return "expired"
        if self.policy.tries_per_code is not None and code.tries >= self.policy.tries_per_code:
            return "exceed_max_try"
        if typed != code.code:
            if self._lock_over(now):
                self.wrong.clear()
            code.tries += 1
            self.wrong.append(now)
            return "code_mismatch"
        for one in own:
            one.retired = True
        for one in self.sends:
            one.answered = True
        self.wrong.clear()
        return "verified"

    def locked(self, now: int) -> bool:
        if not self.wrong or self._lock_over(now):
            return False
        if self._at_limit():
            return True
        waits = self.policy.try_waits
        if not waits:
            return False
        wait = waits[len(self.wrong) - 1] if len(self.wrong) <= len(waits) else waits[-1]
        return now < self.wrong[-1] + wait * 1000

    def _at_limit(self) -> bool:
        limit = self.policy.tries_per_recipient
        return limit is not None and len(self.wrong) >= limit

    def _lock_over(self, now: int) -> bool:
        lock = self.policy.lock_seconds
        return self._at_limit() and lock is not None and now >= self.wrong[-1] + lock * 1000

    def _of(self, usage_type: str) -> list[Sent]:
        return [one for one in self.sends if one.usage_type == usage_type and not one.retired]
