"""What the docs have from the code: ``python -m tests.docs.generate`` writes it anew, a test compares it.

Between the marks of docs/config.md: the settings reference. docs/config.schema.json: the JSON schema.
docs/aws-ses-operations.md: which operations of Amazon SES the fake has.
"""

from __future__ import annotations

from pathlib import Path

from gateway import registry
from gateway.cli.init import schema_text
from gateway.config.reference import reference
from gateway.providers.aws_ses.fake.operations import V1_NATIVE, V1_OTHERS, V2_NATIVE, V2_OTHERS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, SCHEMA = DOCS / "config.md", DOCS / "config.schema.json"
OPERATIONS = DOCS / "aws-ses-operations.md"
BEGIN, END = "<!-- generated: python -m tests.docs.generate -->", "<!-- end of what is generated -->"


def page() -> str:
    """The page with the reference as the code has it now. The text around the marks stays."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{reference(registry.load_providers())}\n{END}{after}"


def operations() -> str:
    """Every operation of both versions. ``native``: in our own code, in our store; ``no``: the fake answers with
    AWS's error for an unknown operation."""
    lines = [
        "<!-- Made by `python -m tests.docs.generate`. -->\n",
        "# Operations of Amazon SES\n",
        "*native*: the fake has it; *no*: it answers as AWS does to an operation that it does not know; *-*: the",
        "version has none of that name.\n",
        f"Native are {len(V1_NATIVE)} of {len(V1_NATIVE | V1_OTHERS)} in v1,",
        f"{len(V2_NATIVE)} of {len(V2_NATIVE | V2_OTHERS)} in v2.\n",
        "| operation | v1 | v2 |\n|---|---|---|",
    ]

    def cell(name: str, native: frozenset[str], others: frozenset[str]) -> str:
        return "native" if name in native else "no" if name in others else "-"

    lines += [
        f"| `{name}` | {cell(name, V1_NATIVE, V1_OTHERS)} | {cell(name, V2_NATIVE, V2_OTHERS)} |"
        for name in sorted(V1_NATIVE | V1_OTHERS | V2_NATIVE | V2_OTHERS)
    ]
    return "\n".join(lines) + "\n"


def write() -> None:
    OPERATIONS.write_text(operations(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
