"""Responses of the API as values: JSON, errors and text. ``connection.py`` writes them to the client."""

from __future__ import annotations

import json

from gateway.core.errors import GatewayError
from gateway.core.model import Document, Pairs, Response

_JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))


def json_answer(document: Document | list[Document], status: int = 200, headers: Pairs = ()) -> Response:
    """Return a JSON response. Its body ends with a newline, for terminals."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(status, (*_JSON, *headers), body + b"\n")


def error_answer(error: GatewayError) -> Response:
    """Return the HTTP answer for an error."""
    return json_answer(
        {"code": error.code, "message": error.message, "data": error.data}, error.status, error.headers()
    )


def text_answer(text: str, headers: Pairs = ()) -> Response:
    """Return a response of plain text with status 200."""
    return Response(
        200,
        (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *headers),
        text.encode("utf-8", "replace"),
    )
