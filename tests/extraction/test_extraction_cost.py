"""Hostile text costs what its length says: four times the text, about four times the work, and there is a ceiling.

Ratios of CPU time within one run, smallest of some tries: quadratic work would be sixteen times as much.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gateway.extraction import extract, readable, readable_html
from gateway.extraction.candidates import MOST, candidates
from gateway.extraction.labels import labels
from gateway.extraction.masks import masked
from gateway.extraction.text import LONGEST
from tests.support.tiers import rest_slow

PIECES = (
    "1234567890", "123456 ", "1 2 ", "1-", "1.", "1,234", "1'234", "(1", "+1 ", "**12 ", "*", "a", "a@", "a.b.",
    "a:", "aB1-", "verification code ", "code code is ", "code 123456 ", "code order ", "http://", "【", "验证码",
    "รหัส", " ", "\n", "A\n1234\n", "@a.co #1 ",
)  # fmt: skip
SHORT = 8_000


def of_length(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def cost(work: Callable[[str], object], text: str) -> float:
    """Seconds of CPU."""
    tries = []
    for _ in range(2):
        began = time.process_time()
        work(text)
        tries.append(time.process_time() - began)
    return min(tries)


def grown_less(
    work: Callable[[str], object], piece: str, bound: float, *, short: int = SHORT, long: int = 4 * SHORT
) -> bool:
    """One of four tries is enough: a neighbour on the machine may make one look bad, quadratic work all of them."""
    return any(_grown(work, of_length(piece, short), of_length(piece, long)) < bound for _ in range(4))


def _grown(work: Callable[[str], object], short: str, long: str) -> float:
    # Half a millisecond more on both sides, so that what costs nothing does not look as if it grew.
    small = cost(work, short) + 0.0005
    return (cost(work, long) + 0.0005) / small


@pytest.mark.parametrize("step", [masked, candidates], ids=["masks", "candidates"])
@pytest.mark.parametrize("piece", rest_slow(PIECES, 4), ids=repr)
def test_a_step_grows_with_the_text_and_no_faster(step: Callable[[str], object], piece: str) -> None:
    assert grown_less(step, piece, 10)


@pytest.mark.parametrize("piece", ["code order ", "verification code ", "验证码", "one ", "a", " "], ids=repr)
def test_finding_words_grows_with_the_text_and_no_faster(piece: str) -> None:
    labels("code")  # the words are read at the first use
    assert grown_less(labels, piece, 10)


@pytest.mark.parametrize(
    "piece", ["<", "<!-- ", "<!-- -->", '<a href="', "<script>", "&#1", "<td>1</td>"], ids=repr
)
def test_reading_html_grows_with_the_text_and_no_faster(piece: str) -> None:
    assert grown_less(readable_html, piece, 10)


@pytest.mark.parametrize("piece", ["code 123456 ", "code order 1234 ", "1 2 ", "a\u0301\u0323"], ids=repr)
def test_a_whole_extraction_has_a_ceiling(piece: str) -> None:
    """From ``LONGEST`` on, nothing is added but the copying of the text."""
    extract("code")
    assert grown_less(extract, piece, 5, short=LONGEST, long=20 * LONGEST)


def test_the_steps_have_counted_limits() -> None:
    assert len(readable("code 123456 " * 100_000)) <= LONGEST
    assert len(candidates("123456, " * 10_000)) == MOST
    # Composing (NFC) takes quadratic time for a character with thousands of marks.
    assert len(readable("a" + "\u0301\u0323" * 4_000)) < 40
