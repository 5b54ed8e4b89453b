"""How sure it is that a candidate is the code: from the words before and after it.

The nearest word before decides, as a person reads it: "Order 58211. Your code: 4096". What a word says of one
number it does not say of the next. All limits are characters, all scores from 0 to 1.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.extraction.candidates import Candidate
from gateway.extraction.labels import Kind, Label

Ground: TypeAlias = Literal["keyword", "context", "only_candidate"]

LEAST = 0.45
REACH_BEFORE, REACH_AFTER = 480, 240
"""Words that are farther from a candidate say nothing of it; a word may be about another word in between."""
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
# At most so many words are looked at on one side of a candidate.
_MOST_LABELS = 24

_SENTENCE_END = re.compile(r"[.](?=\s|\0|$)|[!?。।؟｡]")
_NUMBER = re.compile(r"[0-9]{3,}|\0{3,}")
_SEEN_NUMBER = re.compile(r"[0-9]{3,}")
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
    """What the words on one side say: ``score`` 0 for nothing, ``direct`` if nothing else stands between."""

    score: float = 0.0
    direct: bool = False
    other: bool = False
    exact: bool = False


class Scoring:
    """One text, masked, with its words and candidates."""

    def __init__(self, text: str, labels: Sequence[Label], found: Sequence[Candidate]) -> None:
        self._text = text
        self._labels = labels
        self._found = found

    def best(self) -> Scored | None:
        """The likeliest one. Another that is about as likely makes it less sure."""
        scored: list[Scored] = []
        nearest = 0
        for candidate in self._found:
            while nearest < len(self._labels) and self._labels[nearest].end <= candidate.start:
                nearest += 1
            score = self._score(candidate, nearest)
            if score >= LEAST:
                scored.append(Scored(candidate, score, "keyword"))
        if not scored:
            return self._only()
        best = max(scored, key=lambda one: one.score)
        rivals = [one for one in scored if one.candidate.code != best.candidate.code]
        close = any(best.score - one.score < 0.05 for one in rivals)
        return Scored(best.candidate, round(max(best.score - (0.15 if close else 0), LEAST), 2), best.ground)

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
        # A line of its own may stand far from its word.
        weight = 0.5 if alone else 1.0
        numbers = len(_NUMBER.findall(gap))
        seen = len(_SEEN_NUMBER.findall(gap))
        score = (0.9 if exact else 0.8) + (0.12 if alone else 0) + (0.1 if linked else 0)
        score -= weight * (_PER_CHARACTER * len(gap) + _PER_SENTENCE * sentences)
        score -= _PER_NUMBER * seen + _PER_MASKED * (numbers - seen)
        return _Side(min(score, 0.95), exact=exact)

    def _names_another(self, label: Label, gap: str) -> bool:
        """True if the number after the gap is what ``label`` says, and not a code that was named before it."""
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
            if alone:  # the words are on a line of their own too
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
        """A short text with one number and no word for another kind of number."""
        usual = {
            found.code: found for found in self._found if not found.needs_label and found.form != "alphanumeric"
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
        # Without a hint only what is hardly more than a name and a number.
        most = _SHORT_WITH_HINT if hinted and len(candidate.code) == 6 else _SHORT
        if len(candidate.code) not in (4, 5, 6, 8) or rest > most:
            return None
        return Scored(candidate, 0.6, "context") if hinted else Scored(candidate, 0.35, "only_candidate")


def _start(label: Label) -> int:
    return label.start


def _ended(gap: str) -> bool:
    return _SENTENCE_END.search(gap) is not None or "\n\n" in gap
