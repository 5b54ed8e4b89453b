"""Addresses as a client must hand them to SES: names as encoded words (RFC 2047), domains as A-labels. Pure.

Amazon SES, API reference of SendEmail: the local part must be ASCII, the domain punycode, and a name with other
characters an encoded word.
"""

from __future__ import annotations

import re
from email.header import Header
from email.utils import formataddr

from gateway.core import recipients
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, mailbox

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Unsendable(ValueError):
    """The text says why, and never what."""


def header_address(text: str, name: str | None = None) -> str:
    """``text`` (an address, or ``Name <address>``) as SES takes it; ``name`` stands in where it has none. Raises
    Unsendable."""
    if _CONTROL.search(text) or (name is not None and _CONTROL.search(name)):
        # It would begin another header.
        raise Unsendable("holds a control character")
    written, address = _split(text.strip())
    shown, bare = written or name or "", bare_address(address)
    if shown.isascii():
        return formataddr((shown, bare))
    try:
        # No word is longer than 75 characters (RFC 2047, 2): a long name becomes several.
        return f"{Header(shown, 'utf-8', maxlinelen=75).encode(linesep='')} <{bare}>"
    except UnicodeEncodeError:
        raise Unsendable("holds half a character") from None


def bare_address(address: str) -> str:
    """Without a name. Raises Unsendable."""
    local, at, domain = address.rpartition("@")
    if not at:
        raise Unsendable("is no email address")
    if not local.isascii():
        raise Unsendable("has characters before the @ that SES does not deliver to")
    if not domain.isascii():
        ascii_domain = recipients.normal_domain(domain)
        if ascii_domain is None:
            raise Unsendable("has a domain that cannot exist")
        domain = ascii_domain
    try:
        found = mailbox(f"{local}@{domain}")
    except IllegalAddress:
        raise Unsendable("is no email address") from None
    if found.name:
        raise Unsendable("is no email address")
    return found.address


def _split(text: str) -> tuple[str, str]:
    """Name and address. A name may stand in quotes, or be whatever an author wrote."""
    if not text.endswith(">"):
        return "", text
    name, opened, address = text[:-1].rpartition("<")
    if not opened:
        raise Unsendable("is no email address")
    name = name.strip()
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, address
