"""The email half of a capture: what a mail was sent with besides subject, text and HTML. Values, without I/O.

Addresses and header values are as the client sent them. Bytes are base64 text (RFC 4648, 4), so that they are
plain JSON; they are kept apart from the capture (``contents``), since a page of captures would carry them all.
Not frozen, as in ``model``: every mail at a fake makes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Attachment:
    """A part of a mail that is no text of it. ``size`` is in bytes, decoded; ``disposition`` is ``attachment`` or
    ``inline``; ``content_id`` without angle brackets (RFC 2392)."""

    name: str
    content_type: str
    content: str
    size: int
    disposition: str = "attachment"
    content_id: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "contentType": self.content_type,
            "disposition": self.disposition,
            "contentId": self.content_id,
            "size": self.size,
        }


@dataclass(slots=True)
class Mail:
    """``sender`` is From; ``return_path`` where bounces go, if that was said. ``raw``: the RFC 5322 message of a
    client that sent one, as base64; None where the provider was to build it. ``tags`` are the provider's."""

    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    return_path: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    raw: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    configuration_set: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "from": self.sender,
            "to": list(self.to),
            "cc": list(self.cc),
            "bcc": list(self.bcc),
            "replyTo": list(self.reply_to),
            "returnPath": self.return_path,
            "headers": [[name, value] for name, value in self.headers],
            "attachments": [one.document() for one in self.attachments],
            "raw": self.raw is not None,
            "tags": dict(self.tags),
            "configurationSet": self.configuration_set,
        }

    def contents(self) -> dict[str, Any] | None:
        """What is heavy: None where there is nothing of it."""
        if self.raw is None and not self.attachments:
            return None
        return {"raw": self.raw, "attachments": [one.content for one in self.attachments]}

    @property
    def size(self) -> int:
        """About how many bytes its contents take."""
        return len(self.raw or "") + sum(len(one.content) for one in self.attachments)
