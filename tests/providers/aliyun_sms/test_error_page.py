"""docs/aliyun-sms.md shows the errors and the operations that there are."""

from __future__ import annotations

from pathlib import Path

from gateway.providers.aliyun_sms.fake.operations import OPERATIONS
from tests.providers.aliyun_sms.error_table import BEGIN, END, rendered

PAGE = (Path(__file__).parents[3] / "docs" / "aliyun-sms.md").read_text(encoding="utf-8")


def test_the_page_has_the_table_of_errors_as_it_is() -> None:
    shown = PAGE.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == rendered().strip(), "paste what `python -m tests.providers.aliyun_sms.error_table` prints"


def test_the_page_names_every_operation() -> None:
    missing = [action for _, action in OPERATIONS if f"`{action}`" not in PAGE]
    assert missing == []
