"""Reads a stream of the log in pages, with a filter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gateway.core.errors import Gone
from gateway.core.model import Document
from gateway.storage.ports import Entry, Log

_LARGEST_READ = 512
_SLICE_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a stream to read."""

    after: int | None = None
    """Only entries with a larger ``seq``."""
    before: int | None = None
    """Only entries with a smaller ``seq``."""
    limit: int = 100
    """The largest number of entries to return. Entries that the filter rejects do not count."""
    newest_first: bool = True


async def select(
    log: Log,
    stream: str,
    page: Page,
    *,
    key: str | None = None,
    keep: Callable[[Document], bool] | None = None,
) -> list[Entry]:
    """Return a page of a stream.

    Args:
        key: Return only entries with this key.
        keep: Return only entries for whose value this is true.
    """
    selected: list[Entry] = []
    after, before = page.after, page.before
    size = page.limit
    while len(selected) < page.limit:
        entries = await log.read(
            stream, key=key, after=after, before=before, limit=size, newest_first=page.newest_first
        )
        selected += entries if keep is None else await _kept(entries, keep)
        if len(entries) < size:
            break
        if page.newest_first:
            before = entries[-1].seq
        else:
            after = entries[-1].seq
        # If the filter rejects many entries, larger reads are cheaper.
        size = min(2 * size, _LARGEST_READ)
    return selected[: page.limit]


async def _kept(entries: Iterable[Entry], keep: Callable[[Document], bool]) -> list[Entry]:
    """Filter entries. A filter may read texts, so the event loop goes on every few milliseconds."""
    now = asyncio.get_running_loop().time
    kept: list[Entry] = []
    pause = now() + _SLICE_SECONDS
    for entry in entries:
        if keep(entry.value):
            kept.append(entry)
        if now() > pause:
            await asyncio.sleep(0)
            pause = now() + _SLICE_SECONDS
    return kept


async def select_any(
    log: Log,
    stream: str,
    page: Page,
    keys: Iterable[str],
    *,
    keep: Callable[[Document], bool] | None = None,
) -> list[Entry]:
    """Return a page of the entries that have any of the keys, each entry once. Arguments as in ``select``."""
    by_seq = {entry.seq: entry for key in keys for entry in await select(log, stream, page, key=key, keep=keep)}
    return sorted(by_seq.values(), reverse=page.newest_first)[: page.limit]


async def read_page(
    log: Log,
    stream: str,
    page: Page,
    keys: Sequence[str] = (),
    keep: Callable[[Document], bool] | None = None,
) -> list[Entry]:
    """Read a page for a client: entries with any of the keys (all entries if there are none) that pass ``keep``.

    Raises Gone if entries after ``page.after`` were evicted: a list must not be silently short.
    """
    if page.after is not None and page.after < log.evicted(stream):
        raise Gone("after: entries since that cursor are no longer kept; read again without it")
    return await (select_any(log, stream, page, keys, keep=keep) if keys else select(log, stream, page, keep=keep))


def view(entry: Entry) -> Document:
    """Return the entry as the API shows it: its value and its cursor."""
    return {**entry.value, "cursor": entry.seq}
