"""Health, status, and what to paste into a client."""

from __future__ import annotations

import os

from gateway.core.errors import Unavailable
from gateway.core.model import Response
from gateway.web.api.readiness import checks, failed
from gateway.web.api.shapes import status as shapes
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.server.answers import error_answer, json_answer


async def health(_: Call) -> Response:
    return json_answer({"status": "ok"})


async def ready(call: Call) -> Response:
    found = await checks(call.services)
    wrong = failed(found)
    if wrong:
        message = f"not ready: {', '.join(wrong)}"
        return error_answer(503, "gateway.unavailable", message, {"checks": found})
    return json_answer({"status": "ready"})


async def status(call: Call) -> Response:
    about = call.services.about
    return json_answer(
        {
            "version": about.version,
            "mode": about.mode,
            "url": about.url,
            "shared": about.shared,
            "pid": os.getpid(),
        }
    )


async def providers(call: Call) -> Response:
    services = call.services
    host, _, port = services.about.address.rpartition(":")
    found = []
    for name in services.mounts:
        provider = services.providers[name]
        own = [one for one in services.connectors.values() if one.provider == name and not one.live]
        recipes = provider.recipes(host, int(port), own)
        found.append(
            {
                "name": provider.name,
                "title": provider.title,
                "channels": sorted(
                    {one.channel.value for one in provider.factories.values() if one.channel is not None}
                ),
                "factories": sorted(provider.factories),
                "connectors": [one.id for one in own],
                "url": f"{services.about.url}/fakes/{provider.name}",
                "recipes": [{"title": title, "text": text} for title, text in recipes],
                "environment": dict(provider.environment(host, int(port), own)),
            }
        )
    return json_answer({"providers": found})


ROUTES = (
    Route(
        "GET",
        "/healthz",
        health,
        operation_id="statusHealth",
        open=True,
        tag="status",
        summary="Does the process answer?",
        answers={200: shapes.Health},
    ),
    Route(
        "GET",
        "/readyz",
        ready,
        operation_id="statusReady",
        open=True,
        tag="status",
        summary="Can the gateway do its work?",
        answers={200: shapes.Ready},
        errors=(Unavailable,),
    ),
    Route(
        "GET",
        "/api/status",
        status,
        operation_id="statusStatus",
        tag="status",
        summary="What this server is: version, mode, address.",
        answers={200: shapes.Status},
    ),
    Route(
        "GET",
        "/api/providers",
        providers,
        operation_id="statusProviders",
        tag="status",
        summary="Every mounted fake, with what to paste into a client.",
        answers={200: shapes.Providers},
    ),
)
