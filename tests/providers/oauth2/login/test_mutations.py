"""Tokens, answers, redirects and keys that are wrong on purpose."""

from __future__ import annotations

import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl

import pytest
from joserfc.jwk import ECKey

from tests.providers.oauth2.login.flows import BACK, Flow, fits, part, told


async def test_without_a_fault_a_token_is_right(flow: Flow) -> None:
    token = (await flow.exchange()).json()["id_token"]
    assert fits(token, await flow.jwks())
    assert part(token, 1)["aud"] == flow.client


async def test_claims_are_replaced_and_dropped_and_the_signature_still_fits(flow: Flow) -> None:
    token = await flow.id_token({"claims": {"aud": "another", "iss": "https://evil.example"}, "drop": ["nonce"]})
    claims = part(token, 1)
    assert (claims["aud"], claims["iss"]) == ("another", "https://evil.example")
    assert "nonce" not in claims
    assert fits(token, await flow.jwks())


async def test_a_token_can_be_expired_or_issued_in_the_future(flow: Flow) -> None:
    claims = part(await flow.id_token({"expiresIn": -60, "issuedIn": 7200}), 1)
    assert claims["exp"] < time.time() < claims["iat"] - 7000


async def test_an_unsigned_token_says_so_or_does_not(flow: Flow) -> None:
    honest, silent = await flow.id_token({"alg": "none"}), await flow.id_token({"unsigned": True})
    assert [part(one, 0)["alg"] for one in (honest, silent)] == ["none", "ES256"]
    assert [one.endswith(".") for one in (honest, silent)] == [True, True]


@pytest.mark.parametrize("mutate", [{"tampered": True}, {"signedWith": "foreign"}, {"kid": "nobody"}])
async def test_a_signature_that_no_published_key_fits(flow: Flow, mutate: dict[str, object]) -> None:
    token = await flow.id_token(mutate)
    assert token.count(".") == 2
    assert not token.endswith(".")
    assert not fits(token, await flow.jwks())


async def test_another_algorithm_is_signed_with_a_published_key(flow: Flow) -> None:
    token = await flow.id_token({"alg": "RS256"})
    assert part(token, 0)["alg"] == "RS256"
    assert fits(token, await flow.jwks())


async def test_algorithm_confusion_is_an_hmac_with_the_public_key(flow: Flow) -> None:
    token = await flow.id_token({"signedWith": "public"})
    (row,) = await flow.jwks()
    pem = ECKey.import_key(row).as_pem(private=False)
    text, _, signature = token.rpartition(".")
    digest = hmac.digest(pem, text.encode(), "sha256")
    assert signature == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert part(token, 0) == {"alg": "HS256", "typ": "JWT", "kid": row["kid"]}


async def test_a_header_without_a_key_id_or_with_another_type(flow: Flow) -> None:
    header = part(await flow.id_token({"dropKid": True, "typ": "at+jwt"}), 0)
    assert header == {"alg": "ES256", "typ": "at+jwt"}


async def test_a_token_of_a_megabyte(flow: Flow) -> None:
    assert len(await flow.id_token({"pad": 1_000_000})) > 1_000_000


async def test_answers_as_careless_servers_give_them(flow: Flow) -> None:
    wrong = {"strings": ["expires_in"], "lower": ["token_type"], "drop": ["scope"], "cacheable": True}
    await flow.fault(operation="token", count=1, mutate={"answer": wrong})
    answer = await flow.exchange()
    document = answer.json()
    assert (document["expires_in"], document["token_type"]) == ("3600", "bearer")
    assert "scope" not in document
    assert answer.header("cache-control") is None


async def test_a_form_encoded_answer(flow: Flow) -> None:
    await flow.fault(operation="token", count=1, mutate={"answer": {"form": True, "drop": ["token_type"]}})
    answer = await flow.exchange()
    assert answer.header("content-type") == "application/x-www-form-urlencoded"
    found = dict(parse_qsl(answer.body.decode()))
    assert found["expires_in"] == "3600"
    assert "token_type" not in found


async def test_an_error_in_http_200(flow: Flow) -> None:
    await flow.fault(operation="token", error={"code": "invalid_grant", "status": 200})
    answer = await flow.exchange()
    assert (answer.status, answer.json()["error"]) == (200, "invalid_grant")


async def test_user_info_of_another_sub(flow: Flow) -> None:
    await flow.fault(
        operation="userinfo", mutate={"answer": {"set": {"sub": "mallory"}, "contentType": "text/plain"}}
    )
    answer = await flow.user((await flow.exchange()).json()["access_token"])
    assert answer.json()["sub"] == "mallory"
    assert answer.header("content-type") == "text/plain"


async def test_a_redirect_with_another_issuer_and_without_state(flow: Flow) -> None:
    wrong = {"set": {"iss": "https://evil.example"}, "drop": ["state"]}
    await flow.fault(operation="authorize", mutate={"redirect": wrong}, count=1)
    back = await flow.back()
    assert back["iss"] == "https://evil.example"
    assert "state" not in back
    assert (await flow.back())["state"] == "s1"


async def test_the_fragment_is_mutated_likewise(flow: Flow) -> None:
    await flow.fault(operation="authorize", mutate={"redirect": {"set": {"state": "s2"}}})
    answer = await flow.authorize(login_hint="ada", response_mode="fragment")
    assert answer.header(
        "location",
    ).startswith(f"{BACK}#code=")  # type: ignore[union-attr]  # it is there
    assert "state=s2" in str(answer.header("location"))


async def kids(flow: Flow) -> list[str]:
    return [row["kid"] for row in await flow.jwks()]


async def test_keys_rotate_and_the_old_one_is_still_published(flow: Flow) -> None:
    before = (await flow.exchange()).json()["id_token"]
    await flow.fault(operation="token", nth=1, mutate={"keys": "rotate"})
    after = (await flow.exchange()).json()["id_token"]
    keys = await flow.jwks()
    assert part(before, 0)["kid"] != part(after, 0)["kid"]
    assert fits(before, keys)
    assert fits(after, keys)


async def test_a_removed_key_checks_nothing_any_more(flow: Flow) -> None:
    before = (await flow.exchange()).json()["id_token"]
    await flow.fault(operation="jwks", count=1, mutate={"keys": "remove"})
    keys = await flow.jwks()
    assert len(keys) == 1
    assert not fits(before, keys)
    assert fits((await flow.exchange()).json()["id_token"], keys)


async def test_a_key_that_is_published_a_moment_later(flow: Flow) -> None:
    token = (await flow.exchange()).json()["id_token"]
    await flow.fault(operation="jwks", count=1, mutate={"keys": "hide"})
    assert not fits(token, await flow.jwks())
    assert fits(token, await flow.jwks())


async def test_only_that_client_and_that_persona_are_hit(flow: Flow) -> None:
    wrong = {"idToken": {"claims": {"aud": "x"}}}
    await flow.fault(operation="token", keyId="somebody-else", mutate=wrong)
    mine = await flow.fault(operation="token", keyId=flow.client, persona="liwei", mutate=wrong)
    assert part((await flow.exchange("ada")).json()["id_token"], 1)["aud"] == flow.client
    assert part((await flow.exchange("liwei")).json()["id_token"], 1)["aud"] == "x"
    shown = (await flow.server.ask("GET", f"/api/faults/{mine['id']}")).json()
    assert (shown["seen"], shown["hits"], shown["mutate"]) == (1, 1, wrong)
    exchange = (await flow.server.ask("GET", f"/api/exchanges/{shown['lastHit']['exchangeId']}")).json()
    assert exchange["faultIds"] == [mine["id"]]


@pytest.mark.parametrize(
    ("mutate", "field"),
    [
        ({}, "mutate"),
        ({"idTokens": {}}, "mutate.idTokens"),
        ({"idToken": {}}, "mutate.idToken"),
        ({"idToken": {"alg": "RS1"}}, "mutate.idToken.alg"),
        ({"idToken": {"expiresIn": "soon"}}, "mutate.idToken.expiresIn"),
        ({"answer": {"status": 99}}, "mutate.answer.status"),
        ({"answer": {"contentType": "a\r\nb"}}, "mutate.answer.contentType"),
        ({"keys": "lose"}, "mutate.keys"),
        ({"idToken": {"pad": 10**9}}, "mutate.idToken.pad"),
    ],
)
async def test_a_mutation_that_nobody_knows_is_refused_by_name(flow: Flow, mutate: Any, field: str) -> None:
    answer = await flow.server.ask("POST", "/api/faults", {"mutate": mutate})
    assert (answer.status, answer.json()["data"]["field"]) == (400, field)


@pytest.mark.parametrize(
    "given",
    [
        {"mutate": {"keys": "hide"}, "hang": True},
        {"mutate": {"keys": "hide"}, "stage": "after"},
        {"hang": True, "persona": "ada", "to": "ada@example.com"},
    ],
)
async def test_what_excludes_each_other_is_refused(flow: Flow, given: dict[str, object]) -> None:
    assert (await flow.server.ask("POST", "/api/faults", given)).status == 400


async def test_a_fault_of_an_endpoint_is_an_oauth_error_where_the_client_looks_for_it(flow: Flow) -> None:
    await flow.fault(operation="authorize", error="temporarily_unavailable")
    assert told(await flow.authorize(login_hint="ada"))["error"] == "temporarily_unavailable"
