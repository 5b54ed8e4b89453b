"""What has the form of a code, in a text whose prices, dates and the like are blanked out.

| form | as written | code |
|---|---|---|
| digits | ``123456``, 4 to 10 digits | ``123456`` |
| grouped | ``123-456``, ``123 456``, ``12 34 56``, groups of one size | ``123456`` |
| spaced | ``1 2 3 4 5 6``, also with dashes, dots, bars or line ends between | ``123456`` |
| prefixed | ``G-123456``: one or two capitals, a dash, digits | ``123456``: the form shows the prefix itself |
| alphanumeric | ``7KQ2XP``, ``BX4-9QF``, ``WDJB-MJHT`` | as written |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.extraction.windows import INTERESTING, whole_words

Form: TypeAlias = Literal["digits", "grouped", "spaced", "prefixed", "alphanumeric"]

# More are not looked at: a text with so many numbers is a table.
MOST = 400
_NEAR = 4  # characters between the parts of one number, at the most

_TOKEN = re.compile(r"[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+")
_SPACED_SIGN = re.compile(r" {1,3}| ?[-|·•.] ?|\n{1,2}")
_GROUP_SIZES = frozenset((2, 3, 4))
_PREFIXED = re.compile(r"[A-Z]{1,2}-([0-9]{4,8})")
_AMOUNT = re.compile(
    r"[0-9]+(?:st|nd|rd|th|[ap]m|h|hrs?|min|mins|sec|ms|k|kg|g|mg|km|m|cm|mm|ml|cl|kb|mb|gb|tb|mah|wh|kwh|p|px|x|"
    r"w|v|hz|fps|mbps)|(?:19|20)[0-9]{2}s",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


@dataclass(frozen=True, slots=True)
class Candidate:
    """``needs_label``: only a code if the word for it stands directly before."""

    start: int
    end: int
    code: str
    form: Form
    needs_label: bool = False


def candidates(text: str) -> list[Candidate]:
    """At most ``MOST``, in their order, without overlap."""
    found: list[Candidate] = []
    for run in _runs(text):
        found += _of_run(text, run)
        if len(found) >= MOST:
            return found[:MOST]
    return found


_Token: TypeAlias = tuple[int, int]


def _runs(text: str) -> Iterator[list[_Token]]:
    """Tokens; numbers that stand together like the parts of one are one run."""
    run: list[_Token] = []
    for span in _tokens(text):
        if run and not _goes_on(text, run[-1], span):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _tokens(text: str) -> Iterator[_Token]:
    """Those that could be one, and some others beside them."""
    for start, end in whole_words(text, INTERESTING, _NEAR):
        for token in _TOKEN.finditer(text, start, end):
            yield token.span()


def _goes_on(text: str, last: _Token, span: _Token) -> bool:
    between = text[last[1] : span[0]] if span[0] - last[1] <= 3 else ""
    if not between or not (text[last[0] : last[1]].isdigit() and text[span[0] : span[1]].isdigit()):
        return False
    sizes = (last[1] - last[0], span[1] - span[0])
    return _SPACED_SIGN.fullmatch(between) is not None if sizes == (1, 1) else between == " " and max(sizes) <= 4


def _of_run(text: str, run: list[_Token]) -> Iterator[Candidate]:
    if len(run) > 1:
        start, end = run[0][0], run[-1][1]
        parts = [text[first:last] for first, last in run]
        one = _joined(parts, start, end, text)
        if one is not None:
            yield one
        # 1 2 3, or a phone number: no part of it is a code. A year and a code may stand side by side.
        elif sum(map(len, parts)) <= 8 and not any(map(_usual_group, parts)):
            for token in run:
                yield from _single(text, *token)
        return
    yield from _single(text, *run[0])


def _usual_group(part: str) -> bool:
    return len(part) in {2, 3}


def _joined(parts: list[str], start: int, end: int, text: str) -> Candidate | None:
    code = "".join(parts)
    sizes = {len(part) for part in parts}
    if not 4 <= len(code) <= 10 or len(sizes) != 1 or _glued(text, start, end):
        return None
    size = sizes.pop()
    if size == 1:
        return Candidate(start, end, code, "spaced", needs_label=code in "0123456789")
    if size not in _GROUP_SIZES or len(code) > 9:
        return None
    # 10-12 and 12-11-24 are rather a range and a date.
    return Candidate(start, end, code, "grouped", needs_label=size == 2 or any(map(_YEAR.fullmatch, parts)))


def _single(text: str, start: int, end: int) -> Iterator[Candidate]:
    token = text[start:end]
    if _glued(text, start, end) or len(token) < 4 or len(token) > 24:
        return
    marked = text[start - 1 : start] in ("#", "=")
    prefixed = _PREFIXED.fullmatch(token)
    if prefixed is not None:
        yield Candidate(start + prefixed.start(1), end, prefixed[1], "prefixed", marked)
    elif token.isdigit():
        if len(token) <= 10:
            doubtful = len(token) > 8 or _YEAR.fullmatch(token) is not None or _DATE.fullmatch(token) is not None
            decimals = re.match(r"[.,][0-9]{2}(?![0-9])", text[end : end + 4]) is not None
            yield Candidate(start, end, token, "digits", marked or doubtful or decimals)
    elif token.replace("-", "").isdigit():
        one = _joined(token.split("-"), start, end, text)
        if one is not None:
            yield one
    elif _AMOUNT.fullmatch(token) is None:
        yield from _alphanumeric(token, start, end, marked)


def _alphanumeric(token: str, start: int, end: int, marked: bool) -> Iterator[Candidate]:
    parts = token.split("-")
    digits = any(character.isdigit() for character in token)
    if len(parts) == 1:
        if digits and len(token) <= 10:
            shouted = token.isupper()
            yield Candidate(start, end, token, "alphanumeric", marked or not shouted)
    elif len(parts) <= 4 and token.isupper() and all(2 <= len(part) <= 6 for part in parts) and len(token) <= 20:
        # Words of capitals may have dashes too.
        yield Candidate(start, end, token, "alphanumeric", marked or not digits)


def _glued(text: str, start: int, end: int) -> bool:
    """Part of something longer: a path, a name, an address."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before in {"/", "\\", "_", "@", "&", "+"} or after in {"/", "\\", "_", "@", "&"}:
        return True
    return before == "." and text[start - 2 : start - 1].isalnum()
