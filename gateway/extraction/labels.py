"""Where in a text the words are that say what a number is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from gateway.extraction import other_words, words
from gateway.extraction.windows import Window


class Kind(Enum):
    """The tables of ``words`` and ``other_words``."""

    CODE = auto()
    LOOSE = auto()
    ENTER = auto()
    PURPOSE = auto()
    HINT = auto()
    OTHER = auto()
    SOFT = auto()
    BARE = auto()
    OFFER = auto()


@dataclass(frozen=True, slots=True)
class Label:
    start: int
    end: int
    kind: Kind


# What is in two tables counts as what comes first.
_TABLES = (
    (Kind.CODE, words.CODE),
    (Kind.OFFER, other_words.OFFER),
    (Kind.SOFT, other_words.SOFT),
    (Kind.OTHER, other_words.OTHER),
    (Kind.LOOSE, words.LOOSE),
    (Kind.ENTER, words.ENTER),
    (Kind.PURPOSE, words.PURPOSE),
    (Kind.BARE, other_words.BARE),
    (Kind.HINT, words.HINT),
)
# The ends of words that Germanic languages put together: "Kontobestätigungscode".
_ENDINGS = ("code", "kode", "passwort", "kennwort", "wachtwoord")
_BLANK = re.compile(r"[\s-]{1,2}")
_LETTER = r"[^\W\d_]"


def labels(text: str, within: Sequence[Window] | None = None) -> list[Label]:
    """In their order, the longest one where several begin at one place; ``text`` is what ``readable`` gives.
    ``within``: only there."""
    lowered = text.replace("İ", "i").lower()
    kinds, pattern = _vocabulary()
    return [
        Label(*found.span(), kinds[_BLANK.sub(" ", found[0])])
        for start, end in (((0, len(lowered)),) if within is None else within)
        for found in pattern.finditer(lowered, start, end)
    ]


def _entries() -> Iterator[tuple[str, Kind, bool]]:
    for kind, table in _TABLES:
        for language, listed in table.items():
            for word in listed.split("|"):
                yield " ".join(word.split()), kind, language in words.ATTACHED
    for ending in _ENDINGS:
        yield ending, Kind.LOOSE, True


def _pattern(entries: Iterable[tuple[str, Kind, bool]]) -> re.Pattern[str]:
    """One alternation, as a tree of common beginnings: else each position would try a thousand words."""
    whole: set[str] = set()
    attached: set[str] = set()
    for word, _, inside in entries:
        (attached if inside and not word.isascii() else whole).add(word)
    endings = set(_ENDINGS)
    # A glance at the first character saves a hundred branches nearly everywhere.
    return re.compile(
        rf"{_begins(whole)}(?<!{_LETTER}){_tree(whole)}(?!{_LETTER})"
        rf"|{_begins(attached)}{_tree(attached)}"
        rf"|{_begins(endings)}{_tree(endings)}(?!{_LETTER})"
    )


def _begins(listed: set[str]) -> str:
    return f"(?=[{re.escape(''.join(sorted({word[0] for word in listed})))}])"


def _tree(listed: set[str]) -> str:
    branches: dict[str, set[str]] = {}
    for word in listed:
        if word:
            branches.setdefault(word[0], set()).add(word[1:])
    ends = "" in listed
    if not branches:
        return ""
    parts = [
        (r"[\s-]{1,2}" if first == " " else re.escape(first)) + _tree(rest) for first, rest in branches.items()
    ]
    joined = parts[0] if len(parts) == 1 and not ends else f"(?:{'|'.join(sorted(parts))})"
    # Greedy: the longer word comes before the one that ends here.
    return joined + "?" if ends else joined


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, Kind], re.Pattern[str]]:
    """Made at the first message that needs it."""
    kinds: dict[str, Kind] = {}
    for word, kind, _ in _entries():
        kinds.setdefault(word, kind)
    return kinds, _pattern(_entries())
