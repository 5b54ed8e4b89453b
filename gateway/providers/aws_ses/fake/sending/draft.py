"""A mail as it comes into being. Both versions make one; what follows knows neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from gateway.model import Channel, Document, Recipient
from gateway.providers.aws_ses.fake.mime import Attachment
from gateway.providers.aws_ses.wire.addresses import Mailbox

Pairs: TypeAlias = "Sequence[tuple[str, str]]"


@dataclass(slots=True)
class Draft:
    """Addresses as written, names included. ``return_path``: where bounces go, empty for the sender. ``headers``
    are those besides From, To and so on. ``raw``: the mail itself, where that is what came. ``missing``: the
    attribute that its template asks for and its data lacks: such a mail is taken, and then fails.

    ``source`` (the sender read) and ``reached`` (who gets it, each once) are filled in by the rules, ``set``
    (the configuration set, None where there is none) too."""

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
    missing: str | None = None
    source: Mailbox = Mailbox("", "")
    reached: tuple[Recipient, ...] = ()
    set: Document | None = None
    account: Document = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def destinations(self) -> list[str]:
        return [*self.to, *self.cc, *self.bcc]


@lru_cache(maxsize=1024)
def recipient(address: str) -> Recipient:
    """Of a bare address. Its reading is in lower case, as everywhere in the house."""
    return Recipient(Channel.EMAIL, address, (address.lower(),))
