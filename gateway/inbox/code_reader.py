"""Codes of messages that somebody else rendered. Reading is work for the processor, and most messages are never
looked at: a short one is read when somebody does. A long one is read as it comes, in a thread, so that everybody
else is served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache

from gateway.core.model import Capture, Content, Document
from gateway.storage.ports import Entry

LONG = 10_000
"""Characters. Shorter ones take a millisecond or two; a thread would double that."""

UNREAD = "unread"
"""``codeSource`` of a capture whose text nobody has read yet. Nobody sees it: see ``seen``."""


class CodeReader:
    """One for a gateway: the first message makes what reading needs, some 0.1 s of work."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._ready = False

    async def of(self, captures: Sequence[Capture]) -> Callable[[Content], Document]:
        """What to keep of the code of a content: ``code``, ``codeSource`` and ``codeConfidence``, nothing if there
        is no code, or that it is unread. Each is read once: a thousand numbers may get the same."""
        known: dict[Content, Document] = {}

        def read(content: Content) -> Document:
            if not is_long(content):
                return {"codeSource": UNREAD}
            if content not in known:
                known[content] = _read(content.text, content.html, content.subject)
            return known[content]

        unread = [one for one in captures if one.code is None]
        if not unread:
            return read
        if not self._ready:
            await self._make_ready()
        # Those with a link may be of our own driver, whose code is known: they are read when they are asked for.
        long = {one.content for one in unread if one.link is None and is_long(one.content)}
        if long:
            await asyncio.to_thread(lambda: [read(one) for one in long])
        return read

    async def _make_ready(self) -> None:
        async with self._turn:
            if not self._ready:
                await asyncio.to_thread(_warm)
                self._ready = True


def is_long(content: Content) -> bool:
    return len(content.text) + len(content.html or "") > LONG


def seen(capture: Document) -> Document:
    """With its code, where that was left for whoever looks at it first."""
    if capture.get("codeSource") != UNREAD:
        return capture
    nothing = {"codeSource": None, "codeConfidence": None}
    return {**capture, **nothing, **_remembered(capture["text"], capture["html"], capture["subject"])}


def with_code(entry: Entry) -> Entry:
    """An entry of any stream, as somebody may see it."""
    return entry if entry.value.get("codeSource") != UNREAD else entry._replace(value=seen(entry.value))


def _warm() -> None:
    from gateway.extraction import warm

    warm()


def _read(text: str, html: str | None, subject: str | None) -> Document:
    # Not at the start: most gateways know all their codes.
    from gateway.extraction import extract

    found = extract(text, html, subject)
    if found is None:
        return {}
    return {"code": found.code, "codeSource": "heuristic", "codeConfidence": found.confidence}


# Whoever waits looks at the newest ones again and again.
_remembered = lru_cache(maxsize=256)(_read)
