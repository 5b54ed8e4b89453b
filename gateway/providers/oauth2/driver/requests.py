"""What the browser and the token endpoint are given: parameters in Logto's order, client authentication."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

from gateway.providers.oauth2.settings import OidcConfig, Settings, with_openid
from gateway.providers.oauth2.wire.parameters import RESERVED, RESERVED_AT_TOKEN, parameter_name

ASSERTION_SECONDS = 600

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def authorization_uri(
    endpoint: str, settings: Settings, session: Mapping[str, str], state: str, scope: str | None
) -> str:
    """The endpoint's own query stays, where a parameter of ours has not the same name."""
    config = settings.config
    oidc = isinstance(config, OidcConfig)
    scope = scope or config.scope
    wanted: dict[str, str | None] = {
        "response_type": "code",
        "client_id": settings.client_id,
        "scope": with_openid(scope) if oidc and scope else scope,
        "redirect_uri": session["redirectUri"],
        "state": state,
        "nonce": session.get("nonce"),
    }
    if isinstance(config, OidcConfig):
        wanted |= config.auth_request_optional_config.model_dump()
    custom = {parameter_name(key): value for key, value in settings.custom_config.items()}
    reserved = RESERVED | ({"scope"} if wanted["scope"] else set())
    wanted |= {key: value for key, value in custom.items() if key not in reserved}
    if "verifier" in session:
        wanted |= {"code_challenge": challenge(session["verifier"]), "code_challenge_method": "S256"}
    parts = urlsplit(endpoint)
    own = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not wanted.get(key)]
    query = urlencode([*own, *((key, value) for key, value in wanted.items() if value is not None)])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def new_verifier() -> str:
    """RFC 7636: 43 characters of 256 random bits."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def token_request(
    endpoint: str, settings: Settings, grant: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Form and headers. ``endpoint`` is the audience of an assertion."""
    form = dict(grant)
    headers: dict[str, str] = {}
    method = settings.auth_method
    if method == "client_secret_basic":
        # RFC 6749 2.3.1: each half is form-encoded first. Logto leaves that out.
        pair = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif method == "client_secret_post":
        form |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    else:
        form |= {
            "client_id": settings.client_id,
            "client_assertion": _assertion(settings, endpoint),
            "client_assertion_type": _ASSERTION,
        }
    custom = {parameter_name(key): value for key, value in settings.custom_config.items()}
    form |= {key: value for key, value in custom.items() if key not in RESERVED_AT_TOKEN}
    return form, headers


def _assertion(settings: Settings, audience: str) -> str:
    """RFC 7523: signed with the client's secret."""
    from joserfc import jwt

    from gateway.providers.oauth2.driver.secret_key import secret_key

    now = int(time.time())
    algorithm = getattr(settings.config, "client_secret_jwt_signing_algorithm", "HS256")
    claims = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    return jwt.encode({"alg": algorithm}, claims, secret_key(settings.client_secret), algorithms=[algorithm])
