"""Faults: make a fake misbehave on purpose, by a rule, a known error or a magic recipient."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError, model_validator

from gateway.core.errors import InvalidRequest, NotFound
from gateway.core.model import Channel, Document, Response, Wire, iso, new_id
from gateway.core.recipients import recipient
from gateway.faults.magic import MEANINGS, Meaning
from gateway.faults.rules import (
    Delivery,
    Effect,
    FaultBook,
    Hit,
    Match,
    Outcome,
    ProviderError,
    RawAnswer,
    Rule,
    RuleStatus,
)
from gateway.providers import ports
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call, Input
from gateway.web.routing.models import Deleted, OfId, Output, Time, To
from gateway.web.server.answers import json_answer

_LATE_SECONDS = 30.0
_LONGEST_LATE_SECONDS = 366 * 86_400.0

_Delay = Annotated[float, Field(ge=0, le=3600, strict=False, allow_inf_nan=False)]
_HeaderText = Annotated[str, Field(pattern=r"^[^\r\n]*$", max_length=4000)]
_Status = Annotated[int, Field(ge=200, le=599)]
Stage = Annotated[Literal["before", "after"], Field(description="Before or after the message is accepted.")]


class FaultError(Input):
    """One of the provider's errors. What is not given is as in its own table."""

    code: Annotated[str, Field(min_length=1, max_length=200)]
    message: Annotated[str, Field(max_length=4000)] | None = None
    status: _Status | None = None
    retry_after: _Delay | None = None


class FaultAnswer(Input):
    """Any answer, also one that the provider would never give."""

    status: _Status
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")], _HeaderText] = Field(
        default_factory=dict
    )
    body: str = ""


class _FaultFields(Input):
    # An answer repeats a fault as it was given: keys that were left out stay out, and null stays null.
    provider: str | None = Field(None, description="Only requests at this provider.", examples=["aliyun-sms"])
    operation: str | None = Field(None, description="Only this call.", examples=["SendSms"])
    to: To | None = Field(None, description="Only requests for this recipient.")
    persona: str | None = Field(
        None, min_length=1, description="Only requests about this persona.", examples=["ada"]
    )
    key_id: str | None = Field(None, description="Only requests with this access key id, or of this client.")
    nth: Annotated[int, Field(ge=1, description="Only the nth matching request, from 1.")] | None = None
    count: Annotated[int, Field(ge=1, description="How often it may hit; else always.")] | None = None
    probability: Annotated[float, Field(ge=0, le=1, strict=False, description="How likely a hit is.")] | None = None
    seed: int = Field(0, description="The same seed gives the same run.")
    stage: Stage = "before"
    error: FaultError | Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="One of the provider's errors, by its own code.", examples=["isv.BUSINESS_LIMIT_CONTROL"]
    )
    answer: FaultAnswer | None = Field(None, description="A raw answer.")
    latency: _Delay = Field(0, description="Real seconds before the answer (`before`: before acceptance).")
    hang: bool = Field(default=False, description="Never answer.")
    reset: bool = Field(default=False, description="Reset the TCP connection.")
    fin: bool = Field(default=False, description="Close without an answer.")
    truncate_at: Annotated[int, Field(ge=0, description="Send so many bytes of the body.")] | None = None
    drip: Annotated[float, Field(gt=0, le=1e9, strict=False, description="Bytes a second.")] | None = None
    delivery: Outcome | None = Field(
        None, description="Accepted and answered as usual; then it never arrives, comes late, or comes twice."
    )
    late_seconds: (
        Annotated[
            float,
            Field(
                gt=0,
                le=_LONGEST_LATE_SECONDS,
                strict=False,
                allow_inf_nan=False,
                description="How late, on the gateway's clock; 30 unless given.",
            ),
        ]
        | None
    ) = None
    mutate: dict[str, Any] | None = Field(
        None,
        min_length=1,
        description="How the regular answer is to be wrong, in the provider's own words (docs/social.md).",
        examples=[{"idToken": {"alg": "none"}}],
    )


class FaultInput(_FaultFields):
    """What to match, when, and what to do. All is optional, but there must be something to do."""

    latency_seconds: _Delay | None = Field(None, description="The same as `latency`, which answers show.")

    @model_validator(mode="after")
    def _does_something(self) -> FaultInput:
        ends = [name for name in ("hang", "reset", "fin") if getattr(self, name)]
        if self.error is not None:
            ends.append("error")
        if self.answer is not None:
            ends.append("answer")
        if self.delivery is not None:
            ends.append("delivery")
        if self.mutate is not None:
            ends.append("mutate")
        if self.latency_seconds is not None and "latency" in self.model_fields_set:
            raise ValueError("latency and latencySeconds are the same; give one of them")
        slows = bool(self.latency or self.latency_seconds) or self.truncate_at is not None or self.drip is not None
        if not ends and not slows:
            known = "error, answer, latency, hang, reset, fin, truncateAt, drip, delivery or mutate"
            raise ValueError(f"nothing to do; give {known}")
        if len(ends) > 1:
            raise ValueError(f"{ends[0]} and {ends[1]} exclude each other; two faults can follow each other")
        if self.delivery is not None and self.stage == "after":
            raise ValueError("delivery goes with the stage before: it is decided when the message is accepted")
        if self.persona is not None and self.to is not None:
            raise ValueError("to and persona exclude each other")
        if self.mutate is not None and self.stage == "after":
            raise ValueError("mutate goes with the stage before: it is decided before the answer is made")
        if self.late_seconds is not None and self.delivery != "late":
            raise ValueError('lateSeconds goes with delivery "late"')
        return self

    def rule(self, given: Document) -> Rule:
        """Make the rule. ``given`` is the fault as the API shows it."""
        match = Match(
            self.provider,
            self.operation,
            self._recipients(),
            self.key_id,
            self.nth,
            self.probability,
            self.seed,
        )
        wire = Wire(
            self.latency_seconds or self.latency, self.hang, self.reset, self.fin, self.truncate_at, self.drip
        )
        rule_id = new_id("fault")
        effect = Effect(
            wire, self._error(), self._answer(), rule_id, self._deliveries(match, rule_id), self.mutate or {}
        )
        return Rule(match, effect, self.stage, self.count, given, rule_id)

    def _recipients(self) -> frozenset[str] | None:
        if self.persona is not None:
            return frozenset((self.persona,))
        return frozenset(recipient(self.to).readings) if self.to is not None else None

    def _deliveries(self, match: Match, rule_id: str) -> tuple[Delivery, ...]:
        if self.delivery is None:
            return ()
        seconds = (self.late_seconds or _LATE_SECONDS) if self.delivery == "late" else 0.0
        return (Delivery(self.delivery, seconds, match.recipients, rule_id),)

    def _error(self) -> ProviderError | None:
        if isinstance(self.error, str):
            return ProviderError(self.error)
        if self.error is None:
            return None
        return ProviderError(self.error.code, self.error.message, self.error.status, self.error.retry_after)

    def _answer(self) -> RawAnswer | None:
        if self.answer is None:
            return None
        return RawAnswer(self.answer.status, tuple(self.answer.headers.items()), self.answer.body)


class KnownErrorFilter(Input):
    provider: str | None = Field(None, description="Only those of this provider.", examples=["aliyun-sms"])


class LastHit(Output):
    """The last request that it fell on."""

    at: Time
    exchange_id: str = Field(examples=["ex_77b1c3d5e7f90214"])


class Fault(_FaultFields):
    """One fault as it was given, with its id and its counts."""

    model_config = ConfigDict(defer_build=True)

    id: str = Field(examples=["fault_1c2d3e4f5a6b7c8d"])
    stage: Stage
    seen: int = Field(ge=0, description="Requests that matched.")
    hits: int = Field(ge=0, description="Those of them that it fell on.")
    last_hit: LastHit | None = Field(description="Null as long as there was none.")
    warnings: list[str] | None = Field(
        None, description="Why it hits nothing, or nothing more. A list of all faults has only what has ended one."
    )


class Faults(Output):
    """Every fault, in the order in which they are asked."""

    faults: list[Fault]


class KnownError(Output):
    """An error that a provider knows by its own code."""

    provider: str = Field(examples=["aliyun-sms"])
    code: str = Field(examples=["isv.BUSINESS_LIMIT_CONTROL"])
    status: int = Field(description="The HTTP status that it comes with.")
    message: str = Field(
        description="The provider's words; `<number>` and the like stand for what the request had."
    )
    operations: list[str] = Field(description="The calls that answer it; none: any.")
    reason: str | None = Field(
        description="What a send of ours fails with (docs/errors.md); null where the provider sends nothing."
    )
    retryable: bool | None = Field(description="The same send may work a little later.")
    maybe_sent: bool | None = Field(description="The message may have gone out.")


class KnownErrors(Output):
    """The errors of one provider, or of all."""

    errors: list[KnownError]


class MagicAt(Output):
    """What a magic recipient is at one provider."""

    provider: str
    code: str | None = Field(description="The provider's own error, where it is one.")
    ordinary: bool = Field(description="The provider knows no such thing: there it is like any other.")


class MagicRecipient(Output):
    """Numbers and addresses that always behave in one way."""

    name: str = Field(examples=["rate-limited"])
    fault_id: str = Field(description="What exchanges and near misses call it.", examples=["magic_rate-limited"])
    what: str
    stage: Literal["before", "after"]
    phones: list[str] = Field(description="`x` is any digit.", examples=[["+86 154 0003 xxxx"]])
    addresses: list[str] = Field(description="`*` is anything.", examples=[["*@rate-limited.magic.test"]])
    providers: list[MagicAt]
    hits: int = Field(ge=0, description="At all providers together.")
    last_hit: LastHit | None


class MagicRecipients(Output):
    """All of them."""

    on: bool = Field(description="False where the config has `magic_recipients: false`.")
    magic: list[MagicRecipient]


async def list_faults(call: Call) -> Response:
    return json_answer({"faults": [_describe(one) for one in call.services.faults.listing()]})


async def create_fault(call: Call) -> Response:
    body = await call.body(FaultInput)
    services = call.services
    known = services.providers
    if body.provider is not None and body.provider not in known:
        raise InvalidRequest(f"provider: must be one of {', '.join(sorted(known))}", data={"field": "provider"})
    concerned = _check_reach(body, [known[name] for name in services.mounts])
    if body.error is not None:
        error = FaultError(code=body.error) if isinstance(body.error, str) else body.error
        if error.status is None:
            _check_code(error.code, "error" if isinstance(body.error, str) else "error.code", concerned)
    if body.delivery is not None:
        _check_sends(body.operation, concerned)
    if body.mutate is not None:
        _check_mutation(body.mutate, concerned)
    given = body.model_dump(by_alias=True, exclude_unset=True, mode="json")
    latency = given.pop("latencySeconds", None)
    if latency is not None:
        given["latency"] = latency
    rule = body.rule(given)
    services.faults.add(rule)
    return json_answer(_describe(RuleStatus(rule), _warnings(services.faults, RuleStatus(rule))), 201)


async def show_fault(call: Call) -> Response:
    found = call.services.faults.get(call.params["id"])
    if found is None:
        raise NotFound("there is no fault with that id (any more)")
    return json_answer(_describe(found, _warnings(call.services.faults, found)))


async def delete_fault(call: Call) -> Response:
    if not call.services.faults.remove(call.params["id"]):
        raise NotFound("there is no fault with that id (any more)")
    return json_answer({"deleted": 1})


async def delete_faults(call: Call) -> Response:
    return json_answer({"deleted": call.services.faults.clear()})


async def list_known_errors(call: Call) -> Response:
    asked = call.query(KnownErrorFilter).provider
    there = call.services.providers
    if asked is not None and asked not in there:
        raise InvalidRequest(f"provider: must be one of {', '.join(sorted(there))}", data={"field": "provider"})
    chosen = [there[asked]] if asked is not None else list(there.values())
    return json_answer(
        {"errors": [_describe_error(one.name, error) for one in chosen for error in _errors_of(one)]}
    )


async def list_magic_recipients(call: Call) -> Response:
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
            "providers": [_describe_meaning(one, provider) for provider in mounted],
            "hits": services.faults.tally(one.fault_id).hits,
            "lastHit": _describe_hit(services.faults.tally(one.fault_id).last),
        }
        for one in MEANINGS
    ]
    return json_answer({"on": services.faults.magic, "magic": recipients})


def _describe(one: RuleStatus, warnings: Sequence[str] = ()) -> Document:
    rule = one.rule
    warnings = warnings or ([one.end] if one.end is not None else [])
    return {
        **rule.given,
        "id": rule.id,
        "stage": rule.stage,
        "seen": one.matched,
        "hits": one.hits,
        "lastHit": _describe_hit(one.last),
        **({"warnings": list(warnings)} if warnings else {}),
    }


def _warnings(faults: FaultBook, one: RuleStatus) -> list[str]:
    """Return why a fault hits nothing as things are, or nothing more."""
    found = [one.end] if one.end is not None else []
    if one.rule.match.probability == 0:
        found.append("probability: is 0, so it hits nothing")
    hiding = faults.hidden_by(one.rule.id)
    if hiding is not None:
        found.append(f"hits nothing as long as {hiding} exists, which applies to the same requests first")
    return found


def _errors_of(provider: ports.Provider) -> Sequence[ports.KnownError]:
    return provider.errors() if provider.errors is not None else ()


def _describe_hit(hit: Hit | None) -> Document | None:
    return {"at": iso(hit.at), "exchangeId": hit.exchange_id} if hit is not None else None


def _check_reach(body: FaultInput, mounted: Sequence[ports.Provider]) -> Sequence[ports.Provider]:
    """Return the providers that the fault is about. Raises InvalidRequest if it can match no request at them."""
    if not mounted:
        raise _impossible("provider", "no fake runs here: in mode live every connector sends for real")
    concerned: Sequence[ports.Provider] = [one for one in mounted if body.provider in (None, one.name)]
    if body.operation is not None and body.delivery is None:
        concerned = _check_operation(body.operation, concerned)
    names = " and ".join(one.name for one in concerned)
    if body.to is not None:
        channel = recipient(body.to).channel
        if not any(channel in _channels(one) for one in concerned):
            other = "email addresses" if channel is Channel.SMS else "phone numbers"
            raise _impossible("to", f"must be one of the {other}: no request at {names} has any other recipient")
    if body.persona is not None and not any(_has_personas(one) for one in concerned):
        raise _impossible("persona", f"no request at {names} is about a persona; to names a recipient")
    return concerned


def _impossible(field: str, text: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {text}", data={"field": field})


def _check_operation(operation: str, concerned: Sequence[ports.Provider]) -> Sequence[ports.Provider]:
    """Return the providers that have this call. Raises InvalidRequest if there is none."""
    having = [one for one in concerned if not one.operations or operation in one.operations]
    if having:
        return having
    names = sorted(name for one in concerned for name in one.operations)
    near = _nearest(operation, names)
    examples = sorted(name for one in concerned for name in one.sends) or names
    hint = f"did you mean {near}?" if near else f"calls are for example {', '.join(examples[:8])}"
    providers = " or ".join(one.name for one in concerned)
    raise _impossible("operation", f"no call at {providers} has that name; {hint}")


def _channels(provider: ports.Provider) -> set[Channel]:
    """Return the channels of a provider's recipients. Personas of a social provider have email addresses."""
    found = {factory.channel for factory in provider.factories.values() if factory.channel is not None}
    return found or {Channel.EMAIL}


def _has_personas(provider: ports.Provider) -> bool:
    return provider.directories is not None and "personas" in provider.directories()


def _check_sends(operation: str | None, concerned: Sequence[ports.Provider]) -> None:
    """Raises InvalidRequest if the operation sends nothing: a fault of delivery would never hit."""
    if operation is None or any(not one.sends or operation in one.sends for one in concerned):
        return
    sends = sorted(name for one in concerned for name in one.sends)
    raise InvalidRequest(
        f"operation: a fault of delivery is about what sends: {', '.join(sends)}", data={"field": "operation"}
    )


def _check_code(code: str, field: str, providers: Iterable[ports.Provider]) -> None:
    """Raises InvalidRequest if every provider has an error table and none has this code."""
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


def _check_mutation(mutate: Document, providers: Iterable[ports.Provider]) -> None:
    """Raises InvalidRequest unless a provider supports this mutation."""
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
    """Return the most similar code. The prefix may be missing, and case does not matter."""
    lower = {name.lower(): name for name in names}
    bare = {name.rpartition(".")[2]: full for name, full in lower.items()}
    wanted = code.lower()
    found = difflib.get_close_matches(wanted, lower, 1, 0.75) or difflib.get_close_matches(wanted, bare, 1, 0.75)
    return lower.get(found[0]) or bare[found[0]] if found else None


def _describe_meaning(meaning: Meaning, provider: ports.Provider) -> Document:
    """Return what a magic recipient means at one provider, as ``MagicAt``."""
    effect: Effect | None = provider.magic.get(meaning.name, meaning.effect)
    code = effect.error.code if effect is not None and effect.error is not None else None
    return {"provider": provider.name, "code": code, "ordinary": effect is None}


def _describe_error(provider: str, error: ports.KnownError) -> Document:
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
        "/api/faults",
        list_faults,
        operation_id="faultsListing",
        tag="faults",
        summary="Every fault in force, with its counts.",
        answers={200: Faults},
    ),
    Route(
        "POST",
        "/api/faults",
        create_fault,
        operation_id="faultsCreate",
        tag="faults",
        summary="Make a fake misbehave: what to match, when, and what to do.",
        body=FaultInput,
        example={"to": "13800138000", "error": "isv.BUSINESS_LIMIT_CONTROL", "count": 1},
        answers={201: Fault},
    ),
    Route(
        "GET",
        "/api/faults/known",
        list_known_errors,
        operation_id="knownListing",
        tag="faults",
        summary="The errors that the providers know by their own codes: what `error` of a fault may be.",
        query=KnownErrorFilter,
        answers={200: KnownErrors},
    ),
    Route(
        "GET",
        "/api/faults/magic",
        list_magic_recipients,
        operation_id="knownMagic",
        tag="faults",
        summary="The recipients that always behave in one way, without any fault.",
        answers={200: MagicRecipients},
    ),
    Route(
        "DELETE",
        "/api/faults",
        delete_faults,
        operation_id="faultsDeleteAll",
        tag="faults",
        summary="Remove all faults.",
        answers={200: Deleted},
    ),
    Route(
        "GET",
        "/api/faults/{id}",
        show_fault,
        operation_id="faultsShow",
        tag="faults",
        summary="One fault with its counts.",
        params=OfId,
        answers={200: Fault},
        errors=(NotFound,),
    ),
    Route(
        "DELETE",
        "/api/faults/{id}",
        delete_fault,
        operation_id="faultsDelete",
        tag="faults",
        summary="Remove one fault.",
        params=OfId,
        answers={200: Deleted},
        errors=(NotFound,),
    ),
)
