"""The fake itself: one request from bytes to answer."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.model import PLAIN, Request, Response
from gateway.providers.oauth2.fake import answers, mutators
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.endpoints import plan_of
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.plan import Act
from gateway.providers.oauth2.fake.settings import FakeSettings
from gateway.providers.ports import Context


async def fake(request: Request, context: Context) -> Response:
    """A social provider, offline. Every request gets an answer in the dialect of its issuer."""
    settings: FakeSettings = context.settings
    place = settings.issuers.place(request)
    if place is None:
        return answers.nowhere(settings.issuers.by_name)
    headers: dict[str, str] = {}
    for name, value in request.headers:
        headers.setdefault(name.lower(), value)
    call = Call(request, context, place, "", headers)
    try:
        act = await plan_of(call)
        if request.method == "OPTIONS":
            # The browser's own question, ahead of a request: that is what faults and waits are about.
            return await answers.done(call, await act())
        return await _carry_out(call, act)
    except Refusal as refusal:
        return await answers.refused(call, refusal)


async def _carry_out(call: Call, act: Act) -> Response:
    """Do it, with what the fault rules say before and after. Raises Refusal where somebody was faster."""
    context, who, endpoint = call.context, call.recipients, call.endpoint
    before = context.faults.at("before", endpoint, who, call.client_id)
    if before is not None:
        if before.replaces:
            return await answers.faulty(call, before)
        await context.clock.pause(before.wire.latency)
        call.effect = before
    for change in call.pending:
        await change()
    await mutators.rotate(call)
    response = mutators.answer(call, await answers.done(call, await act()))
    if before is not None:
        verdict = replace(response.verdict, fault_ids=before.fault_ids)
        response = replace(response, wire=replace(before.wire, latency=PLAIN.latency), verdict=verdict)
    after = context.faults.at("after", endpoint, who, call.client_id)
    return response if after is None else await answers.faulty(call, after, response)
