"""What is wrong, or probably wrong, with a template. Each rule looks at one thing and knows the fix.

Sources: Aliyun's template rules; the WICG's "Origin-bound one-time codes delivered via SMS"; Android's SMS
Retriever API (a message of at most 140 bytes that ends with the app's hash).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from gateway.model import Document, UsageType
from gateway.rendering import otp_formats
from gateway.rendering.payloads import has_code
from gateway.rendering.phone import LONGEST, Sender
from gateway.rendering.segments import Segments, by_accident, first_of_each, forcing
from gateway.rendering.templates import ROOTS
from gateway.rendering.variables import Use, absent

Severity: TypeAlias = Literal["error", "warning"]


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
class Subject:
    """What the rules look at: a template, what it made of a payload, and how that goes out. ``locale`` is the one
    asked for, ``served`` and ``used`` are the folder and the usage type of the file that was found for it."""

    usage_type: UsageType
    file: str
    source: str
    uses: Sequence[Use]
    payload: Mapping[str, Any]
    text: str
    sender: Sender
    on_phone: str
    segments: Segments
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


# What is wrong: its line, and words that name the fix.
Problem: TypeAlias = tuple[int, str]


def _no_code(on: Subject) -> Iterator[Problem]:
    if has_code(on.usage_type) and on.code is not None and on.code not in on.text:
        yield 1, f"a message of type {on.usage_type} must show the code: put {{{{ code }}}} into it"


def _unknown_variable(on: Subject) -> Iterator[Problem]:
    for use in _first_uses(on):
        if use.root not in ROOTS and use.root not in on.payload:
            known = sorted({*ROOTS, *on.payload})
            near = difflib.get_close_matches(use.root, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            yield use.line, f"{use.path}: there is no variable {use.root}; {hint}"


def _missing_variable(on: Subject) -> Iterator[Problem]:
    for use in _first_uses(on):
        unknown = use.root not in {*ROOTS, *on.payload}
        said_already = use.path == "code" and has_code(on.usage_type)
        gap = absent(use.path, on.payload)
        if gap is None or use.guarded or unknown or said_already or not _travels(on, use):
            continue
        part, beside = gap
        near = difflib.get_close_matches(part, beside, 1)
        hint = f"did you mean {near[0]}?" if near else f"say what comes then: {{% if {use.path} %}}"
        yield use.line, f"{use.path} is empty: the payload of {on.usage_type} has no {part}; {hint}"


def _untravelling(on: Subject) -> Iterator[Problem]:
    for use in _first_uses(on):
        if not use.guarded and not _travels(on, use):
            why = "Aliyun fills in strings such as code, no links and nothing nested"
            yield use.line, f"{use.path} stays empty: {why}; say it without"


def _travels(on: Subject, use: Use) -> bool:
    """Aliyun's TemplateParam holds the payload's strings, and no variable may be a link."""
    return not on.sender.is_aliyun or ("." not in use.path and use.path != "link")


def _first_uses(on: Subject) -> list[Use]:
    """Each path once, an unguarded use of it before a guarded one."""
    found: dict[str, Use] = {}
    for use in on.uses:
        if use.path not in found or (found[use.path].guarded and not use.guarded):
            found[use.path] = use
    return list(found.values())


def _link(on: Subject) -> Iterator[Problem]:
    link = otp_formats.link(on.text) if has_code(on.usage_type) else None
    if link is not None:
        where = on.line_of(link, "link", "://", "www.")
        yield where, "a verification SMS must hold no link: providers refuse it, and it looks like phishing"


def _many_segments(on: Subject) -> Iterator[Problem]:
    found = on.segments
    if found.count == 1 or _sign_name_forces_ucs2(on):
        return
    single = 70 if found.encoding == "UCS-2" else 160
    size = f"{found.units} units of {found.encoding} with the signature, where {single} fit into one"
    yield on.line_of("block text"), f"{found.count} segments, each is paid for: {size}; say it in fewer words"


def _accidental_ucs2(on: Subject) -> Iterator[Problem]:
    forced = forcing(on.text)
    if on.segments.market == "international" and by_accident(forced):
        first = first_of_each(forced)
        fixes = ", ".join(f"{one.character!r} -> {_advice(one.suggestion)}" for one in first)
        where = on.line_of(*(one.character for one in first))
        yield where, f"UCS-2 (70 characters instead of 160) only because of {fixes}"


def _advice(suggestion: str | None) -> str:
    return repr(suggestion) if suggestion else "leave it out"


def _sign_name(on: Subject) -> Iterator[Problem]:
    if _sign_name_forces_ucs2(on):
        why = f"UCS-2, {on.segments.count} segment(s), only because of the sign name {on.sender.sign_name}"
        yield 1, f"{why}: one in Latin letters keeps GSM-7 abroad"


def _sign_name_forces_ucs2(on: Subject) -> bool:
    name = on.sender.sign_name if on.sender.is_aliyun else None
    abroad = on.segments.market == "international"
    return abroad and bool(name and forcing(name)) and not forcing(on.text)


def _fallback(on: Subject) -> Iterator[Problem]:
    if on.locale is not None and not on.served.lower().startswith(on.locale.lower().partition("-")[0]):
        yield 1, f"there is no template for {on.locale}: this is {on.served}; write one in sms/{on.locale}/"


def _generic(on: Subject) -> Iterator[Problem]:
    if on.used is not on.usage_type:
        other = f"this is {on.used}.j2; write one if its words are wrong"
        yield 1, f"there is no {on.usage_type}.j2 for {on.served}: {other}"


def _origin_bound(on: Subject) -> Iterator[Problem]:
    wrong = otp_formats.origin_bound_fault(on.text, on.code)
    if wrong is not None:
        yield on.line_of("@"), f"the line for WebOTP and iOS autofill {wrong}; it should be @example.com #code"


def _retriever(on: Subject) -> Iterator[Problem]:
    size = len(on.on_phone.encode("utf-8", "replace"))
    if otp_formats.is_for_retriever(on.text) and size > otp_formats.RETRIEVER_BYTES:
        most = otp_formats.RETRIEVER_BYTES
        yield (
            on.line_of("<#>"),
            f"Android's SMS Retriever takes {most} bytes, signature included: this has {size}; shorten it",
        )


def _placeholder(on: Subject) -> Iterator[Problem]:
    wrong = otp_formats.foreign_placeholder(on.text) if on.sender.is_aliyun else None
    if wrong is not None:
        found, right = wrong
        yield on.line_of(found), f"{found} is left as it is: a text that is registered with Aliyun has {right}"


def _too_long(on: Subject) -> Iterator[Problem]:
    if on.sender.is_aliyun and len(on.on_phone) > LONGEST:
        yield (
            on.line_of("block text"),
            f"{len(on.on_phone)} characters with the sign name: Aliyun takes {LONGEST}; shorten it",
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """``summary`` is for docs/templates.md. A rule without a check is found before there is a text to look at."""

    severity: Severity
    summary: str
    check: Callable[[Subject], Iterator[Problem]] = lambda _: iter(())


RULES: dict[str, Rule] = {
    "syntax": Rule("error", "not well-formed Jinja, or it fails when it is filled in"),
    "no-code": Rule("error", "a type that brings a code does not show it", _no_code),
    "unknown-variable": Rule("error", "a name that no payload has", _unknown_variable),
    "missing-variable": Rule("warning", "a name that this payload has not, so that it is empty", _missing_variable),
    "link": Rule("error", "a link in a verification SMS", _link),
    "segments": Rule("warning", "more than one segment with the signature", _many_segments),
    "accidental-ucs2": Rule("warning", "UCS-2 because of punctuation that has a plain twin", _accidental_ucs2),
    "sign-name-ucs2": Rule("warning", "UCS-2 because of the sign name alone", _sign_name),
    "missing-locale": Rule("warning", "the locale has no template: another language is sent", _fallback),
    "missing-type": Rule("warning", "the usage type has no file in that locale: Generic is sent", _generic),
    "missing-generic": Rule("error", "a locale without Generic.j2: what has no file falls to another language"),
    "unknown-file": Rule("warning", "a file whose name is no usage type: it is never used"),
    "origin-bound": Rule("error", "the last line for WebOTP and iOS is malformed", _origin_bound),
    "retriever-length": Rule("error", "over 140 bytes, for Android's SMS Retriever", _retriever),
    "aliyun-placeholder": Rule("error", "`{{code}}` in a text for Aliyun, which wants `${code}`", _placeholder),
    "aliyun-variable": Rule("error", "a variable that Aliyun cannot fill in: nested, or a link", _untravelling),
    "aliyun-length": Rule("error", "over 500 characters with the sign name", _too_long),
}


def lint(subject: Subject) -> list[Finding]:
    """All findings, errors first."""
    found = [
        Finding(name, rule.severity, subject.file, line, message)
        for name, rule in RULES.items()
        for line, message in rule.check(subject)
    ]
    return in_order(found)


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.file, one.severity, one.line))


def has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
