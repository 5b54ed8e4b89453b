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

from gateway.core.model import Document, Verdict, iso, new_id
from gateway.web.server.labels import Labels, masked, method, sane_id

_RECIPIENTS = 3


@dataclass(slots=True)
class Note:
    """What the line of a request to ourselves says beside status and time. ``route`` is the path as the API's table
    has it, empty if there is none."""

    id: str
    route: str = ""


# Of an exchange: its id, the provider, the verdict, and what may be said of it. Tuples, here and below: an object
# with names would cost five times as much, at every request.
Judged: TypeAlias = tuple[str, str, Verdict, Labels]

# Real time, method as sent, status, seconds, and which request or exchange.
Line: TypeAlias = tuple[float, str, int, float, Note | Judged | None]


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
    if not isinstance(note, tuple):
        return {
            "event": "request",
            "id": note.id if note else None,
            "method": method(verb),
            "route": (note.route or None) if note else None,
            "status": status,
            "milliseconds": round(seconds * 1000, 2),
        }
    exchange_id, provider, verdict, labels = note
    found: Document = {
        "event": "exchange",
        "id": exchange_id,
        "provider": provider,
        "operation": labels.operation(provider, verdict) or None,
        "method": method(verb),
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
        "accepted": verdict.accepted,
        "code": labels.code(provider, verdict) or None,
        "to": [masked(one.to) for one in verdict.recipients[:_RECIPIENTS]],
    }
    if len(verdict.recipients) > _RECIPIENTS:
        found["recipients"] = len(verdict.recipients)
    return found


def json_text(line: Line) -> str:
    """``fields`` in JSON, by hand, in a third of the time. Only recipients can hold what JSON must quote: all else
    is a label or an id."""
    at, verb, status, seconds, note = line
    start = f'{{"at":"{iso(at)}","level":"info","event":'
    end = f'"status":{status},"milliseconds":{seconds * 1000:.2f}'
    if not isinstance(note, tuple):
        name, route = (note.id, note.route) if note else ("", "")
        return f'{start}"request","id":{_or_null(name)},"method":"{method(verb)}","route":{_or_null(route)},{end}}}'
    exchange_id, provider, verdict, labels = note
    to = ",".join([encode_basestring(masked(one.to)) for one in verdict.recipients[:_RECIPIENTS]])
    count = len(verdict.recipients)
    more = f',"recipients":{count}' if count > _RECIPIENTS else ""
    return (
        f'{start}"exchange","id":"{exchange_id}","provider":"{provider}",'
        f'"operation":{_or_null(labels.operation(provider, verdict))},'
        f'"method":"{method(verb)}",{end},"accepted":{"true" if verdict.accepted else "false"},'
        f'"code":{_or_null(labels.code(provider, verdict))},"to":[{to}]{more}}}'
    )


def _or_null(word: str) -> str:
    return f'"{word}"' if word else "null"
