"""Email addresses as SES reads them: ``ada@example.com`` and ``Ada <ada@example.com>``. Pure.

What is wrong with one is told in the words that SES is seen to send, which are those of JavaMail. Grammar: RFC
5322, ASCII only; other characters in a domain travel as punycode, in a local part not at all.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 10_000  # characters, with a name in encoded words; AWS names no limit
_LOCAL_CHARACTERS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]"
_PLAIN = re.compile(rf"{_LOCAL_CHARACTERS}+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NOT_PRINTABLE = re.compile(r"[^!-~]")
_NOT_LOCAL = re.compile(r'[()<>,;:\\"\[\]]')
_NOT_DOMAIN = re.compile(r"[^A-Za-z0-9.-]")
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]++|\\[ -~])*+"')
# Possessive, and to the end of the text if there is no closing quote: each character is looked at once.
_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+("?)')


class IllegalAddress(ValueError):
    """``reason`` is AWS's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Mailbox(NamedTuple):
    """``name`` without quotes, empty where there is none. ``address`` as it was written."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """In lower case."""
        return self.address.rpartition("@")[2].lower()


def mailbox(text: str) -> Mailbox:
    """Read one. Raises IllegalAddress."""
    if len(text) > _LONGEST:
        raise IllegalAddress("Illegal address")
    if _PLAIN.fullmatch(text):
        return Mailbox("", text)
    if _CONTROL.search(text):
        # Whatever follows a line break would be a header of its own.
        raise IllegalAddress(_with_control(text))
    stripped = text.strip()
    if not stripped:
        raise IllegalAddress("Invalid email address .")
    if not stripped.endswith(">"):
        _refuse_list(stripped)
        if "<" in _without_quoted(stripped):
            raise IllegalAddress("Missing '>'")
        _check(stripped)
        return Mailbox("", stripped)
    name, opened, address = stripped[:-1].rpartition("<")
    if not opened:
        raise IllegalAddress("Missing '<'")
    _refuse_list(name)
    if not _PLAIN.fullmatch(address):
        _check(address)
    return Mailbox(_unquoted(name.strip()), address)


def bare(text: str) -> str:
    """The address in ``text`` as well as it can be told, whatever is wrong with it."""
    if text.endswith(">") and "<" in text:
        return text[text.rindex("<") + 1 : -1]
    return text.strip()


def _refuse_list(text: str) -> None:
    """A comma outside of quotes makes it several, of which the first is no address: ``Doe, Jane <jane@...>``."""
    plain = _without_quoted(text)
    if '"' in plain:
        raise IllegalAddress("Missing '\"'")
    if ";" in plain:
        raise IllegalAddress("Illegal semicolon, not in group")
    if "," in plain:
        first = plain.partition(",")[0]
        raise IllegalAddress("Illegal address" if "@" in first else "Missing final '@domain'")
    if "<" in plain and not text.endswith("<"):
        inner = plain.rpartition("<")[2]
        if ">" in inner or plain.count("<") > 1:
            raise IllegalAddress("Extra route-addr")


def _without_quoted(text: str) -> str:
    """Without what is in quotes; an opening quote that nothing closes stays, with all behind it."""
    return _QUOTED.sub(lambda found: "" if found[1] else found[0], text)


def _check(address: str) -> None:
    """Name what is wrong, from left to right."""
    if not address:
        raise IllegalAddress("Empty address")
    quoted = _QUOTED_LOCAL.match(address)
    if quoted is None:
        local, at, domain = address.partition("@")
        _check_local(local, at)
    else:
        rest = address[quoted.end() :]
        at, domain = rest[:1], rest[1:]
        if at not in ("", "@"):
            raise IllegalAddress("Quote not at end of local address")
    if not at:
        raise IllegalAddress("Missing final '@domain'")
    _check_domain(domain)


def _check_local(local: str, at: str) -> None:
    if at and not local:
        raise IllegalAddress("Missing local name")
    if _NOT_PRINTABLE.search(local):
        raise IllegalAddress("Local address contains control or whitespace")
    if _NOT_LOCAL.search(local):
        raise IllegalAddress("Local address contains illegal character")


def _check_domain(domain: str) -> None:
    if not domain:
        raise IllegalAddress("Missing domain")
    if domain.startswith("."):
        raise IllegalAddress("Domain starts with dot")
    if _NOT_PRINTABLE.search(domain):
        raise IllegalAddress("Domain contains control or whitespace")
    if domain.startswith("[") and domain.endswith("]"):
        return
    if _NOT_DOMAIN.search(domain):
        raise IllegalAddress("Domain contains illegal character")
    if ".." in domain:
        raise IllegalAddress("Domain contains dot-dot")
    if domain.endswith("."):
        raise IllegalAddress("Domain ends with dot")


def _with_control(text: str) -> str:
    address = bare(text)
    local, _, domain = address.partition("@")
    if _CONTROL.search(domain):
        return "Domain contains control or whitespace"
    if _CONTROL.search(local):
        return "Local address contains control or whitespace"
    return "Illegal address"


def _unquoted(name: str) -> str:
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name
