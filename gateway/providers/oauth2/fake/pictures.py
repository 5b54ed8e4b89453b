"""Pictures of personas: a drawing with the initials, served by the issuer itself.

A persona whose claim ``picture`` begins with ``/`` has its picture at the issuer, ``/pictures/<id>.svg``. What is
told to clients is an absolute URL under the name by which the browser knows the issuer.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from urllib.parse import unquote
from xml.sax.saxutils import escape

from gateway.core.model import Response
from gateway.providers.oauth2.fake.call import Call
from gateway.providers.oauth2.fake.errors import Refusal
from gateway.providers.oauth2.fake.grants import Grant
from gateway.providers.oauth2.fake.personas import Persona
from gateway.providers.oauth2.fake.plan import Act

PREFIX, SUFFIX = "/pictures/", ".svg"
_COLOURS = ("#3b4a63", "#5b3a63", "#2f5d50", "#6b4a2b", "#7a3345", "#2b5a7a")
_HEADERS = (
    ("Content-Type", "image/svg+xml"),
    ("Cache-Control", "no-cache"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),  # pages of the app show it
)


def with_absolute_url(call: Call, grant: Grant, persona: Persona) -> Persona:
    """Return the persona with the URL of its picture as clients get it."""
    picture = persona.claims.get("picture")
    if not (isinstance(picture, str) and picture.startswith("/")):
        return persona
    return replace(persona, claims={**persona.claims, "picture": _base(call, grant) + picture})


def _base(call: Call, grant: Grant) -> str:
    """Return where the issuer is reached, whatever it calls itself."""
    place, request = call.place, call.request
    if place.from_request:
        return grant.issuer or place.url
    root = place.root.rstrip("/")
    public = call.settings.issuers.public_url if root else None
    return (public or f"{request.scheme}://{request.host}") + root


async def plan(call: Call) -> Act:
    """Draw a persona. Raises Refusal."""
    name = unquote(call.place.path.removeprefix(PREFIX).removesuffix(SUFFIX))
    personas = await call.settings.personas.listing(call.context.records, call.issuer.name)
    persona = next((one for one in personas if one.name == name), None)
    if persona is None or not call.place.path.endswith(SUFFIX):
        raise Refusal("not_found", "there is no such picture", status=404)
    body = _drawn(persona)

    async def act() -> Response:
        return Response(200, _HEADERS, body)

    return act


def _drawn(persona: Persona) -> bytes:
    from gateway.providers.oauth2.fake.pages.rendering import initials

    text = escape(initials(str(persona.claims.get("name") or persona.name)))
    colour = _COLOURS[zlib.crc32(persona.name.encode()) % len(_COLOURS)]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
        f'<rect width="96" height="96" fill="{colour}"/><text x="48" y="62" font-family="sans-serif" '
        f'font-size="40" fill="#fff" text-anchor="middle">{text}</text></svg>'
    )
    return svg.encode("utf-8", "replace")
