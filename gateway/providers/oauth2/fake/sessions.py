"""Who is signed in at the provider: a cookie, as with the real ones."""

from __future__ import annotations

from typing import NamedTuple

from gateway.core.model import Pairs
from gateway.providers.oauth2.fake import grants
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.grants import Held


class Session(NamedTuple):
    """``auth_time`` is real time, ``at`` the gateway's. ``consents``: scopes by client id."""

    held: Held
    persona: str
    auth_time: int
    at: float
    consents: dict[str, str]

    def consented(self, client_id: str, scope: str) -> bool:
        given = self.consents.get(client_id)
        return given is not None and set(scope.split()) <= set(given.split())


async def current(call: Call) -> Session | None:
    text = _cookies(call).get(_name(call))
    if not text:
        return None
    held = await grants.find(call, "session", text)
    if held is None or held.expired(call.now()):
        return None
    value = held.value
    return Session(held, value["persona"], value["auth_time"], value["at"], value["consents"])


async def begin(
    call: Call, persona: str, client_id: str, scope: str, before: Session | None, auth_time: int
) -> Pairs:
    """The headers that make the browser remember. What the persona consented to before still counts."""
    consents = dict(before.consents) if before is not None and before.persona == persona else {}
    consents[client_id] = " ".join(dict.fromkeys([*consents.get(client_id, "").split(), *scope.split()]))
    same = before is not None and before.persona == persona and before.auth_time == auth_time
    at = before.at if before is not None and same else call.now()
    facts = {"persona": persona, "auth_time": auth_time, "at": at, "consents": consents}
    text = await grants.issue(call, "session", call.issuer.session_seconds, **facts)
    return (("Set-Cookie", _cookie(call, text)),)


async def end(call: Call) -> Pairs:
    session = await current(call)
    if session is not None:
        await grants.forget(call, session.held)
    return (("Set-Cookie", _cookie(call, "") + "; Max-Age=0"),)


def _cookie(call: Call, text: str) -> str:
    secure = "; Secure" if call.url.startswith("https:") else ""
    return f"{_name(call)}={text}; Path={call.place.root}; HttpOnly; SameSite=Lax{secure}"


def _name(call: Call) -> str:
    return f"session_{call.issuer.name}"


def _cookies(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in call.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found
