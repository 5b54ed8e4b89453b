"""What a fake knows of its own world and people may change while it runs: personas, clients. No code."""

from __future__ import annotations

from typing import Any, Protocol

from gateway.core.model import Document


class Directory(Protocol):
    """Entries by id: those of fixtures and config, and over them those that came by the API, which are kept in the
    store. Documents are the API's JSON. ``context`` is the fake's ``ports.Context``."""

    async def listing(self, context: Any) -> list[Document]:
        """All, secrets masked; ``source`` is ``declared``, ``api``, or for what was only seen ``seen``."""

    async def get(self, context: Any, name: str) -> Document | None: ...
    async def put(self, context: Any, name: str, given: Document) -> Document:
        """Make or replace. Raises ``errors.InvalidRequest`` that names the field."""

    async def delete(self, context: Any, name: str) -> bool:
        """Undo a put: what the config declares is there again. False: there is none. Raises ``errors.Conflict`` for
        what is only declared."""

    async def rotate(self, context: Any, name: str, secret: str | None, *, keep: bool) -> tuple[str, Document]:
        """A new secret (a made one, for None), and what has it now. ``keep``: the one before works on. Raises
        ``errors.NotFound``, and ``errors.InvalidRequest`` where such entries have no secrets."""
