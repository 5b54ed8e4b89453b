"""A client secret as a key for HMAC."""

from __future__ import annotations

import warnings

from joserfc.jwk import OctKey

from gateway.core.errors import InvalidConfig
from gateway.providers.oauth2.driver.calls import PROVIDER


def secret_key(secret: str) -> OctKey:
    """Raises InvalidConfig where there is none."""
    if not secret:
        raise InvalidConfig(
            "clientSecret is empty, and something must be signed or checked with it", provider=PROVIDER
        )
    with warnings.catch_warnings(action="ignore"):  # how long it is, the provider has decided
        return OctKey.import_key(secret)
