"""Fault rules, before and after acceptance, in Aliyun's words."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.model import PLAIN, Wire
from gateway.faults.rules import Effect, Match, ProviderError, RawAnswer, Rule, Stage
from gateway.providers.aliyun_sms.wire.errors import ERRORS
from tests.providers.aliyun_sms.direct_fake import Answer, DirectFake
from tests.providers.aliyun_sms.independent_clients import KEY_ID, SEND, acs3, rpc


def hit(effect: Effect, stage: Stage = "before", client: Any = rpc, **match: Any) -> tuple[DirectFake, Answer]:
    bare = DirectFake()
    bare.faults.book.add(Rule(Match(**match), Effect(effect.wire, effect.error, effect.answer, "f1"), stage))
    return bare, bare.answer(client())


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_error_of_the_table_can_be_asked_for(code: str) -> None:
    bare, answer = hit(Effect(error=ProviderError(code)))
    row = ERRORS[code]
    assert (answer.status, answer.code) == (row.status, code)
    assert ("HostId" in answer.json) == (row.status != 200)
    assert "<" not in answer.json["Message"]
    assert bare.captures.entries == []
    assert not answer.verdict.accepted
    assert (answer.verdict.code, answer.verdict.fault_ids) == (code, ("f1",))
    assert answer.verdict.signature == "valid"


def test_a_fault_that_looks_like_a_wrong_signature_echoes_the_string_to_sign() -> None:
    _, answer = hit(Effect(error=ProviderError("SignatureDoesNotMatch")))
    assert "server string to sign is:POST&%2F&" in answer.json["Message"]
    assert "13800138000" in answer.json["Message"]


def test_an_illegal_number_by_fault_names_the_number() -> None:
    _, answer = hit(Effect(error=ProviderError("isv.MOBILE_NUMBER_ILLEGAL")))
    assert answer.json["Message"] == "13800138000invalid mobile number"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ProviderError("isv.BUSINESS_LIMIT_CONTROL", "触发天级流控Permits:10"), 200, "触发天级流控Permits:10"),
        (ProviderError("isv.BUSINESS_LIMIT_CONTROL", status=400), 400, "触发分钟级流控Permits:1"),
        (ProviderError("isv.NEVER_SEEN", "x"), 200, "x"),
        (ProviderError("isp.NEVER_SEEN", "x"), 200, "x"),
        (ProviderError("NeverSeen", "x"), 400, "x"),
        (ProviderError("NeverSeen", "x", 502), 502, "x"),
        (ProviderError("MissingFoo"), 400, "Foo is mandatory for this action."),
    ],
)
def test_message_and_status_can_be_chosen_and_codes_need_not_be_known(
    error: ProviderError, status: int, message: str
) -> None:
    _, answer = hit(Effect(error=error))
    assert (answer.status, answer.code, answer.json["Message"]) == (status, error.code, message)


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (ProviderError("Throttling.User"), 400, None),
        (ProviderError("Throttling.User", retry_after=0.7), 429, "700"),
        (ProviderError("Throttling.User", status=503, retry_after=1), 503, "1000"),
        (ProviderError("ServiceUnavailable", retry_after=2), 503, "2000"),
        (ProviderError("Throttling.Api", retry_after=0), 429, "1"),
    ],
)
def test_a_throttle_says_in_milliseconds_when_to_come_back(
    error: ProviderError, status: int, header: str | None
) -> None:
    _, answer = hit(Effect(error=error))
    assert answer.status == status
    assert answer.headers.get("x-acs-retry-after") == header


def test_a_raw_answer_goes_out_as_it_is() -> None:
    raw = RawAnswer(502, (("Content-Type", "text/html"),), "<html>坏了")
    bare, answer = hit(Effect(answer=raw))
    assert (answer.status, answer.response.body) == (502, "<html>坏了".encode())
    assert answer.response.headers == raw.headers
    assert bare.captures.entries == []
    assert answer.verdict.code is None


@pytest.mark.parametrize("wire", [Wire(hang=True), Wire(reset=True), Wire(fin=True), Wire(reset=True, latency=1)])
def test_a_connection_that_dies_before_acceptance_captures_nothing(wire: Wire) -> None:
    bare, answer = hit(Effect(wire))
    assert answer.response.wire == wire
    assert bare.captures.entries == []
    assert not answer.verdict.accepted
    assert bare.clock.pauses == []


@pytest.mark.parametrize("wire", [Wire(hang=True), Wire(reset=True), Wire(fin=True), Wire(latency=1)])
def test_a_connection_that_dies_after_acceptance_leaves_its_capture(wire: Wire) -> None:
    bare, answer = hit(Effect(wire), "after")
    assert answer.response.wire == wire
    assert len(bare.captures.entries) == 1
    assert answer.verdict.accepted
    assert answer.verdict.capture_ids
    assert answer.verdict.fault_ids == ("f1",)
    assert answer.code == "OK"


def test_an_error_after_acceptance_hides_a_message_that_went_out() -> None:
    bare, answer = hit(Effect(error=ProviderError("InternalError")), "after")
    assert (answer.status, answer.code) == (500, "InternalError")
    assert (answer.verdict.accepted, answer.verdict.code) == (True, "InternalError")
    assert len(bare.captures.entries) == 1


def test_latency_before_acceptance_passes_before_the_message_is_there() -> None:
    bare, answer = hit(Effect(Wire(latency=1.5, drip=10, truncate_at=7)))
    assert bare.clock.pauses == [1.5]
    assert answer.response.wire == Wire(drip=10, truncate_at=7)
    assert len(bare.captures.entries) == 1
    assert answer.verdict.fault_ids == ("f1",)


def test_faults_before_and_after_act_together() -> None:
    bare = DirectFake()
    bare.faults.book.add(Rule(Match(), Effect(Wire(latency=1, drip=10), rule_id="a"), "before"))
    bare.faults.book.add(Rule(Match(), Effect(Wire(latency=2, truncate_at=3), rule_id="b"), "after"))
    answer = bare.answer(rpc())
    assert answer.response.wire == Wire(latency=2, drip=10, truncate_at=3)
    assert answer.verdict.fault_ids == ("a", "b")


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "QuerySendDetails"},
        {"recipients": frozenset({"+8613900139000"})},
        {"key_id": "other"},
        {"nth": 2},
    ],
)
def test_a_rule_about_something_else_leaves_the_request_alone(match: dict[str, Any]) -> None:
    bare, answer = hit(Effect(error=ProviderError("InternalError")), **match)
    assert answer.code == "OK"
    assert answer.response.wire == PLAIN
    assert answer.verdict.fault_ids == ()
    assert len(bare.captures.entries) == 1


@pytest.mark.parametrize(
    "match",
    [
        {"operation": "SendSms"},
        {"recipients": frozenset({"+8613800138000", "+13800138000"})},
        {"key_id": KEY_ID},
    ],
)
def test_a_rule_about_this_request_hits(match: dict[str, Any]) -> None:
    assert hit(Effect(error=ProviderError("InternalError")), client=acs3, **match)[1].code == "InternalError"


def test_a_query_can_be_disturbed_too() -> None:
    bare = DirectFake()
    bare.faults.book.add(Rule(Match(operation="QuerySendDetails"), Effect(error=ProviderError("InternalError"))))
    asked = {"PhoneNumber": "13800138000", "SendDate": "20261121", "PageSize": "10", "CurrentPage": "1"}
    assert bare.answer(rpc(asked, action="QuerySendDetails")).code == "InternalError"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (lambda: rpc(sign=lambda *_: "x"), "SignatureDoesNotMatch"),
        (lambda: rpc(at=0), "InvalidTimeStamp.Expired"),
        (lambda: rpc({}), "MissingPhoneNumbers"),
        (lambda: rpc({**SEND, "PhoneNumbers": "x"}), "isv.MOBILE_NUMBER_ILLEGAL"),
    ],
)
def test_a_request_that_is_wrong_by_itself_uses_up_no_fault(request_: Any, code: str) -> None:
    bare = DirectFake()
    bare.faults.book.add(Rule(Match(), Effect(error=ProviderError("InternalError")), count=1))
    assert bare.answer(request_()).code == code
    assert bare.answer(rpc()).code == "InternalError"
    assert bare.answer(rpc()).code == "OK"
