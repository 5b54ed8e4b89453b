"""A capture as the API shows it: as it is kept, and what can be told from that."""

from __future__ import annotations

from gateway.core.model import Document
from gateway.extraction import links
from gateway.inbox import inbox
from gateway.storage.paging import view
from gateway.storage.ports import Entry


def shown(entry: Entry) -> Document:
    """Of any stream; a capture also has ``links``, and its attachments say where they are."""
    found = view(entry)
    if entry.stream != inbox.STREAM:
        return found
    # Not in what older versions kept.
    mail = found.setdefault("mail", None)
    if mail is not None:
        at = f"/api/captures/{found['id']}/attachments"
        found["mail"] = {
            **mail,
            "attachments": [{**one, "url": f"{at}/{index}"} for index, one in enumerate(mail["attachments"])],
        }
    found["links"] = links(found["text"], found["html"])
    return found
