"""docs/social-connectors.md: its example runs, and each difference has its test."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from tests.docs.test_examples import ROOT, containing, serving, shell

PAGE = "docs/social-connectors.md"


def test_every_difference_from_logto_has_a_test_that_exists() -> None:
    text = (ROOT / PAGE).read_text("utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")][1:]
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(rows) > 20
    for row in rows:
        names = re.findall(r"`(test_\w+)`", row[-1])
        assert names, row
        for name in names:
            assert f"def {name}(" in tests, name


def test_the_example_gives_a_url_of_the_fake(tmp_path: Path) -> None:
    with serving(tmp_path) as url:
        printed = shell(containing(PAGE, "sh", "authorization-uri"), url, tmp_path)
        assert urlsplit(json.loads(printed)["redirectTo"]).netloc == urlsplit(url).netloc
