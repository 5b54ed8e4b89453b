"""Social sign-in: a whole flow (authorize, code, token with PKCE, user info) on our fake, on two other mock servers
and on another checkout, by turns, with the same client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import statistics
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from bench import load, processes, social_servers
from bench.processes import Server
from bench.turns import Row, by_turns, microseconds, ratio

_CALLBACK = "http://localhost:3000/callback"
# fixtures/sandbox.yaml
_CLIENT = {"client_id": "sandbox-oidc-client", "client_secret": "sandbox-oidc-secret"}
_AT_ONCE = load.CONNECTIONS

Ask = Callable[[bytes], Awaitable[tuple[bytes, bytes]]]


@dataclass(frozen=True, slots=True)
class Provider:
    """The paths of a server.

    ``form`` is what its login page posts, if the server takes the user from there only. ``slow`` divides the
    number of flows.
    """

    server: Server
    authorize: str
    token: str
    userinfo: str
    alg: str = "ES256"
    form: Mapping[str, str] | None = None
    slow: int = 1


def flows(rounds: int, number: int, other: Path | None) -> list[Row]:
    """Server CPU of a flow; the servers share one processor and the client has another."""
    with ExitStack() as stack:
        server = stack.enter_context(processes.gateway())
        node = stack.enter_context(social_servers.oauth2_mock_server())
        flask = stack.enter_context(social_servers.oidc_provider_mock())
        providers = {
            "ours": ours(server),
            "node": Provider(node, "/authorize", "/token", "/userinfo"),
            "flask": Provider(
                flask, "/oauth2/authorize", "/oauth2/token", "/userinfo", alg="RS256", form={"sub": "ada"}, slow=10
            ),
        }
        if other is not None:
            providers["other"] = ours(stack.enter_context(processes.gateway(checkout=other)))
        stack.enter_context(processes.apart(*(one.server for one in providers.values())))
        columns = by_turns(rounds, *(partial(cost, one, number) for one in providers.values()))
    costs = dict(zip(providers, columns, strict=True))
    mine, first, second = costs["ours"], costs["node"], costs["flask"]
    cheaper = first if statistics.median(first) < statistics.median(second) else second
    rows = [
        Row("OAuth flow ES256, all rules checked: server CPU", microseconds(mine)),
        Row("the same on oauth2-mock-server (Node)", microseconds(first)),
        Row("the same on oidc-provider-mock (Flask), RS256 only", microseconds(second)),
        Row("OAuth flow: the cheaper of the two to ours", f"{ratio(cheaper, mine):.2f}", "about 1"),
    ]
    if "other" in costs:
        theirs = costs["other"]
        rows.append(
            Row(f"OAuth flow: ours to the other checkout ({microseconds(theirs)})", f"{ratio(mine, theirs):.2f}")
        )
    return rows


def ours(server: Server) -> Provider:
    """The gateway's OpenID provider."""
    base = "/fakes/oauth2/oidc"
    return Provider(server, f"{base}/authorize", f"{base}/token", f"{base}/userinfo")


def cost(provider: Provider, flows: int) -> float:
    """Return the CPU seconds of one flow."""
    count = max(_AT_ONCE, flows // provider.slow // _AT_ONCE * _AT_ONCE)
    before = provider.server.cpu()
    asyncio.run(_run(provider, count))
    return (provider.server.cpu() - before) / count


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
