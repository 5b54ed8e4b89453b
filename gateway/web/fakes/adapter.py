"""Run a fake: make a ``Request`` of aiohttp's request, send the fake's ``Response``, and keep the exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from aiohttp import web

from gateway.core.clock import Clock
from gateway.core.errors import Forbidden, InternalError, StoreFailed
from gateway.core.model import MASK, Recipient, Request, Response, Verdict, new_id
from gateway.faults.magic import Magic
from gateway.faults.rules import Effect, FaultBook, Hit, Stage
from gateway.inbox.exchanges import Exchange, Exchanges
from gateway.providers.ports import Context, Provider
from gateway.web.server.answers import error_answer
from gateway.web.server.connection import WireAnswer, read_body
from gateway.web.server.log import ExchangeInfo, log_defect, logger
from gateway.web.server.metrics import Metrics


@dataclass(frozen=True, slots=True)
class BoundFaults:
    """Implements ``ports.Faults`` for one provider: the rules in force, then the magic recipients.

    ``hit``: called with the provider and the stage of each fault. ``magic``: None if there are no magic recipients.
    ``sends``: the operations that magic recipients apply to; empty for all.
    """

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
    """Runs the mounted fakes.

    ``contexts``: the context of each fake, by provider. ``faults``: notes the exchange of each applied fault.
    """

    contexts: Mapping[str, Context]
    exchanges: Exchanges
    clock: Clock
    metrics: Metrics
    faults: FaultBook
    incident: StoreIncident = field(default_factory=StoreIncident)

    async def serve(
        self, provider: Provider, request: web.BaseRequest, head: Request, forbidden: Forbidden | None = None
    ) -> web.StreamResponse:
        """Run the fake of a provider.

        ``head``: the request, without its body unless that is a form which ``Dispatch`` has read. ``forbidden``:
        why the access rules refuse it; the fake then only says so.
        """
        whole = await self._with_body(provider, request, head)
        context = self.contexts[provider.name]
        try:
            if forbidden is None:
                response = await provider.fake(whole, context)
            else:
                response = await _refused(provider, whole, context, forbidden)
        except StoreFailed as error:
            response = _unavailable(error)
        except Exception as error:  # noqa: BLE001  # a fake may be third-party code, and must not stop the server
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
            # Otherwise the message was accepted and is kept, so the response of the fake is right.
        else:
            self.incident.end()
        self.metrics.exchange(provider.name, response.verdict)
        info = ExchangeInfo(whole.exchange_id, provider.name, response.verdict, self.metrics.labels)
        return WireAnswer(response, info=info)

    async def _with_body(self, provider: Provider, request: web.BaseRequest, head: Request) -> Request:
        if not head.body:
            return with_body(head, await read_body(request, provider.max_body))
        # The form was read with the largest limit of all providers.
        return head if len(head.body) <= provider.max_body else with_body(head, None)

    async def _keep(self, provider: Provider, request: Request, response: Response) -> None:
        masked = None if provider.masked is None else partial(_masked, provider)
        await self.exchanges.add(Exchange(provider.name, request, response, self.clock.real(), masked))


def _masked(provider: Provider, request: Request, response: Response) -> tuple[Request, Response]:
    """Mask an exchange that is shown. If the provider's function fails, hide target, headers and bodies."""
    try:
        return provider.masked(request, response) if provider.masked is not None else (request, response)
    except Exception as error:  # noqa: BLE001  # may be third-party code
        log_defect(f"the masking of {provider.name}", error)
        return replace(request, target=MASK, headers=(), body=b""), replace(response, headers=(), body=b"")


async def _refused(provider: Provider, request: Request, context: Context, error: Forbidden) -> Response:
    """Refuse a request in the provider's dialect. No page can read the answer, whatever CORS headers a fake has."""
    if provider.forbid is None:
        verdict = Verdict(accepted=False, code=error.code, explanation={"hint": error.message})
        return replace(error_answer(error), verdict=verdict)
    response = await provider.forbid(request, context, error.message)
    headers = [pair for pair in response.headers if not pair[0].lower().startswith("access-control-")]
    return replace(response, headers=tuple(headers))


def _unavailable(error: StoreFailed) -> Response:
    verdict = Verdict(accepted=False, code=error.code, explanation={"hint": error.message})
    return replace(error_answer(error), verdict=verdict)


def with_body(head: Request, body: bytes | None) -> Request:
    """Return the request with its body. ``body``: None if it is longer than the provider allows."""
    return head if body == b"" else replace(head, body=body or b"", oversized=body is None)


def head_of(request: web.BaseRequest, prefix: str, received_at: float) -> Request:
    """Return the request as it came over the wire, without its body."""
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
