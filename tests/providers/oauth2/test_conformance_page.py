"""docs/social-conformance.md says what is true."""

from __future__ import annotations

from gateway.providers.oauth2.fake.rules import RULES, SOURCES
from tests.providers.oauth2 import conformance


def test_every_rule_has_its_source_and_its_test() -> None:
    assert SOURCES.keys() == RULES.keys()
    assert conformance.tests().keys() == RULES.keys()


def test_the_page_has_one_row_a_rule() -> None:
    text = conformance.PAGE.read_text("utf-8")
    assert conformance.page(text) == text, "run: python -m tests.providers.oauth2.conformance"
