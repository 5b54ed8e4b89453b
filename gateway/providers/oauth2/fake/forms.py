"""Requests that are forms with client authentication: token, revoke, introspect."""

from __future__ import annotations

import json

from gateway.providers.oauth2.fake.call import Call, form_of, once, pairs
from gateway.providers.oauth2.fake.errors import Refusal


def read(call: Call) -> None:
    """Fills in the parameters. Raises Refusal."""
    request = call.request
    if request.oversized:
        raise Refusal("invalid_request", "the body is longer than this server reads", status=413)
    if "chunked" in call.headers.get("transfer-encoding", "").lower() and call.broken("chunked_body"):
        raise Refusal("invalid_request", "the body must have a length", status=411)
    kind = call.headers.get("content-type", "")
    form = form_of(request, kind)
    if form is not None:
        call.parameters = once(pairs(form), tolerant=call.broken("repeated_parameters"))
    elif call.broken("form_only") and kind.startswith("application/json"):
        call.parameters = _json(request.body)
    else:
        raise Refusal("invalid_request", "the body is application/x-www-form-urlencoded")


def _json(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refusal("invalid_request", "the body is no JSON object")
    return {name: str(value) for name, value in found.items()}
