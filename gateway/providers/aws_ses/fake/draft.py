"""A mail as it comes into being. Both versions make one; what follows knows neither."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from gateway.core import model
from gateway.core.model import Channel, Document, Mail, Recipient
from gateway.core.recipients import normal_email
from gateway.providers.aws_ses.fake.call import Refusal
from gateway.providers.aws_ses.fake.mime import Attachment
from gateway.providers.aws_ses.fake.mime_text import words
from gateway.providers.aws_ses.wire.addresses import IllegalAddress, Mailbox, mailbox

Pairs: TypeAlias = "Sequence[tuple[str, str]]"


_NOBODY = Mailbox("", "")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SPECIAL = re.compile(r'[()<>\[\]:;@\\,."]')
_TO_ESCAPE = re.compile(r'[\\"]')


@dataclass(slots=True)
class Draft:
    """Addresses as written, names included. ``author``: the From of a mail that came raw, where its sender may be
    another one. ``return_path``: where bounces go, empty for the sender. ``headers`` are those besides From, To and
    so on. ``raw``: the mail itself, where that is what came. ``failure``: why its template could not be rendered:
    such a mail is taken, and then fails. ``warnings``: what in a raw mail could not be read as it was meant.

    ``source`` (the sender read) and ``reached`` (who gets it, each once) are filled in by the rules, ``set``
    (the configuration set, None where there is none) and ``account`` too. ``refusal``: why this one of many is
    not taken."""

    sender: str
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    reply_to: Sequence[str] = ()
    return_path: str = ""
    headers: Pairs = ()
    attachments: Sequence[Attachment] = ()
    tags: Pairs = ()
    configuration_set: str = ""
    template: str = ""
    raw: bytes | None = None
    size: int = 0
    failure: str | None = None
    source: Mailbox = _NOBODY
    reached: tuple[Recipient, ...] = ()
    set: Document | None = None
    account: Document = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    author: str = ""
    warnings: Sequence[str] = ()

    @property
    def destinations(self) -> list[str]:
        return [*self.to, *self.cc, *self.bcc]

    def mail(self) -> Mail:
        """The email half of its captures, as its reader sees it."""
        return Mail(
            shown(self.author or self.sender),
            tuple([shown(one) for one in self.to]),
            tuple([shown(one) for one in self.cc]),
            tuple([shown(one) for one in self.bcc]),
            tuple([shown(one) for one in self.reply_to]),
            self.return_path or None,
            tuple(self.headers),
            tuple([_attached(one) for one in self.attachments]),
            None if self.raw is None else b64encode(self.raw).decode(),
            tuple(self.tags),
            self.configuration_set or None,
            tuple(self.warnings),
        )


def shown(written: str) -> str:
    """An address with the encoded words of its name read: that is what mail programs show."""
    if "=?" not in written:
        return written
    try:
        found = mailbox(written)
    except IllegalAddress:
        return written
    # What is encoded may be anything, a line break too.
    name = " ".join(_CONTROL.sub(" ", words(found.name)).split())
    if _SPECIAL.search(name):
        name = '"' + _TO_ESCAPE.sub(r"\\\g<0>", name) + '"'
    return f"{name} <{found.address}>" if name else found.address


def _attached(attachment: Attachment) -> model.Attachment:
    return model.Attachment(
        attachment.filename or "",
        attachment.content_type,
        b64encode(attachment.content).decode(),
        len(attachment.content),
        "inline" if attachment.inline else "attachment",
        attachment.content_id,
    )


@lru_cache(maxsize=1024)
def recipient(address: str) -> Recipient:
    """Of a bare address, read as everywhere in the house."""
    return Recipient(Channel.EMAIL, address, (normal_email(address) or address.lower(),))
