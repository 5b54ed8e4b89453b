"""Answers: what was done, what was refused, and what a fault rule makes of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.core.model import Response, Verdict, Wire
from gateway.faults.rules import Effect, ProviderError
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.plan import Outcome, Version
from gateway.providers.aws_ses.wire.errors import ErrorRow

_NOTHING: Mapping[str, Any] = {}


def done(call: Call, version: Version, outcome: Outcome) -> Response:
    headers, body = version.success(call, outcome.fields)
    explanation = outcome.explanation or _NOTHING
    verdict = _verdict(call, accepted=True, code="OK", capture_ids=outcome.capture_ids, explanation=explanation)
    return Response(200, headers, body, verdict=verdict)


def refused(call: Call, version: Version, refusal: Refusal) -> Response:
    row = call.settings.row(refusal.code)
    message = refusal.message if refusal.message is not None else row.message.replace("{name}", refusal.name)
    code, status = _own(row, version)
    headers, body = version.error(call, code, status, message)
    explanation = {"hint": refusal.hint, **refusal.explanation}
    return Response(
        status, headers, body, verdict=_verdict(call, accepted=False, code=code, explanation=explanation)
    )


def faulty(call: Call, version: Version, effect: Effect, accepted: Response | None = None) -> Response:
    """The answer of a rule that hit: before acceptance there is no other, after it the regular one is kept where
    the rule does not replace it."""
    verdict = accepted.verdict if accepted else _verdict(call, accepted=False, code=None)
    wire = _together(accepted.wire, effect.wire) if accepted else effect.wire
    if effect.error is not None:
        response, code = _fault_error(call, version, effect.error)
        verdict = replace(verdict, code=code)
    elif effect.answer is not None:
        answer = effect.answer
        response = Response(answer.status, answer.headers, answer.body.encode("utf-8", "replace"))
        verdict = replace(verdict, code=None)
    else:
        response = accepted or Response(200, (), b"")
    verdict = replace(verdict, fault_ids=(*verdict.fault_ids, *effect.fault_ids))
    return replace(response, wire=wire, verdict=verdict)


def _fault_error(call: Call, version: Version, error: ProviderError) -> tuple[Response, str]:
    """By any spelling of a code: each version says it in its own way."""
    row = call.settings.row(error.code)
    code, status = _own(row, version)
    status = status if error.status is None else error.status
    message = row.message.replace("{name}", "") if error.message is None else error.message
    headers, body = version.error(call, code, status, message)
    if error.retry_after is not None:
        headers = (*headers, ("Retry-After", str(max(1, round(error.retry_after)))))
    return Response(status, headers, body), code


def _own(row: ErrorRow, version: Version) -> tuple[str, int]:
    return (row.v1, row.v1_status) if version.v1 else (row.v2, row.v2_status)


def _verdict(
    call: Call,
    *,
    accepted: bool,
    code: str | None,
    capture_ids: tuple[str, ...] = (),
    explanation: Mapping[str, Any] = _NOTHING,
) -> Verdict:
    caller = call.caller
    signature = caller.verdict
    if signature == "unverified":
        note = f"nobody registered the key id {caller.key_id}: its signature is unverified"
        explanation = {"note": note, **explanation}
    return Verdict(
        accepted,
        call.operation or None,
        caller.key_id or None,
        signature,
        code,
        call.recipients,
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
