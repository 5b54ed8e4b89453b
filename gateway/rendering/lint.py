"""Findings about templates: the rules that all channels share, and those about a whole folder of templates."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from gateway.core.model import Channel, Document, UsageType
from gateway.rendering.environment import FOLDER_VARIABLES, ROOTS, Use, absent
from gateway.rendering.templates import DEFAULT_LOCALE, Renderer, entries, has_code

Severity: TypeAlias = Literal["error", "warning"]

Problem: TypeAlias = tuple[int, str]
"""A line of the template, and a text that says what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one template."""

    rule: str
    severity: Severity
    file: str
    """Path below the folder of templates."""
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
    """A kind of problem."""

    severity: Severity
    summary: str
    """For the table of docs/templates.md."""
    check: Callable[[Any], Iterator[Problem]] = lambda _: iter(())
    """Takes the message of its channel. A rule without a check is applied before there is a message."""


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A template, and the values that it was filled with."""

    usage_type: UsageType
    channel: Channel
    file: str
    source: str
    uses: Sequence[Use]
    payload: Mapping[str, Any]
    locale: str | None
    """The requested locale."""
    served_locale: str
    """The folder of ``file``."""
    served_type: UsageType
    """The usage type of ``file``: Generic if the requested type has no file."""

    @property
    def code(self) -> str | None:
        code = self.payload.get("code")
        return code if isinstance(code, str) and code else None

    def line_of(self, *texts: str) -> int:
        """Return the number of the first line of the source that has one of the texts, else 1."""
        lines = enumerate(self.source.splitlines(), 1)
        return next((number for number, line in lines if any(text in line for text in texts)), 1)

    def first_uses(self) -> list[Use]:
        """List each path once. An unguarded use comes before a guarded one of the same path."""
        first: dict[str, Use] = {}
        for use in self.uses:
            if use.path not in first or (first[use.path].guarded and not use.guarded):
                first[use.path] = use
        return list(first.values())


class Message(Protocol):
    """A rendered message, as the rules of its channel check it."""

    @property
    def template(self) -> FilledTemplate: ...


def apply(rules: Mapping[str, Rule], message: Message) -> list[Finding]:
    """Apply all rules to a message. Errors come first."""
    return in_order(
        [
            Finding(name, rule.severity, message.template.file, line, text)
            for name, rule in rules.items()
            for line, text in rule.check(message)
        ]
    )


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Sort findings by file, errors first."""
    return sorted(findings, key=lambda finding: (finding.file, finding.severity, finding.line))


# --- rules for every channel ----------------------------------------------------------------------------------


def no_code(template: FilledTemplate, texts: Mapping[str, str]) -> Iterator[Problem]:
    """Report each text without the code.

    Args:
        texts: The texts of the message by their name in the finding.
    """
    code = template.code
    if not has_code(template.usage_type) or code is None:
        return
    for part, text in texts.items():
        if code not in text:
            yield 1, f"{part} of type {template.usage_type} must show the code: put {{{{ code }}}} into it"


def missing_variable(
    template: FilledTemplate, reaches_text: Callable[[Use], bool] = lambda _: True
) -> Iterator[Problem]:
    """Report variables that the payload lacks.

    Args:
        reaches_text: Tells whether the provider fills in the variable at all.
    """
    known = _known(template)
    for use in template.first_uses():
        reported_by_no_code = use.path == "code" and has_code(template.usage_type)
        gap = absent(use.path, template.payload)
        of_folder = template.channel is Channel.EMAIL and use.root in FOLDER_VARIABLES
        if gap is None or use.guarded or use.root not in known or reported_by_no_code or of_folder:
            continue
        if not reaches_text(use):
            continue
        part, beside = gap
        near = difflib.get_close_matches(part, beside, 1)
        hint = f"did you mean {near[0]}?" if near else f"say what comes then: {{% if {use.path} %}}"
        yield use.line, f"{use.path} is empty: the payload of {template.usage_type} has no {part}; {hint}"


def _unknown_variable(message: Message) -> Iterator[Problem]:
    known = _known(message.template)
    for use in message.template.first_uses():
        if use.root not in known:
            near = difflib.get_close_matches(use.root, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            yield use.line, f"{use.path}: there is no variable {use.root}; {hint}"


def _known(template: FilledTemplate) -> list[str]:
    of_folder = FOLDER_VARIABLES if template.channel is Channel.EMAIL else ()
    return sorted({*ROOTS, *of_folder, *template.payload})


def _missing_locale(message: Message) -> Iterator[Problem]:
    template = message.template
    locale, served = template.locale, template.served_locale
    if locale is not None and not served.lower().startswith(locale.lower().partition("-")[0]):
        yield 1, f"there is no template for {locale}: this is {served}; write one in {template.channel}/{locale}/"


def _missing_type(message: Message) -> Iterator[Problem]:
    template = message.template
    if template.served_type is not template.usage_type:
        other = f"this is {template.served_type}.j2; write one if its words are wrong"
        yield 1, f"there is no {template.usage_type}.j2 for {template.served_locale}: {other}"


SYNTAX = Rule("error", "not well-formed Jinja, or it fails when it is filled in")
NO_CODE = Rule("error", "a type that brings a code does not show it")
UNKNOWN_VARIABLE = Rule("error", "a name that no payload has", _unknown_variable)
MISSING_VARIABLE = Rule(
    "warning",
    "a name that this payload has not, so that it is empty",
    lambda message: missing_variable(message.template),
)
MISSING_LOCALE = Rule("warning", "the locale has no template: another language is sent", _missing_locale)
MISSING_TYPE = Rule("warning", "the usage type has no file in that locale: Generic is sent", _missing_type)
MISSING_GENERIC = Rule("error", "a locale without Generic.j2: what has no file falls to another language")
UNKNOWN_FILE = Rule("warning", "a file whose name is no usage type: it is never used")


# --- rules for a folder of templates --------------------------------------------------------------------------

_USAGE_TYPES = frozenset(usage_type.value for usage_type in UsageType)


def lint_catalog(renderer: Renderer, channel: Channel) -> list[Finding]:
    """Report missing and superfluous files in the template folders of a channel."""
    listed = [entry for entry in entries(renderer) if entry.channel is channel]
    findings = []
    for locale in sorted({DEFAULT_LOCALE, *renderer.locales(channel)} if listed else ()):
        if not any(entry.locale == locale and entry.usage_type is UsageType.GENERIC for entry in listed):
            file = f"{channel}/{locale}/{UsageType.GENERIC}.j2"
            fix = f"{locale} has no Generic.j2: a usage type without a file is sent in another language; write one"
            findings.append(Finding("missing-generic", MISSING_GENERIC.severity, file, 1, fix))
    return [*findings, *map(_unknown_file, _unknown_files(renderer, channel))]


def _unknown_files(renderer: Renderer, channel: Channel) -> Iterator[str]:
    for folder in renderer.folders:
        for locale in renderer.locales(channel):
            for path in sorted((folder / channel / locale).glob("*")):
                hidden = path.name.startswith((".", "_"))  # a file of an editor, or a part that others include
                if path.is_file() and not hidden and (path.suffix != ".j2" or path.stem not in _USAGE_TYPES):
                    yield path.relative_to(folder).as_posix()


def _unknown_file(file: str) -> Finding:
    name = Path(file).name
    near = difflib.get_close_matches(name, [f"{usage_type}.j2" for usage_type in UsageType], 1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "begin its name with _ if others include it"
    return Finding(
        "unknown-file", UNKNOWN_FILE.severity, file, 1, f"{name} is no usage type, nobody uses it; {hint}"
    )
