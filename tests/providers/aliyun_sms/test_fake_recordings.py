"""Requests of real clients verify as they were recorded, and no longer with one byte changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.model import Request
from gateway.providers.aliyun_sms.fake import authenticate
from gateway.providers.aliyun_sms.fake.call import Refusal, decode
from gateway.providers.aliyun_sms.fake.pipeline import readable
from gateway.providers.aliyun_sms.fake.settings import CHECK_ORDER, Account, FakeSettings
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.independent_clients import recordings, replayed
from tests.support.tiers import nth_fast, rest_slow

RECORDINGS = pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording["name"])


def account(recording: dict[str, Any]) -> dict[str, Account]:
    key_id = recording["access_key_id"]
    return {key_id: Account(key_id, recording["access_key_secret"])}


def refusal(request: Request, settings: FakeSettings) -> Refusal | None:
    """What the gateway's checks say, but for the action: most recorded operations are not there yet."""
    call = decode(request)
    try:
        readable(call)
        authenticate.mandatory(call)
        for name in CHECK_ORDER:
            if name not in ("action", "nonce"):
                authenticate.CHECKS[name](call, settings)
    except Refusal as found:
        return found
    assert call.verdict == "valid"
    return None


@RECORDINGS
def test_a_recorded_request_verifies(recording: dict[str, Any]) -> None:
    assert refusal(replayed(recording), FakeSettings(accounts=account(recording))) is None


@RECORDINGS
def test_our_canonical_strings_are_the_recorded_ones(recording: dict[str, Any]) -> None:
    call = decode(replayed(recording))
    authenticate.access_key(call, FakeSettings(accounts=account(recording)))
    authenticate.signature(call, FakeSettings(accounts=account(recording)))
    assert call.string_to_sign == recording["string_to_sign"]
    assert (call.canonical_request or None) == recording["canonical_request"]


@RECORDINGS
def test_a_recorded_request_of_another_secret_is_refused(recording: dict[str, Any]) -> None:
    key_id = recording["access_key_id"]
    found = refusal(replayed(recording), FakeSettings(accounts={key_id: Account(key_id, "another")}))
    assert found is not None
    assert found.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("recording", nth_fast(recordings(), 5), ids=lambda recording: recording["name"])
@pytest.mark.parametrize("flip", rest_slow([1, 2, 0x20, 0x80], 1), ids=["bit0", "bit1", "case", "high"])
def test_a_changed_byte_anywhere_refuses_the_request(
    recording: dict[str, Any], flip: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authenticate, "diagnose", lambda *_: {})  # thousands of refusals: none needs its reason
    request = replayed(recording)
    # Strict: in a lenient fake a changed key id is an unknown key, whose requests stay unverified.
    settings = FakeSettings(strict=True, accounts=account(recording))
    tried = 0
    for changed in changes(request, flip):
        if meaning(changed) == meaning(request):
            continue  # %2a for %2A: another spelling of the same request
        tried += 1
        assert refusal(changed, settings) is not None, (changed.target, changed.body, changed.headers)
    assert tried > 300


def changes(request: Request, flip: int) -> Iterator[Request]:
    """The request with one byte of target, body or a signed header changed, for every such byte."""
    for at in range(len(request.target)):
        yield replace(request, target=flipped(request.target, at, flip))
    for at in range(len(request.body)):
        body = bytearray(request.body)
        body[at] ^= flip
        yield replace(request, body=bytes(body))
    authorization = request.header("authorization")
    signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";") if authorization else []
    for index, (name, value) in enumerate(request.headers):
        if name.lower() not in (*signed, "authorization"):
            continue
        for at in range(len(value)):
            pairs = list(request.headers)
            pairs[index] = (name, flipped(value, at, flip))
            yield replace(request, headers=tuple(pairs))


def flipped(text: str, at: int, flip: int) -> str:
    """As a server would decode the changed bytes."""
    raw = bytearray(text.encode())
    raw[at] ^= flip
    return raw.decode("utf-8", "surrogateescape")


def meaning(request: Request) -> object:
    call = decode(request)
    return call.path, call.query, call.form or request.body, call.headers


@RECORDINGS
def test_a_recorded_request_verifies_once_and_is_a_replay_the_second_time(recording: dict[str, Any]) -> None:
    if recording["name"].endswith(("SendSms", "intl")):
        bare = DirectFake(accounts=account(recording))
        assert bare.answer(replayed(recording)).verdict.accepted
        again = bare.answer(replayed(recording))
        assert again.verdict.code == "SignatureNonceUsed"
        assert len(bare.captures.entries) == 1
    else:
        answer = DirectFake(accounts=account(recording)).answer(replayed(recording))
        assert answer.verdict.code in ("OK", "InvalidAction.NotFound")
