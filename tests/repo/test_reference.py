"""The pages that are made are what would be made now."""

from __future__ import annotations

import pytest

from tests.repo.reference import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_made_is_up_to_date(name: str) -> None:
    kept = (ROOT / name).read_text(encoding="utf-8")
    assert kept == PAGES[name](), "run `python -m tests.repo.reference`"
