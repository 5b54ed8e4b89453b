"""Runs fakes: an aiohttp request becomes a ``Request``, the fake's ``Response`` goes out, the exchange is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from gateway.core import recipients
from gateway.core.clock import Clock
from gateway.core.errors import InternalError, StoreFailed
from gateway.core.model import Recipient, Request, Response, Verdict, new_id
from gateway.faults.magic import Magic
from gateway.faults.rules import Effect, FaultBook, Hit, Stage
from gateway.inbox.exchanges import Exchange
from gateway.providers.ports import Context, Provider
from gateway.storage.ports import Log
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer, read_body
from gateway.web.server.log import ExchangeInfo, log_defect, logger
from gateway.web.server.metrics import Metrics

STREAM = "exchanges"


@dataclass(frozen=True, slots=True)
class BoundFaults:
    """Implements ``ports.Faults`` for one provider: the rules in force, then the magic recipients (None: there are
    none). ``sends``: its operations that these are about, none for any."""

    book: FaultBook
    provider: str
    hit: Callable[[str, Stage], None] = lambda _provider, _stage: None
    magic: Magic | None = None
    sends: frozenset[str] = frozenset()

    def at(
        self,
        stage: Stage,
        operation: str | None,
        recipients: Sequence[Recipient] = (),
        key_id: str | None = None,
    ) -> Effect | None:
        effect = self.book.at(stage, self.provider, operation, recipients, key_id, self.sends)
        if effect is None and self.magic is not None and (operation in self.sends or not self.sends):
            effect = self.magic.at(stage, recipients)
        if effect is not None:
            self.hit(self.provider, stage)
        return effect


class StoreIncident:
    """Logs an outage of the store once, from the first exchange that cannot be kept to the next one that can."""

    def __init__(self) -> None:
        self._lost = 0

    def begin(self, error: StoreFailed) -> None:
        """Count an exchange that could not be kept."""
        if not self._lost:
            logger.warning("%s; until it works again, exchanges are not kept", error.message)
        self._lost += 1

    def end(self) -> None:
        """Note that an exchange was kept."""
        if self._lost:
            logger.warning("the store works again; exchanges that were not kept: %d", self._lost)
            self._lost = 0


@dataclass(frozen=True, slots=True)
class FakeAdapter:
    """``contexts`` holds what each mounted fake works with, by provider; ``faults`` hears of the exchanges that ran
    into one."""

    contexts: Mapping[str, Context]
    log: Log
    clock: Clock
    metrics: Metrics
    faults: FaultBook
    incident: StoreIncident = field(default_factory=StoreIncident)

    async def serve(self, provider: Provider, request: web.BaseRequest, head: Request) -> web.StreamResponse:
        """``head`` is the request without its body, unless it was a form that the dispatch had to read."""
        whole = await self._with_body(provider, request, head)
        try:
            response = await provider.fake(whole, self.contexts[provider.name])
        except StoreFailed as error:
            response = _unavailable(error)
        except Exception as error:  # noqa: BLE001  # a fake of somebody else must not take the server down
            log_defect(f"the fake of {provider.name}", error)
            answer = error_answer(InternalError("the fake failed: this is a defect, please report it"))
            why = f"the fake itself failed ({type(error).__name__}): a defect, please report it"
            verdict = Verdict(accepted=False, code=InternalError.code, explanation={"hint": why})
            response = replace(answer, verdict=verdict)
        if response.verdict.fault_ids:
            self.faults.note(response.verdict.fault_ids, Hit(self.clock.now(), whole.exchange_id))
        try:
            await self._keep(provider, whole, response)
        except StoreFailed as error:
            self.incident.begin(error)
            verdict = response.verdict
            if not (verdict.accepted or verdict.capture_ids):
                response = _unavailable(error)
            # Else what it accepted is kept: its answer is the truth, also without the exchange.
        else:
            self.incident.end()
        self.metrics.exchange(provider.name, response.verdict)
        info = ExchangeInfo(whole.exchange_id, provider.name, response.verdict, self.metrics.labels)
        return WireAnswer(response, info=info)

    async def _with_body(self, provider: Provider, request: web.BaseRequest, head: Request) -> Request:
        if not head.body:
            return with_body(head, await read_body(request, provider.max_body))
        # A form was read with the largest bound of all providers.
        return head if len(head.body) <= provider.max_body else with_body(head, None)

    async def _keep(self, provider: Provider, request: Request, response: Response) -> None:
        masked = None if provider.masked is None else partial(_masked, provider)
        exchange = Exchange(provider.name, request, response, self.clock.real(), masked)
        size = 1500 + len(request.target) + len(request.body) + len(response.body)
        await self.log.append(STREAM, exchange.document(), _keys(provider.name, request, response.verdict), size)


def _masked(provider: Provider, request: Request, response: Response) -> tuple[Request, Response]:
    """It is done when somebody looks: one that fails may not hide all other exchanges, nor show what it hides."""
    try:
        return provider.masked(request, response) if provider.masked is not None else (request, response)
    except Exception as error:  # noqa: BLE001  # somebody else's code
        log_defect(f"the masking of {provider.name}", error)
        return replace(request, target="***", headers=(), body=b""), replace(response, headers=(), body=b"")


def _unavailable(error: StoreFailed) -> Response:
    verdict = Verdict(accepted=False, code=error.code, explanation={"hint": error.message})
    return replace(error_answer(error), verdict=verdict)


def with_body(head: Request, body: bytes | None) -> Request:
    """None: it was longer than allowed."""
    if body == b"":
        return head
    whole = Request(
        head.method,
        head.target,
        head.prefix,
        head.scheme,
        head.host,
        head.headers,
        body or b"",
        head.peer,
        head.received_at,
        head.exchange_id,
        oversized=body is None,
    )
    whole._by_name = head._by_name  # noqa: SLF001  # the headers are the same, and somebody may have read them
    return whole


def head_of(request: web.BaseRequest, prefix: str, received_at: float) -> Request:
    """The request as it came, without its body."""
    headers = tuple([(n.decode("latin-1"), v.decode("utf-8", "surrogateescape")) for n, v in request.raw_headers])
    host = request.headers.get("Host", "")
    scheme = "https" if request.protocol.ssl_context else "http"
    return Request(
        request.method,
        request.raw_path,
        prefix,
        scheme,
        host,
        headers,
        b"",
        request.remote or "",
        received_at,
        new_id("ex"),
    )


def _keys(provider: str, request: Request, verdict: Verdict) -> tuple[str, ...]:
    found = [f"id:{request.exchange_id}", f"provider:{provider}"]
    for recipient in verdict.recipients:
        found += recipients.keys(recipient)
        if not verdict.accepted:
            found += [f"refused:{reading}" for reading in recipient.readings]
    if not verdict.accepted and not verdict.recipients:
        found.append("refused:nobody")
    return tuple(found)
