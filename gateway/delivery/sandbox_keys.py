"""The access key of a sandbox: the published one, or a random one if the gateway has an API token.

Anyone who reads the documentation knows the published key, and a fake gives the codes that it accepted to every
request that is signed with a registered key.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.storage.ports import Records

KEY_ID = "sandbox-key-id"
SECRET = "sandbox-key-secret"  # noqa: S105  # published on purpose
_RECORD = "sandbox-keys"


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """The key that connectors of a sandbox have in place of the published one."""

    key_id: str = KEY_ID
    secret: str = field(default=SECRET, repr=False)

    def put_in(self, config: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a connector's config with this key in place of the published one."""
        own = {KEY_ID: self.key_id, SECRET: self.secret}
        if not has_published_key(config):
            return config
        return {name: own.get(value, value) if isinstance(value, str) else value for name, value in config.items()}


PUBLISHED = SandboxKeys()


def has_published_key(config: Mapping[str, Any]) -> bool:
    """Return whether a connector's config has the published key."""
    return any(value in (KEY_ID, SECRET) for value in config.values() if isinstance(value, str))


async def random_keys(records: Records) -> SandboxKeys:
    """Return the random key of a store, which is made once."""
    found = await records.get(_RECORD)
    if found is not None:
        return SandboxKeys(found.value["keyId"], found.value["secret"])
    made = SandboxKeys(f"sandbox-{secrets.token_hex(8)}", secrets.token_hex(20))
    await records.put(_RECORD, {"keyId": made.key_id, "secret": made.secret})
    return made
