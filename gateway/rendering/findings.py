"""What a rule about templates finds, and what every rule knows of the template that it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gateway.core.model import Channel, Document, UsageType
from gateway.rendering.variables import Use

Severity: TypeAlias = Literal["error", "warning"]

# What is wrong: its line, and words that name the fix.
Problem: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """``file`` is relative to the folder of templates; ``message`` says what is wrong and the fix."""

    rule: str
    severity: Severity
    file: str
    line: int
    message: str

    def document(self) -> Document:
        return {
            "rule": self.rule,
            "severity": self.severity,
            "file": self.file,
            "line": self.line,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """``summary`` is for docs/templates.md. ``check`` takes what the rules of its channel look at. A rule without a
    check is found before there is a text to look at."""

    severity: Severity
    summary: str
    check: Callable[[Any], Iterator[Problem]] = lambda _: iter(())


@dataclass(frozen=True, slots=True)
class Written:
    """A template, and what it was filled in with. ``locale`` is the one asked for, ``served`` and ``used`` are the
    folder and the usage type of the file that was found for it."""

    usage_type: UsageType
    channel: Channel
    file: str
    source: str
    uses: Sequence[Use]
    payload: Mapping[str, Any]
    locale: str | None
    served: str
    used: UsageType

    @property
    def code(self) -> str | None:
        code = self.payload.get("code")
        return code if isinstance(code, str) and code else None

    def line_of(self, *words: str) -> int:
        """The first line of the source with one of the words, else the first line."""
        lines = self.source.splitlines()
        return next((at for at, line in enumerate(lines, 1) if any(word in line for word in words)), 1)

    def first_uses(self) -> list[Use]:
        """Each path once, an unguarded use of it before a guarded one."""
        found: dict[str, Use] = {}
        for use in self.uses:
            if use.path not in found or (found[use.path].guarded and not use.guarded):
                found[use.path] = use
        return list(found.values())


def findings(rules: Mapping[str, Rule], file: str, looked_at: object) -> list[Finding]:
    """All that the rules find, errors first."""
    return in_order(
        [
            Finding(name, rule.severity, file, line, message)
            for name, rule in rules.items()
            for line, message in rule.check(looked_at)
        ]
    )


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """By file; errors first."""
    return sorted(findings, key=lambda one: (one.file, one.severity, one.line))


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
