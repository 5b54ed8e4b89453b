"""What becomes of a request: its answer with a verdict, a refusal in the way that it travels, and what a fault rule
makes of either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gateway.core.model import Document, Response, Verdict, Wire
from gateway.faults.rules import Effect
from gateway.providers.oauth2.fake import cors, pages, redirects, ways
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.documents import as_json, no_store
from gateway.providers.oauth2.fake.errors import BY_CODE, Refusal

_REALM = 'realm="gateway"'


def nowhere(known: Iterable[str]) -> Response:
    """There is no such issuer."""
    words = f"no such issuer; known: {', '.join(sorted(known))}"
    verdict = Verdict(accepted=False, code="not_found", explanation={"hint": words})
    return replace(as_json({"error": "not_found", "error_description": words}, 404), verdict=verdict)


def forbidden(why: str) -> Response:
    """Answer a request that the access rules of the gateway refuse. ``why`` is kept in the exchange only."""
    verdict = Verdict(accepted=False, code="access_denied", explanation={"hint": why})
    document = {"error": "access_denied", "error_description": "the request comes from where it must not"}
    return replace(as_json(document, 403), verdict=verdict)


async def done(call: Call, response: Response) -> Response:
    response.headers += await cors.headers(call)
    response.verdict = _verdict(call, accepted=True, code=None)
    return response


async def refused(call: Call, refusal: Refusal) -> Response:
    response = _refused(call, refusal)
    response.headers += await cors.headers(call)
    hint = refusal.hint or refusal.description
    response.verdict = _verdict(call, accepted=False, code=refusal.code or None, hint=hint)
    return response


async def faulty(call: Call, effect: Effect, accepted: Response | None = None) -> Response:
    """The answer of a rule that hit: before acceptance there is no other, after it the regular one is kept where
    the rule does not replace it."""
    verdict = accepted.verdict if accepted else _verdict(call, accepted=False, code=None)
    wire = effect.wire if accepted is None else _together(accepted.wire, effect.wire)
    if effect.error is not None:
        error = effect.error
        row = BY_CODE.get(error.code)
        words = error.message or (row.message if row else "")
        refusal = Refusal(error.code, words, how_of(call), status=error.status)
        if error.retry_after is not None:
            refusal.headers = (("Retry-After", str(max(1, round(error.retry_after)))),)
        response = _refused(call, refusal)
        response.headers += await cors.headers(call)
        verdict = replace(verdict, code=error.code)
    elif effect.answer is not None:
        answer = effect.answer
        response = Response(answer.status, answer.headers, answer.body.encode("utf-8", "replace"))
        verdict = replace(verdict, code=None)
    else:
        response = accepted or Response(200, (), b"")
    verdict = replace(verdict, fault_ids=(*verdict.fault_ids, *effect.fault_ids))
    return replace(response, wire=wire, verdict=verdict)


def how_of(call: Call) -> Any:
    """How an error of this endpoint travels."""
    if call.reply is not None:
        return "redirect"
    if call.endpoint in ("authorize", "login", "end_session"):
        return "page"
    return "bearer" if call.endpoint == "userinfo" else "json"


def _refused(call: Call, refusal: Refusal) -> Response:
    if refusal.how == "redirect" and call.reply is not None and not call.broken("error_redirect"):
        fields = {"error": refusal.code, "error_description": refusal.description}
        explained = call.issuer.shape.error_uri
        if explained:
            fields["error_uri"] = f"{explained}#{refusal.code.replace('_', '-')}"
        return redirects.respond(call, call.reply, fields)
    if refusal.how in ("page", "redirect"):
        return pages.refused(call, refusal.status, refusal.code, refusal.description)
    special = ways.of(call).refused
    response = special(call, refusal) if special is not None else None
    return response or (_bearer(call, refusal) if refusal.how == "bearer" else _plain(call, refusal))


def _plain(call: Call, refusal: Refusal) -> Response:
    """RFC 6749 5.2."""
    status, headers = refusal.status, refusal.headers
    if call.broken("error_status"):
        status = 200
    elif refusal.code == "invalid_client":
        if call.broken("invalid_client_401"):
            status = 400
        elif call.used_basic:
            headers += (("WWW-Authenticate", f"Basic {_REALM}"),)
    document = {"error": refusal.code, "error_description": refusal.description}
    return as_json(document, status, headers + no_store(call))


def _bearer(call: Call, refusal: Refusal) -> Response:
    """RFC 6750 3: without credentials there is no error code."""
    document: Document = {}
    challenge = f"Bearer {_REALM}"
    code = refusal.code
    if not code and call.broken("bearer_challenge"):
        code = "invalid_token"
    if code:
        document = {"error": code, "error_description": refusal.description}
        challenge += f', error="{code}", error_description="{_quoted(refusal.description)}"'
    if refusal.scope:
        challenge += f', scope="{_quoted(refusal.scope)}"'
    return as_json(document, refusal.status, (("WWW-Authenticate", challenge), *refusal.headers, *no_store(call)))


def _quoted(text: str) -> str:
    """RFC 6750 3: printable ASCII without quotes and backslashes."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in text)


def _verdict(call: Call, *, accepted: bool, code: str | None, hint: str = "") -> Verdict:
    explanation: dict[str, Any] = {"issuer": call.issuer.name, **call.explanation}
    if call.persona is not None:
        explanation["persona"] = call.persona.name
    if hint:
        explanation["hint"] = hint
    if call.signature == "unverified":
        explanation["note"] = "seen, not registered: nobody registered this client"
    return Verdict(
        accepted,
        call.endpoint or None if call.request.method != "OPTIONS" else None,
        call.client_id,
        call.signature,
        code,
        call.recipients,
        (),
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
