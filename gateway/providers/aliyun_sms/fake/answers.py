"""Answers: what was done, what was refused, and what a fault rule makes of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from gateway.core.model import Recipient, Response, Verdict, Wire
from gateway.faults.rules import Effect, ProviderError
from gateway.providers.aliyun_sms.fake.authenticate import echo
from gateway.providers.aliyun_sms.fake.call import Call, Refusal
from gateway.providers.aliyun_sms.fake.plan import Outcome
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire import envelope
from gateway.providers.aliyun_sms.wire.service_errors import GLOBE, of_globe

_NOTHING: Mapping[str, Any] = {}


def done(call: Call, outcome: Outcome, recipients: tuple[Recipient, ...]) -> Response:
    if call.version == envelope.GLOBE_VERSION:
        body = envelope.globe_answer(
            call.action, call.request_id, "OK", envelope.GLOBE_ACCEPTED, outcome.fields, call.format
        )
    else:
        body = envelope.success(call.action, call.request_id, outcome.fields, call.format)
    headers = envelope.headers(call.format, call.request_id, call.trace_id)
    verdict = _verdict(
        call,
        accepted=True,
        code="OK",
        recipients=recipients,
        capture_ids=outcome.capture_ids,
        explanation=outcome.explanation or _NOTHING,
    )
    return Response(200, headers, body, verdict=verdict)


def refused(call: Call, refusal: Refusal, settings: FakeSettings) -> Response:
    code, message = refusal.code, refusal.message
    if call.version == envelope.GLOBE_VERSION and code.startswith(("isv.", "isp.")):
        code, message = of_globe(code), None
    row = settings.row(code)
    if message is None:
        message = row.message
        for place, word in refusal.words.items():
            message = message.replace(place, word)
    response = _error(call, settings, code, row.status, message)
    verdict = _verdict(
        call,
        accepted=False,
        code=code,
        recipients=call.recipients,
        explanation={"hint": refusal.hint, **refusal.explanation},
    )
    return replace(response, verdict=verdict)


def faulty(
    call: Call,
    settings: FakeSettings,
    effect: Effect,
    recipients: tuple[Recipient, ...],
    accepted: Response | None = None,
) -> Response:
    """The answer of a rule that hit: before acceptance there is no other, after it the regular one is kept where
    the rule does not replace it."""
    verdict = accepted.verdict if accepted else _verdict(call, accepted=False, code=None, recipients=recipients)
    wire = effect.wire
    if accepted:
        wire = _together(accepted.wire, wire)
    if effect.error is not None:
        error = effect.error
        if effect.implied and call.version == envelope.GLOBE_VERSION and error.code.startswith("isv."):
            error = replace(error, code=of_globe(error.code))
        response = _fault_error(call, settings, error, recipients)
        verdict = replace(verdict, code=error.code)
    elif effect.answer is not None:
        answer = effect.answer
        response = Response(answer.status, answer.headers, answer.body.encode("utf-8", "replace"))
        verdict = replace(verdict, code=None)
    else:
        response = accepted or Response(200, (), b"")
    verdict = replace(verdict, fault_ids=(*verdict.fault_ids, *effect.fault_ids))
    return replace(response, wire=wire, verdict=verdict)


def _fault_error(
    call: Call, settings: FakeSettings, error: ProviderError, recipients: tuple[Recipient, ...]
) -> Response:
    row = settings.row(error.code)
    status = error.status
    if status is None:
        throttled = error.retry_after is not None and error.code.startswith("Throttling")
        status = 429 if throttled else row.status
    message = error.message
    if message is None:
        words = {"<number>": recipients[0].to if recipients else "", **echo(call, settings)}
        message = row.message
        for place, word in words.items():
            message = message.replace(place, word)
    response = _error(call, settings, error.code, status, message)
    if error.retry_after is None:
        return response
    retry_after = ("x-acs-retry-after", str(max(1, round(error.retry_after * 1000))))
    return replace(response, headers=(*response.headers, retry_after))


def _error(call: Call, settings: FakeSettings, code: str, status: int, message: str) -> Response:
    """Business errors come with HTTP 200; what has another status came from the gateway. Those of 2018-05-01 keep
    their shape, whatever status the config gives them."""
    if call.version == envelope.GLOBE_VERSION and (status == 200 or code in GLOBE):
        body = envelope.globe_answer(call.action or "Error", call.request_id, code, message, {}, call.format)
    elif status == 200:
        body = envelope.business_error(call.action or "Error", call.request_id, code, message, call.format)
    else:
        recommend = settings.guesses.recommend.replace("{code}", quote(code))
        recommend = recommend.replace("{request_id}", call.request_id)
        host = call.request.host
        body = envelope.gateway_error(call.request_id, host, code, message, recommend, call.format)
    return Response(status, envelope.headers(call.format, call.request_id, call.trace_id), body)


def _verdict(
    call: Call,
    accepted: bool,
    code: str | None,
    recipients: tuple[Recipient, ...],
    capture_ids: tuple[str, ...] = (),
    explanation: Mapping[str, Any] = _NOTHING,
) -> Verdict:
    signature = call.verdict
    if signature == "unverified":
        note = f"nobody registered the key id {call.key_id}: its signature is unverified"
        explanation = {"note": note, **explanation}
    elif signature == "absent" and call.signature:
        signature = "refused"
    return Verdict(
        accepted,
        call.action or None,
        call.key_id or None,
        signature,
        code,
        recipients,
        capture_ids,
        (),
        explanation,
    )


def _together(first: Wire, second: Wire) -> Wire:
    """Two shapes on one answer; where both say something, the second does."""
    return Wire(
        latency=first.latency + second.latency,
        hang=first.hang or second.hang,
        reset=first.reset or second.reset,
        fin=first.fin or second.fin,
        truncate_at=first.truncate_at if second.truncate_at is None else second.truncate_at,
        drip=first.drip if second.drip is None else second.drip,
    )
