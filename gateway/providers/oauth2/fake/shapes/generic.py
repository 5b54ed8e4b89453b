"""OAuth2 and OpenID Connect, plain."""

from __future__ import annotations

from gateway.providers.oauth2.fake.shapes.shape import PATHS, Shape

_NO_OIDC = ("openid_configuration", "jwks", "end_session")

OAUTH2 = Shape(
    "oauth2",
    paths={name: path for name, path in PATHS.items() if name not in _NO_OIDC},
    oidc=False,
    user_info_needs=None,
)
OIDC = Shape("oidc", refresh_tokens="offline_access")
