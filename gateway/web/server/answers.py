"""Responses of the API as values: JSON, errors and text. ``connection.py`` writes them to the client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.core.errors import GatewayError
from gateway.core.model import Document, Pairs, Response

T = TypeVar("T")

_JSON = (("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store"))


def json_answer(document: Document | list[Document], status: int = 200, headers: Pairs = ()) -> Response:
    """Return a JSON response. Its body ends with a newline, for terminals."""
    return Response(status, (*_JSON, *headers), _encoded(document) + b"\n")


async def json_page(name: str, rows: Sequence[T], cursor: int, shown: Callable[[T], Document]) -> Response:
    """Return a page of a stream as a JSON response.

    It is made in a thread, row by row: a page may have megabytes, and one call of ``json.dumps`` for all of them
    would block the event loop from a thread too.

    Args:
        name: The member that holds the rows, such as ``captures``.
        shown: Returns a row as the API shows it.
    """
    body = await asyncio.to_thread(lambda: b",".join([_encoded(shown(row)) for row in rows]))
    return Response(200, _JSON, b'{"%s":[%s],"cursor":%d}\n' % (name.encode(), body, cursor))


def _encoded(document: Document | list[Document]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


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
