"""Encodings and segments, against a slow model that writes a message down character by character."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.rendering.segments import BASIC, EXTENSION, Segments, by_accident, forcing, plain, segments


def test_the_alphabet_is_that_of_the_standard() -> None:
    """TS 23.038, 6.2.1: 128 codes of which one is the escape; ten characters in the extension table."""
    assert len(BASIC) == len(set(BASIC)) == 127
    assert len(EXTENSION) == len(set(EXTENSION)) == 10
    assert not set(BASIC) & set(EXTENSION)
    # The position of a character in the table is its code; the escape (27) is left out of ours.
    codes = {"@": 0, "$": 2, "\n": 10, "\r": 13, "_": 17, "Ξ": 26, "É": 31, " ": 32, "A": 65, "ü": 126, "à": 127}
    for character, code in codes.items():
        assert BASIC.index(character) == (code if code < 27 else code - 1)


MEASURED = [
    ("", "GSM-7", 0, 1, 160),
    ("a" * 160, "GSM-7", 160, 1, 0),
    ("a" * 161, "GSM-7", 161, 2, 145),
    ("a" * 306, "GSM-7", 306, 2, 0),
    ("a" * 307, "GSM-7", 307, 3, 152),
    ("€" * 80, "GSM-7", 160, 1, 0),
    ("€" * 81, "GSM-7", 162, 2, 143),  # the 77th does not fit into 153 and is not split
    ("码" * 70, "UCS-2", 70, 1, 0),
    ("码" * 71, "UCS-2", 71, 2, 63),
    ("码" * 134, "UCS-2", 134, 2, 0),
    ("\U0001f600" * 35, "UCS-2", 70, 1, 0),
    ("a" + "\U0001f600" * 35, "UCS-2", 71, 2, 63),
    ("\U0001f600" * 36, "UCS-2", 72, 2, 61),  # 66 in the first: a pair is not split
    ("a" * 159 + "`", "UCS-2", 160, 3, 41),
]


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count", "free"), MEASURED, ids=[f"{row[0][-1:]} {row[2]}" for row in MEASURED]
)
def test_a_message_abroad_is_measured_as_the_standard_says(
    text: str, encoding: str, units: int, count: int, free: int
) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count, found.free) == (encoding, units, count, free)


@pytest.mark.parametrize(("length", "count"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3), (160, 3)])
def test_at_home_every_character_counts_as_one_and_160_make_three(length: int, count: int) -> None:
    """Aliyun's own example: 160 characters are 67, 67 and 26."""
    for character in "a码€":
        found = segments(character * length, "domestic")
        assert (found.units, found.count, found.forced) == (length, count, ())


def slow(text: str) -> tuple[str, int]:
    """Write it down: into one message if it fits, else into segments, each as full as can be."""
    if all(character in BASIC + EXTENSION for character in text):
        encoding, single, each = "GSM-7", 160, 153
        written = [["x"] if character in BASIC else ["escape", "x"] for character in text]
    else:
        encoding, single, each = "UCS-2", 70, 67
        written = [["x"] * (len(character.encode("utf-16-le", "surrogatepass")) // 2) for character in text]
    if len([unit for units in written for unit in units]) <= single:
        return encoding, 1
    messages: list[list[str]] = [[]]
    for units in written:
        if len(messages[-1] + units) > each:
            messages.append([])
        messages[-1] += units
    return encoding, len(messages)


GSM = st.text(st.sampled_from(BASIC + EXTENSION), max_size=700)
ANY = st.text(st.sampled_from("a€码\U0001f600’\ud800"), max_size=400) | st.text(max_size=200)


@given(GSM | ANY)
@example("€" * 77 + "a" * 10)
def test_the_count_is_that_of_the_slow_model(text: str) -> None:
    found = segments(text)
    assert (found.encoding, found.count) == slow(text)


@given(GSM | ANY, st.sampled_from(["domestic", "international"]))
def test_the_numbers_of_a_message_fit_together(text: str, market: str) -> None:
    found = segments(text, "domestic" if market == "domestic" else "international")
    assert 0 <= found.free <= found.room
    # What the segments hold beyond the text is at most the end of the last, and one unit at each border.
    assert found.units <= found.count * found.room - found.free <= found.units + found.count - 1
    assert found.count == 1 or found.units > found.room


@given(GSM, st.characters())
def test_one_more_character_never_needs_fewer_segments(text: str, more: str) -> None:
    before, after = segments(text), segments(text + more)
    assert after.count >= before.count


@given(GSM)
def test_gsm7_needs_no_more_segments_than_ucs2(text: str) -> None:
    assert segments(text).count <= segments(text + "码").count


def test_what_forced_ucs2_is_named_with_its_place_and_what_to_write_instead() -> None:
    found = segments("It’s “quick” – now…")
    assert found.encoding == "UCS-2"
    assert [(one.character, one.position, one.suggestion) for one in found.forced] == [
        ("’", 2, "'"),
        ("“", 5, '"'),
        ("”", 11, '"'),
        ("–", 13, "-"),
        ("…", 18, "..."),
    ]


SUGGESTED = {"á": "a", "ç": "c", "`": "'", "\u00a0": " ", "：": ":", "Ａ": "A", "ﬁ": "fi", "\u200b": "", "é": "é"}


@pytest.mark.parametrize(("character", "suggestion"), SUGGESTED.items())
def test_a_suggestion_is_the_nearest_in_gsm7(character: str, suggestion: str) -> None:
    assert plain(character) == suggestion


@pytest.mark.parametrize("character", ["码", "д", "\U0001f600", "ł", "\u0301"])
def test_where_nothing_is_near_there_is_no_suggestion(character: str) -> None:
    assert plain(character) is None


@given(st.characters())
def test_a_suggestion_can_be_sent_in_gsm7(character: str) -> None:
    suggestion = plain(character)
    assert suggestion is None or not forcing(suggestion)


@given(ANY)
def test_only_what_gsm7_has_not_forces_ucs2(text: str) -> None:
    found = forcing(text)
    assert [text[one.position] for one in found] == [one.character for one in found]
    assert not forcing("".join(one for at, one in enumerate(text) if at not in {each.position for each in found}))


@pytest.mark.parametrize(
    ("text", "accident"),
    [
        ("It’s 1", True),
        ("code：1", True),
        ("go \U0001f600", True),
        ("código 1", False),
        ("码’", False),
        ("plain", False),
    ],
)
def test_ucs2_is_an_accident_where_no_letter_needs_it(text: str, accident: bool) -> None:
    assert by_accident(forcing(text)) is accident


def test_a_document_holds_at_most_twenty_of_the_characters() -> None:
    found: Segments = segments("码" * 30)
    assert len(found.forced) == 30
    assert len(found.document()["forcedBy"]) == 20
