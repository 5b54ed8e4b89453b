"""What the docs have from the code: ``python -m tests.docs.generate`` writes it anew, a test compares it.

Between the marks of docs/config.md: the settings reference. docs/config.schema.json: the JSON schema.
"""

from __future__ import annotations

from pathlib import Path

from gateway import registry
from gateway.cli.init import schema_text
from gateway.config.reference import reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, SCHEMA = DOCS / "config.md", DOCS / "config.schema.json"
BEGIN, END = "<!-- generated: python -m tests.docs.generate -->", "<!-- end of what is generated -->"


def page() -> str:
    """The page with the reference as the code has it now. The text around the marks stays."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{reference(registry.load_providers())}\n{END}{after}"


def write() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
