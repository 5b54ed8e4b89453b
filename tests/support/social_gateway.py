"""A whole gateway in front of a provider that answers as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.providers.oauth2 import provider as oauth2_provider
from gateway.web.server.log import LogEvent
from tests.providers.oauth2.driver_setup import ADA, TOKENS, oauth2
from tests.providers.oauth2.scripted_provider import Said, Scripted, scripted
from tests.support import toy
from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway, running

CALLBACK = "http://localhost:3000/callback"
STATE = "a state of the app's"
ID = "/api/connectors/acme"
APP = "https://app.example/signed-in?from=acme"


@dataclass
class SocialGateway:
    """A gateway whose connector ``acme`` signs in at a scripted provider."""

    server: RunningGateway
    provider: Scripted

    async def post(self, path: str, body: object, connector: str = ID) -> Answer:
        return await self.server.ask("POST", f"{connector}/{path}", body)

    async def begin(self, state: str = STATE, connector: str = ID, **more: str) -> Answer:
        return await self.post("authorization-uri", {"state": state, "redirectUri": CALLBACK, **more}, connector)

    async def finish(self, state: str = STATE, connector: str = ID, **callback: Any) -> Answer:
        return await self.post("user-info", {"state": state, "code": "c", **callback}, connector)

    async def start(self, **query: str) -> tuple[str, str]:
        """The state in the URL for the browser, and the cookie."""
        answer = await self.server.ask("GET", f"{ID}/start?{urlencode(query)}")
        assert answer.status == 303, answer.body
        location, cookie = answer.header("Location"), answer.header("Set-Cookie")
        assert location is not None
        assert cookie is not None
        return dict(parse_qsl(urlsplit(location).query))["state"], cookie.partition(";")[0]

    async def land(self, state: str, cookie: str | None, **query: str) -> Answer:
        headers = {"Cookie": cookie} if cookie is not None else {}
        target = f"{ID}/callback?{urlencode({'state': state, 'code': 'c', **query})}"
        return await self.server.ask("GET", target, headers=headers)

    async def post_back(self, origin: str | None, **form: str) -> Answer:
        """What a page of a provider posts: without our cookie, from its own origin."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = origin
        return await self.server.ask("POST", f"{ID}/callback", urlencode(form).encode(), headers)


@asynccontextmanager
async def running_social(lines: list[LogEvent] | None = None, **more: Any) -> AsyncIterator[SocialGateway]:
    options = {"allow_private_addresses": True, "return_to": [APP]}
    async with scripted(token=Said(TOKENS), userinfo=Said(ADA)) as provider:
        acme = {"factory": "oauth2", "config": oauth2(provider.url), "options": options, "live": True}
        connectors = [{"id": "acme", **acme}, {"id": "other", **acme}]
        connectors.append({"id": "toy", "factory": toy.FACTORY, "config": {}})
        script = toy.Script()
        providers = {"oauth2": oauth2_provider, toy.NAME: toy.provider_with(script)}
        log = lines.append if lines is not None else None
        async with running(providers, script=script, connectors=connectors, log=log, **more) as server:
            yield SocialGateway(server, provider)
