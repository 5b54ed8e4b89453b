"""Numbers for Prometheus (docs/watching.md)."""

from __future__ import annotations

from gateway.core.model import Response
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.metrics import CONTENT_TYPE


async def show_metrics(call: Call) -> Response:
    headers = (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store"))
    return Response(200, headers, call.services.metrics.text())


ROUTES = (
    Route(
        "GET",
        "/metrics",
        show_metrics,
        operation_id="metricsShow",
        tag="status",
        summary="Numbers for Prometheus, in its text format.",
        answers={200: "text/plain"},
    ),
)
