"""The lint rules for email templates.

Sources: Gmail cuts a message at 102 KB; caniemail.com for what clients refuse; WCAG 2.2 (3.1.1 language of the
page, 2.4.2 its title, 1.1.1 alternatives of pictures).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.rendering import lint
from gateway.rendering.lint import FilledTemplate, Finding, Problem, Rule
from gateway.rendering.markup import Markup
from gateway.rendering.templates import has_code

GMAIL_BYTES = 102 * 1024
SUBJECT_COLUMNS = 60

# A service on the developer's machine has no certificate, so that loopback addresses are allowed.
_INSECURE = re.compile(r"http://(?!localhost\b|127\.0\.0\.1\b|\[::1\])[^\s\"'<>]+", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,64}\}\}")


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered email, as the rules check it."""

    template: FilledTemplate
    subject: str
    """With the line breaks of the template."""
    text: str
    html: str | None
    markup: Markup


def _no_code(mail: Mail) -> Iterator[Problem]:
    shown = {"the text": mail.text} if mail.text else {}
    if mail.html is not None:
        shown["the HTML"] = mail.markup.text
    return lint.no_code(mail.template, shown)


def _no_link(mail: Mail) -> Iterator[Problem]:
    link = mail.template.payload.get("link")
    if has_code(mail.template.usage_type) or not isinstance(link, str) or not link:
        return
    if mail.text and link not in mail.text:
        yield 1, "the text of an invitation must have the link: put {{ link }} into it"
    if mail.html is not None and link not in mail.markup.links:
        yield 1, 'the HTML of an invitation must have the link: <a href="{{ link }}">'


def _placeholder(mail: Mail) -> Iterator[Problem]:
    left = _PLACEHOLDER.findall(f"{mail.subject}\n{mail.text}\n{mail.html or ''}")
    for placeholder in dict.fromkeys(left):
        yield mail.template.line_of(placeholder), f"{placeholder} is left as it is: the payload has no such name"


def _no_subject(mail: Mail) -> Iterator[Problem]:
    if not mail.subject.strip():
        yield 1, "the subject is empty: fill the block subject"


def _subject_lines(mail: Mail) -> Iterator[Problem]:
    if "\n" in mail.subject or "\r" in mail.subject:
        where = mail.template.line_of("block subject")
        yield where, "the subject has a line break, which is sent as a space: write it on one line"


def _long_subject(mail: Mail) -> Iterator[Problem]:
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in mail.subject)
    if columns > SUBJECT_COLUMNS:
        where = mail.template.line_of("block subject")
        yield where, f"the subject has {columns} columns, inboxes show some {SUBJECT_COLUMNS}: shorten it"


def _no_text(mail: Mail) -> Iterator[Problem]:
    if not mail.text:
        yield 1, "there is no plain text, which readers without HTML and spam filters want: fill the block text"


def _insecure(mail: Mail) -> Iterator[Problem]:
    for link in dict.fromkeys(_INSECURE.findall("\n".join([mail.text, *mail.markup.links]))):
        yield (
            mail.template.line_of(link, "http://", "link"),
            "a link over http can be changed on its way: use https",
        )


def _no_lang(mail: Mail) -> Iterator[Problem]:
    if mail.html is not None and mail.markup.lang is None:
        yield 1, 'screen readers do not know the language: <html lang="...">'


def _no_title(mail: Mail) -> Iterator[Problem]:
    if mail.html is not None and not (mail.markup.title or "").strip():
        yield 1, "the HTML has no title: <title> with the subject in it"


def _no_preheader(mail: Mail) -> Iterator[Problem]:
    if mail.html is not None and mail.markup.preheader is None:
        yield 1, "inboxes show the first words of the mail beside the subject: fill the block preheader"


def _clipped(mail: Mail) -> Iterator[Problem]:
    size = len((mail.html or "").encode("utf-8", "replace"))
    if size > GMAIL_BYTES:
        yield 1, f"the HTML has {size} bytes, Gmail cuts it at {GMAIL_BYTES}: make it shorter"


def _remote(mail: Mail) -> Iterator[Problem]:
    for address in dict.fromkeys(mail.markup.remote):
        why = "clients do not load it unasked, and it tells who reads when: leave it out"
        yield mail.template.line_of(address, "src=", "url("), f"something is loaded from outside: {why}"


def _no_alt(mail: Mail) -> Iterator[Problem]:
    if mail.markup.no_alt:
        yield mail.template.line_of("<img"), 'a picture has no description: alt="...", empty if it says nothing'


def _active(mail: Mail) -> Iterator[Problem]:
    for name in dict.fromkeys(mail.markup.active):
        yield mail.template.line_of(name.rstrip(">"), name), f"{name}: mail clients take it out, filters suspect it"


MAIL_RULES: dict[str, Rule] = {
    "syntax": lint.SYNTAX,
    "no-code": replace(lint.NO_CODE, check=_no_code),
    "unknown-variable": lint.UNKNOWN_VARIABLE,
    "missing-variable": lint.MISSING_VARIABLE,
    "missing-locale": lint.MISSING_LOCALE,
    "missing-type": lint.MISSING_TYPE,
    "missing-generic": lint.MISSING_GENERIC,
    "unknown-file": lint.UNKNOWN_FILE,
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


def lint_mail(mail: Mail) -> list[Finding]:
    """Apply all rules to an email. Errors come first."""
    return lint.apply(MAIL_RULES, mail)
