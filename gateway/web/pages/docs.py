"""The OpenAPI document of the API, and the page that shows it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from gateway.core.model import Pairs, Response
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.access import PAGE

_STATIC = Path(__file__).parent
# The page loads its own script and style and the document, and nothing else.
_POLICY: Pairs = (
    (
        "Content-Security-Policy",
        (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-cache"),
)


async def show_page(_: Call) -> Response:
    return _static("docs.html", "text/html")


async def show_script(_: Call) -> Response:
    return _static("docs.js", "text/javascript")


async def show_style(_: Call) -> Response:
    return _static("docs.css", "text/css")


@lru_cache(maxsize=8)
def _static(name: str, kind: str) -> Response:
    return Response(200, (("Content-Type", f"{kind}; charset=utf-8"), *_POLICY), (_STATIC / name).read_bytes())


_PAGE = (
    # A browser opens a page without a bearer token. So the page holds no data, and asks for the token itself.
    Route(
        "GET",
        "/api/docs",
        show_page,
        operation_id="descriptionPage",
        access=PAGE,
        tag="description",
        summary="A page for people that shows the document.",
        answers={200: "text/html"},
    ),
    Route(
        "GET",
        "/api/docs/docs.js",
        show_script,
        operation_id="descriptionScript",
        access=PAGE,
        tag="description",
        summary="The page's script.",
        answers={200: "text/javascript"},
    ),
    Route(
        "GET",
        "/api/docs/docs.css",
        show_style,
        operation_id="descriptionStyle",
        access=PAGE,
        tag="description",
        summary="The page's style.",
        answers={200: "text/css"},
    ),
)


def routes(others: Sequence[Route]) -> tuple[Route, ...]:
    """Return the routes of the document and the page. The document describes ``others`` and these."""

    @lru_cache(maxsize=8)
    def built(url: str, version: str, token: bool) -> bytes:
        from gateway.web.routing import openapi

        found = openapi.document((*others, *own), url=url, version=version, token=token)
        return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    async def show_document(call: Call) -> Response:
        about = call.services.about
        # Building takes a tenth of a second, once.
        body = await asyncio.to_thread(built, about.url, about.version, call.services.guard.api_token is not None)
        return Response(
            200, (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-cache")), body
        )

    shown = Route(
        "GET",
        "/api/openapi.json",
        show_document,
        operation_id="descriptionDocument",
        tag="description",
        summary="The OpenAPI 3.1 document of this server.",
        answers={200: "application/json"},
    )
    own = (shown, *_PAGE)
    return own
