"""Social sign-in: a whole flow (authorize, code, token with PKCE, user info) on our fake and on two mock servers of
others, by turns, with the same client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import statistics
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import load, processes, social_servers
from bench.measures import Row
from bench.processes import Server

_CALLBACK = "http://localhost:3000/callback"
# fixtures/sandbox.yaml
_CLIENT = {"client_id": "sandbox-oidc-client", "client_secret": "sandbox-oidc-secret"}
_AT_ONCE = 4

Ask = Callable[[bytes], Awaitable[tuple[bytes, bytes]]]


@dataclass(frozen=True, slots=True)
class Provider:
    """A server's paths. ``form``: how it is told who signs in, where it takes that from its login page only.
    ``slow``: so many times fewer flows will do."""

    server: Server
    authorize: str
    token: str
    userinfo: str
    alg: str = "ES256"
    form: Mapping[str, str] | None = None
    slow: int = 1


def fake(rounds: int, flows: int) -> list[Row]:
    """Server CPU of a flow."""

    def once(provider: Provider) -> float:
        count = max(_AT_ONCE, flows // provider.slow // _AT_ONCE * _AT_ONCE)
        before = provider.server.cpu_with_ended_threads()
        asyncio.run(_run(provider, count))
        return (provider.server.cpu_with_ended_threads() - before) / count

    with (
        processes.gateway() as ours,
        social_servers.oauth2_mock_server() as node,
        social_servers.oidc_provider_mock() as python,
        processes.apart(ours, node, python),
    ):
        base = "/fakes/oauth2/oidc"
        mine = Provider(ours, f"{base}/authorize", f"{base}/token", f"{base}/userinfo")
        others = (
            Provider(node, "/authorize", "/token", "/userinfo"),
            Provider(
                python, "/oauth2/authorize", "/oauth2/token", "/userinfo", alg="RS256", form={"sub": "ada"}, slow=10
            ),
        )
        for one in (mine, *others):  # warm up
            once(one)
        rows = [(once(mine), once(others[0]), once(others[1])) for _ in range(rounds)]
    own, first, second = (statistics.median(column) * 1e6 for column in zip(*rows, strict=True))
    return [
        Row("social sign-in, the whole flow, all rules checked, ES256: server CPU", f"{own:.0f} µs"),
        Row("oauth2-mock-server (Node), ES256, the same flow: server CPU", f"{first:.0f} µs"),
        Row("oidc-provider-mock (Flask), RS256 only, the same flow: server CPU", f"{second:.0f} µs"),
        Row(
            "ratio of the cheaper one to ours",
            f"{statistics.median(min(b, c) / a for a, b, c in rows):.2f}",
            "at least 3",
        ),
    ]


async def _run(provider: Provider, flows: int) -> None:
    async def some(count: int) -> None:
        async with load.answers(provider.server) as ask:
            for _ in range(count):
                await _flow(provider, ask)

    await asyncio.gather(*(some(flows // _AT_ONCE) for _ in range(_AT_ONCE)))


async def _flow(provider: Provider, ask: Ask) -> None:
    """One sign-in, each answer looked at."""
    verifier, nonce, state = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": _CLIENT["client_id"],
        "redirect_uri": _CALLBACK,
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "login_hint": "ada",
    }
    head, _ = await ask(_request(provider, f"{provider.authorize}?{urlencode(asked)}", provider.form))
    assert head.split(b" ", 2)[1] in {b"302", b"303"}, head
    back = parse_qs(urlsplit(_header(head, b"location")).query)
    assert back["state"] == [state], back

    form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": _CALLBACK}
    head, body = await ask(_request(provider, provider.token, form | {"code_verifier": verifier} | _CLIENT))
    assert head.startswith(b"HTTP/1.1 200"), (head, body)
    tokens = json.loads(body)
    header, payload, _ = (_decoded(part) for part in tokens["id_token"].split("."))
    assert json.loads(header)["alg"] == provider.alg, header
    assert json.loads(payload)["nonce"] == nonce, payload

    head, body = await ask(_request(provider, provider.userinfo, None, tokens["access_token"]))
    assert head.startswith(b"HTTP/1.1 200"), (head, body)
    assert json.loads(body)["sub"], body


def _request(provider: Provider, target: str, form: Mapping[str, str] | None, token: str | None = None) -> bytes:
    text = b"" if form is None else urlencode(form).encode()
    lines = [f"{'GET' if form is None else 'POST'} {target} HTTP/1.1"]
    lines += [f"Host: {provider.server.host}:{provider.server.port}", "Accept: application/json"]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(text)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + text


def _header(head: bytes, name: bytes) -> str:
    found = [line for line in head.split(b"\r\n") if line.lower().startswith(name + b":")]
    return found[0].split(b":", 1)[1].strip().decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
