"""Where the extraction looks: near numbers, and never at half a word."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.extraction import extract
from gateway.extraction.text import DIGITS, around, whole_words

TEXTS = st.lists(st.sampled_from(["1", "234", "a", "lorem", "码", " ", "\n", "."]), max_size=120).map("".join)


@given(TEXTS, st.integers(0, 12))
@example("1 lorem lorem lorem 1", 0)
def test_a_window_goes_from_blank_to_blank_and_holds_all_that_is_near(text: str, reach: int) -> None:
    windows = whole_words(text, DIGITS, reach)
    places = [at for start, end in windows for at in range(start, end)]
    assert places == sorted(set(places))
    for start, end in windows:
        assert start == 0 or text[start - 1] in " \n"
        assert end == len(text) or text[end] in " \n"
    for match in re.finditer("[0-9]+", text):
        near = range(max(0, match.start() - reach), min(len(text), match.end() + reach))
        assert set(near) <= set(places)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), max_size=9), st.integers(0, 20))
def test_windows_that_touch_are_one(found: list[tuple[int, int]], reach: int) -> None:
    places = sorted({(start, start + length) for start, length in found})
    windows = around(places, 99, reach, reach)
    assert all(first[1] < second[0] for first, second in pairwise(windows))
    covered = {at for start, end in windows for at in range(start, end)}
    assert covered == {at for s, e in places for at in range(max(0, s - reach), min(99, e + reach))}


def test_what_stands_between_numbers_changes_nothing() -> None:
    for words in ("", "Lorem ipsum dolor. " * 40, "字" * 900):
        found = extract(f"Order 58211 of 2026-11-21.\n{words}\nYour code: 4096\n{words}\nCall 555-0142.")
        assert found is not None
        assert (found.code, found.confidence) == ("4096", 0.89), words
