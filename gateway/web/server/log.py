"""What the gateway logs: one line for each request, and its own defects. docs/watching.md lists the fields.

No line holds a phone number, an address, a code, a key, a header or a body.
"""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from gateway.core.model import Document, Verdict, new_id
from gateway.web.server.metrics import OTHER, Labels

logger = logging.getLogger("gateway")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
# At least one letter: digits alone could be a phone number.
_REQUEST_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9._-]{1,64}", re.ASCII)
_SHOWN_RECIPIENTS = 3

# The fields of a line in order: ``at`` (seconds since the epoch), ``level``, ``event``, and those of the event.
LogEvent: TypeAlias = Document


@dataclass(slots=True)
class RequestInfo:
    """What a line says of a request that the gateway itself answers."""

    id: str
    # The path as in the table of routes, with ``{name}`` for its variable parts. Empty if no route matches.
    route: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeInfo:
    """What a line says of a request that a fake answers."""

    id: str
    provider: str
    verdict: Verdict
    labels: Labels


def request_info(request: web.BaseRequest) -> RequestInfo:
    """Return the info of a new request. Its id is the caller's ``X-Request-Id`` if that may be logged."""
    given = request.headers.get("X-Request-Id")
    return RequestInfo(given if given is not None and _REQUEST_ID.fullmatch(given) else new_id("req"))


class RequestLog(AbstractAccessLogger):
    """aiohttp's access logger: it is called after the last byte of each response.

    ``write`` takes the line. None if there is no log.
    """

    def __init__(self, write: Callable[[LogEvent], None] | None) -> None:
        self._write = write

    @property
    def enabled(self) -> bool:
        return self._write is not None

    def log(self, request: web.BaseRequest, response: web.StreamResponse, seconds: float) -> None:
        if self._write is not None:
            info = getattr(response, "info", None)
            self._write(log_event(time.time(), request.method, response.status, seconds, info))


def log_event(
    at: float, method: str, status: int, seconds: float, info: RequestInfo | ExchangeInfo | None
) -> LogEvent:
    """Return the line of one request.

    Args:
        at: when the response was complete, in seconds since the epoch.
        method: as the client sent it.
        seconds: from the head of the request to the last byte of the response.
        info: None if the request has none.
    """
    method = method if method in _METHODS else OTHER
    milliseconds = round(seconds * 1000, 2)
    if not isinstance(info, ExchangeInfo):
        return {
            "at": at,
            "level": "info",
            "event": "request",
            "id": info.id if info else None,
            "method": method,
            "route": (info.route or None) if info else None,
            "status": status,
            "milliseconds": milliseconds,
        }
    verdict, labels = info.verdict, info.labels
    event: LogEvent = {
        "at": at,
        "level": "info",
        "event": "exchange",
        "id": info.id,
        "provider": info.provider,
        "operation": labels.operation(info.provider, verdict) or None,
        "method": method,
        "status": status,
        "milliseconds": milliseconds,
        "accepted": verdict.accepted,
        "code": labels.code(info.provider, verdict) or None,
        "to": [_masked(recipient.to) for recipient in verdict.recipients[:_SHOWN_RECIPIENTS]],
    }
    if len(verdict.recipients) > _SHOWN_RECIPIENTS:
        event["recipients"] = len(verdict.recipients)
    return event


def _masked(address: str) -> str:
    """Return a recipient's last two characters."""
    return f"…{address[-2:]}" if len(address) > 4 else "…"


def log_defect(where: str, error: BaseException, request_id: str | None = None) -> None:
    """Log where an unexpected error was raised, without its text, which may hold a phone number or a code."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    path = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    logger.error("%s failed with %s at %s", where, type(error).__name__, path, extra={"request_id": request_id})
