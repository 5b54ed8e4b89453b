"""A connector's config: Logto's JSON (``@logto/connector-oauth``, ``-oidc``, ``-huggingface``), and our options.

Defaults are those of Logto's guards. Unknown keys are ignored as there, but kept in ``ignored``, so that somebody
can be warned. An error names every wrong key and the fix, never a value.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.providers.oauth2.spans import seconds
from gateway.providers.oauth2.wire.places import MOUNT

_MODEL = ConfigDict(frozen=True, strict=True)
_LOGTO = ConfigDict(frozen=True, strict=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")
_SPACES = re.compile(r"[ +]+")
Seconds = Annotated[float, Field(gt=0, le=8)]
# What a header or a form can carry; Logto lets it be empty.
_Text = Annotated[str, Field(max_length=4096)]


def _url(text: str) -> str:
    """http or https with a host, or a path of the sandbox's fake."""
    if text.startswith(f"{MOUNT}/"):
        return text
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_fine:
        raise ValueError(f"must be an http or https URL, or a path of the sandbox's fake ({MOUNT}/...)")
    if "@" in parts.netloc or parts.fragment or any(not "!" <= letter <= "~" for letter in text):
        raise ValueError("must have no user name, no fragment, and only visible ASCII characters")
    return text


AuthMethod = Literal["client_secret_basic", "client_secret_post", "client_secret_jwt"]
Url = Annotated[str, Field(max_length=2048), AfterValidator(_url)]


class Options(BaseModel):
    """Our own settings of such a connector."""

    model_config = _MODEL
    timeout_seconds: Seconds = Field(default=5.0, description="How long each call to the provider may take.")
    connect_timeout_seconds: Seconds = Field(default=2.0, description="How long a connection may take.")
    pkce: bool = Field(default=True, description="Send a PKCE challenge (S256).")
    nonce: bool = Field(default=True, description="Send a nonce, and ask for it in the ID token (OIDC).")
    issuer: Url | None = Field(
        default=None,
        description="What the `iss` of the provider's redirects (RFC 9207) and ID tokens must be.",
    )
    require_iss: bool = Field(default=False, description="Refuse a redirect without `iss`.")
    trust_unverified_email: bool = Field(
        default=False, description="Take an email address although the provider says it is not verified."
    )
    allow_private_addresses: bool = Field(
        default=False, description="Let a live connector call loopback and private addresses."
    )
    return_to: Annotated[tuple[Url, ...], Field(strict=False)] = Field(
        default=(), description="Where `/start` may send the browser in the end, each URL in full."
    )


class HuggingFaceOptions(Options):
    endpoint: Url = Field(default="https://huggingface.co", description="Another Hugging Face than the public one.")


class Shared(BaseModel):
    """What every factory has in its JSON."""

    model_config = _LOGTO
    client_id: _Text
    client_secret: _Text = Field(repr=False)
    scope: _Text | None = None


class _Endpoints(Shared):
    response_type: Literal["code"] = "code"
    grant_type: Literal["authorization_code"] = "authorization_code"
    authorization_endpoint: Url
    token_endpoint: Url
    token_endpoint_auth_method: AuthMethod = "client_secret_post"  # noqa: S105  # a method
    client_secret_jwt_signing_algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"  # noqa: S105  # an algorithm
    custom_config: dict[str, str] = Field(default_factory=dict, repr=False)


class ProfileMap(BaseModel):
    """Where in the user info each part of the profile is: a path with dots."""

    model_config = _LOGTO
    id: str = "id"
    email: str = "email"
    phone: str = "phone"
    name: str = "name"
    avatar: str = "avatar"


class OAuth2Config(_Endpoints):
    user_info_endpoint: Url
    token_endpoint_response_type: Literal["query-string", "json"] = "query-string"  # noqa: S105  # a kind of answer
    profile_map: ProfileMap = Field(default_factory=ProfileMap)

    @property
    def answers_in_a_form(self) -> bool:
        return self.token_endpoint_response_type != "json"  # noqa: S105  # no password


def _date(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a date such as 2026-11-21T10:20:30Z") from None
    return text


_Span = Annotated[str | float, AfterValidator(seconds)]
_Names = str | Annotated[list[str], Field(strict=False)]


class IdTokenVerification(BaseModel):
    """As jose's ``JWTVerifyOptions``; times are seconds, or texts such as ``10 minutes``."""

    model_config = _LOGTO
    jwks_uri: Url
    issuer: _Names | None = None
    audience: _Names | None = None
    algorithms: list[str] | None = None
    clock_tolerance: _Span | None = None
    crit: dict[str, bool] | None = None
    current_date: Annotated[str, AfterValidator(_date)] | None = None
    max_token_age: _Span | None = None
    subject: str | None = None
    typ: str | None = None


class AuthRequestOptional(BaseModel):
    """Further parameters of the authorization request (OpenID Connect Core 3.1.2.1)."""

    model_config = _LOGTO
    response_mode: str | None = None
    display: str | None = None
    prompt: str | None = None
    max_age: str | None = None
    ui_locales: str | None = None
    id_token_hint: str | None = Field(None, repr=False)
    login_hint: str | None = None
    acr_values: str | None = None


def with_openid(scope: str) -> str:
    """As Logto does it: parts at spaces and +, and ``openid`` at the end where it is missing."""
    parts = [part for part in _SPACES.split(scope) if part]
    return " ".join(parts if "openid" in parts else [*parts, "openid"])


class OidcConfig(_Endpoints):
    scope: Annotated[_Text, AfterValidator(with_openid)]
    id_token_verification_config: IdTokenVerification
    auth_request_optional_config: AuthRequestOptional = AuthRequestOptional.model_construct()
    accept_string_typed_boolean_claims: bool = False
    trust_unverified_email: bool = False


class HuggingFaceConfig(Shared):
    scope: _Text = "profile"


class Settings(BaseModel):
    """One connector's. ``config`` is Logto's JSON, ``options`` are ours, ``ignored`` the keys of the JSON that
    nobody reads."""

    model_config = ConfigDict(frozen=True)
    factory: str
    config: OAuth2Config | OidcConfig | HuggingFaceConfig
    options: Options
    ignored: tuple[str, ...] = ()

    @property
    def client_id(self) -> str:
        return self.config.client_id

    @property
    def client_secret(self) -> str:
        return self.config.client_secret

    @property
    def auth_method(self) -> str:
        config = self.config
        return "client_secret_basic" if isinstance(config, HuggingFaceConfig) else config.token_endpoint_auth_method

    @property
    def custom_config(self) -> dict[str, Any]:
        return {} if isinstance(self.config, HuggingFaceConfig) else dict(self.config.custom_config)
