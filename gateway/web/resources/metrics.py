"""Numbers for Prometheus (docs/watching.md)."""

from __future__ import annotations

from gateway.model import Response
from gateway.web.api import Route
from gateway.web.calls import Call
from gateway.web.metrics import CONTENT_TYPE


async def show(call: Call) -> Response:
    headers = (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store"))
    return Response(200, headers, call.services.metrics.text())


ROUTES = (
    Route(
        "GET",
        "/metrics",
        show,
        tag="status",
        summary="Numbers for Prometheus, in its text format.",
        answers={200: "text/plain"},
    ),
)
