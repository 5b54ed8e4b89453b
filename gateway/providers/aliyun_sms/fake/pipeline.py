"""The fake itself: one request from bytes to answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gateway.core.model import PLAIN, Request, Response, Verdict
from gateway.core.offload import run_by_size
from gateway.providers.aliyun_sms.fake import answers
from gateway.providers.aliyun_sms.fake.authenticate import CHECKS, mandatory
from gateway.providers.aliyun_sms.fake.call import Call, Refusal, decode
from gateway.providers.aliyun_sms.fake.operations import OPERATIONS
from gateway.providers.aliyun_sms.fake.plan import Operation, Outcome, Parameter, Plan
from gateway.providers.aliyun_sms.fake.settings import FakeSettings
from gateway.providers.aliyun_sms.wire.envelope import CORS
from gateway.providers.ports import Context

_SMALL = 50_000  # bytes; a smaller request is read in some milliseconds, whatever is in it


async def fake(request: Request, context: Context) -> Response:
    """Aliyun SMS, offline. Every request gets an answer in Aliyun's dialect."""
    if request.method == "OPTIONS":
        return Response(200, CORS, b"", verdict=Verdict(accepted=True, operation="OPTIONS"))
    settings: FakeSettings = context.settings
    size = len(request.body) + len(request.target)
    call = await run_by_size(size, partial(decode, request), small=_SMALL)
    call.registered_only = context.registered_only
    try:
        readable(call)
        mandatory(call)
        for name in settings.guesses.check_order:
            # The other checks take no time, and that of the nonce must not run twice at once.
            await run_by_size(
                size if name == "signature" else 0, partial(CHECKS[name], call, settings), small=_SMALL
            )
        operation = OPERATIONS[call.version, call.action]
        parameters(call, operation, settings)
        plan = await operation.plan(call, context)
        return await carry_out(call, plan, context)
    except Refusal as refusal:
        return answers.refused(call, refusal, settings)


async def forbid(request: Request, context: Context, why: str) -> Response:
    """Answer a request that the access rules of the gateway refuse."""
    size = len(request.body) + len(request.target)
    call = await run_by_size(size, partial(decode, request), small=_SMALL)
    return answers.refused(call, Refusal("Forbidden.RAM", why), context.settings)


def readable(call: Call) -> None:
    """The envelope itself."""
    request = call.request
    if request.method not in ("GET", "POST"):
        raise Refusal("UnsupportedHTTPMethod", f"{request.method} is not known here: use POST or GET")
    if request.oversized:
        raise Refusal("RequestBodyTooLarge", "the body is longer than this fake reads")
    if call.problem is not None:
        raise call.problem
    if call.own_path not in ("", "/"):
        raise Refusal("InvalidApi.NotFound", f"the path is /, not {call.own_path}")


def parameters(call: Call, operation: Operation, settings: FakeSettings) -> None:
    """One by one; of mandatory ones an empty value is none. Strict fakes look at lengths too."""
    params, strict = call.params, settings.strict
    for parameter in operation.parameters if strict else operation.judged:
        sent = params.get(parameter.name, "")
        if strict and parameter.max_length is not None and len(sent) > parameter.max_length:
            hint = f"{parameter.name} has at most {parameter.max_length} characters"
            raise Refusal(parameter.too_long, hint)
        if parameter.required and not sent:
            raise _missing(call, parameter)
        if sent and parameter.grammar is not None:
            parameter.grammar(parameter.name, sent)


def _missing(call: Call, parameter: Parameter) -> Refusal:
    # A list has its own name: SignFileList.1.FileContents.
    name = parameter.name.partition(".")[0]
    place = "form body or query" if parameter.body else "query or form body"
    message = f"{name} is mandatory for this action."
    if call.unread_body is not None:
        message += f" The body was not read: its Content-Type is {call.unread_body}."
    return Refusal(f"Missing{name}", f"send {parameter.name} in the {place}", message=message)


async def carry_out(call: Call, plan: Plan, context: Context) -> Response:
    """Do it, with what the fault rules say before and after. Raises Refusal where a count says no."""
    settings: FakeSettings = context.settings
    who = plan.recipients
    before = context.faults.at("before", call.action, who, call.key_id)
    if before is not None:
        if before.replaces:
            return answers.faulty(call, settings, before, who)
        # The client waits before its message is there, not after: so may a real gateway do.
        await context.clock.pause(before.wire.latency)
        call.effect = before
    outcome: Outcome = await plan.act()
    response = answers.done(call, outcome, who)
    if before is not None:
        verdict = replace(response.verdict, fault_ids=before.fault_ids)
        response = replace(response, wire=replace(before.wire, latency=PLAIN.latency), verdict=verdict)
    after = context.faults.at("after", call.action, who, call.key_id)
    return response if after is None else answers.faulty(call, settings, after, who, response)
