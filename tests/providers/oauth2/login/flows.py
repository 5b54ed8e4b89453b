"""What an app does at the fake of OAuth2, by hand over a real socket."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tests.support.raw_http import Answer
from tests.support.running_gateway import RunningGateway

APP, SECRET, BACK = "sandbox-web", "sandbox-web-secret", "http://localhost:3000/callback"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Flow:
    """One client at one issuer."""

    server: RunningGateway
    issuer: str = "oidc"
    authorize_path: str = "/authorize"
    token_path: str = "/token"
    client: str = APP
    secret: str = SECRET

    @property
    def base(self) -> str:
        return f"/fakes/oauth2/{self.issuer}"

    def asked(self, **more: str) -> dict[str, str]:
        known = {"response_type": "code", "client_id": self.client, "redirect_uri": BACK, "state": "s1"}
        return {**known, "scope": "openid profile email", "nonce": "n1", **more}

    async def authorize(self, **more: str) -> Answer:
        return await self.server.ask("GET", f"{self.base}{self.authorize_path}?{urlencode(self.asked(**more))}")

    async def back(self, persona: str = "ada", **more: str) -> dict[str, str]:
        """What the client is told at its redirect URI."""
        return told(await self.authorize(login_hint=persona, **more))

    async def token(self, headers: dict[str, str] | None = None, **form: str) -> Answer:
        body = urlencode({"client_id": self.client, "client_secret": self.secret, **form}).encode()
        return await self.server.ask("POST", f"{self.base}{self.token_path}", body, {**FORM, **(headers or {})})

    async def exchange(self, persona: str = "ada", headers: dict[str, str] | None = None, **more: str) -> Answer:
        """The whole flow; the answer of the token endpoint."""
        code = (await self.back(persona, **more))["code"]
        return await self.token(headers, grant_type="authorization_code", code=code, redirect_uri=BACK)

    async def user(self, token: str, path: str = "/userinfo", method: str = "GET") -> Answer:
        return await self.server.ask(method, self.base + path, None, {"Authorization": f"Bearer {token}"})

    async def jwks(self, path: str = "/jwks") -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = (await self.server.ask("GET", self.base + path)).json()["keys"]
        return keys

    async def fault(self, **given: object) -> dict[str, Any]:
        answer = await self.server.ask("POST", "/api/faults", {"provider": "oauth2", **given})
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.json()
        return made

    async def id_token(self, mutate: dict[str, object]) -> str:
        """The ID token of a sign-in whose token answer is mutated so."""
        await self.fault(operation="token", count=1, mutate={"idToken": mutate})
        answer = await self.exchange()
        assert answer.status == 200, answer.body
        return str(answer.json()["id_token"])


def told(answer: Answer) -> dict[str, str]:
    location = answer.header("location")
    assert location is not None, answer.body
    assert location.startswith(BACK), location
    return dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))


def part(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def fits(token: str, keys: list[dict[str, Any]]) -> bool:
    """Does a strict client's library take the signature, with the published key that the header names?"""
    header = part(token, 0)
    named = [row for row in keys if row["kid"] == header.get("kid") and row["alg"] == header["alg"]]
    if len(named) != 1:
        return False
    key = (RSAKey if named[0]["kty"] == "RSA" else ECKey).import_key(named[0])
    try:
        jws.deserialize_compact(token, key, algorithms=[named[0]["alg"]])
    except JoseError:
        return False
    return True
