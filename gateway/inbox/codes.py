"""The codes in messages that other programs rendered.

Reading a text costs CPU time, and most captures are never looked at. So a short text is read when its capture is
first shown. A long text is read when it arrives, in a thread, so that the event loop is not blocked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache

from gateway.core.model import Capture, Content, Document
from gateway.core.offload import run_by_size
from gateway.storage.ports import Entry

LONG = 10_000
"""Characters above which a text is long. A shorter one is read in 1 to 2 ms, and a thread would double that."""

_UNREAD = "unread"  # The `codeSource` of a stored capture whose text is not read yet. It is never shown.


class CodeReader:
    """Reads the codes of new captures. The first one loads what reading needs, which takes about 0.1 s."""

    def __init__(self) -> None:
        self._loading = asyncio.Lock()
        self._ready = False

    async def read(self, captures: Sequence[Capture]) -> Callable[[Content], Document]:
        """Read the long texts among ``captures`` and return a function that gives the code fields of a content.

        The fields are ``code``, ``codeSource`` and ``codeConfidence``. There are none if a long text has no code.
        For a short text they say that it is unread. Each text is read once, however many captures share it.
        """
        results: dict[Content, Document] = {}

        def fields(content: Content) -> Document:
            if not is_long(content):
                return {"codeSource": _UNREAD}
            if content not in results:
                results[content] = _read(content.text, content.html, content.subject)
            return results[content]

        codeless = [capture for capture in captures if capture.code is None]
        if not codeless:
            return fields
        if not self._ready:
            await self._load()
        # A capture with a link may come from our own driver, which knows its code. Its text is read only if the
        # link is another program's.
        long = {capture.content for capture in codeless if capture.link is None and is_long(capture.content)}
        if long:
            await asyncio.to_thread(lambda: [fields(content) for content in long])
        return fields

    async def _load(self) -> None:
        async with self._loading:
            if not self._ready:
                await asyncio.to_thread(_warm)
                self._ready = True


def is_long(content: Content) -> bool:
    return len(content.text) + len(content.html or "") + len(content.subject or "") > LONG


def with_code(capture: Document) -> Document:
    """Return a stored capture with its code, which is read now if that was put off."""
    if capture.get("codeSource") != _UNREAD:
        return capture
    empty = {"codeSource": None, "codeConfidence": None}
    return {**capture, **empty, **_read_cached(capture["text"], capture["html"], capture["subject"])}


def entry_with_code(entry: Entry) -> Entry:
    """The same for an entry of the log that holds a capture."""
    return entry if entry.value.get("codeSource") != _UNREAD else entry._replace(value=with_code(entry.value))


async def entries_with_codes(entries: Sequence[Entry]) -> list[Entry]:
    """The same for many entries, in a thread if more than one is unread."""
    unread = sum(entry.value.get("codeSource") == _UNREAD for entry in entries)
    return await run_by_size(unread, lambda: [entry_with_code(entry) for entry in entries], small=1)


def _warm() -> None:
    from gateway.extraction import warm

    warm()


def _read(text: str, html: str | None, subject: str | None) -> Document:
    # Imported here: most gateways know all their codes and never read one.
    from gateway.extraction import extract

    result = extract(text, html, subject)
    if result is None:
        return {}
    return {"code": result.code, "codeSource": "heuristic", "codeConfidence": result.confidence}


# A wait looks at the newest captures again and again.
_read_cached = lru_cache(maxsize=256)(_read)
