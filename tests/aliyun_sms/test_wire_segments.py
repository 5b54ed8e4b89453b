"""How many messages a text is charged as."""

from __future__ import annotations

import pytest

from gateway.providers.aliyun_sms.wire.segments import domestic, international


@pytest.mark.parametrize(("length", "parts"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_domestic_texts_have_70_characters_or_67_in_each(length: int, parts: int) -> None:
    assert domestic("字" * length) == parts
    assert international("字" * length) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("é" * 160, 1)],
)
def test_international_texts_of_the_gsm_alphabet_have_160_units(text: str, parts: int) -> None:
    assert international(text) == parts


def test_one_character_outside_of_it_makes_the_whole_text_ucs_2() -> None:
    assert international("a" * 70 + "—") == 2
    assert international("😀" * 35) == 1
    assert international("😀" * 36) == 2
