"""A code as people type and paste it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.verification.rules import LONGEST_TYPED, read


@pytest.mark.parametrize(
    "text",
    [
        "246810",
        " 246810\n",
        "246 810",
        "246-810",
        "2 4 6 8 1 0",
        "246–810",
        "246\u2212810",
        "246\u00a0810",
        "246\u200b810",
        "\ufeff246810",
        "２４６８１０",
        "２４６－８１０",
        "２４６　８１０",
        "٢٤٦٨١٠",
        "२४६८१०",
        "\U0001d7d0\U0001d7d2\U0001d7d4\U0001d7d6\U0001d7cf\U0001d7ce",
    ],
)
def test_spaces_hyphens_and_other_digits_are_no_mistake(text: str) -> None:
    assert read(text) == "246810"


@pytest.mark.parametrize("text", ["24681", "2468100", "24681O", "246.810", "code 246810", "-246810x"])
def test_what_is_no_decoration_stays(text: str) -> None:
    assert read(text) != "246810"


@pytest.mark.parametrize(
    ("text", "alphabet", "code"),
    [("ab-7", "ABC789", "AB7"), ("AB7", "abc789", "ab7"), ("aB7", "aBC789", "aB7"), ("ＡＢ７", "ABC789", "AB7")],
)
def test_letters_are_read_in_the_case_of_the_alphabet(text: str, alphabet: str, code: str) -> None:
    assert read(text, alphabet) == code


@pytest.mark.parametrize("text", ["", "  ", "-", "\u3000\u200b"])
def test_nothing_is_no_code(text: str) -> None:
    assert read(text) is None


def test_ten_megabytes_are_refused_unread() -> None:
    assert read("１" * 10_000_000) is None
    assert read("1" * (LONGEST_TYPED + 1)) is None
    assert read("1" * LONGEST_TYPED) == "1" * LONGEST_TYPED


@given(
    code=st.text("0123456789", min_size=1, max_size=10),
    zeros=st.lists(st.sampled_from("0０٠०০"), min_size=10, max_size=10),
    between=st.lists(st.sampled_from(["", " ", "-", "　", "－", "\t", "\u200e"]), min_size=11, max_size=11),
)
def test_a_code_is_read_however_it_is_decorated(code: str, zeros: list[str], between: list[str]) -> None:
    typed = "".join(gap + chr(ord(zero) + int(one)) for one, zero, gap in zip(code, zeros, between, strict=False))
    assert read(typed + between[-1]) == code
