"""How often a number may be written to. Pure: what was sent goes in, the limit that is reached comes out.

Sources: Alibaba Cloud's documents 44335 and 2881383. Minute and hour are those of the clock in UTC+8, whose
offset is whole hours, so they are those of UTC too; a day is the last 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gateway.providers.aliyun_sms.fake.settings import Limits

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
_NAMES = {MINUTE: "分钟", HOUR: "小时", DAY: "天"}


class Sent(NamedTuple):
    """A message to one number. ``at`` in seconds of the gateway's clock."""

    at: float
    account: str
    sign: str
    template: str
    is_code: bool


class Reached(NamedTuple):
    """``code`` and ``message`` as Aliyun says it."""

    code: str
    message: str


def reached(before: Iterable[Sent], new: Sent, limits: Limits) -> Reached | None:
    """The first limit that the new message would be over, after those ``before`` to the same number."""
    near = [one for one in before if 0 <= new.at - one.at < DAY]
    if not new.is_code:
        same = [
            one
            for one in near
            if not one.is_code and (one.account, one.sign, one.template) == (new.account, new.sign, new.template)
        ]
        return _over(same, new, DAY, limits.other_per_day, limits)
    codes = [one for one in near if one.is_code]
    own = [one for one in codes if (one.account, one.sign) == (new.account, new.sign)]
    return (
        _over(own, new, MINUTE, limits.verification_per_minute, limits)
        or _over(own, new, HOUR, limits.verification_per_hour, limits)
        or _over(own, new, DAY, limits.verification_per_day, limits)
        or _over(codes, new, DAY, limits.number_per_day, limits)
    )


def kept(sends: Iterable[Sent], now: float) -> list[Sent]:
    """Those that can still count; also the ones of a future that the clock was moved back from."""
    return [one for one in sends if now - one.at < DAY]


def _over(sends: list[Sent], new: Sent, window: float, most: int | None, limits: Limits) -> Reached | None:
    if most is None or sum(_same(one.at, new.at, window, limits) for one in sends) < most:
        return None
    return Reached("isv.BUSINESS_LIMIT_CONTROL", f"触发{_NAMES[window]}级流控Permits:{most}")


def _same(before: float, now: float, window: float, limits: Limits) -> bool:
    if window == DAY or limits.windows == "rolling":
        return 0 <= now - before < window
    return before <= now and before // window == now // window
