"""Faults, what exchanges show, and what the store keeps."""

from __future__ import annotations

import pytest

from gateway.core.model import Wire
from gateway.faults.rules import Effect, Match, ProviderError, RawAnswer, Rule
from gateway.inbox.exchanges import Exchange
from gateway.providers.oauth2.fake import kept, keys
from gateway.providers.oauth2.fake.errors import known
from gateway.providers.oauth2.fake.masking import masked
from gateway.providers.oauth2.fake.rows import PersonaRow
from gateway.providers.oauth2.fake.state import State
from gateway.storage.memory import MemoryRecords
from tests.providers.oauth2.direct_fake import CALLBACK, SECRET, VERIFIER, Answer, DirectFake, basic


def faulty(operation: str, effect: Effect, stage: str = "before", **match: object) -> DirectFake:
    fake = DirectFake()
    rule = Rule(Match("oauth2", operation, **match), effect, stage)  # type: ignore[arg-type]  # a table's words
    fake.faults.book.add(rule)
    return fake


def test_an_error_travels_as_its_endpoint_says_it() -> None:
    error = Effect(error=ProviderError("temporarily_unavailable", retry_after=3))
    redirected = faulty("authorize", error).authorize()
    assert redirected.location.startswith(f"{CALLBACK}?error=temporarily_unavailable")
    fake = faulty("token", error)
    answer = fake.token()
    assert (answer.status, answer.error, answer.headers["Retry-After"]) == (503, "temporarily_unavailable", "3")
    fake = faulty("userinfo", Effect(error=ProviderError("invalid_token")))
    answer = fake.userinfo(fake.tokens()["access_token"])
    assert (answer.status, "invalid_token" in answer.headers["WWW-Authenticate"]) == (401, True)
    assert answer.verdict.fault_ids


@pytest.mark.parametrize("code", [row.code for row in known()])
def test_every_known_error_can_be_asked_for(code: str) -> None:
    fake = faulty("token", Effect(error=ProviderError(code)))
    answer = fake.token()
    row = next(one for one in known() if one.code == code)
    assert (answer.status, answer.error) == (row.status, code)


def test_a_preflight_uses_up_no_fault_and_is_no_token_request() -> None:
    fake = DirectFake()
    effect = Effect(error=ProviderError("server_error"))
    fake.faults.book.add(Rule(Match("oauth2", "token"), effect, "before", count=1))
    asked = {"origin": "https://app.test", "access_control_request_method": "POST"}
    preflight = fake.ask("OPTIONS", "/token", **asked)
    assert (preflight.status, preflight.verdict.operation) == (204, None)
    assert [name for name, _ in preflight.response.headers].count("Vary") == 1
    assert fake.token().error == "server_error"
    assert fake.token().status == 200


def test_a_fault_before_leaves_the_code_good_and_one_after_has_used_it() -> None:
    before = faulty("token", Effect(wire=Wire(reset=True)))
    code = before.code()
    assert before.token(code=code).response.wire.reset
    before.faults.book.clear()
    assert before.token(code=code).status == 200

    after = faulty("token", Effect(answer=RawAnswer(502, (), "bad gateway")), "after")
    code = after.code()
    assert after.token(code=code).status == 502
    after.faults.book.clear()
    assert after.token(code=code).error == "invalid_grant"


def test_faults_match_on_client_and_persona() -> None:
    denied = Effect(error=ProviderError("access_denied"))
    fake = faulty("authorize", denied, recipients=frozenset({"bob"}))
    assert (fake.authorize().error, fake.authorize(login_hint="bob").error) == (None, "access_denied")
    fake = faulty("authorize", denied, key_id="other")
    assert (fake.authorize().error, fake.authorize(client_id="other").error) == (None, "access_denied")


def shown(fake: DirectFake, answer: Answer, method: str, path: str, body: str = "", **headers: str) -> str:
    request = fake.request(method, f"/fakes/oauth2/oidc{path}", body.encode(), **headers)
    return str(Exchange("oauth2", request, answer.response, 0.0, masked).document())


def test_exchanges_show_no_code_no_token_no_secret_and_no_verifier() -> None:
    fake = DirectFake()
    answer = fake.authorize()
    code = answer.reply["code"]
    text = shown(fake, answer, "GET", "/authorize?state=s-1")
    assert code not in text
    assert next(iter(answer.cookies.values())) not in text
    assert "s-1" in text
    page = fake.authorize(response_mode="form_post")
    assert page.reply["code"] not in shown(fake, page, "GET", "/authorize")

    tokens = fake.token(code=code)
    form = f"code={code}&c%6fde_verifier={VERIFIER}&client_secret=hush&grant_type=authorization_code"
    kind = "application/x-www-form-urlencoded"
    text = shown(fake, tokens, "POST", "/token", form, content_type=kind, authorization=basic("web", SECRET))
    for secret in (
        code,
        VERIFIER,
        "hush",
        basic("web", SECRET)[6:],
        *(tokens.json[f"{n}_token"] for n in ("access", "refresh", "id")),
    ):
        assert secret not in text
    assert "authorization_code" in text
    access = tokens.json["access_token"]
    text = shown(
        fake, fake.userinfo(access), "GET", f"/userinfo?access_token={access}", authorization=f"Bearer {access}"
    )
    assert access not in text
    assert "1001" in text


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain", "text/html", ""])
def test_a_body_that_nobody_can_read_is_not_shown(kind: str) -> None:
    fake = DirectFake()
    text = shown(fake, fake.get("/jwks"), "POST", "/token", '{"code": "hush', content_type=kind)
    assert "hush" not in text
    assert "not shown" in text


def test_the_store_keeps_hashes() -> None:
    fake = DirectFake()
    answer = fake.authorize()
    tokens = fake.token(code=answer.reply["code"]).json
    records = {key: record.value for key, record in fake.records._values.items() if "oauth2:keys:" not in key}
    secrets = [answer.reply["code"], *answer.cookies.values(), tokens["access_token"], tokens["refresh_token"]]
    assert not any(secret in str(records) for secret in secrets)


def test_what_has_expired_leaves_the_store() -> None:
    fake = DirectFake()
    for _ in range(3):
        fake.tokens()
    many = len([key for key in fake.records._values if "/access:" in key])
    fake.clock.time += 30 * 86400
    for _ in range(20):
        fake.authorize()
    left = [key for key in fake.records._values if "/access:" in key or "/refresh:" in key]
    assert (many, left) == (3, [])


async def test_a_ring_of_keys_keeps_the_newest() -> None:
    records, state = MemoryRecords(), State()
    before = ""
    for _ in range(30):
        before = (await keys.signer(records, state, "oidc", "ES256")).kid
        await keys.add(records, state, "oidc", "ES256", rotate=True)
    ring = await keys.ring(records, state, "oidc")
    assert len(ring.keys) == 20
    assert ring.by_kid(before) is not None
    assert ring.signer("ES256") == ring.keys[-1]


async def test_what_was_parsed_for_speed_does_not_pile_up() -> None:
    records, state = MemoryRecords(), State()
    rows = kept.personas([], fixtures=False)
    await keys.add(records, state, "0", "ES256")
    ring = await records.get("oauth2:keys:0")
    assert ring is not None
    for number in range(2500):
        await rows.put(records, PersonaRow.model_validate({"id": f"p-{number}"}))
        assert await rows.get(records, f"p-{number}")
        await records.put(f"oauth2:keys:{number}", ring.value)
        assert (await keys.ring(records, state, str(number))).keys
    assert len(rows.parsed) <= 1000
    assert len(state.keys) <= 1000


def test_verdicts_name_operation_client_and_persona() -> None:
    verdict = DirectFake().authorize().verdict
    assert (verdict.operation, verdict.key_id, verdict.explanation["persona"]) == ("authorize", "web", "ada")
    assert verdict.explanation["issuer"] == "oidc"
    refused = DirectFake().token(code="x").verdict
    assert (refused.accepted, refused.code) == (False, "invalid_grant")
