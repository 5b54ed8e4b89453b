"""Where a connector's endpoints are: the provider's own, or those of the sandbox's fake in their place."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.errors import InvalidConfig
from gateway.providers.oauth2.settings import (
    HuggingFaceConfig,
    HuggingFaceOptions,
    OAuth2Config,
    OidcConfig,
    Settings,
)
from gateway.providers.oauth2.wire.places import MOUNT, fake_path, issuers_of

_HF = ("oauth/authorize", "oauth/token", "oauth/userinfo")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """URLs. ``issuers``: what the provider may call itself; empty where nobody knows."""

    authorization: str
    token: str
    user_info: str | None
    jwks: str | None
    issuers: frozenset[str]


def endpoints(settings: Settings, address: str | None, public: str | None) -> Endpoints:
    """``address`` is the gateway's ``host:port`` where the connector goes to its fake, ``public`` the URL at which
    browsers reach it. Raises InvalidConfig for a path of the fake in a live connector."""
    config = settings.config
    user_info = jwks = None
    issuers = {settings.options.issuer} if settings.options.issuer else set()
    if isinstance(config, HuggingFaceConfig):
        assert isinstance(settings.options, HuggingFaceOptions)  # noqa: S101  # the factory pairs them
        base = settings.options.endpoint.rstrip("/")
        authorization, token, user_info = (f"{base}/{path}" for path in _HF)
        issuers = issuers or {base}
        default, own = "huggingface", _HF
    else:
        authorization, token = config.authorization_endpoint, config.token_endpoint
        default, own = "oauth2", ("authorize", "token", "userinfo")
        if isinstance(config, OAuth2Config):
            user_info = config.user_info_endpoint
    if isinstance(config, OidcConfig):
        default, jwks = "oidc", config.id_token_verification_config.jwks_uri
        named = config.id_token_verification_config.issuer
        issuers |= {named} if isinstance(named, str) else set(named or ())
    if address is None:
        if any(one is not None and one.startswith(MOUNT) for one in (authorization, token, user_info, jwks)):
            raise InvalidConfig(f"a live connector has no fake: an endpoint must not be {MOUNT}/...")
        return Endpoints(authorization, token, user_info, jwks, frozenset(issuers))
    inside, outside = f"http://{address}", public or f"http://{address}"
    return Endpoints(
        outside + fake_path(authorization, default, own[0]),
        inside + fake_path(token, default, own[1]),
        inside + fake_path(user_info, default, own[2]) if user_info is not None else None,
        inside + fake_path(jwks, default, "jwks") if jwks is not None else None,
        # It calls itself what it is called by: browsers may know it under another name than we do.
        frozenset(
            {*issuers, *(base + path for base in (inside, outside) for path in issuers_of(authorization, default))}
        ),
    )
