"""The lint rules for SMS templates, and the formats that phones and providers look for in a text.

Sources: Aliyun's template rules; the WICG's "Origin-bound one-time codes delivered via SMS"; Android's SMS
Retriever API (a message of at most 140 bytes that ends with the app's hash).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.rendering import lint
from gateway.rendering.environment import Use
from gateway.rendering.lint import FilledTemplate, Finding, Problem, Rule
from gateway.rendering.segments import Segments, by_accident, first_of_each, forcing
from gateway.rendering.senders import LONGEST, Sender
from gateway.rendering.templates import has_code


@dataclass(frozen=True, slots=True)
class Sms:
    """A rendered SMS, as the rules check it."""

    template: FilledTemplate
    text: str
    sender: Sender
    on_phone: str
    """The text with the signature of the sender."""
    segments: Segments


def _no_code(sms: Sms) -> Iterator[Problem]:
    return lint.no_code(sms.template, {"a message": sms.text})


def _missing_variable(sms: Sms) -> Iterator[Problem]:
    return lint.missing_variable(sms.template, lambda use: _reaches_text(sms, use))


def _aliyun_variable(sms: Sms) -> Iterator[Problem]:
    for use in sms.template.first_uses():
        if not use.guarded and not _reaches_text(sms, use):
            why = "Aliyun fills in strings such as code, no links and nothing nested"
            yield use.line, f"{use.path} stays empty: {why}; say it without"


def _reaches_text(sms: Sms, use: Use) -> bool:
    """Tell whether Aliyun fills in a variable: TemplateParam has only the payload's strings, and no links."""
    return not sms.sender.is_aliyun or ("." not in use.path and use.path != "link")


def _link(sms: Sms) -> Iterator[Problem]:
    address = link(sms.text) if has_code(sms.template.usage_type) else None
    if address is not None:
        where = sms.template.line_of(address, "link", "://", "www.")
        yield where, "a verification SMS must hold no link: providers refuse it, and it looks like phishing"


def _many_segments(sms: Sms) -> Iterator[Problem]:
    segments = sms.segments
    if segments.count == 1 or _sign_name_forces_ucs2(sms):
        return
    single = 70 if segments.encoding == "UCS-2" else 160
    size = f"{segments.units} units of {segments.encoding} with the signature, where {single} fit into one"
    yield (
        sms.template.line_of("block text"),
        f"{segments.count} segments, each is paid for: {size}; say it in fewer words",
    )


def _accidental_ucs2(sms: Sms) -> Iterator[Problem]:
    all_forced = forcing(sms.text)
    if sms.segments.market == "international" and by_accident(all_forced):
        first = first_of_each(all_forced)
        fixes = ", ".join(f"{forced.character!r} -> {_advice(forced.suggestion)}" for forced in first)
        where = sms.template.line_of(*(forced.character for forced in first))
        yield where, f"UCS-2 (70 characters instead of 160) only because of {fixes}"


def _advice(suggestion: str | None) -> str:
    return repr(suggestion) if suggestion else "leave it out"


def _sign_name(sms: Sms) -> Iterator[Problem]:
    if _sign_name_forces_ucs2(sms):
        why = f"UCS-2, {sms.segments.count} segment(s), only because of the sign name {sms.sender.sign_name}"
        yield 1, f"{why}: one in Latin letters keeps GSM-7 abroad"


def _sign_name_forces_ucs2(sms: Sms) -> bool:
    name = sms.sender.sign_name if sms.sender.is_aliyun else None
    abroad = sms.segments.market == "international"
    return abroad and bool(name and forcing(name)) and not forcing(sms.text)


def _origin_bound(sms: Sms) -> Iterator[Problem]:
    wrong = origin_bound_fault(sms.text, sms.template.code)
    if wrong is not None:
        yield (
            sms.template.line_of("@"),
            f"the line for WebOTP and iOS autofill {wrong}; it should be @example.com #code",
        )


def _retriever(sms: Sms) -> Iterator[Problem]:
    size = len(sms.on_phone.encode("utf-8", "replace"))
    most = RETRIEVER_BYTES
    if is_for_retriever(sms.text) and size > most:
        yield (
            sms.template.line_of("<#>"),
            f"Android's SMS Retriever takes {most} bytes, signature included: this has {size}; shorten it",
        )


def _placeholder(sms: Sms) -> Iterator[Problem]:
    wrong = foreign_placeholder(sms.text) if sms.sender.is_aliyun else None
    if wrong is not None:
        placeholder, right = wrong
        yield (
            sms.template.line_of(placeholder),
            f"{placeholder} is left as it is: a text that is registered with Aliyun has {right}",
        )


def _too_long(sms: Sms) -> Iterator[Problem]:
    if sms.sender.is_aliyun and len(sms.on_phone) > LONGEST:
        yield (
            sms.template.line_of("block text"),
            f"{len(sms.on_phone)} characters with the sign name: Aliyun takes {LONGEST}; shorten it",
        )


SMS_RULES: dict[str, Rule] = {
    "syntax": lint.SYNTAX,
    "no-code": replace(lint.NO_CODE, check=_no_code),
    "unknown-variable": lint.UNKNOWN_VARIABLE,
    "missing-variable": replace(lint.MISSING_VARIABLE, check=_missing_variable),
    "link": Rule("error", "a link in a verification SMS", _link),
    "segments": Rule("warning", "more than one segment with the signature", _many_segments),
    "accidental-ucs2": Rule("warning", "UCS-2 because of punctuation that has a plain twin", _accidental_ucs2),
    "sign-name-ucs2": Rule("warning", "UCS-2 because of the sign name alone", _sign_name),
    "missing-locale": lint.MISSING_LOCALE,
    "missing-type": lint.MISSING_TYPE,
    "missing-generic": lint.MISSING_GENERIC,
    "unknown-file": lint.UNKNOWN_FILE,
    "origin-bound": Rule("error", "the last line for WebOTP and iOS is malformed", _origin_bound),
    "retriever-length": Rule("error", "over 140 bytes, for Android's SMS Retriever", _retriever),
    "aliyun-placeholder": Rule("error", "`{{code}}` in a text for Aliyun, which wants `${code}`", _placeholder),
    "aliyun-variable": Rule("error", "a variable that Aliyun cannot fill in: nested, or a link", _aliyun_variable),
    "aliyun-length": Rule("error", "over 500 characters with the sign name", _too_long),
}


def lint_sms(sms: Sms) -> list[Finding]:
    """Apply all rules to an SMS. Errors come first."""
    return lint.apply(SMS_RULES, sms)


# --- formats in a text --------------------------------------------------------------------------------------------

RETRIEVER_BYTES = 140

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s，。；！]+"
    r"|(?<![@\w.-])(?:[a-z0-9-]{1,63}\.){1,4}(?:com|cn|net|org|io|co|app|dev|me|info|link|example)/[^\s，。；！]*",
    re.IGNORECASE,
)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_ORIGIN_BOUND = re.compile(rf"@(?P<host>{_HOST}) #(?P<code>[^\s#]+)(?: [@%](?:{_HOST}))?", re.IGNORECASE)
_LOOKS_ORIGIN_BOUND = re.compile(r"^\s*@\S+|#\d{4,8}\s*$")
# A hash has a digit, a sign or a capital after its first letter; an ordinary word of eleven letters has none.
_HASH = re.compile(r"(?:^|\s)(?=\S*[0-9+/]|\S+[A-Z])(?=\S*[a-zA-Z])[A-Za-z0-9+/]{11}$")
_BRACES = re.compile(r"\{\{\s*([\w.]{1,64})\s*\}\}|(?<!\$)\{(code)\}|#\{?(code)\}?#?", re.IGNORECASE)


def link(text: str) -> str | None:
    """Return the first link: a URL, or a host with a path. A lone ``example.com`` may be a name."""
    match = _LINK.search(text)
    return match[0] if match else None


def origin_bound_fault(text: str, code: str | None) -> str | None:
    """Say what is wrong with a line such as ``@example.com #123456``. None if it is right or absent.

    It must be the last line, below the explanation, with one space, a bare host name and the code itself.
    """
    lines = text.split("\n")
    numbers = [number for number, line in enumerate(lines) if _LOOKS_ORIGIN_BOUND.search(line) and "@" in line]
    if not numbers:
        return None
    line = lines[numbers[-1]]
    match = _ORIGIN_BOUND.fullmatch(line)
    if not line.startswith("@"):
        return "must be a line of its own, with nothing before the @"
    if "://" in line:
        return "names a URL: leave the scheme out"
    if match is None:
        return "is malformed"
    if numbers[-1] != len(lines) - 1:
        return "is not the last one"
    if code is not None and match["code"] != code:
        return "has another code than the message"
    return None


def is_for_retriever(text: str) -> bool:
    """Tell whether a message is for Android's SMS Retriever.

    Such a message ends with the hash of the app (11 characters of base64). Older ones begin with ``<#>``.
    """
    return text.startswith("<#>") or _HASH.search(text.rstrip()) is not None


def foreign_placeholder(text: str) -> tuple[str, str] | None:
    """Return the first placeholder of another system in the text, and how Aliyun writes it."""
    match = _BRACES.search(text)
    if match is None:
        return None
    name = next(part for part in match.groups() if part)
    return match[0], f"${{{name}}}"
