"""Calls the fake of social providers as a function: two issuers, some clients and personas, all in memory."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from gateway.core.model import Recipient, Request, Response
from gateway.faults.rules import Effect, FaultBook, Stage
from gateway.providers.oauth2.fake.clients import Client, DeclaredClients
from gateway.providers.oauth2.fake.issuers import Issuer, Issuers
from gateway.providers.oauth2.fake.personas import DeclaredPersonas, Persona
from gateway.providers.oauth2.fake.pipeline import fake
from gateway.providers.oauth2.fake.settings import FakeSettings
from gateway.providers.oauth2.fake.shapes.generic import OAUTH2, OIDC
from gateway.providers.ports import Context
from gateway.storage.memory import MemoryRecords
from tests.providers.aliyun_sms.direct_fake import Captures, StillClock, run

CALLBACK = "https://app.test/callback"
QUERY_CALLBACK = "https://app.test/callback?tenant=1"
VERIFIER = "v" * 20 + "-._~" + "A1" * 20
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SECRET = "web-secret+%41/with:signs"
JWT_SECRET = "a-secret-that-is-long-enough-for-every-hash-there-is-in-hmac-0123456789"
KEY = ECKey.generate_key("P-256", {"kid": "client-key"}, private=True)
JWKS = {"keys": [dict(KEY.as_dict(private=False))]}

CLIENTS = {
    one.id: one
    for one in (
        Client(
            "web",
            "Web",
            secrets=(SECRET, "newer-secret"),
            redirect_uris=(CALLBACK, QUERY_CALLBACK),
            post_logout_redirect_uris=("https://app.test/bye",),
        ),
        Client("reader", secrets=("s",), redirect_uris=(CALLBACK,), access_tokens="jwt"),
        Client("api", secrets=("api-secret",), resource_server=True),
        Client("other", secrets=("other-secret",), redirect_uris=(CALLBACK,)),
        Client("narrow", secrets=("s",), redirect_uris=(CALLBACK,), scopes=frozenset({"openid", "profile"})),
        Client("once", secrets=("s",), redirect_uris=(CALLBACK,), grants=("authorization_code",)),
        Client("machine", secrets=("s",), redirect_uris=(CALLBACK,), grants=("client_credentials",)),
        Client("spa", redirect_uris=(CALLBACK,), auth_method="none"),
        Client("native", redirect_uris=("http://127.0.0.1/done",), auth_method="none"),
        Client("basic", secrets=("s",), redirect_uris=(CALLBACK,), auth_method="client_secret_basic"),
        Client("jwt", secrets=(JWT_SECRET,), redirect_uris=(CALLBACK,), auth_method="client_secret_jwt"),
        Client("keys", jwks=JWKS, redirect_uris=(CALLBACK,), auth_method="private_key_jwt"),
    )
}
PERSONAS = {
    one.name: one
    for one in (
        Persona(
            "ada",
            {
                "sub": "1001",
                "name": "Ada",
                "email": "ada@example.com",
                "email_verified": True,
                "phone_number": "+447700900123",
            },
        ),
        Persona("bob", {"sub": "1002", "name": "Bob"}),
        Persona("lothar", {"sub": "1008"}, denies="access_denied"),
        Persona("denise", {"sub": "1007"}, interaction="interaction_required"),
    )
}


class OwnFaults:
    def __init__(self) -> None:
        self.book = FaultBook()

    def at(
        self, stage: Stage, operation: str | None, recipients: Sequence[Recipient] = (), key_id: str | None = None
    ) -> Effect | None:
        return self.book.at(stage, "oauth2", operation, recipients, key_id)


class DirectFake:
    """``breaks``: rules that the issuers ``oidc`` and ``plain`` break; ``issuer``: further settings of ``oidc``."""

    def __init__(self, *breaks: str, strict: bool = True, **issuer: Any) -> None:
        self.host = "localhost:4650"
        broken = frozenset(breaks)
        known: dict[str, Any] = {"breaks": broken, "refresh_tokens": "always", **issuer}
        issuers = {
            "oidc": Issuer("oidc", OIDC, **known),
            "plain": Issuer("plain", OAUTH2, breaks=broken),
            "hosted": Issuer("hosted", OIDC, hosts=("login.example",)),
        }
        self.clock = StillClock()
        self.faults = OwnFaults()
        self.records = MemoryRecords()
        self.settings = FakeSettings(
            strict=strict,
            issuers=Issuers(issuers, open=not strict),
            clients=DeclaredClients(CLIENTS),
            personas=DeclaredPersonas(PERSONAS),
        )
        self.context = Context(Captures(), self.records, self.clock, self.faults, self.settings)

    def request(self, method: str, target: str, body: bytes = b"", **headers: str) -> Request:
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return Request(method, target, "/fakes/oauth2", "http", self.host, pairs, body, "", 0.0, "ex_1")

    def ask(self, method: str, path: str, body: bytes = b"", /, *, issuer: str = "oidc", **headers: str) -> Answer:
        return self.send(self.request(method, f"/fakes/oauth2/{issuer}{path}", body, **headers))

    def send(self, request: Request) -> Answer:
        return Answer(run(fake(request, self.context)))

    def get(self, path: str, query: Mapping[str, Any] | None = None, /, **headers: str) -> Answer:
        return self.ask("GET", path + ("?" + encoded(query) if query else ""), **headers)

    def post(self, path: str, form: Mapping[str, Any], /, **headers: str) -> Answer:
        headers.setdefault("content_type", "application/x-www-form-urlencoded")
        return self.ask("POST", path, encoded(form).encode(), **headers)

    def authorize(self, headers: Mapping[str, str] | None = None, /, **changes: Any) -> Answer:
        """A good authorization request of ``web`` for ada, with changes; None takes a parameter away."""
        return self.get("/authorize", authorization(**changes), **(headers or {}))

    def code(self, **changes: Any) -> str:
        return self.authorize(**changes).reply["code"]

    def token(self, **changes: Any) -> Answer:
        """A good token request of ``web`` for a code, with changes. A new code unless one is given."""
        given: dict[str, Any] = {
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "client_id": "web",
            "client_secret": SECRET,
            "code_verifier": VERIFIER,
            **changes,
        }
        if "code" not in given:
            given["code"] = self.code(client_id=given["client_id"] or "web")
        return self.post("/token", {name: value for name, value in given.items() if value is not None})

    def refresh(self, token: str, **changes: Any) -> Answer:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "web", "client_secret": SECRET}
        return self.post("/token", {**form, **changes})

    def tokens(self, **changes: Any) -> dict[str, Any]:
        """The answer to a whole sign-in."""
        found: dict[str, Any] = self.token(code=self.code(**changes)).json
        return found

    def userinfo(self, token: str, **headers: str) -> Answer:
        return self.get("/userinfo", authorization=f"Bearer {token}", **headers)

    def id_token(self, **changes: Any) -> dict[str, Any]:
        return claims_of(self.tokens(**changes)["id_token"])

    def keys(self) -> KeySet:
        return KeySet.import_key_set(self.get("/jwks").json)

    def assertion(self, key: Any = None, client: str = "jwt", **changes: Any) -> dict[str, str]:
        """Form fields of a good assertion, with changes of its claims; ``alg`` is in them too."""
        key = key or OctKey.import_key({"kty": "oct", "k": b64(JWT_SECRET.encode())})
        now = int(self.clock.real())
        url = "http://localhost:4650/fakes/oauth2/oidc/token"
        claims = {"iss": client, "sub": client, "aud": url, "jti": "j1", "exp": now + 60, **changes}
        alg = claims.pop("alg", "HS256")
        left = {name: value for name, value in claims.items() if value is not None}
        if alg == "none":
            head = b64(b'{"alg":"none"}')
            text = f"{head}.{b64(json.dumps(left).encode())}."
        elif isinstance(key, bytes):  # a library would not
            head = b64(json.dumps({"alg": alg}).encode())
            text = f"{head}.{b64(json.dumps(left).encode())}"
            text += "." + b64(hmac.digest(key, text.encode(), "sha256"))
        else:
            text = jwt.encode({"alg": alg}, left, key, algorithms=[alg])
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_assertion": text, "client_assertion_type": kind}


class Answer:
    def __init__(self, response: Response) -> None:
        self.response = response
        self.status = response.status
        self.headers = {name: value for name, value in response.headers if name != "Set-Cookie"}
        self.cookies = {
            name: value
            for row in (value for name, value in response.headers if name == "Set-Cookie")
            for name, _, value in [row.partition(";")[0].partition("=")]
        }
        self.text = response.body.decode()
        self.verdict = response.verdict

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> str | None:
        """Of JSON or of a redirect."""
        if "Location" in self.headers:
            return self.reply.get("error")
        found: str | None = self.json.get("error")
        return found

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def reply(self) -> dict[str, str]:
        """What a redirect says, in query or fragment, or the fields of a form_post page."""
        if "Location" not in self.headers:
            inputs = re.findall(r'name="([^"]*)" value="([^"]*)"', self.text)
            return {name: unescape(value) for name, value in inputs}
        parts = urlsplit(self.location)
        return dict(parse_qsl(parts.fragment or parts.query, keep_blank_values=True, errors="surrogateescape"))

    @property
    def is_page(self) -> bool:
        return self.headers.get("Content-Type", "").startswith("text/html") and "Location" not in self.headers

    @property
    def shows_login(self) -> bool:
        return self.is_page and self.status == 200 and 'name="persona"' in self.text

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def authorization(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "response_type": "code",
        "client_id": "web",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "s 1+&=",
        "login_hint": "ada",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def encoded(form: Mapping[str, Any] | None) -> str:
    return urlencode(form or {}, doseq=True, errors="surrogateescape")


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    """Unverified."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
