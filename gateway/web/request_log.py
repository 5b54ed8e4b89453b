"""One line a request. It says which, how it ended and how long it took, and nothing of what was in it.

A line is only put aside here. ``fields`` or ``json_text`` make something of it later, of many in a row: in between
requests, where no cache of the processor knows that code, it would cost five times as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import TypeAlias

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from gateway.model import Document, Recipient, iso, new_id
from gateway.web.labels import masked, method, sane_id

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


# Real time, method as sent, status, seconds, note. A named tuple would cost five times as much.
Line: TypeAlias = tuple[float, str, int, float, Note | None]


def note_of(request: web.BaseRequest) -> Note:
    """Of a request that is ours to answer. The caller may have named it."""
    return Note(sane_id(request.headers.get("X-Request-Id")) or new_id("req"))


class RequestLog(AbstractAccessLogger):
    """aiohttp tells it of each answer, after the last byte. ``put`` takes lines, None for no log."""

    def __init__(self, put: Callable[[Line], None] | None) -> None:
        self._put = put

    @property
    def enabled(self) -> bool:
        return self._put is not None

    def log(self, request: web.BaseRequest, response: web.StreamResponse, seconds: float) -> None:
        if self._put is not None:
            self._put((time.time(), request.method, response.status, seconds, getattr(response, "note", None)))


def fields(line: Line) -> Document:
    """A line as it may be read by anybody."""
    _, verb, status, seconds, note = line
    if note is None or not note.provider:
        return {
            "event": "request",
            "id": note.id if note else None,
            "method": method(verb),
            "route": note.route or None if note else None,
            "status": status,
            "milliseconds": round(seconds * 1000, 2),
        }
    found: Document = {
        "event": "exchange",
        "id": note.id,
        "provider": note.provider,
        "operation": note.operation or None,
        "method": method(verb),
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
        "accepted": note.accepted,
        "code": note.code or None,
        "to": [masked(one.to) for one in note.recipients[:_RECIPIENTS]],
    }
    if len(note.recipients) > _RECIPIENTS:
        found["recipients"] = len(note.recipients)
    return found


def json_text(line: Line) -> str:
    """``fields`` in JSON, by hand, in a third of the time. Only recipients can hold what JSON must quote: all else
    is a label or an id."""
    at, verb, status, seconds, note = line
    start, end = (
        f'{{"at":"{iso(at)}","level":"info","event":',
        f'"status":{status},"milliseconds":{seconds * 1000:.2f}',
    )
    if note is None or not note.provider:
        name, route = (note.id, note.route) if note else ("", "")
        return f'{start}"request","id":{_or_null(name)},"method":"{method(verb)}","route":{_or_null(route)},{end}}}'
    to = ",".join([encode_basestring(masked(one.to)) for one in note.recipients[:_RECIPIENTS]])
    count = len(note.recipients)
    more = f',"recipients":{count}' if count > _RECIPIENTS else ""
    return (
        f'{start}"exchange","id":"{note.id}","provider":"{note.provider}","operation":{_or_null(note.operation)},'
        f'"method":"{method(verb)}",{end},"accepted":{"true" if note.accepted else "false"},'
        f'"code":{_or_null(note.code)},"to":[{to}]{more}}}'
    )


def _or_null(word: str) -> str:
    return f'"{word}"' if word else "null"
