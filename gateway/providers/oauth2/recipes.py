"""The exact lines that point an app or an SDK at the fake."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence

from gateway.providers.oauth2.metadata import HUGGING_FACE, OAUTH2, OIDC
from gateway.providers.oauth2.wire.places import MOUNT
from gateway.providers.ports import Connector

_ANY_CLIENT = ("any-client-id", "any-client-secret")  # a lenient fake takes clients that nobody registered


def recipes(host: str, port: int, connectors: Sequence[Connector]) -> Sequence[tuple[str, str]]:
    """Title and lines for each kind of client, with the credentials of the first connector of its kind."""
    base = f"http://{host}:{port}{MOUNT}"
    return (
        ("Any OpenID Connect client: discovery", _discovery(f"{base}/oidc", _client(connectors, OIDC))),
        ("Logto, its connector OIDC", _logto_oidc(f"{base}/oidc", _client(connectors, OIDC))),
        ("Logto, its connector OIDC: metadata, for POST /api/connectors of its API", _metadata(OIDC, "OIDC")),
        ("Logto, its connector OAuth2", _logto_oauth2(f"{base}/oauth2", _client(connectors, OAUTH2))),
        ("Logto, its connector OAuth2: metadata, for POST /api/connectors of its API", _metadata(OAUTH2, "OAuth2")),
        (
            "Logto, its connector Hugging Face, whose host is fixed: docs/tls.md",
            _logto_hugging_face(_client(connectors, HUGGING_FACE)),
        ),
        ("Python (huggingface_hub)", _hugging_face(f"{base}/huggingface", _client(connectors, HUGGING_FACE))),
        (
            "A whole sign-in in the browser",
            "\n".join(f"http://{host}:{port}/api/connectors/{one.id}/start" for one in connectors)
            or "make a connector of one of the factories first",
        ),
    )


def environment(host: str, port: int, connectors: Sequence[Connector]) -> dict[str, str]:
    """Return variables with the issuer and the client of each protocol.

    The last three are those that ``huggingface_hub`` reads. The others have names of ours, as Authlib reads them
    for a client called ``oauth2`` or ``oidc``.
    """
    base = f"http://{host}:{port}{MOUNT}"
    found: dict[str, str] = {}
    for issuer, prefix, path, factory in (
        ("OAUTH2_ISSUER", "OAUTH2", "oauth2", OAUTH2),
        ("OIDC_ISSUER", "OIDC", "oidc", OIDC),
        ("OPENID_PROVIDER_URL", "OAUTH", "huggingface", HUGGING_FACE),
    ):
        client_id, secret = _client(connectors, factory)
        found |= {issuer: f"{base}/{path}", f"{prefix}_CLIENT_ID": client_id, f"{prefix}_CLIENT_SECRET": secret}
    return found


def _client(connectors: Sequence[Connector], factory: str) -> tuple[str, str]:
    found = next((one.settings for one in connectors if one.factory.id == factory), None)
    return (found.client_id, found.client_secret) if found is not None else _ANY_CLIENT


def _discovery(issuer: str, client: tuple[str, str]) -> str:
    return "\n".join(
        (
            f"{issuer}/.well-known/openid-configuration",
            f"client_id={client[0]}",
            f"client_secret={client[1]}",
        )
    )


def _logto_oidc(issuer: str, client: tuple[str, str]) -> str:
    return json.dumps(
        {
            "authorizationEndpoint": f"{issuer}/authorize",
            "tokenEndpoint": f"{issuer}/token",
            "clientId": client[0],
            "clientSecret": client[1],
            "scope": "openid profile email phone",
            "idTokenVerificationConfig": {"jwksUri": f"{issuer}/jwks", "issuer": issuer},
        }
    )


def _logto_oauth2(issuer: str, client: tuple[str, str]) -> str:
    return json.dumps(
        {
            "authorizationEndpoint": f"{issuer}/authorize",
            "tokenEndpoint": f"{issuer}/token",
            "userInfoEndpoint": f"{issuer}/userinfo",
            "tokenEndpointResponseType": "json",
            "clientId": client[0],
            "clientSecret": client[1],
            "scope": "profile email phone",
            "profileMap": {"id": "sub", "phone": "phone_number", "avatar": "picture"},
        }
    )


def _logto_hugging_face(client: tuple[str, str]) -> str:
    return json.dumps({"clientId": client[0], "clientSecret": client[1], "scope": "profile email"})


def _metadata(factory: str, name: str) -> str:
    """Logto wants it for its standard connectors. Its pages show no logo over http, so this one is a data: URL."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="22"/></svg>'
    logo = f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"
    return json.dumps({"target": f"gateway-{factory}", "name": {"en": f"Gateway {name}"}, "logo": logo})


def _hugging_face(issuer: str, client: tuple[str, str]) -> str:
    return "\n".join(
        (
            f"export OPENID_PROVIDER_URL={issuer}",
            f"export OAUTH_CLIENT_ID={client[0]}",
            f"export OAUTH_CLIENT_SECRET={client[1]}",
        )
    )
