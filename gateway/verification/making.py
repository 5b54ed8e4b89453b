"""Where codes come from: the system's randomness, or a seed."""

from __future__ import annotations

import hashlib
import json
import secrets

from gateway.core.model import Recipient
from gateway.verification.rules import Policy


def random_code(policy: Policy) -> str:
    return "".join(secrets.choice(policy.alphabet) for _ in range(policy.length))


def seeded_code(policy: Policy, seed: int, recipient: Recipient, usage_type: str, count: int) -> str:
    """The code number ``count`` of that recipient: the same in every run, whatever others ask for meanwhile."""
    parts = json.dumps([seed, recipient.channel.value, recipient.read_as, usage_type, count])
    number = int.from_bytes(hashlib.sha256(parts.encode()).digest()) % policy.codes
    code = ""
    for _ in range(policy.length):
        number, digit = divmod(number, len(policy.alphabet))
        code = policy.alphabet[digit] + code
    return code
