"""No circles of imports, those of a package with its own files among them: import-linter compares siblings only."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest


def circle(package: str) -> list[str]:
    """The modules of one, the first again at its end; empty where there is none. What is imported for types only or
    inside of a function counts."""
    graph = grimp.build_graph(package, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


@pytest.mark.parametrize("package", ["gateway", "connector_gateway"])
def test_imports_point_one_way(package: str) -> None:
    assert circle(package) == []


@pytest.mark.parametrize(
    "back",
    [
        "from round_and_round import THIS\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from round_and_round import THIS\n",
        "def late():\n    from round_and_round import THIS\n",
    ],
)
def test_a_circle_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, back: str) -> None:
    package = tmp_path / "round_and_round"
    package.mkdir()
    (package / "__init__.py").write_text("from round_and_round import one\n\nTHIS = one\n", "utf-8")
    (package / "one.py").write_text(back, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert set(circle("round_and_round")) == {"round_and_round", "round_and_round.one"}
