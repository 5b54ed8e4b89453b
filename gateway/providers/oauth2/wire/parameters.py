"""Names of parameters: those that no config may set, and how Logto spells the others."""

from __future__ import annotations

import re

_BOUNDARY = re.compile(r"([a-z0-9])([A-Z])")

RESERVED = frozenset(
    {"response_type", "client_id", "redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method"}
)
"""Of an authorization request."""
RESERVED_AT_TOKEN = frozenset(
    {
        "grant_type",
        "code",
        "redirect_uri",
        "client_id",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "code_verifier",
        "refresh_token",
    }
)
"""Of a token request."""


def parameter_name(key: str) -> str:
    """``accessType`` -> ``access_type``, as Logto does it to the keys of ``customConfig``."""
    return _BOUNDARY.sub(r"\1_\2", key).replace("-", "_").lower()
