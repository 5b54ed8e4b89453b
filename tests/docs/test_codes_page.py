"""What docs/codes.md shows is what the extraction does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.extraction import extract

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "codes.md").read_text("utf-8")


def written() -> list[tuple[str, str]]:
    """The table of forms: each example with what it is read as, itself if the table says "as written"."""
    pairs = []
    table = PAGE.partition("| written | read as |")[2].partition("\n\n")[0]
    for row in table.splitlines():
        cells = row.split("|")
        if len(cells) == 4 and "`" in cells[1]:
            codes = re.findall(r"`([^`]+)`", cells[2])
            pairs += [(form, codes[0] if codes else form) for form in re.findall(r"`([^`]+)`", cells[1])]
    return pairs


def test_the_page_has_examples() -> None:
    assert len(written()) == 11


@pytest.mark.parametrize(("form", "code"), written())
def test_each_form_of_the_page_is_read_as_it_says(form: str, code: str) -> None:
    found = extract(f"Your verification code is {form}")
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("Log in\n@example.com #123456", 1.0),
        ("Your verification code is 482913", 0.97),
        ("482913 expires in 5 minutes", 0.6),
        ("Larkspur 482913", 0.35),
    ],
)
def test_the_confidences_are_those_of_the_page(text: str, confidence: float) -> None:
    found = extract(text)
    assert found is not None
    assert found.confidence == confidence


@pytest.mark.parametrize("name", ["codes_corpus", "codes_held_out", "codes_held_out_2"])
def test_the_page_counts_the_collections_right(name: str) -> None:
    lines = (ROOT / "tests" / "extraction" / f"{name}.jsonl").read_text("utf-8").splitlines()
    row = next(line for line in PAGE.splitlines() if f"{name}.jsonl" in line)
    without = sum('"code": null' in line for line in lines)
    languages = len({re.findall(r'"lang": "([^"]+)"', line)[0] for line in lines})
    assert [int(cell) for cell in row.split("|")[2:5]] == [len(lines), without, languages]
