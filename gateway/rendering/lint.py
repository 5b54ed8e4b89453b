"""What is wrong, or probably wrong, with a template for SMS. Each rule looks at one thing and knows the fix.

Sources: Aliyun's template rules; the WICG's "Origin-bound one-time codes delivered via SMS"; Android's SMS
Retriever API (a message of at most 140 bytes that ends with the app's hash).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.rendering import common_rules, otp_formats
from gateway.rendering.findings import Finding, Problem, Rule, Written, findings
from gateway.rendering.payloads import has_code
from gateway.rendering.phone import LONGEST, Sender
from gateway.rendering.segments import Segments, by_accident, first_of_each, forcing
from gateway.rendering.variables import Use


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rules look at: a template, what it made of a payload, and how that goes out."""

    template: Written
    text: str
    sender: Sender
    on_phone: str
    segments: Segments


def _no_code(on: Subject) -> Iterator[Problem]:
    return common_rules.no_code(on.template, {"a message": on.text})


def _unknown_variable(on: Subject) -> Iterator[Problem]:
    return common_rules.unknown_variable(on.template)


def _missing_variable(on: Subject) -> Iterator[Problem]:
    return common_rules.missing_variable(on.template, lambda use: _travels(on, use))


def _untravelling(on: Subject) -> Iterator[Problem]:
    for use in on.template.first_uses():
        if not use.guarded and not _travels(on, use):
            why = "Aliyun fills in strings such as code, no links and nothing nested"
            yield use.line, f"{use.path} stays empty: {why}; say it without"


def _travels(on: Subject, use: Use) -> bool:
    """Aliyun's TemplateParam holds the payload's strings, and no variable may be a link."""
    return not on.sender.is_aliyun or ("." not in use.path and use.path != "link")


def _link(on: Subject) -> Iterator[Problem]:
    link = otp_formats.link(on.text) if has_code(on.template.usage_type) else None
    if link is not None:
        where = on.template.line_of(link, "link", "://", "www.")
        yield where, "a verification SMS must hold no link: providers refuse it, and it looks like phishing"


def _many_segments(on: Subject) -> Iterator[Problem]:
    found = on.segments
    if found.count == 1 or _sign_name_forces_ucs2(on):
        return
    single = 70 if found.encoding == "UCS-2" else 160
    size = f"{found.units} units of {found.encoding} with the signature, where {single} fit into one"
    yield (
        on.template.line_of("block text"),
        f"{found.count} segments, each is paid for: {size}; say it in fewer words",
    )


def _accidental_ucs2(on: Subject) -> Iterator[Problem]:
    forced = forcing(on.text)
    if on.segments.market == "international" and by_accident(forced):
        first = first_of_each(forced)
        fixes = ", ".join(f"{one.character!r} -> {_advice(one.suggestion)}" for one in first)
        where = on.template.line_of(*(one.character for one in first))
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
    return common_rules.fallback(on.template)


def _generic(on: Subject) -> Iterator[Problem]:
    return common_rules.generic(on.template)


def _origin_bound(on: Subject) -> Iterator[Problem]:
    wrong = otp_formats.origin_bound_fault(on.text, on.template.code)
    if wrong is not None:
        yield (
            on.template.line_of("@"),
            f"the line for WebOTP and iOS autofill {wrong}; it should be @example.com #code",
        )


def _retriever(on: Subject) -> Iterator[Problem]:
    size = len(on.on_phone.encode("utf-8", "replace"))
    if otp_formats.is_for_retriever(on.text) and size > otp_formats.RETRIEVER_BYTES:
        most = otp_formats.RETRIEVER_BYTES
        yield (
            on.template.line_of("<#>"),
            f"Android's SMS Retriever takes {most} bytes, signature included: this has {size}; shorten it",
        )


def _placeholder(on: Subject) -> Iterator[Problem]:
    wrong = otp_formats.foreign_placeholder(on.text) if on.sender.is_aliyun else None
    if wrong is not None:
        found, right = wrong
        yield (
            on.template.line_of(found),
            f"{found} is left as it is: a text that is registered with Aliyun has {right}",
        )


def _too_long(on: Subject) -> Iterator[Problem]:
    if on.sender.is_aliyun and len(on.on_phone) > LONGEST:
        yield (
            on.template.line_of("block text"),
            f"{len(on.on_phone)} characters with the sign name: Aliyun takes {LONGEST}; shorten it",
        )


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
    return findings(RULES, subject.template.file, subject)
