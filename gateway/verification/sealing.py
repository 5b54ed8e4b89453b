"""What is kept of a recipient and a code: HMAC-SHA-256 (RFC 2104) under a key of the server."""

from __future__ import annotations

import hmac
import json
import secrets

from gateway.core.errors import Conflict
from gateway.core.model import Recipient
from gateway.storage.ports import Records

KEY_RECORD = "verifications/key"


class Seal:
    """Hashes under one key. A code has a million values: without the key its hash would be no secret."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def name(self, recipient: Recipient) -> str:
        """Under which a recipient is kept: of its channel and the reading that the provider acts on."""
        return self._hash("recipient", recipient.channel.value, recipient.read_as)[:32]

    def client(self, address: str) -> str:
        return self._hash("client", address)[:32]

    def code(self, recipient: Recipient, usage_type: str, code: str) -> str:
        return self._hash("code", recipient.channel.value, recipient.read_as, usage_type, code)

    def _hash(self, *parts: str) -> str:
        # As JSON, so that no two lists of parts look alike.
        return hmac.digest(self._key, json.dumps(parts).encode(), "sha256").hex()


async def sealed_with(records: Records, configured: str | None) -> Seal:
    """The configured key, else the store's own, which is made once."""
    if configured is not None:
        return Seal(configured.encode())
    while True:
        found = await records.get(KEY_RECORD)
        if found is not None:
            return Seal(bytes.fromhex(found.value["key"]))
        key = secrets.token_bytes(32)
        try:
            await records.put(KEY_RECORD, {"key": key.hex()}, if_version=0)
        except Conflict:
            continue
        return Seal(key)
