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
# Where its endpoints were before, and where published clients still look for them.
_OLDER_PATHS = {
    "/o/oauth2/auth": "authorize",
    "/o/oauth2/token": "token",
    "/oauth2/v4/token": "token",
    "/oauth2/v3/userinfo": "userinfo",
    "/oauth2/v2/userinfo": "userinfo",
    "/oauth2/v1/userinfo": "userinfo",
    "/o/oauth2/revoke": "revoke",
    "/oauth2/v1/certs": "jwks",
}
_LONG = "https://www.googleapis.com/auth/userinfo"
_SCOPE_NAMES = {f"{_LONG}.email": "email", f"{_LONG}.profile": "profile"}


GOOGLE = Shape(
    "google",
    paths={
        name: path for name, path in {**PATHS, **_OWN_PATHS}.items() if name not in ("introspect", "end_session")
    },
    aliases=_OLDER_PATHS,
    alg="RS256",
    scope_names=_SCOPE_NAMES,
    user_info_needs=frozenset({"openid", "profile", "email", *_SCOPE_NAMES}),
    hosts=("accounts.google.com", "oauth2.googleapis.com", "openidconnect.googleapis.com", "www.googleapis.com"),
    home="https://accounts.google.com",
    refresh_tokens="access_type",
    rotates=False,
    token_prefix="ya29.",  # noqa: S106  # how its tokens begin
    token_seconds=3599.0,
    # Clients from before it asked for the header, such as passport-google-oauth20.
    bearer_in_query=True,
    # Its documentation has `POST /revoke?token=...`, and no client.
    open_revocation=True,
)
