"""Codes of messages that somebody else rendered. Reading is work for the processor: what takes long is done in a
thread, so that everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway.model import Capture, Content, Document

LONG = 10_000
"""Characters. Shorter ones take a millisecond or two; a thread would double that."""


class CodeReader:
    """One for a gateway: the first message makes what reading needs, some 0.1 s of work."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._ready = False

    async def of(self, captures: Sequence[Capture]) -> Callable[[Content], Document]:
        """What gives ``code``, ``codeSource`` and ``codeConfidence`` of a content, or nothing if there is no code.
        Each is read once: a thousand numbers may get the same.

        Those with a link may be of our own driver, whose code is known: they are read when they are asked for.
        """
        known: dict[Content, Document] = {}

        def read(content: Content) -> Document:
            if content not in known:
                known[content] = _read(content)
            return known[content]

        unread = [one for one in captures if one.code is None]
        if not unread:
            return read
        await self._make_ready()
        contents = {one.content for one in unread if one.link is None}
        long = [one for one in contents if len(one.text) + len(one.html or "") > LONG]
        if long:
            await asyncio.to_thread(lambda: [read(one) for one in long])
        return read

    async def _make_ready(self) -> None:
        async with self._turn:
            if not self._ready:
                await asyncio.to_thread(_warm)
                self._ready = True


def _warm() -> None:
    from gateway.extraction import warm

    warm()


def _read(content: Content) -> Document:
    # Not at the start: most gateways know all their codes.
    from gateway.extraction import extract

    found = extract(content.text, content.html, content.subject)
    if found is None:
        return {}
    return {"code": found.code, "codeSource": "heuristic", "codeConfidence": found.confidence}
