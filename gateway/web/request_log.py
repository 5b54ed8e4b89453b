"""One line a request. It says which, how it ended and how long it took, and nothing of what was in it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from gateway.model import Recipient, new_id
from gateway.web.labels import masked, method, sane_id

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

_RECIPIENTS = 3


@dataclass(slots=True)
class Note:
    """What an answer's line says beside status and time. ``id`` is an exchange's where there is a ``provider``, a
    request's otherwise. ``operation`` and ``code`` are labels. ``route`` is the path of the API as its table has
    it, empty if there is none."""

    id: str
    route: str = ""
    provider: str = ""
    operation: str = ""
    accepted: bool = False
    code: str = ""
    recipients: tuple[Recipient, ...] = ()


def note_of(request: web.BaseRequest) -> Note:
    """Of a request that is ours to answer. The caller may have named it."""
    return Note(sane_id(request.headers.get("X-Request-Id")) or new_id("req"))


class RequestLog(AbstractAccessLogger):
    """aiohttp tells it of each answer, after the last byte. It is silent without a logger, and one that lets no
    info through costs nothing."""

    def __init__(self, log: FilteringBoundLogger | None) -> None:
        self._log = log
        self._enabled = log is not None and log.is_enabled_for(logging.INFO)

    @property
    def enabled(self) -> bool:
        return self._enabled

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if self._log is None:
            return
        note: Note | None = getattr(response, "note", None)
        milliseconds = round(time * 1000, 2)
        verb = method(request.method)
        if note is None or not note.provider:
            self._log.info(
                "request",
                id=note.id if note else None,
                method=verb,
                route=(note and note.route) or None,
                status=response.status,
                milliseconds=milliseconds,
            )
            return
        more: dict[str, Any] = {}
        if note.recipients:
            more["to"] = [masked(one.to) for one in note.recipients[:_RECIPIENTS]]
            if len(note.recipients) > _RECIPIENTS:
                more["recipients"] = len(note.recipients)
        self._log.info(
            "exchange",
            id=note.id,
            provider=note.provider,
            operation=note.operation or None,
            method=verb,
            status=response.status,
            milliseconds=milliseconds,
            accepted=note.accepted,
            code=note.code or None,
            **more,
        )
