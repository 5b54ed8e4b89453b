"""Limit windows against a slow and obvious model, over a clock that moves as it likes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gateway.providers.aliyun_sms.fake.settings import Limits
from tests.aliyun_sms.bare import Bare
from tests.aliyun_sms.calling import send

CHINA = timezone(timedelta(hours=8))
SMALL = st.one_of(st.none(), st.integers(0, 4))
STEPS = st.sampled_from([0, 1, 29, 59, 60, 61, 600, 3599, 3600, 7200, 43_200, 86_399, 86_400])
NUMBERS = st.sampled_from(["13800138000", "+8613800138000", "13800138001", "6581234567"])
SIGNS = st.sampled_from(["一", "二"])
TEMPLATES = st.sampled_from(["SMS_154950909", "SMS_PLAIN", "SMS_UNKNOWN"])


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
    @initialize(minute=SMALL, hour=SMALL, day=SMALL, number=SMALL, other=SMALL, rolling=st.booleans())
    def begin(self, minute: Any, hour: Any, day: Any, number: Any, other: Any, rolling: bool) -> None:
        self.limits = {
            "verification_per_minute": minute,
            "verification_per_hour": hour,
            "verification_per_day": day,
            "number_per_day": number,
            "other_per_day": other,
        }
        self.rolling = rolling
        self.bare = Bare(limits=Limits(**self.limits, windows="rolling" if rolling else "natural"))
        self.sent: list[One] = []

    @rule(step=STEPS)
    def time_passes(self, step: int) -> None:
        self.bare.clock.time += step

    @rule(number=NUMBERS, sign=SIGNS, template=TEMPLATES)
    def somebody_sends(self, number: str, sign: str, template: str) -> None:
        at = datetime.fromtimestamp(self.bare.clock.time, UTC).astimezone(CHINA)
        new = One(at, number[-11:], sign, template)
        over = not number.startswith("65") and _is_over(self.sent, new, self.limits, self.rolling)
        answer = send(self.bare, PhoneNumbers=number, SignName=sign, TemplateCode=template)
        assert answer.code == ("isv.BUSINESS_LIMIT_CONTROL" if over else "OK"), (new, self.limits)
        if not over:
            self.sent.append(new)


TestLimits = LimitMachine.TestCase
TestLimits.settings = settings(
    max_examples=40, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
)
