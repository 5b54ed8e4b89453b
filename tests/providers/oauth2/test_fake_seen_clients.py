"""Clients that nobody registered: taken on first use by a lenient fake, and pinned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, quote_plus

import pytest

from gateway.core.errors import ConfigError
from gateway.providers.oauth2.fake import seen
from gateway.providers.oauth2.fake.clients import Client, DeclaredClients
from gateway.providers.oauth2.fake.config import read
from tests.providers.oauth2.direct_fake import VERIFIER, Answer, DirectFake, basic

LOCAL = "http://localhost:3000/callback"


def lenient() -> DirectFake:
    return DirectFake(strict=False)


def sign_in(fake: DirectFake, secret: str | None = "s-1", /, *, uri: str = LOCAL, **changes: str | None) -> Answer:
    reply = fake.authorize(client_id="new", redirect_uri=uri, **changes).reply
    form = {"code": reply["code"], "client_id": "new", "client_secret": secret, "redirect_uri": uri}
    verifier = None if changes.get("code_challenge", "") is None else VERIFIER
    return fake.token(**form, code_verifier=verifier)


def test_an_unknown_client_signs_in_and_is_listed_as_seen() -> None:
    fake = lenient()
    answer = sign_in(fake)
    assert (answer.status, answer.verdict.signature) == (200, "unverified")
    assert "seen, not registered" in answer.verdict.explanation["note"]
    (record,) = [value.value for key, value in fake.records._values.items() if "/seen:" in key]
    assert (record["clientId"], record["redirectUri"]) == ("new", LOCAL)
    assert "s-1" not in str(record)


def test_its_secret_is_pinned() -> None:
    fake = lenient()
    assert sign_in(fake, "s-1").status == 200
    assert sign_in(fake, "s-2").error == "invalid_client"
    assert sign_in(fake, None).error == "invalid_client"
    assert sign_in(fake, "s-1").status == 200
    form = {"grant_type": "client_credentials"}
    assert fake.post("/token", form, authorization=basic("new", "s-1")).status == 200
    assert fake.post("/token", form, authorization=basic("new", "s-2")).status == 401


def every_character(text: str) -> str:
    """As oauth4webapi and openid-client 6 encode: nothing but letters and digits stays."""
    return "".join(c if c.isalnum() else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def as_a_uri(text: str) -> str:
    """``encodeURIComponent``."""
    return quote(text, safe="!*'()~")


@pytest.mark.parametrize("own", ["s-1_.~!", "s/1+2=", "s 1%20", "50%"])
@pytest.mark.parametrize("name", ["my-app_1.x", "app.example/id", "my app"])
@pytest.mark.parametrize("encode", [every_character, quote_plus, as_a_uri, str])
def test_basic_is_read_as_its_sender_meant_it(encode: Callable[[str], str], name: str, own: str) -> None:
    """Whoever asks for a code names itself there; the secret is the same afterwards in a form."""
    fake = lenient()
    given = {"client_id": name, "redirect_uri": LOCAL}
    reply = fake.authorize(**given, code_challenge=None, code_challenge_method=None).reply
    form = {"grant_type": "authorization_code", "code": reply["code"], "redirect_uri": LOCAL}
    authorization = basic(encode(name), encode(own))
    assert fake.post("/token", form, authorization=authorization).status == 200
    reply = fake.authorize(**given, code_challenge=None, code_challenge_method=None).reply
    again = {**form, "code": reply["code"], "client_id": name, "client_secret": own}
    assert fake.post("/token", again).status == 200
    assert fake.post("/token", {"grant_type": "client_credentials"}, authorization=authorization).status == 200
    wrong = basic(encode(name), encode("another"))
    assert fake.post("/token", {"grant_type": "client_credentials"}, authorization=wrong).status == 401


def test_one_that_came_without_a_secret_stays_public() -> None:
    fake = lenient()
    assert sign_in(fake, None).status == 200
    assert sign_in(fake, "s-1").error == "invalid_client"
    assert sign_in(lenient(), None, code_challenge=None, code_challenge_method=None).error == "invalid_grant"


def test_its_loopback_redirect_is_pinned_but_for_the_port() -> None:
    fake = lenient()
    assert sign_in(fake).status == 200
    assert sign_in(fake, uri="http://localhost:4000/callback").status == 200
    for other in ("http://localhost:3000/other", "http://127.0.0.1:3000/callback"):
        answer = fake.authorize(client_id="new", redirect_uri=other)
        assert (answer.status, answer.is_page) == (400, True)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.test/callback",
        "http://localhost.evil.test/",
        "http://localhost@evil.test/",
        "http://localhost\\@evil.test/",
        "http://localhost:80@evil.test/",
        "http://127.0.0.1.evil.test/",
        "http://localhost/#x",
        "http://localhost/\r\nX: y",
        "http://localhost:999999/",
        "//localhost/",
        "ftp://localhost/",
        "javascript://localhost/%0aalert(1)",
    ],
)
def test_only_a_loopback_address_is_pinned(uri: str) -> None:
    answer = lenient().authorize(client_id="new", redirect_uri=uri)
    assert (answer.status, answer.is_page) == (400, True)


def test_a_strict_fake_knows_registered_clients_only() -> None:
    assert DirectFake().authorize(client_id="new", redirect_uri=LOCAL).status == 400
    assert DirectFake().token(client_id="new", client_secret="s", code="x").status == 401


def test_nothing_is_pinned_by_a_request_that_was_refused() -> None:
    fake = lenient()
    assert fake.authorize(client_id="new", redirect_uri=LOCAL, response_type="magic").error is not None
    assert [key for key in fake.records._values if "/seen:" in key] == []
    fake.authorize(client_id="new", redirect_uri=LOCAL)
    assert len([key for key in fake.records._values if "/seen:" in key]) == 1
    assert seen.is_loopback("http://app.localhost:3000/cb?x=1")


def test_the_page_of_a_seen_client_may_fetch() -> None:
    fake = lenient()
    sign_in(fake, None)
    answer = fake.ask("OPTIONS", "/token", origin="http://localhost:3000")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_other_hosts_are_a_setting() -> None:
    fake = lenient()
    uri = "https://logto.test:3001/callback/abc?tenant=1"
    assert fake.authorize(client_id="new", redirect_uri=uri).is_page
    fake.context = replace(
        fake.context, settings=replace(fake.settings, redirect_hosts=frozenset({"logto.test", "app"}))
    )
    assert sign_in(fake, uri=uri).status == 200
    assert fake.authorize(client_id="new", redirect_uri="http://app/callback").is_page  # the first one is pinned
    for wrong in (
        "https://logto.test.evil.example/",
        "https://evil.example/logto.test",
        "https://logto.test@evil.example/",
        "https://logto.test\\@evil.example/",
        "https://logto.test#x",
        "javascript://logto.test/",
    ):
        assert fake.authorize(client_id="other-new", redirect_uri=wrong).is_page, wrong


def test_clients_of_connectors_have_them_too() -> None:
    fake = DirectFake()
    client = Client("of-connector", secrets=("s",), any_loopback=True)
    fake.context = replace(
        fake.context,
        settings=replace(
            fake.settings,
            clients=DeclaredClients({"of-connector": client}),
            redirect_hosts=frozenset({"logto.test"}),
        ),
    )
    assert "code" in fake.authorize(client_id="of-connector", redirect_uri="http://logto.test/cb").reply
    assert fake.authorize(client_id="of-connector", redirect_uri="http://other.test/cb").is_page


def test_redirect_hosts_are_names() -> None:
    assert read({"redirect_hosts": ["Logto.test"]}, []).redirect_hosts == {"logto.test"}
    with pytest.raises(ConfigError, match=r"redirect_hosts\.0"):
        read({"redirect_hosts": ["https://logto.test"]}, [])
