"""Find candidates, the numbers and words with the form of a code, and score them by the words around them.

| form | as written | code |
|---|---|---|
| digits | ``123456``, 4 to 10 digits | ``123456`` |
| grouped | ``123-456``, ``123 456``, ``12 34 56``, groups of one size | ``123456`` |
| spaced | ``1 2 3 4 5 6``, also with dashes, dots, bars or line ends between | ``123456`` |
| prefixed | ``G-123456``: one or two capitals, a dash, digits | ``123456``: the app shows the prefix itself |
| alphanumeric | ``7KQ2XP``, ``BX4-9QF``, ``WDJB-MJHT`` | as written |
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.extraction.labels import Kind, Label
from gateway.extraction.text import INTERESTING, whole_words

Form: TypeAlias = Literal["digits", "grouped", "spaced", "prefixed", "alphanumeric"]

MOST = 400
"""Candidates in one text. A text with more numbers is a table."""
_NEAR = 4  # characters between the parts of one number, at most

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
    """A part of the text that has the form of a code."""

    start: int
    end: int
    code: str
    form: Form
    needs_label: bool = False
    """It is a code only if the word for a code stands directly before it."""


def candidates(text: str) -> list[Candidate]:
    """List the candidates of a masked text in their order, at most ``MOST``. They do not overlap."""
    listed: list[Candidate] = []
    for run in _runs(text):
        listed += _of_run(text, run)
        if len(listed) >= MOST:
            return listed[:MOST]
    return listed


_Token: TypeAlias = tuple[int, int]


def _runs(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens. Numbers that stand together like the parts of one number are one run."""
    run: list[_Token] = []
    for span in _tokens(text):
        if run and not _continues(text, run[-1], span):
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the places of all tokens that could be a candidate, and of some tokens next to them."""
    for start, end in whole_words(text, INTERESTING, _NEAR):
        for token in _TOKEN.finditer(text, start, end):
            yield token.span()


def _continues(text: str, last: _Token, span: _Token) -> bool:
    between = text[last[1] : span[0]] if span[0] - last[1] <= 3 else ""
    if not between or not (text[last[0] : last[1]].isdigit() and text[span[0] : span[1]].isdigit()):
        return False
    sizes = (last[1] - last[0], span[1] - span[0])
    return _SPACED_SIGN.fullmatch(between) is not None if sizes == (1, 1) else between == " " and max(sizes) <= 4


def _of_run(text: str, run: list[_Token]) -> Iterator[Candidate]:
    if len(run) > 1:
        start, end = run[0][0], run[-1][1]
        parts = [text[first:last] for first, last in run]
        joined = _joined(parts, start, end, text)
        if joined is not None:
            yield joined
        # In "1 2 3" and in a phone number, no part is a code. A year and a code may stand side by side.
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
    # 10-12 is more likely a range, and 12-11-24 a date.
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
        joined = _joined(token.split("-"), start, end, text)
        if joined is not None:
            yield joined
    elif _AMOUNT.fullmatch(token) is None:
        yield from _alphanumeric(token, start, end, marked)


def _alphanumeric(token: str, start: int, end: int, marked: bool) -> Iterator[Candidate]:
    parts = token.split("-")
    digits = any(character.isdigit() for character in token)
    if len(parts) == 1:
        if digits and len(token) <= 10:
            yield Candidate(start, end, token, "alphanumeric", marked or not token.isupper())
    elif len(parts) <= 4 and token.isupper() and all(2 <= len(part) <= 6 for part in parts) and len(token) <= 20:
        # Without digits it may be ordinary words in capitals.
        yield Candidate(start, end, token, "alphanumeric", marked or not digits)


def _glued(text: str, start: int, end: int) -> bool:
    """Tell whether the token is part of a path, a name or an address."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before in {"/", "\\", "_", "@", "&", "+"} or after in {"/", "\\", "_", "@", "&"}:
        return True
    return before == "." and text[start - 2 : start - 1].isalnum()


# --- scores -----------------------------------------------------------------------------------------------------

# The nearest word before a number decides, as for a reader: "Order 58211. Your code: 4096". A word that says
# something about one number says nothing about the next. Distances are characters, scores are from 0 to 1.

Ground: TypeAlias = Literal["keyword", "context", "only_candidate"]

REACH_BEFORE, REACH_AFTER = 480, 240
"""Words that are farther from a candidate say nothing about it. A word in between may be about another word."""
_LEAST = 0.45
_REACH = 100
_REACH_OF_A_LINE = 260
_REACH_AFTER = 60
_REACH_OF_OTHERS = 28
_REACH_OF_OFFERS = 140
_PER_CHARACTER = 0.004
_PER_SENTENCE = 0.14
_PER_NUMBER = 0.25
_PER_MASKED = 0.08
_SHORT = 36
_SHORT_WITH_HINT = 200
_MOST_LABELS = 24  # words on one side of a candidate

_SENTENCE_END = re.compile(r"[.](?=\s|\0|$)|[!?。।؟｡]")
_NUMBER = re.compile(r"[0-9]{3,}|\0{3,}")
_UNMASKED_NUMBER = re.compile(r"[0-9]{3,}")
_ENDS_WITH_IS = re.compile(
    r"(?:\b(?:is|ist|lautet|est|es|é|è|to|jest|это|là|คือ|är|er)|[:=：为為是は])[\s\0]*\Z", re.IGNORECASE
)
_SIGNS = r"[\s\0:=\-–—>→\"'“”„«»『』「」【】\[\](){}<*_~|、,#]*"
_IS = (
    r"is|are|ist|lautet|lauten|est|es|é|è|son|sono|это|to|jest|brzmi|هو|هي|là|la|คือ|है|adalah|ialah|är|er|on|je|este|"
    r"είναι|为|為|是|は|은|는|이|가|в|de|number|no\.?|below|here|below is|:|です|now|dir|"
    r"is below|您的|你的|is as follows|שלך|הוא|شما|الخاص بك|của bạn|cua ban|ของคุณ|anda|kamu|tău|tau|σας|σου|आपका"
)
_DIRECT = re.compile(rf"{_SIGNS}(?:(?:{_IS}){_SIGNS}){{0,3}}", re.IGNORECASE)
_AFTER_IS = re.compile(
    r"[\s\0\"'“”„«»』」】\])}>*_~]*(?:is|ist|est|es|é|è|to|jest|это|هو|هي|là|คือ|adalah|är|er|on|je|este|είναι|"
    r"[-–—:=]|为|為|是|は|が|을|는|est\s+votre|as|से|को|आपका|है|olarak|numaralı)(?![a-z])",
    re.IGNORECASE,
)
_LENGTHS = {6: 0.0, 4: 0.03, 5: 0.02, 7: 0.03, 8: 0.02}
_FORMS = {"digits": 0.0, "grouped": 0.01, "spaced": 0.02, "prefixed": 0.0, "alphanumeric": 0.05}


@dataclass(frozen=True, slots=True)
class Scored:
    candidate: Candidate
    score: float
    ground: Ground


@dataclass(frozen=True, slots=True)
class _Side:
    """What the words on one side of a candidate say about it."""

    score: float = 0.0
    """0 if they say nothing."""
    direct: bool = False
    """Nothing else stands between the word and the candidate."""
    other: bool = False
    """The word names another kind of number."""
    exact: bool = False
    """The word means a one-time code and nothing else."""


class Scoring:
    """Scores the candidates of one masked text."""

    def __init__(self, text: str, labels: Sequence[Label], candidates: Sequence[Candidate]) -> None:
        self._text = text
        self._labels = labels
        self._candidates = candidates

    def best(self) -> Scored | None:
        """Return the candidate with the highest score. If another one is close, the score is lowered."""
        scored: list[Scored] = []
        nearest = 0
        for candidate in self._candidates:
            while nearest < len(self._labels) and self._labels[nearest].end <= candidate.start:
                nearest += 1
            score = self._score(candidate, nearest)
            if score >= _LEAST:
                scored.append(Scored(candidate, score, "keyword"))
        if not scored:
            return self._only()
        best = max(scored, key=lambda entry: entry.score)
        rivals = [rival for rival in scored if rival.candidate.code != best.candidate.code]
        close = any(best.score - rival.score < 0.05 for rival in rivals)
        return Scored(best.candidate, round(max(best.score - (0.15 if close else 0), _LEAST), 2), best.ground)

    def _score(self, candidate: Candidate, nearest: int) -> float:
        alone = self._own_line(candidate)
        before = self._before(candidate, nearest, alone)
        after = self._after(candidate, nearest, alone)
        sure = before.direct or after.direct
        if (before.other and not after.direct) or (after.other and not before.direct):
            return 0.0
        if candidate.needs_label and not (before.direct or (after.direct and after.exact)):
            return 0.0
        best = before if before.score >= after.score else after
        score = best.score
        if candidate.form == "alphanumeric" and not sure:
            score = score - (0.05 if alone else 0.2) if best.exact else 0.0
        if not best.exact and self._near_offer(candidate):
            return 0.0
        if score <= 0:
            return 0.0
        return score - _FORMS[candidate.form] - _LENGTHS.get(len(candidate.code), 0.05)

    # --- before -------------------------------------------------------------------------------------------------

    def _before(self, candidate: Candidate, nearest: int, alone: bool) -> _Side:
        reach = _REACH_OF_A_LINE if alone else _REACH
        skipped = False
        for label in reversed(self._labels[max(0, nearest - _MOST_LABELS) : nearest]):
            if candidate.start - label.end > reach:
                break
            gap = self._text[label.end : candidate.start]
            direct = len(gap) <= 40 and _DIRECT.fullmatch(gap) is not None
            if label.kind in (Kind.OTHER, Kind.SOFT, Kind.BARE, Kind.OFFER):
                if not skipped and self._names_another(label, gap):
                    return _Side(other=True)
                skipped = True
            elif label.kind is Kind.ENTER and not skipped and (direct or (len(gap) <= 12 and not _ended(gap))):
                return _Side(0.62, direct=False)
            elif label.kind in (Kind.CODE, Kind.LOOSE):
                return self._named(label, gap, direct and not skipped, alone)
        return _Side()

    def _named(self, label: Label, gap: str, direct: bool, alone: bool) -> _Side:
        exact = label.kind is Kind.CODE
        if direct:
            return _Side(0.97 if exact else 0.92, direct=True, exact=exact)
        sentences = len(_SENTENCE_END.findall(gap))
        linked = _ENDS_WITH_IS.search(gap[-12:]) is not None
        if not exact and not alone and sentences > linked:
            return _Side()
        # A code on a line of its own may be far from its word.
        weight = 0.5 if alone else 1.0
        numbers = len(_NUMBER.findall(gap))
        unmasked = len(_UNMASKED_NUMBER.findall(gap))
        score = (0.9 if exact else 0.8) + (0.12 if alone else 0) + (0.1 if linked else 0)
        score -= weight * (_PER_CHARACTER * len(gap) + _PER_SENTENCE * sentences)
        score -= _PER_NUMBER * unmasked + _PER_MASKED * (numbers - unmasked)
        return _Side(min(score, 0.95), exact=exact)

    def _names_another(self, label: Label, gap: str) -> bool:
        """Tell whether ``label`` names the number after the gap, rather than a code that was named before."""
        if len(gap) > _REACH_OF_OTHERS or _NUMBER.search(gap) or _ended(gap):
            return False
        if label.kind is Kind.BARE:
            return not gap.strip()
        if label.kind is Kind.OFFER:
            return _DIRECT.fullmatch(gap) is not None
        linked = gap.strip(" \n#.№°n\0")
        if not linked or not self._code_in_sentence_before(label):
            return True
        return label.kind is Kind.OTHER and not re.search(r"[^\W\d_]", linked)

    def _code_in_sentence_before(self, label: Label) -> bool:
        at = bisect_left(self._labels, label.start, key=_start)
        for earlier in reversed(self._labels[max(0, at - _MOST_LABELS) : at]):
            gap = self._text[earlier.end : label.start]
            if len(gap) > _REACH or _ended(gap) or _NUMBER.search(gap):
                return False
            if earlier.kind in (Kind.CODE, Kind.LOOSE):
                return True
        return False

    # --- after --------------------------------------------------------------------------------------------------

    def _after(self, candidate: Candidate, nearest: int, alone: bool) -> _Side:
        purpose = 0.0
        other = False
        for label in self._labels[nearest : nearest + _MOST_LABELS]:
            gap = self._text[candidate.end : max(candidate.end, label.start)]
            if label.start < candidate.end:
                continue
            if alone:  # the word is on another line
                gap = gap.lstrip()
            if len(gap) > _REACH_AFTER or _ended(gap) or _NUMBER.search(gap):
                break
            if label.kind in (Kind.CODE, Kind.LOOSE):
                exact = label.kind is Kind.CODE
                linked = _AFTER_IS.match(gap) is not None
                score = (0.9 if exact else 0.78) + (0.05 if linked else 0) - _PER_CHARACTER * len(gap)
                return _Side(score, direct=linked or (exact and not gap.strip(" ')】]\"")), exact=exact)
            if label.kind is Kind.PURPOSE:
                purpose = max(purpose, 0.75 - _PER_CHARACTER * len(gap))
            if label.kind is Kind.OTHER and len(gap) <= 16 and not purpose:
                other = True
        return _Side(0.0 if other else purpose, other=other)

    # --- around -------------------------------------------------------------------------------------------------

    def _own_line(self, candidate: Candidate) -> bool:
        start = self._text.rfind("\n", 0, candidate.start) + 1
        end = self._text.find("\n", candidate.end)
        line = self._text[max(start, candidate.start - 16) : candidate.start]
        rest = self._text[candidate.end : min(end if end >= 0 else len(self._text), candidate.end + 16)]
        return not re.sub(r"[\s*_=\-|>\[\]\0]|[A-Z]-$", "", line) and not re.sub(r"[\s*_=\-|<\[\]\0]", "", rest)

    def _near_offer(self, candidate: Candidate) -> bool:
        start, end = candidate.start - _REACH_OF_OFFERS, candidate.end + _REACH_OF_OFFERS
        first = bisect_left(self._labels, start, key=_start)
        last = bisect_left(self._labels, end, key=_start)
        return any(label.kind is Kind.OFFER for label in self._labels[first:last])

    def _only(self) -> Scored | None:
        """Accept the only number of a short text that has no word for another kind of number."""
        usual = {
            candidate.code: candidate
            for candidate in self._candidates
            if not candidate.needs_label and candidate.form != "alphanumeric"
        }
        others = (Kind.OTHER, Kind.OFFER, Kind.CODE, Kind.LOOSE, Kind.SOFT)
        if (
            len(usual) != 1
            or len(self._text) > _SHORT_WITH_HINT
            or any(label.kind in others for label in self._labels)
        ):
            return None
        (candidate,) = usual.values()
        rest = len(self._text.replace("\0", "").strip()) - (candidate.end - candidate.start)
        hinted = any(label.kind in (Kind.HINT, Kind.PURPOSE, Kind.ENTER) for label in self._labels)
        # Without a hint, the text must be hardly more than a name and a number.
        most = _SHORT_WITH_HINT if hinted and len(candidate.code) == 6 else _SHORT
        if len(candidate.code) not in (4, 5, 6, 8) or rest > most:
            return None
        return Scored(candidate, 0.6, "context") if hinted else Scored(candidate, 0.35, "only_candidate")


def _start(label: Label) -> int:
    return label.start


def _ended(gap: str) -> bool:
    return _SENTENCE_END.search(gap) is not None or "\n\n" in gap
