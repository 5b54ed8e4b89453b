"""The gateway's server-sent events, across broken connections.

The format is the WHATWG HTML standard's, section "Server-sent events".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.cli.exits import NotReachable
from gateway.cli.http import Answer, Client

# Seconds before each new try; when they are used up, the gateway is given up.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
SILENCE = 60.0  # a stream that says nothing for so long, not even a comment, is taken for broken


@dataclass(frozen=True)
class Event:
    """One event. ``cursor`` is its id, the place in the gateway's log."""

    name: str
    cursor: int
    document: dict[str, Any]


def parse(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events of a stream. One that is cut off, or holds no object and no id of ours, is dropped."""
    name, identity, data = "", "", list[str]()
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "id":
                identity = value
            elif field == "data":
                data.append(value)
            continue
        document = _document("\n".join(data))
        if document is not None and identity.isascii() and identity.isdigit():
            yield Event(name or "message", int(identity), document)
        name, data = "", []


def follow(client: Client, after: int, *, warn: Callable[[str], None]) -> Iterator[Event]:
    """Every event after the cursor, for ever. A broken connection is made again and continues there; ``restart``
    is an event of ours: the gateway has been started anew and counts from 0.

    Raises ``NotReachable`` when the gateway has been away for about half a minute.
    """
    failures = 0
    while True:
        lost = NotReachable(f"the gateway at {client.url} ended the stream")
        try:
            if failures and _newest(client) < after:
                after = 0
                yield Event("restart", 0, {})
            for event in _stream(client, after):
                failures = 0
                after = max(after, event.cursor)
                if event.name == "gap":
                    warn("Some messages are no longer kept and are not shown here.")
                yield event
        except NotReachable as broken:
            lost = broken
        if failures == len(PAUSES):
            raise lost
        if failures == 1:
            warn("The connection is lost; trying again.")
        time.sleep(PAUSES[failures])  # a person looks on, nothing else runs here
        failures += 1


def _stream(client: Client, after: int) -> Iterator[Event]:
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
    with client.open("GET", "/api/events", headers=headers, timeout=SILENCE) as response:
        if response.status != 200:
            raise Answer(response.status, response.headers, response.read()).problem()
        yield from parse(response)


def _newest(client: Client) -> int:
    return int(client.ask("GET", "/api/captures", query={"limit": 1}).document()["cursor"])


def _document(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
