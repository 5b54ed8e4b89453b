"""How often a number may be written to."""

from __future__ import annotations

import asyncio
from typing import Any

from gateway.providers.aliyun_sms.fake.pipeline import fake
from gateway.providers.aliyun_sms.fake.settings import Limits
from gateway.providers.aliyun_sms.fake.templates import Template
from tests.providers.aliyun_sms.call_operation import send
from tests.providers.aliyun_sms.direct_fake import TEMPLATES, DirectFake
from tests.providers.aliyun_sms.independent_clients import OTHER_KEY_ID, OTHER_SECRET, b64, rpc, rpc_text

OFF = {"verification_per_minute": None, "verification_per_hour": None, "verification_per_day": None}
MINUTE_OVER = "触发分钟级流控Permits:1"


def limited(**limits: Any) -> DirectFake:
    bare = DirectFake(limits=Limits(**limits), signatures=frozenset())
    bare.clock.time = 1_800_000_000.0 - 1_800_000_000.0 % 3600  # a full hour
    return bare


def codes(bare: DirectFake, count: int, **changes: str) -> list[str]:
    return [send(bare, **changes).code for _ in range(count)]


def test_a_second_code_in_a_minute_is_refused_with_aliyuns_words_and_does_not_count() -> None:
    bare = limited()
    assert send(bare).code == "OK"
    answer = send(bare)
    assert (answer.status, answer.code) == (200, "isv.BUSINESS_LIMIT_CONTROL")
    assert answer.json["Message"] == MINUTE_OVER
    bare.clock.time += 60
    assert send(bare).code == "OK"
    assert len(bare.captures.entries) == 2


def test_a_minute_is_one_of_the_clock() -> None:
    bare = limited()
    bare.clock.time += 59
    assert send(bare).code == "OK"
    bare.clock.time += 1
    assert send(bare).code == "OK"
    rolling = limited(windows="rolling")
    rolling.clock.time += 59
    assert send(rolling).code == "OK"
    rolling.clock.time += 59
    assert send(rolling).json["Message"] == MINUTE_OVER
    rolling.clock.time += 1
    assert send(rolling).code == "OK"


def test_an_hour_has_five_and_a_day_ten() -> None:
    bare = limited()
    said = []
    for _ in range(8):
        said.append(send(bare).json["Message"])
        bare.clock.time += 60
    assert said == ["OK"] * 5 + ["触发小时级流控Permits:5"] * 3
    bare.clock.time += 3600
    said = []
    for _ in range(6):
        said.append(send(bare).json["Message"])
        bare.clock.time += 3600
    assert said == ["OK"] * 5 + ["触发天级流控Permits:10"]
    bare.clock.time += 86_400 - 7 * 3600 - 480  # the first ones are a day old
    assert send(bare).code == "OK"


def test_a_number_has_forty_codes_a_day_over_all_accounts_and_signatures() -> None:
    bare = limited(**OFF, number_per_day=3)
    assert codes(bare, 1) + codes(bare, 1, SignName="二") == ["OK", "OK"]
    other = {"AccessKeyId": OTHER_KEY_ID}

    def signed(method: str, query: Any, form: Any) -> str:
        return b64(f"{OTHER_SECRET}&", rpc_text(method, query + form))

    assert bare.answer(rpc(common=other, sign=signed)).code == "OK"
    answer = bare.answer(rpc(common=other, sign=signed))
    assert answer.json["Message"] == "触发天级流控Permits:3"
    assert send(bare, PhoneNumbers="13800138001").code == "OK"


def test_notifications_count_by_signature_and_template() -> None:
    second = Template("SMS_PLAIN2", "您的订单已发货。", "promotion")
    bare = limited(other_per_day=2)
    object.__setattr__(bare.settings, "templates", {**TEMPLATES, "SMS_PLAIN2": second})
    assert codes(bare, 3, TemplateCode="SMS_PLAIN") == ["OK", "OK", "isv.BUSINESS_LIMIT_CONTROL"]
    assert codes(bare, 1, TemplateCode="SMS_PLAIN2") == ["OK"]
    assert codes(bare, 1, TemplateCode="SMS_PLAIN", SignName="二") == ["OK"]
    assert codes(bare, 1) == ["OK"]


def test_numbers_abroad_and_exempt_ones_have_no_limits() -> None:
    bare = limited(exempt=frozenset({"+8613800138000"}))
    assert codes(bare, 3) == ["OK"] * 3
    assert codes(bare, 3, PhoneNumbers="6581234567", TemplateCode="SMS_INTL") == ["OK"] * 3


def test_a_call_with_one_number_over_its_limit_fails_as_a_whole_or_leaves_that_number_out() -> None:
    both = "13800138000,13800138001"
    whole = limited()
    assert send(whole).code == "OK"
    assert send(whole, PhoneNumbers=both).code == "isv.BUSINESS_LIMIT_CONTROL"
    assert send(whole, PhoneNumbers="13800138001").code == "OK"
    each = limited(limited_number="that_number")
    assert send(each).code == "OK"
    answer = send(each, PhoneNumbers=both)
    assert (answer.code, len(answer.verdict.capture_ids)) == ("OK", 1)
    assert each.captures.documents[-1]["readAs"] == "+8613800138001"
    assert send(each, PhoneNumbers=both).code == "isv.BUSINESS_LIMIT_CONTROL"


def test_a_fault_before_acceptance_counts_nothing() -> None:
    from gateway.faults.rules import Effect, Match, ProviderError, Rule

    bare = limited()
    bare.faults.book.add(Rule(Match(), Effect(error=ProviderError("isp.SYSTEM_ERROR")), count=1))
    assert codes(bare, 3) == ["isp.SYSTEM_ERROR", "OK", "isv.BUSINESS_LIMIT_CONTROL"]


async def test_of_many_calls_at_once_one_has_the_last_place() -> None:
    bare = limited()

    class Slow:
        """Records that let others run between reading and writing."""

        def __getattr__(self, name: str) -> Any:
            async def later(*given: Any) -> Any:
                await asyncio.sleep(0)
                found = await getattr(bare.records, name)(*given)
                await asyncio.sleep(0)
                return found

            return later

    from dataclasses import replace

    context = replace(bare.context, records=Slow())
    answers = await asyncio.gather(*[fake(rpc(), context) for _ in range(20)])
    assert sum(b'"Code":"OK"' in answer.body for answer in answers) == 1
    assert len(bare.captures.entries) == 1


def test_what_nobody_writes_to_any_more_is_forgotten() -> None:
    bare = limited(**OFF)
    for number in range(150):
        assert send(bare, PhoneNumbers=f"139{number:08}").code == "OK"
    bare.clock.time += 90_000
    for number in range(150):
        assert send(bare, PhoneNumbers=f"138{number:08}").code == "OK"
    kept = [key for key in bare.records._values if "/sends/" in key]
    assert len(kept) <= 150


def test_the_count_goes_on_when_settings_are_replaced() -> None:
    from gateway.providers.aliyun_sms.fake.config import read

    first = read({"limits": True}, ())
    assert read({"limits": True}, (), first).ledger is first.ledger


def test_zero_is_a_limit_too() -> None:
    assert codes(limited(verification_per_minute=0), 1) == ["isv.BUSINESS_LIMIT_CONTROL"]
