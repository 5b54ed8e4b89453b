"""Health, readiness and status of the gateway, and the settings that point a client at a fake."""

from __future__ import annotations

import asyncio
import os
from typing import Literal

from pydantic import Field

from gateway.core.errors import GatewayError, Unavailable
from gateway.core.model import Channel, Response, new_id
from gateway.storage.ports import Store
from gateway.web.routing.api import Route
from gateway.web.routing.calls import Call
from gateway.web.routing.models import Output
from gateway.web.routing.services import Services
from gateway.web.server.access import OPEN
from gateway.web.server.answers import json_answer
from gateway.web.server.log import log_defect

_KEY = "ready"
_STORE_SECONDS = 2.0
_OK = "ok"

API_VERSION = 1
"""Clients compare it with the version that they were written for. It goes up with every change that such a client
must know of, and a version also serves clients of the version before."""


class Health(Output):
    """The process answers."""

    status: Literal["ok"]


class Ready(Output):
    """The gateway can do its work."""

    status: Literal["ready"]


class Status(Output):
    """What this server is."""

    version: str
    api_version: int = Field(
        description="The version of this API. Clients of the version before are served too.",
        examples=[1],
    )
    mode: str = Field(description="`sandbox`: every connector goes to its fake; `live`: they send for real.")
    url: str = Field(description="Where clients on this machine reach it.", examples=["http://127.0.0.1:4650"])
    shared: bool = Field(description="Many use it: its clock cannot be moved, nor can it be reset.")
    pid: int = Field(description="The id of its process.")


class Recipe(Output):
    """Exact lines to paste into a client."""

    title: str
    text: str


class Provider(Output):
    """A provider whose fake is mounted."""

    name: str = Field(examples=["aliyun-sms"])
    title: str
    channels: list[Channel]
    factories: list[str] = Field(description="Logto's factory ids.")
    connectors: list[str] = Field(description="The ids of the connectors that send to this fake.")
    url: str = Field(description="The fake's address, for clients that take a whole URL.")
    recipes: list[Recipe]
    environment: dict[str, str] = Field(description="Variables for a process that reads its settings there.")


class Providers(Output):
    """Every mounted fake."""

    providers: list[Provider]


async def show_health(_: Call) -> Response:
    return json_answer({"status": "ok"})


async def show_readiness(call: Call) -> Response:
    checks = await run_checks(call.services)
    failed = [name for name, state in checks.items() if state != _OK]
    if failed:
        raise Unavailable(f"not ready: {', '.join(failed)}", data={"checks": checks})
    return json_answer({"status": "ready"})


async def show_status(call: Call) -> Response:
    about = call.services.about
    return json_answer(
        {
            "version": about.version,
            "apiVersion": API_VERSION,
            "mode": about.mode,
            "url": about.url,
            "shared": about.shared,
            "pid": os.getpid(),
        }
    )


async def list_providers(call: Call) -> Response:
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


async def run_checks(services: Services, seconds: float = _STORE_SECONDS) -> dict[str, str]:
    """Run the checks of readiness, which do what a send does. Return ``ok`` or the problem by name of the check.

    Args:
        seconds: time that the store has to answer.
    """
    return {
        "listening": _OK if services.about.listening else "the gateway does not listen yet",
        "running": "the gateway is stopping" if services.stopping.is_set() else _OK,
        "store": await _check_store(services.store, seconds),
    }


async def _check_store(store: Store, seconds: float) -> str:
    """Write a record, read it and delete it."""
    try:
        async with asyncio.timeout(seconds):
            # Each check has a key of its own, so that checks may run at the same time.
            key, value = f"{_KEY}/{new_id('check')}", {"ready": True}
            await store.records.put(key, value)
            found = await store.records.get(key)
            await store.records.delete(key)
    except TimeoutError:
        return f"the store did not answer within {seconds:g} s"
    except GatewayError as error:
        return error.message
    except Exception as error:  # noqa: BLE001  # any error of the store means not ready
        log_defect("the store, asked whether it is ready,", error)
        return "the store failed"
    return _OK if found is not None and found.value == value else "the store did not give back what it was given"


ROUTES = (
    Route(
        "GET",
        "/healthz",
        show_health,
        operation_id="statusHealth",
        access=OPEN,
        tag="status",
        summary="Does the process answer?",
        answers={200: Health},
    ),
    Route(
        "GET",
        "/readyz",
        show_readiness,
        operation_id="statusReady",
        access=OPEN,
        tag="status",
        summary="Can the gateway do its work?",
        answers={200: Ready},
        errors=(Unavailable,),
    ),
    Route(
        "GET",
        "/api/status",
        show_status,
        operation_id="statusStatus",
        tag="status",
        summary="What this server is: version, mode, address.",
        answers={200: Status},
    ),
    Route(
        "GET",
        "/api/providers",
        list_providers,
        operation_id="statusProviders",
        tag="status",
        summary="Every mounted fake, with what to paste into a client.",
        answers={200: Providers},
    ),
)
