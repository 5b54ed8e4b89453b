"""A wrong way of signing is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.core.model import Request
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.independent_clients import (
    NOW,
    OTHER_SECRET,
    SECRET,
    SEND,
    acs3,
    joined,
    made,
    rpc,
)
from tests.providers.aliyun_sms.signature_mistakes import ACS3, AWKWARD, RPC

CASES = [
    pytest.param(expected, build, id=f"{scheme}: {name}")
    for scheme, table in (("rpc", RPC), ("acs3", ACS3))
    for name, (expected, build) in table.items()
]


@pytest.mark.parametrize(("expected", "build"), CASES)
def test_a_known_mistake_is_named(expected: str, build: Callable[[], Request]) -> None:
    answer = DirectFake().answer(build())
    assert answer.verdict.code == "SignatureDoesNotMatch"
    assert answer.diagnosis is not None
    assert expected in answer.diagnosis


@pytest.mark.parametrize(("expected", "build"), CASES)
def test_no_secret_gets_into_an_explanation_or_an_answer(expected: str, build: Callable[[], Request]) -> None:
    answer = DirectFake().answer(build())
    for secret in (SECRET, OTHER_SECRET):
        assert secret not in str(answer.verdict)
        assert secret.encode() not in answer.response.body


def test_a_signature_whose_plus_became_a_blank_is_recognised() -> None:
    for _ in range(200):
        request = rpc(write=lambda pairs: joined(pairs).replace("%2B", "+"))
        if "Signature=" in request.target and "+" in request.target.partition("Signature=")[2].partition("&")[0]:
            answer = DirectFake().answer(request)
            assert "its + arrived as a blank" in (answer.diagnosis or "")
            return
    raise AssertionError("no signature had a plus")


def test_a_changed_body_is_recognised() -> None:
    request = acs3(form=["SignName"])
    changed = made(target=request.target, headers=request.headers, body=request.body + b"&OutId=1")
    assert "the body that arrived is not the one that was signed" in (DirectFake().answer(changed).diagnosis or "")


def test_a_signed_header_that_was_dropped_on_the_way_is_recognised() -> None:
    request = acs3(signed={"x-custom": "1"})
    headers = [pair for pair in request.headers if pair[0] != "x-custom"]
    answer = DirectFake().answer(made(target=request.target, headers=headers))
    assert answer.diagnosis == (
        "SignedHeaders names x-custom, which did not arrive: dropped on the way, or never sent"
    )


@pytest.mark.parametrize("build", [acs3, rpc])
def test_an_unknown_mistake_shows_all_that_is_needed_to_find_it(build: Any) -> None:
    answer = DirectFake().answer(build(sign=lambda *_: "Zm9v"))
    found = answer.verdict.explanation
    assert found["clientSignature"] == "Zm9v"
    assert found["stringToSign"]
    assert ("canonicalRequest" in found) == (build is acs3)
    assert "no known mistake" in found["diagnosis"]


@pytest.mark.parametrize("build", [acs3, rpc])
def test_a_huge_request_is_refused_without_a_search_for_the_reason(build: Any) -> None:
    business = {**SEND, "OutId": "*~ " * 30_000}
    answer = DirectFake().answer(build(business, sign=lambda *_: "Zm9v"))
    assert answer.verdict.code == "SignatureDoesNotMatch"
    assert answer.diagnosis is None


def test_a_right_signature_is_never_diagnosed() -> None:
    bare = DirectFake()
    for request in (rpc(AWKWARD), acs3(AWKWARD), acs3(at=NOW)):
        assert bare.answer(request).verdict.signature == "valid"
