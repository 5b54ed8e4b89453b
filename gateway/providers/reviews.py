"""Reviews: applications that the staff of a provider would decide by hand.

Any fake may keep applications as records whose keys begin with ``PREFIX``. The fake decides what a decision means.
"""

from __future__ import annotations

from gateway.core.errors import NotFound
from gateway.core.model import Document
from gateway.storage.ports import Record, Records

PREFIX = "reviews/"


class Reviews:
    """The applications at all fakes."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def list_all(self) -> list[Document]:
        """Return all applications, by account and name."""
        return [_document(record.value) for _, record in await self._records.scan(PREFIX)]

    async def get(self, review_id: str) -> Document:
        """Return an application. Raises NotFound."""
        return _document((await self._find(review_id))[1].value)

    async def decide(self, review_id: str, decision: Document) -> Document:
        """Decide an application, also one that was decided before. Raises NotFound, Conflict."""
        key, record = await self._find(review_id)
        changed = {**record.value, "decision": decision}
        await self._records.put(key, changed, if_version=record.version)
        return _document(changed)

    async def _find(self, review_id: str) -> tuple[str, Record]:
        for key, record in await self._records.scan(PREFIX):
            if record.value["id"] == review_id:
                return key, record
        raise NotFound("there is no application with that id (any more)")


def _document(value: Document) -> Document:
    """Return an application without the fake's own note of its flaw."""
    return {name: field for name, field in value.items() if name != "flaw"}
