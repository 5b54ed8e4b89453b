"""What is wrong, or probably wrong, with an email. Each rule looks at one thing and knows the fix.

Sources: Gmail cuts a message at 102 KB; caniemail.com for what clients refuse; WCAG 2.2 (3.1.1 language of the
page, 2.4.2 its title, 1.1.1 alternatives of pictures).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.rendering import common_rules
from gateway.rendering.findings import Finding, Problem, Rule, Written, findings
from gateway.rendering.lint import RULES as SMS_RULES
from gateway.rendering.markup import Markup
from gateway.rendering.payloads import has_code

GMAIL_BYTES = 102 * 1024
SUBJECT_COLUMNS = 60

# A service on the machine of a developer has no certificate.
_INSECURE = re.compile(r"http://(?!localhost\b|127\.0\.0\.1\b|\[::1\])[^\s\"'<>]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,64}\}\}")


@dataclass(frozen=True, slots=True)
class Mail:
    """What the rules look at. ``subject`` is as the template has it, with its line breaks."""

    template: Written
    subject: str
    text: str
    html: str | None
    markup: Markup


def _no_code(on: Mail) -> Iterator[Problem]:
    shown = {"the text": on.text} if on.text else {}
    if on.html is not None:
        shown["the HTML"] = on.markup.text
    return common_rules.no_code(on.template, shown)


def _no_link(on: Mail) -> Iterator[Problem]:
    link = on.template.payload.get("link")
    if has_code(on.template.usage_type) or not isinstance(link, str) or not link:
        return
    if on.text and link not in on.text:
        yield 1, "the text of an invitation must have the link: put {{ link }} into it"
    if on.html is not None and link not in on.markup.links:
        yield 1, 'the HTML of an invitation must have the link: <a href="{{ link }}">'


def _placeholder(on: Mail) -> Iterator[Problem]:
    left = [*_PLACEHOLDER.findall(f"{on.subject}\n{on.text}\n{on.html or ''}")]
    for one in dict.fromkeys(left):
        yield on.template.line_of(one), f"{one} is left as it is: the payload has no such name"


def _no_subject(on: Mail) -> Iterator[Problem]:
    if not on.subject.strip():
        yield 1, "the subject is empty: fill the block subject"


def _subject_lines(on: Mail) -> Iterator[Problem]:
    if "\n" in on.subject or "\r" in on.subject:
        where = on.template.line_of("block subject")
        yield where, "the subject has a line break, which is sent as a space: write it on one line"


def _long_subject(on: Mail) -> Iterator[Problem]:
    columns = sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in on.subject)
    if columns > SUBJECT_COLUMNS:
        where = on.template.line_of("block subject")
        yield where, f"the subject has {columns} columns, inboxes show some {SUBJECT_COLUMNS}: shorten it"


def _no_text(on: Mail) -> Iterator[Problem]:
    if not on.text:
        yield 1, "there is no plain text, which readers without HTML and spam filters want: fill the block text"


def _insecure(on: Mail) -> Iterator[Problem]:
    for link in dict.fromkeys(_INSECURE.findall("\n".join([on.text, *on.markup.links]))):
        yield on.template.line_of(link, "http://", "link"), "a link over http can be changed on its way: use https"


def _no_lang(on: Mail) -> Iterator[Problem]:
    if on.html is not None and on.markup.lang is None:
        yield 1, 'screen readers do not know the language: <html lang="...">'


def _no_title(on: Mail) -> Iterator[Problem]:
    if on.html is not None and not (on.markup.title or "").strip():
        yield 1, "the HTML has no title: <title> with the subject in it"


def _no_preheader(on: Mail) -> Iterator[Problem]:
    if on.html is not None and on.markup.preheader is None:
        yield 1, "inboxes show the first words of the mail beside the subject: fill the block preheader"


def _clipped(on: Mail) -> Iterator[Problem]:
    size = len((on.html or "").encode("utf-8", "replace"))
    if size > GMAIL_BYTES:
        yield 1, f"the HTML has {size} bytes, Gmail cuts it at {GMAIL_BYTES}: make it shorter"


def _remote(on: Mail) -> Iterator[Problem]:
    for address in dict.fromkeys(on.markup.remote):
        why = "clients do not load it unasked, and it tells who reads when: leave it out"
        yield on.template.line_of(address, "src=", "url("), f"something is loaded from outside: {why}"


def _no_alt(on: Mail) -> Iterator[Problem]:
    if on.markup.no_alt:
        yield on.template.line_of("<img"), 'a picture has no description: alt="...", empty if it says nothing'


def _active(on: Mail) -> Iterator[Problem]:
    for one in dict.fromkeys(on.markup.active):
        yield on.template.line_of(one.rstrip(">"), one), f"{one}: mail clients take it out, filters suspect it"


def _unknown(on: Mail) -> Iterator[Problem]:
    return common_rules.unknown_variable(on.template)


def _missing(on: Mail) -> Iterator[Problem]:
    return common_rules.missing_variable(on.template)


def _fallback(on: Mail) -> Iterator[Problem]:
    return common_rules.fallback(on.template)


def _generic(on: Mail) -> Iterator[Problem]:
    return common_rules.generic(on.template)


MAIL_RULES: dict[str, Rule] = {
    "syntax": SMS_RULES["syntax"],
    "no-code": replace(SMS_RULES["no-code"], check=_no_code),
    "unknown-variable": replace(SMS_RULES["unknown-variable"], check=_unknown),
    "missing-variable": replace(SMS_RULES["missing-variable"], check=_missing),
    "missing-locale": replace(SMS_RULES["missing-locale"], check=_fallback),
    "missing-type": replace(SMS_RULES["missing-type"], check=_generic),
    "missing-generic": SMS_RULES["missing-generic"],
    "unknown-file": SMS_RULES["unknown-file"],
    "no-link": Rule("error", "an invitation does not have its link, in both parts", _no_link),
    "placeholder": Rule("error", "`{{name}}` that stays as it is written", _placeholder),
    "no-subject": Rule("error", "an empty subject", _no_subject),
    "subject-lines": Rule("warning", "a line break in the subject", _subject_lines),
    "long-subject": Rule(
        "warning", "a subject of more than 60 columns; Chinese characters take two", _long_subject
    ),
    "no-text": Rule("error", "no plain text", _no_text),
    "http-link": Rule("error", "a link over http, other than to this machine", _insecure),
    "no-lang": Rule("error", "no `lang` at `<html>`", _no_lang),
    "no-title": Rule("error", "no `<title>`", _no_title),
    "no-preheader": Rule("warning", "no preheader", _no_preheader),
    "clipped": Rule("error", "over 102 KB of HTML: Gmail cuts it", _clipped),
    "remote": Rule("warning", "a picture, font or style that is loaded from outside", _remote),
    "no-alt": Rule("warning", "a picture without `alt`", _no_alt),
    "active": Rule("error", "a script, a form, an embedded page", _active),
}
"""Those that have a name in common with SMS find the same there."""


def lint_mail(mail: Mail) -> list[Finding]:
    """All findings, errors first."""
    return findings(MAIL_RULES, mail.template.file, mail)
