"""Seeing that files change, by looking again and again: no dependency, and it works on every file system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

Seen: TypeAlias = dict[str, tuple[int, int]]

PAUSE = 0.3  # seconds between two looks


def look(places: Iterable[Path]) -> Seen:
    """Time of change (nanoseconds) and size of every file, and of every ``.j2`` below a folder."""
    found: Seen = {}
    for place in places:
        for path in sorted(place.rglob("*.j2")) if place.is_dir() else [place]:
            try:
                status = path.stat()
            except OSError:
                continue  # an editor is putting the new one in its place
            found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found


def changes(places: Iterable[Path], pause: Callable[[], None]) -> Iterator[None]:
    """Once at first, then whenever something is other than at the last time; ``pause`` comes before each look."""
    watched = list(places)
    seen = look(watched)
    yield
    while True:
        pause()
        now = look(watched)
        if now != seen:
            seen = now
            yield
