"""What a ``Gateway`` does with the fake of OAuth2, in a file of its own for its length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Literal

from connector_gateway import social
from connector_gateway.transport import Transport


class SignIns:
    """Personas, clients, and what these asked."""

    # `id` is the API's word; the builtin is not needed here.
    # ruff: noqa: A002

    _transport: Transport
    _undo: ExitStack

    def persona(
        self,
        id: str | None = None,
        /,
        *,
        scopes: Sequence[str] | None = None,
        organizations: Sequence[social.Organization] | None = None,
        denies: str | None = None,
        interaction: str | None = None,
        issuers: Sequence[str] | None = None,
        note: str | None = None,
        **claims: Any,
    ) -> social.Persona:
        """Make somebody who can sign in at the fake of OAuth2, until this object undoes its doings:
        ``gateway.persona(name="Ada Wren", email="ada@example.com")``.

        What is not named here are claims, as in an ID token. Without an id it gets one of its own, and without
        ``sub`` that is its id. ``scopes`` are the only ones that it grants. ``denies`` is the error that its
        sign-ins end with, ``interaction`` the one that ``prompt=none`` gets; ``issuers`` are those where it has an
        account, if not all. ``note`` is for people.
        """
        more = {key: value for key, value in locals().items() if key not in ("self", "id", "claims")}
        made = social.put_persona(self._transport, id, claims, more)
        self._undo.callback(social.forget, self._transport, "personas", made)
        return made

    def client(
        self,
        id: str | None = None,
        *,
        secret: str | None = None,
        redirect_uris: Sequence[str] | None = None,
        post_logout_redirect_uris: Sequence[str] | None = None,
        name: str | None = None,
        homepage: str | None = None,
        logo: str | None = None,
        allowed_scopes: Sequence[str] | None = None,
        auth_method: social.AuthMethod | None = None,
        jwks: Mapping[str, Any] | None = None,
        origins: Sequence[str] | None = None,
        issuers: Sequence[str] | None = None,
        access_tokens: Literal["opaque", "jwt"] | None = None,
        resource_server: bool | None = None,
    ) -> social.Client:
        """Register an application there, likewise. It gets a secret; an empty one makes it a public client, which
        one with ``jwks`` (its public keys, for ``private_key_jwt``) is not.

        ``allowed_scopes`` None: any; ``auth_method`` None: any that it has the means for; ``issuers`` are those
        where it is registered, if not all. ``access_tokens``: what it gets, whatever the issuer gives others.
        A ``resource_server`` may introspect the tokens of other clients.
        """
        more = {key: value for key, value in locals().items() if key not in ("self", "id", "secret")}
        made = social.put_client(self._transport, id, secret, more)
        self._undo.callback(social.forget, self._transport, "clients", made)
        return made

    def personas(self) -> list[dict[str, Any]]:
        """Everybody who can sign in, whoever made them, as the API's JSON."""
        return list(self._transport.json("GET", "/api/personas")["personas"])

    def clients(self) -> list[dict[str, Any]]:
        """All applications that are registered or were seen, as the API's JSON, with secrets masked."""
        return list(self._transport.json("GET", "/api/clients")["clients"])

    def oauth_requests(
        self,
        operation: str | None = None,
        *,
        client: str | None = None,
        persona: str | None = None,
        issuer: str | None = None,
        accepted: bool | None = None,
        after: int | None = None,
        timeout: float = 0.0,
        **parameters: str,
    ) -> list[social.OAuthRequest]:
        """What clients asked of the fake of OAuth2, oldest first. What is not named here are parameters that it
        must have: ``oauth_requests("authorize", client=app, prompt="login")``.
        With a ``timeout`` in seconds it waits where there is none yet, and raises NoRequest where none comes.
        """
        __tracebackhide__ = True
        asked = social.Asked(operation, client, persona, issuer, accepted, parameters)
        return social.requests(self._transport, asked, after, timeout)
