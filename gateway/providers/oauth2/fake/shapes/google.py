"""Google: its endpoints are on three hosts, below one issuer here. Source: its OpenID Connect documentation and
discovery document."""

from __future__ import annotations

from gateway.providers.oauth2.fake.shapes.shape import PATHS, Shape

_OWN_PATHS = {
    "authorize": "/o/oauth2/v2/auth",
    "token": "/token",
    "userinfo": "/v1/userinfo",
    "jwks": "/oauth2/v3/certs",
    "revoke": "/revoke",
}

GOOGLE = Shape(
    "google",
    paths={
        name: path for name, path in {**PATHS, **_OWN_PATHS}.items() if name not in ("introspect", "end_session")
    },
    hosts=("accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"),
    # `access_type=offline` asks for one; clients of ours send it or do not, and get one.
    refresh_tokens="always",
    token_prefix="ya29.",  # noqa: S106  # how its tokens begin
    token_seconds=3599.0,
)
