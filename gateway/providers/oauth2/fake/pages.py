"""Pages: who signs in, and what went wrong. No JavaScript is needed for either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from gateway.model import Response

if TYPE_CHECKING:
    from gateway.providers.oauth2.fake.call import Call
    from gateway.providers.oauth2.fake.personas import Persona

PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
)
_POLICY = (
    "Content-Security-Policy",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
)


def login(call: Call, parameters: Mapping[str, str], personas: Sequence[Persona], problem: str = "") -> Response:
    """Who signs in? A form that is posted to the endpoint ``login``: ``request`` (the parameters of authorize,
    form-encoded, checked again when they come back), ``persona`` (a name), ``action`` (``allow`` or ``deny``) and
    ``claims`` (JSON: claims for this once, over those of the persona; may be left out)."""
    client = call.client
    name = (client.name or client.id) if client is not None else "?"
    request = escape(urlencode(list(parameters.items()), errors="surrogateescape"))
    rows = "".join(
        f'<p><button name="persona" value="{escape(one.name)}">{escape(one.name)}</button></p>' for one in personas
    )
    body = (
        f"<h1>Sign in to {escape(name)}</h1><p>{escape(problem)}</p>"
        f'<form method="post" action="{escape(call.endpoint_url("login"))}">'
        f'<input type="hidden" name="request" value="{request}">{rows}'
        '<p><button name="action" value="deny">Deny</button></p></form>'
    )
    return page(call, 200, "Sign in", body)


def refused(call: Call, status: int, code: str, description: str) -> Response:
    """What was wrong with a request that must not be redirected (RFC 6749 4.1.2.1)."""
    return page(call, status, code, f"<h1>{escape(code)}</h1><p>{escape(description)}</p>")


def page(call: Call, status: int, title: str, body: str) -> Response:
    """``body`` is HTML, escaped already."""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<body>{body}</body></html>"
    )
    headers = PAGE_HEADERS[:1] if call.broken("page_headers") else (*PAGE_HEADERS, _POLICY)
    return Response(status, headers, html.encode("utf-8", "replace"))
