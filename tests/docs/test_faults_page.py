"""The table of magic recipients in docs/faults.md is what the code has."""

from __future__ import annotations

from pathlib import Path

from gateway.faults.magic import MEANINGS
from gateway.providers.aliyun_sms import provider

PAGE = (Path(__file__).parents[2] / "docs" / "faults.md").read_text(encoding="utf-8")


def test_the_table_of_magic_recipients_is_whole() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `*@")]
    for row, meaning in zip(rows, MEANINGS, strict=True):
        china, kingdom, america = (pattern.replace(" ", "") for pattern in meaning.phones)
        cells = [cell.strip("|` ") for cell in row]
        assert cells[0] == meaning.addresses[0]
        assert [cells[1], cells[2]] == [china.removeprefix("+86"), kingdom.removeprefix("+")]
        assert cells[3].replace(" ", "") == america
        error = provider.magic[meaning.name].error if meaning.name in provider.magic else None
        assert error is None or cells[4] == error.code
