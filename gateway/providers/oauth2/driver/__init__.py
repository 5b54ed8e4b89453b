"""Signing in through OAuth2, OpenID Connect or Hugging Face, over HTTP. Nothing is kept but the provider's keys."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.core.errors import InvalidResponse, Refused
from gateway.core.model import Document
from gateway.providers.oauth2.driver.answers import known, token_answer, user_info
from gateway.providers.oauth2.driver.calls import PROVIDER, Calls
from gateway.providers.oauth2.driver.endpoints import endpoints
from gateway.providers.oauth2.driver.profiles import mapped, of_claims, of_hugging_face
from gateway.providers.oauth2.driver.requests import authorization_uri, new_verifier, token_request
from gateway.providers.oauth2.settings import HuggingFaceConfig, OAuth2Config, OidcConfig, Settings
from gateway.providers.social import Authorization, Profile, SignedIn, SignInRefused, TokenAnswer

if TYPE_CHECKING:
    from gateway.providers.oauth2.driver.jwks import Jwks


class OAuth2Driver:
    """``address`` is the gateway's ``host:port`` where the connector goes to its fake, ``public`` the URL at which
    browsers reach that; both None where it signs in for real."""

    def __init__(self, settings: Settings, address: str | None, public: str | None = None) -> None:
        options = settings.options
        self._settings = settings
        self._endpoints = endpoints(settings, address, public)
        self._calls = Calls(
            options.timeout_seconds,
            options.connect_timeout_seconds,
            private=address is not None or options.allow_private_addresses,
        )
        self._jwks: Jwks | None = None

    async def authorization_uri(self, state: str, redirect_uri: str, scope: str | None) -> Authorization:
        session: Document = {"redirectUri": redirect_uri}
        if isinstance(self._settings.config, OidcConfig) and self._settings.options.nonce:
            session["nonce"] = secrets.token_urlsafe(16)
        if self._settings.options.pkce:
            session["verifier"] = new_verifier()
        uri = authorization_uri(self._endpoints.authorization, self._settings, session, state, scope)
        return Authorization(uri, session)

    async def profile(self, callback: Mapping[str, str], session: Document) -> SignedIn:
        code = self._code(callback)
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": session["redirectUri"]}
        if "verifier" in session:
            grant["code_verifier"] = session["verifier"]
        tokens = await self._tokens(grant, refreshing=False)
        return SignedIn(await self._who(tokens, session), tokens)

    async def refresh(self, refresh_token: str) -> TokenAnswer:
        grant = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        found = await self._tokens(grant, refreshing=True)
        if found.id_token is not None and isinstance(self._settings.config, OidcConfig):
            # OpenID Connect Core 12.2: as the first one, but without a nonce.
            await self._claims(found, self._settings.config, {})
        return found if found.refresh_token is not None else replace(found, refresh_token=refresh_token)

    async def close(self) -> None:
        await self._calls.close()

    def _code(self, callback: Mapping[str, str]) -> str:
        """Raises SignInRefused, Refused."""
        issuer, issuers = callback.get("iss"), self._endpoints.issuers
        # First of all (RFC 9207): what another provider says here, errors too, is not this one's.
        if issuer is not None and issuers and issuer not in issuers:
            raise SignInRefused("the redirect is another provider's: its iss is not the issuer", provider=PROVIDER)
        if issuer is None and self._settings.options.require_iss:
            raise SignInRefused("the redirect has no iss, which options.require_iss asks for", provider=PROVIDER)
        if "error" in callback:
            code = known(callback["error"])
            raise SignInRefused("the provider refused the sign-in", provider=PROVIDER, provider_code=code)
        code = callback.get("code")
        if not code:
            raise Refused("the redirect has neither code nor error", provider=PROVIDER)
        return code

    async def _tokens(self, grant: Mapping[str, str], *, refreshing: bool) -> TokenAnswer:
        config, url = self._settings.config, self._endpoints.token
        form, headers = token_request(url, self._settings, grant)
        answer = await self._calls.post(url, form, headers)
        in_form = isinstance(config, OAuth2Config) and config.answers_in_a_form
        return token_answer(answer, form=in_form, refreshing=refreshing)

    async def _who(self, tokens: TokenAnswer, session: Document) -> Profile:
        config, trust = self._settings.config, self._settings.options.trust_unverified_email
        if isinstance(config, OidcConfig):
            return of_claims(await self._claims(tokens, config, session), config, trust=trust)
        assert self._endpoints.user_info is not None  # noqa: S101  # every factory but oidc has it
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        info = user_info(await self._calls.get(self._endpoints.user_info, headers))
        if isinstance(config, HuggingFaceConfig):
            return of_hugging_face(info, trust=trust)
        return mapped(info, config.profile_map, trust=trust)

    async def _claims(self, tokens: TokenAnswer, config: OidcConfig, session: Document) -> dict[str, Any]:
        # JOSE takes long to load: only who signs in with it waits.
        from gateway.providers.oauth2.driver.id_token import Expected, verified
        from gateway.providers.oauth2.driver.jwks import Jwks

        if tokens.id_token is None:
            raise InvalidResponse("the token endpoint gave no id_token", provider=PROVIDER)
        if self._jwks is None:
            self._jwks = Jwks(self._calls, self._endpoints.jwks or "")
        expected = Expected(
            config.id_token_verification_config,
            self._endpoints.issuers,
            config.client_id,
            config.client_secret,
            session.get("nonce"),
            tokens.access_token,
        )
        return await verified(tokens.id_token, expected, self._jwks)
