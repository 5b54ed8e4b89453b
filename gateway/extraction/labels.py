"""Find the words of a text that say what a number is. ``words.toml`` lists them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

from gateway.extraction.text import Window


class Kind(Enum):
    """The tables of ``words.toml``, which says what they mean. If a word is in two tables, the first one counts."""

    CODE = "code"
    OFFER = "offer"
    SOFT = "soft"
    OTHER = "other"
    LOOSE = "loose"
    ENTER = "enter"
    PURPOSE = "purpose"
    BARE = "bare"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Label:
    """A word of a text, with its place."""

    start: int
    end: int
    kind: Kind


_BLANK = re.compile(r"[\s-]{1,2}")
_LETTER = r"[^\W\d_]"


def labels(text: str, within: Sequence[Window] | None = None) -> list[Label]:
    """List the words in their order. If several begin at one place, the longest is taken.

    Args:
        text: The result of ``readable``.
        within: Search only here. By default, in the whole text.
    """
    lowered = text.replace("İ", "i").lower()
    kinds, pattern = _vocabulary()
    return [
        Label(*match.span(), kinds[_BLANK.sub(" ", match[0])])
        for start, end in (((0, len(lowered)),) if within is None else within)
        for match in pattern.finditer(lowered, start, end)
    ]


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, Kind], re.Pattern[str]]:
    """Return the kind of every word, and a pattern for all of them. The first call takes about 0.1 s."""
    tables = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    endings = set(tables["endings"])
    kinds: dict[str, Kind] = {}
    whole: set[str] = set()
    attached: set[str] = set()
    for word, kind, inside in _entries(tables):
        kinds.setdefault(word, kind)
        (attached if inside and not word.isascii() else whole).add(word)
    for ending in endings:
        kinds.setdefault(ending, Kind.LOOSE)
    # The lookahead for the first character saves a hundred branches at nearly every place.
    pattern = re.compile(
        rf"{_begins(whole)}(?<!{_LETTER}){_tree(whole)}(?!{_LETTER})"
        rf"|{_begins(attached)}{_tree(attached)}"
        rf"|{_begins(endings)}{_tree(endings)}(?!{_LETTER})"
    )
    return kinds, pattern


def _entries(tables: dict[str, dict[str, list[str]]]) -> Iterator[tuple[str, Kind, bool]]:
    """Yield each word, its kind, and whether it also matches within a word."""
    attached = frozenset(tables["attached"])
    for kind in Kind:
        for language, words in tables[kind.value].items():
            for word in words:
                yield word, kind, language in attached


def _begins(words: set[str]) -> str:
    return f"(?=[{re.escape(''.join(sorted({word[0] for word in words})))}])"


def _tree(words: set[str]) -> str:
    """Return one alternation, as a tree of common beginnings. A flat one would try each word at each place."""
    branches: dict[str, set[str]] = {}
    for word in words:
        if word:
            branches.setdefault(word[0], set()).add(word[1:])
    ends = "" in words
    if not branches:
        return ""
    parts = [
        (r"[\s-]{1,2}" if first == " " else re.escape(first)) + _tree(rest) for first, rest in branches.items()
    ]
    joined = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(sorted(parts))})"
    # Greedy: a longer word comes before the one that ends here.
    return joined + "?" if ends else joined
