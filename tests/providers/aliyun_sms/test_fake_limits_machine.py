"""Limit windows against a slow and obvious model, over a clock that moves as it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gateway.providers.aliyun_sms.fake.settings import Limits
from tests.providers.aliyun_sms.call_operation import send
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.support.tiers import examples

CHINA = timezone(timedelta(hours=8))
# Small limits, mostly of one kind, and few senders: each example comes to the edges of windows again and again.
_NONE = dict.fromkeys(
    ("verification_per_minute", "verification_per_hour", "verification_per_day", "number_per_day", "other_per_day")
)
LIMITS = st.sampled_from(
    [{**_NONE, name: most} for name in _NONE for most in (1, 2)]
    + [dict(zip(_NONE, (1, 2, 3, 4, 2), strict=True)), dict(zip(_NONE, (1, 5, 10, 40, 50), strict=True))]
)
WINDOWS = st.sampled_from([60, 3600, 86_400])
BESIDE = st.sampled_from([-1, 0, 1])
MAINLAND = ("13800138000", "+8613800138000")
SENDS = st.sampled_from(
    [
        (number, sign, template)
        for number in MAINLAND
        for sign in "一二"
        for template in ("SMS_154950909", "SMS_PLAIN")
    ]
    + [(MAINLAND[0], "一", "SMS_154950909")] * 4
    + [(MAINLAND[0], "一", "SMS_UNKNOWN"), ("13800138001", "一", "SMS_154950909"), ("6581234567", "一", "SMS_1")]
)


class One(NamedTuple):
    at: datetime
    number: str
    sign: str
    template: str

    @property
    def is_code(self) -> bool:
        return self.template != "SMS_PLAIN"


def _is_over(before: list[One], new: One, rules: dict[str, Any], rolling: bool) -> bool:
    """Every rule as the documentation words it, over everything that was ever sent."""
    same_number = [one for one in before if one.number == new.number]
    day = [one for one in same_number if one.at > new.at - timedelta(days=1)]
    if not new.is_code:
        others = [one for one in day if (one.sign, one.template) == (new.sign, new.template)]
        return rules["other_per_day"] is not None and len(others) >= rules["other_per_day"]
    codes = [one for one in same_number if one.is_code]
    own = [one for one in codes if one.sign == new.sign]
    if rolling:
        minute = [one for one in own if one.at > new.at - timedelta(minutes=1)]
        hour = [one for one in own if one.at > new.at - timedelta(hours=1)]
    else:
        minute = [one for one in own if f"{one.at:%Y%m%d%H%M}" == f"{new.at:%Y%m%d%H%M}"]
        hour = [one for one in own if f"{one.at:%Y%m%d%H}" == f"{new.at:%Y%m%d%H}"]
    counted = {
        "verification_per_minute": len(minute),
        "verification_per_hour": len(hour),
        "verification_per_day": len([one for one in own if one in day]),
        "number_per_day": len([one for one in codes if one in day]),
    }
    return any(rules[name] is not None and count >= rules[name] for name, count in counted.items())


class LimitMachine(RuleBasedStateMachine):
    @initialize(limits=LIMITS, rolling=st.booleans())
    def begin(self, limits: dict[str, Any], rolling: bool) -> None:
        self.limits = limits
        self.rolling = rolling
        self.bare = DirectFake(limits=Limits(**self.limits, windows="rolling" if rolling else "natural"))
        self.sent: list[One] = []

    @rule(to=st.sampled_from(["now", "edge", "age"]), window=WINDOWS, beside=BESIDE, what=SENDS)
    def somebody_sends(self, to: str, window: int, beside: int, what: tuple[str, str, str]) -> None:
        """Now, or beside the end of a window of the clock, or when something sent has left a window."""
        number, sign, template = what
        now = self.bare.clock.time
        ends = [now - now % window + window + beside] if to == "edge" else []
        ends += [one.at.timestamp() + window + beside for one in self.sent if to == "age"]
        self.bare.clock.time = min([end for end in ends if end > now], default=now)
        at = datetime.fromtimestamp(self.bare.clock.time, UTC).astimezone(CHINA)
        new = One(at, number[-11:], sign, template)
        over = not number.startswith("65") and _is_over(self.sent, new, self.limits, self.rolling)
        answer = send(self.bare, PhoneNumbers=number, SignName=sign, TemplateCode=template)
        assert answer.code == ("isv.BUSINESS_LIMIT_CONTROL" if over else "OK"), (new, self.limits)
        if not over:
            self.sent.append(new)


TestLimits = LimitMachine.TestCase
TestLimits.settings = settings(
    max_examples=examples(30), stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
