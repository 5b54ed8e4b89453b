"""Where in a text it is worth looking: most of a long mail is far from any number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

Window: TypeAlias = tuple[int, int]

DIGITS = re.compile("[0-9]+")
INTERESTING = re.compile("[0-9]+|[A-Z]-[A-Z]")
"""Without one of these there is no candidate."""


def around(places: Iterable[Window], length: int, before: int, after: int) -> list[Window]:
    """So many characters about each place; those that touch are one. ``places`` in their order."""
    found: list[Window] = []
    for first, last in places:
        start, end = max(0, first - before), min(length, last + after)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def whole_words(text: str, pattern: re.Pattern[str], reach: int) -> list[Window]:
    """What is about the matches of a pattern, from blank to blank, so that nothing is cut."""
    found: list[Window] = []
    for first, last in around((match.span() for match in pattern.finditer(text)), len(text), reach, reach):
        before = found[-1][1] if found else 0
        if last <= before:
            continue
        start = max(text.rfind(" ", before, first), text.rfind("\n", before, first)) + 1
        end = min((at for at in (text.find(" ", last), text.find("\n", last)) if at >= 0), default=len(text))
        if found and start == 0:  # no blank in between
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
