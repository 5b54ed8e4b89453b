"""GitHub's way. Sources: its documentation of errors, and of ``GET /user`` and ``GET /user/emails``."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from gateway.core.model import Document, Response
from gateway.providers.oauth2.fake import bearer
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.documents import as_json, no_store
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.plan import Act
from gateway.providers.oauth2.fake.shapes.github import TROUBLESHOOTING
from gateway.providers.oauth2.fake.ways.way import Way

_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
# Its own words for what RFC 6749 calls otherwise.
_CODES = {"invalid_client": "incorrect_client_credentials", "invalid_grant": "bad_verification_code"}
_WORDS = {
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "bad_verification_code": "The code passed is incorrect or expired.",
}


def numeric_id(persona: Persona) -> int:
    """Where ``sub`` is no number, one that stays the same for it."""
    if persona.sub.isascii() and persona.sub.isdigit() and len(persona.sub) < 16:
        return int(persona.sub)
    return int.from_bytes(hashlib.sha256(persona.sub.encode("utf-8", "replace")).digest()[:4], "big")


def user(call: Call, persona: Persona, scope: str) -> Document:  # noqa: ARG001  # the seam
    """``GET /user``. The address is that of the public profile, which needs no scope."""
    known = persona.claims
    login = str(known.get("preferred_username") or persona.name)
    number = numeric_id(persona)
    email = known.get("email") if known.get("email_verified") is True else None
    company = f"@{persona.organisations[0]['name']}" if persona.organisations else None
    return {
        "login": login,
        "id": number,
        "node_id": f"U_{number:08x}",
        "avatar_url": known.get("picture") or f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "html_url": f"https://github.com/{login}",
        "type": "User",
        "site_admin": False,
        "name": known.get("name"),
        "company": company,
        "blog": known.get("website") or "",
        "location": None,
        "email": email,
        "bio": None,
        "created_at": "2015-01-01T00:00:00Z",
    }


def emails(persona: Persona) -> list[Document]:
    """``GET /user/emails``, with the scope ``user:email`` (or ``user``): also what is not verified."""
    known = persona.claims
    login = str(known.get("preferred_username") or persona.name)
    hidden = f"{numeric_id(persona)}+{login}@users.noreply.github.com"
    found = []
    if known.get("email"):
        verified = known.get("email_verified") is True
        found.append({"email": known["email"], "primary": True, "verified": verified, "visibility": "public"})
    found.append({"email": hidden, "primary": not found, "verified": True, "visibility": None})
    return found


def token_answer(call: Call, fields: Document) -> Response:
    """Form-encoded unless JSON is asked for; scopes with commas; it does not say when it expires."""
    scope = str(fields.get("scope", "")).replace(" ", ",")
    kept = {"access_token": fields["access_token"], "scope": scope, "token_type": "bearer"}
    return _answer(call, kept)


def refused(call: Call, refusal: Refusal) -> Response | None:
    """At the token endpoint every error is HTTP 200, in the format of its answers; elsewhere a JSON message."""
    if call.endpoint == "token":
        code = _CODES.get(refusal.code, refusal.code)
        words = _WORDS.get(code, refusal.description)
        return _answer(
            call,
            {
                "error": code,
                "error_description": words,
                "error_uri": f"{TROUBLESHOOTING}oauth-app-access-token-request-errors",
            },
        )
    if call.endpoint in ("userinfo", "user_emails"):
        words = "Requires authentication" if not refusal.code else "Bad credentials"
        if refusal.status == 403:
            words = "Resource not accessible by integration"
        document = {
            "message": words,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(refusal.status),
        }
        return as_json(document, refusal.status, refusal.headers)
    return None


def _answer(call: Call, fields: dict[str, Any]) -> Response:
    if "json" in call.headers.get("accept", ""):
        return as_json(fields, 200, no_store(call))
    return Response(200, (*_FORM, *no_store(call)), urlencode(fields).encode())


async def user_emails(call: Call) -> Act:
    """Raises Refusal."""
    persona, scope, _ = await bearer.whose(call)
    if not {"user:email", "user"} & set(scope.replace(",", " ").split()):
        raise Refusal("insufficient_scope", "user:email is needed", "bearer", scope="user:email")

    async def act() -> Response:
        return as_json(emails(persona))

    return act


WAY = Way(userinfo=user, token_answer=token_answer, refused=refused, extra={"user_emails": user_emails})
