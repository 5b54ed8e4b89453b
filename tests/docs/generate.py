"""What the docs have from the code: ``python -m tests.docs.generate`` writes it anew, a test compares it.

Between the marks of docs/config.md: the settings reference. docs/config.schema.json: the JSON schema.
docs/aws-ses-operations.md: which operations of Amazon SES the fake has, and which moto answers.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from gateway.config.schema import reference, schema_text
from gateway.providers import registry
from gateway.providers.aws_ses.fake.operations import V1_NATIVE, V1_OTHERS, V2_NATIVE, V2_OTHERS
from gateway.providers.aws_ses.fake.tail.operations import V1_MOTO, V2_MOTO

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
    """Every operation of both versions: in our own code and store (``native``), answered by ``moto``, or by AWS's
    error for an unknown operation (``none``). Tests hold the tables against botocore's models and moto's code."""
    v1 = Counter(_answered(name, V1_NATIVE, V1_MOTO, V1_OTHERS) for name in V1_NATIVE | V1_OTHERS)
    v2 = Counter(_answered(name, V2_NATIVE, V2_MOTO, V2_OTHERS) for name in V2_NATIVE | V2_OTHERS)
    lines = [
        "<!-- Made by `python -m tests.docs.generate`. -->\n",
        "# Operations of Amazon SES\n",
        "*native*: the fake has it; *moto*: moto answers it inside of the gateway, where the extra",
        "`connector-gateway[moto]` is installed ([more](aws-ses.md#operations-that-moto-answers)); *none*: it has",
        "AWS's error for an operation that is not known; *-*: the version has none of that name.\n",
        "| | native | moto | none | all |\n|---|---|---|---|---|",
        f"| v1 | {v1['native']} | {v1['moto']} | {v1['none']} | {v1.total()} |",
        f"| v2 | {v2['native']} | {v2['moto']} | {v2['none']} | {v2.total()} |\n",
        "| operation | v1 | v2 |\n|---|---|---|",
    ]
    for name in sorted(V1_NATIVE | V1_OTHERS | V2_NATIVE | V2_OTHERS):
        first = _answered(name, V1_NATIVE, V1_MOTO, V1_OTHERS)
        second = _answered(name, V2_NATIVE, V2_MOTO, V2_OTHERS)
        lines.append(f"| `{name}` | {first} | {second} |")
    return "\n".join(lines) + "\n"


def _answered(name: str, native: frozenset[str], moto: frozenset[str], others: frozenset[str]) -> str:
    return "native" if name in native else "moto" if name in moto else "none" if name in others else "-"


def write() -> None:
    OPERATIONS.write_text(operations(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    write()
