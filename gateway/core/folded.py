"""A document in few words: its values alone, and who makes the document of them.

The memory store keeps what it is given, and almost nobody looks at it. With the names of its fields a document is
larger by half, and takes longer to make and to put away than what it tells of took to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

Parts: TypeAlias = tuple[Any, ...]


class Folded:
    """``parts()`` are plain JSON values, where a tuple may stand for a list; ``whole(*parts)`` is the document,
    however often and however much later it is asked for. Called, it is the document itself: whoever keeps
    documents need not know of this."""

    __slots__ = ("parts", "whole")

    def __init__(self, parts: Callable[[], Parts], whole: Callable[..., dict[str, Any]]) -> None:
        self.parts = parts
        self.whole = whole

    def __call__(self) -> dict[str, Any]:
        return self.whole(*self.parts())
