"""A tiny provider for tests: its dialect is JSON or a form, its driver speaks real HTTP.

A request is ``{"op", "to", "code"?, "text"?, "link"?, "key"?}``, the answer ``{"ok": true}`` or ``{"error": X}``.
What a test wants of its fake beyond that, it puts on a ``Script``, which lives in the fake's settings.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import aiohttp

from gateway.core.errors import ConnectionLost, InvalidConfig, RecipientRefused, Unreachable
from gateway.core.model import PLAIN, Capture, Channel, Content, Message, Receipt, Request, Response, Verdict
from gateway.core.recipients import phone_readings, recipient
from gateway.faults.rules import Effect
from gateway.providers.ports import Connector, ConnectorFactory, Context, Driver, FormItem, Metadata, Provider

NAME = "toy"
FACTORY = "toy-sms"
HOST = "api.toy.example"
MAX_BODY = 2 * 1024 * 1024

Do: TypeAlias = Callable[[Request, Context], Awaitable[Response]]


@dataclass
class Script:
    """What the fake saw, and what it does instead of its regular work."""

    requests: list[Request] = field(default_factory=list)
    do: Do | None = None


def answer(status: int, document: object, verdict: Verdict, effect: Effect | None = None) -> Response:
    body = json.dumps(document).encode()
    return Response(
        status,
        (("X-toy-ID", "1"), ("Content-Type", "application/json"), ("x-LAST", "2")),
        body,
        effect.wire if effect else PLAIN,
        verdict,
    )


def _asked(request: Request) -> dict[str, Any]:
    kind = request.header("content-type") or ""
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode()))
    query = dict(parse_qsl(request.target.partition("?")[2]))
    body: object = json.loads(request.body) if request.body else {}
    return {**query, **(body if isinstance(body, dict) else {})}


async def fake(request: Request, context: Context) -> Response:
    script: Script = context.settings
    script.requests.append(request)
    if script.do is not None:
        return await script.do(request, context)
    if request.oversized:
        return answer(413, {"error": "TooBig"}, Verdict(False, code="TooBig"))
    try:
        asked = _asked(request)
    except ValueError:
        return answer(400, {"error": "Broken"}, Verdict(False, code="Broken", explanation={"message": "broken"}))
    operation = str(asked.get("op", "Send"))
    to = recipient(str(asked.get("to", "13800138000")))
    if to.channel is Channel.SMS:
        to = replace(to, readings=phone_readings(to.to))  # as Aliyun reads them
    verdict = Verdict(True, operation, asked.get("key"), code="OK", recipients=(to,))
    effect = context.faults.at("before", operation, (to,), verdict.key_id)
    if effect is not None:
        verdict = replace(verdict, fault_ids=effect.fault_ids)
        if effect.replaces:
            return _faulty(effect, replace(verdict, accepted=False))
        await context.clock.pause(effect.wire.latency)
    if operation != "Send":
        return answer(400, {"error": "NoSuchOp"}, replace(verdict, accepted=False, code="NoSuchOp"))
    capture = Capture(
        provider=NAME,
        operation=operation,
        recipient=to,
        content=Content(str(asked.get("text", "your code"))),
        exchange_id=request.exchange_id,
        received_at=request.received_at,
        code=asked.get("code"),
        code_source="template_param" if asked.get("code") else None,
        link=asked.get("link"),
    )
    arrived = await context.inbox.add([capture], effect)
    verdict = replace(verdict, capture_ids=arrived)
    late = context.faults.at("after", operation, (to,), verdict.key_id)
    if late is not None:
        return _faulty(late, verdict)
    # The latency of a fault before acceptance is over by now.
    early = replace(effect, wire=replace(effect.wire, latency=0)) if effect else None
    return answer(200, {"ok": True}, verdict, early)


def _faulty(effect: Effect, verdict: Verdict) -> Response:
    verdict = replace(verdict, fault_ids=tuple(dict.fromkeys([*verdict.fault_ids, *effect.fault_ids])))
    if effect.answer is not None:
        raw = effect.answer
        return Response(raw.status, raw.headers, raw.body.encode(), effect.wire, verdict)
    if effect.error is not None:
        code = effect.error.code
        return answer(effect.error.status or 400, {"error": code}, replace(verdict, code=code), effect)
    return answer(200, {"ok": True}, verdict, effect)


class ToyDriver:
    """One POST for each message."""

    def __init__(self, address: str | None) -> None:
        self._url = f"http://{address}/fakes/{NAME}/send"
        self._session: aiohttp.ClientSession | None = None

    async def send(self, message: Message, render: Callable[[], Content], deadline: float) -> Receipt:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        asked = {"op": "Send", "to": message.recipient.to, "text": "a text", "link": message.id}
        try:
            async with self._session.post(self._url, json=asked) as answer:
                document = json.loads(await answer.read())
        except aiohttp.ClientConnectorError:
            raise Unreachable("no connection", provider=NAME) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise ConnectionLost("the answer did not come", provider=NAME) from None
        if "error" in document:
            raise RecipientRefused("the provider refused", provider=NAME, provider_code=document["error"])
        return Receipt(NAME, "id-1", "request-1", "OK")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _settings(config: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    if "bad" in config:
        raise InvalidConfig("config.bad: must not be there")
    return dict(config)


def _driver(settings: Any, address: str | None) -> Driver:
    return ToyDriver(address)


def _claims(request: Request) -> bool:
    if request.header("x-toy") is not None or "toyMark=" in request.target:
        return True
    return b"toyMark=" in request.body


def provider_with(script: Script, **changes: Any) -> Provider:
    """The provider with a script of its own."""

    def fake_settings(config: Mapping[str, Any], connectors: Sequence[Connector], previous: Any) -> Any:
        return script

    return replace(provider, fake_settings=fake_settings, **changes)


METADATA = Metadata(
    target=NAME,
    name={"en": "Toy"},
    description={"en": "For tests."},
    readme="# Toy\n",
    form=(
        FormItem("endpoint", "Endpoint", "Text"),
        FormItem("key", "Key", "Text", secret=True),
        FormItem("nested", "Nested", "Json"),
    ),
    wrong_names={"authenticationEndpoint": "endpoint"},
    options=("timeout_seconds", "token"),
    secret_options=frozenset({"token"}),
)

provider = Provider(
    name=NAME,
    title="Toy",
    factories={FACTORY: ConnectorFactory(FACTORY, Channel.SMS, _settings, _driver, METADATA)},
    max_body=MAX_BODY,
    answers_host=lambda host: host == HOST,
    claims=_claims,
    fake=fake,
    fake_settings=lambda config, connectors, previous: previous or Script(),
    recipes=lambda host, port, connectors: [("curl", f"curl http://{host}:{port}/fakes/toy/")],
    environment=lambda host, port, connectors: {"TOY_URL": f"http://{host}:{port}/fakes/toy"},
    operations=frozenset({"Send"}),
)
