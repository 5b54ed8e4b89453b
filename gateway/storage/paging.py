"""Reading the log in pages, with a filter that the keys do not cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.core.model import Document
from gateway.storage.ports import Entry, Log

_LARGEST_READ = 512


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a stream: cursors are exclusive, ``limit`` counts what passes the filter."""

    after: int | None = None
    before: int | None = None
    limit: int = 100
    newest_first: bool = True


async def select(
    log: Log,
    stream: str,
    page: Page,
    *,
    key: str | None = None,
    keep: Callable[[Document], bool] | None = None,
) -> list[Entry]:
    """Entries of a stream (with a key) that pass ``keep``."""
    found: list[Entry] = []
    after, before = page.after, page.before
    size = page.limit
    while len(found) < page.limit:
        entries = await log.read(
            stream, key=key, after=after, before=before, limit=size, newest_first=page.newest_first
        )
        found.extend(entry for entry in entries if keep is None or keep(entry.value))
        if len(entries) < size:
            break
        if page.newest_first:
            before = entries[-1].seq
        else:
            after = entries[-1].seq
        # The filter lets few pass: read more at a time.
        size = min(2 * size, _LARGEST_READ)
    return found[: page.limit]


async def select_any(
    log: Log,
    stream: str,
    page: Page,
    keys: Iterable[str],
    *,
    keep: Callable[[Document], bool] | None = None,
) -> list[Entry]:
    """Entries with any of the keys, each once."""
    found = {entry.seq: entry for key in keys for entry in await select(log, stream, page, key=key, keep=keep)}
    return sorted(found.values(), reverse=page.newest_first)[: page.limit]


def view(entry: Entry) -> Document:
    """An entry as the API shows it."""
    return {**entry.value, "cursor": entry.seq}
