"""The fake itself: one request from bytes to answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gateway.core.model import PLAIN, Request, Response
from gateway.core.offload import run_by_size
from gateway.providers.aws_ses.fake import answers, v1, v2
from gateway.providers.aws_ses.fake.authenticate import authenticate
from gateway.providers.aws_ses.fake.call import Call, Refusal
from gateway.providers.aws_ses.fake.caller import Caller, Unauthenticated
from gateway.providers.aws_ses.fake.plan import Act, Operation, Version
from gateway.providers.aws_ses.fake.settings import FakeSettings
from gateway.providers.aws_ses.fake.verification import LINK_PATH, follow
from gateway.providers.aws_ses.wire import sigv4
from gateway.providers.aws_ses.wire.identifiers import uuid
from gateway.providers.ports import Context

_V2 = "/v2/"
_SMALL = 50_000  # bytes; a smaller request is read in some milliseconds, whatever is in it


async def fake(request: Request, context: Context) -> Response:
    """Amazon SES, offline. Every request gets an answer in the dialect of its version."""
    call = decode(request, context)
    if call.path == LINK_PATH:
        return await follow(call)
    version = _version(call)
    try:
        size = len(request.body) + len(request.target)
        operation = await run_by_size(size, partial(understand, call, version), small=_SMALL)
        return await carry_out(call, version, None if operation is None else await operation.plan(call))
    except Refusal as refusal:
        return answers.refused(call, version, refusal)


def understand(call: Call, version: Version) -> Operation | None:
    """Read the request, check who sends it, and fill in its parameters. None for an operation that is not native.
    Raises Refusal."""
    readable(call.request)
    operation = version.find(call)
    identify(call)
    if operation is not None:
        version.read(call, operation)
    return operation


async def forbid(request: Request, context: Context, why: str) -> Response:
    """Answer a request that the access rules of the gateway refuse."""
    call = decode(request, context)
    return answers.refused(call, _version(call), Refusal("AccessDenied", why))


def opened_in_browsers(request: Request) -> bool:
    """Return whether it is the link in a mail, whose token is the proof."""
    return request.target.removeprefix(request.prefix).partition("?")[0] == LINK_PATH


def readable(request: Request) -> None:
    """Raises Refusal for a body that nobody read."""
    if request.oversized:
        raise Refusal("RequestEntityTooLarge", "the body is longer than this fake reads")


def decode(request: Request, context: Context) -> Call:
    """The envelope. Never fails."""
    target = request.target
    if target.startswith(("http://", "https://")):
        # In absolute form: we are used as a proxy.
        target = f"/{target.split('://', 1)[1].partition('/')[2]}"
    path, _, query = target.partition("?")
    headers = request.by_name
    if len(headers) != len(request.headers):
        headers = sigv4.folded_headers(request.headers)
    caller = Caller(request, path, query, headers)
    own = path.removeprefix(request.prefix) if request.prefix else path
    return Call(request, context, context.settings, caller, own or "/", query, uuid())


def _version(call: Call) -> Version:
    return v2.VERSION if call.path.startswith(_V2) else v1.VERSION


def identify(call: Call) -> None:
    """Who asks, whose account that is, and in which region. Raises Refusal."""
    settings, caller = call.settings, call.caller
    try:
        authenticate(caller, settings, registered_only=call.context.registered_only)
    except Unauthenticated as problem:
        raise Refusal(
            problem.code, problem.hint, message=problem.message, explanation=problem.explanation
        ) from None
    call.region = caller.region or settings.region
    account = settings.accounts.get(caller.key_id)
    call.account_id = settings.account_id if account is None else account.account_id


async def carry_out(call: Call, version: Version, act: Act | None) -> Response:
    """Do it, with what the fault rules say before and after. ``act`` is None for what is no native operation.
    Raises Refusal where a count says no."""
    context, who = call.context, call.recipients
    before = context.faults.at("before", call.operation, who, call.key_id)
    if before is not None:
        if before.replaces:
            return answers.faulty(call, version, before)
        # The client waits before its message is there, not after: so may the real service do.
        await context.clock.pause(before.wire.latency)
        call.effect = before
    response = await _tail(call) if act is None else answers.done(call, version, await act())
    if before is not None:
        verdict = replace(response.verdict, fault_ids=before.fault_ids)
        response = replace(response, wire=replace(before.wire, latency=PLAIN.latency), verdict=verdict)
    after = context.faults.at("after", call.operation, who, call.key_id)
    return response if after is None else answers.faulty(call, version, after, response)


async def _tail(call: Call) -> Response:
    """The seam for operations that are not native."""
    settings: FakeSettings = call.settings
    if settings.tail is None:
        hint = f"{call.operation or 'this path'} is no operation that this fake has"
        raise Refusal("UnknownOperation", hint)
    return await settings.tail(call)
