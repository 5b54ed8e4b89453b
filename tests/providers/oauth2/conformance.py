"""docs/social-conformance.md: one row a rule, each with the test that holds it.
``python -m tests.providers.oauth2.conformance`` writes it again; a test compares."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from gateway.providers.oauth2.fake.rules import RULES, SOURCES

PAGE = Path(__file__).parents[3] / "docs" / "social-conformance.md"
MODULES = ("authorize", "token", "client_auth", "bearer", "id_token", "access_tokens", "sessions", "around")
_BEGIN, _END = "<!-- begin table -->", "<!-- end table -->"

Test = TypeVar("Test", bound=Callable[..., Any])


def rule(*names: str) -> Callable[[Test], Test]:
    """The test holds these rules, and shows what each switch breaks."""

    def mark(test: Test) -> Test:
        test.__dict__["rules"] = names
        return test

    return mark


def tests() -> dict[str, str]:
    """The name of the test by rule."""
    found: dict[str, str] = {}
    for part in MODULES:
        module = importlib.import_module(f"tests.providers.oauth2.test_conformance_{part}")
        for name, test in inspect.getmembers(module, inspect.isfunction):
            for one in getattr(test, "rules", ()):
                found.setdefault(one, f"{module.__name__.rpartition('.')[2]}.{name}")
    return found


def table() -> str:
    held = tests()
    lines = ["| source | rule | switch | test |", "|---|---|---|---|"]
    lines += [f"| {SOURCES[name]} | {words} | `{name}` | `{held[name]}` |" for name, words in RULES.items()]
    return "\n".join(lines)


def page(text: str) -> str:
    before, rest = text.split(_BEGIN)
    return f"{before}{_BEGIN}\n{table()}\n{_END}{rest.split(_END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
