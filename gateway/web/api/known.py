"""What faults there are without a rule: the errors that providers know by their own codes, and magic recipients."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from pydantic import Field, ValidationError

from gateway.core.errors import InvalidRequest
from gateway.core.model import Document, Response, iso
from gateway.faults.magic import MEANINGS, Meaning
from gateway.faults.rules import Effect, Hit
from gateway.providers.ports import KnownError, Provider
from gateway.web.api.shapes import faults as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.server.answers import json_answer


class Of(Input):
    provider: str | None = Field(None, description="Only those of this provider.", examples=["aliyun-sms"])


async def listing(call: Call) -> Response:
    asked = call.query(Of).provider
    there = call.services.providers
    if asked is not None and asked not in there:
        raise InvalidRequest(f"provider: must be one of {', '.join(sorted(there))}", data={"field": "provider"})
    chosen = [there[asked]] if asked is not None else list(there.values())
    return json_answer({"errors": [_view(one.name, error) for one in chosen for error in errors_of(one)]})


async def magic(call: Call) -> Response:
    services = call.services
    mounted = [services.providers[name] for name in services.mounts]
    recipients = [
        {
            "name": one.name,
            "faultId": one.fault_id,
            "what": one.what,
            "stage": one.stage,
            "phones": list(one.phones),
            "addresses": list(one.addresses),
            "providers": [_own(one, provider) for provider in mounted],
            "hits": services.faults.tally(one.fault_id).hits,
            "lastHit": hit_view(services.faults.tally(one.fault_id).last),
        }
        for one in MEANINGS
    ]
    return json_answer({"on": services.faults.magic, "magic": recipients})


def errors_of(provider: Provider) -> Sequence[KnownError]:
    return provider.errors() if provider.errors is not None else ()


def hit_view(hit: Hit | None) -> Document | None:
    return {"at": iso(hit.at), "exchangeId": hit.exchange_id} if hit is not None else None


def check_code(code: str, field: str, providers: Iterable[Provider]) -> None:
    """Raises InvalidRequest where each of them knows its errors, and none knows this one."""
    names: list[str] = []
    for one in providers:
        if one.errors is None:
            return
        names += [error.code for error in one.errors()]
    if code in names or not names:
        return
    near = _nearest(code, names)
    hint = f"did you mean {near}? Else" if near else "GET /api/faults/known lists the codes; for another one"
    raise InvalidRequest(
        f'{field}: no provider here knows that code; {hint} give a status too: {{"code": ..., "status": 400}}',
        data={"field": field},
    )


def check_mutation(mutate: Document, providers: Iterable[Provider]) -> None:
    """Raises InvalidRequest unless one of them can be wrong in that way."""
    models = [one.mutations() for one in providers if one.mutations is not None]
    if not models:
        raise InvalidRequest("mutate: no provider here knows such faults", data={"field": "mutate"})
    problems = []
    for model in models:
        try:
            model.model_validate(mutate)
        except ValidationError as error:
            problems.append(error.errors(include_url=False, include_input=False, include_context=False)[0])
        else:
            return
    first = problems[0]
    field = ".".join(["mutate", *(str(step) for step in first["loc"])])
    text = "unknown (docs/social.md lists them)" if first["type"] == "extra_forbidden" else first["msg"]
    text = text.removeprefix("Value error, ").replace("Input should be", "must be")
    raise InvalidRequest(f"{field}: {text}", data={"field": field})


def _nearest(code: str, names: Sequence[str]) -> str | None:
    """Also without its prefix, and in other letters: ``business_limit_control``."""
    lower = {name.lower(): name for name in names}
    bare = {name.rpartition(".")[2]: full for name, full in lower.items()}
    asked = code.lower()
    found = difflib.get_close_matches(asked, lower, 1, 0.75) or difflib.get_close_matches(asked, bare, 1, 0.75)
    return lower.get(found[0]) or bare[found[0]] if found else None


def _own(meaning: Meaning, provider: Provider) -> Document:
    """``code`` is the provider's own, where it is one of its errors; ``ordinary``: it knows no such thing."""
    effect: Effect | None = provider.magic.get(meaning.name, meaning.effect)
    code = effect.error.code if effect is not None and effect.error is not None else None
    return {"provider": provider.name, "code": code, "ordinary": effect is None}


def _view(provider: str, error: KnownError) -> Document:
    means = error.means
    return {
        "provider": provider,
        "code": error.code,
        "status": error.status,
        "message": error.message,
        "operations": list(error.operations),
        "reason": means.reason if means is not None else None,
        "retryable": means.retryable if means is not None else None,
        "maybeSent": means.maybe_sent if means is not None else None,
    }


ROUTES = (
    Route(
        "GET",
        "/api/faults/known",
        listing,
        operation_id="knownListing",
        tag="faults",
        summary="The errors that the providers know by their own codes: what `error` of a fault may be.",
        query=Of,
        answers={200: shapes.KnownErrors},
    ),
    Route(
        "GET",
        "/api/faults/magic",
        magic,
        operation_id="knownMagic",
        tag="faults",
        summary="The recipients that always behave in one way, without any fault.",
        answers={200: shapes.MagicRecipients},
    ),
)
