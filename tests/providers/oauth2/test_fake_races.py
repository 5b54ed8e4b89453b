"""Several at the same time, over a store that lets others run between any two steps."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.core.model import Document
from gateway.providers.oauth2.fake import kept
from gateway.providers.oauth2.fake.directory import CLIENTS
from gateway.providers.oauth2.fake.pipeline import fake as serve
from gateway.providers.oauth2.fake.rows import ClientRow
from gateway.providers.ports import Context
from gateway.storage.memory import MemoryRecords
from gateway.storage.ports import Record
from tests.providers.oauth2.direct_fake import CALLBACK, SECRET, VERIFIER, Answer, DirectFake, encoded

FORM = "application/x-www-form-urlencoded"


class Slow(MemoryRecords):
    """Every operation lets all others go first."""

    async def get(self, key: str) -> Record | None:
        await asyncio.sleep(0)
        return await super().get(key)

    async def put(self, key: str, value: Document, if_version: int | None = None) -> int:
        await asyncio.sleep(0)
        return await super().put(key, value, if_version)


async def at_once(fake: DirectFake, *forms: dict[str, str]) -> list[Answer]:
    slow = Slow()
    slow.__dict__.update(fake.records.__dict__)
    context = Context(fake.context.inbox, slow, fake.clock, fake.faults, fake.settings)
    target = "/fakes/oauth2/oidc/token"
    requests = [fake.request("POST", target, encoded(form).encode(), content_type=FORM) for form in forms]
    answers = await asyncio.gather(*(serve(one, context) for one in requests))
    fake.records.__dict__.update(slow.__dict__)
    return [Answer(one) for one in answers]


async def test_of_ten_uses_of_a_code_one_wins_and_is_then_revoked() -> None:
    fake = DirectFake()
    form = {
        "grant_type": "authorization_code",
        "code": fake.code(),
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        "client_id": "web",
        "client_secret": SECRET,
    }
    answers = await at_once(fake, *[form] * 10)
    (won,) = [one for one in answers if one.status == 200]
    assert {one.error for one in answers if one is not won} == {"invalid_grant"}
    assert fake.userinfo(won.json["access_token"]).error == "invalid_token"


async def test_of_ten_uses_of_a_refresh_token_one_wins_and_its_family_is_revoked() -> None:
    fake = DirectFake()
    token = fake.tokens()["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "web", "client_secret": SECRET}
    answers = await at_once(fake, *[form] * 10)
    (won,) = [one for one in answers if one.status == 200]
    assert fake.refresh(won.json["refresh_token"]).error == "invalid_grant"


async def test_of_ten_uses_of_an_assertion_one_wins() -> None:
    fake = DirectFake()
    form = {"grant_type": "client_credentials", **fake.assertion()}
    answers = await at_once(fake, *[form] * 10)
    assert sorted(one.status for one in answers) == [200] + [401] * 9


async def test_an_unknown_client_shows_one_secret_however_many_come_at_once() -> None:
    fake = DirectFake(strict=False)
    forms = [{"grant_type": "client_credentials", "client_id": "new", "client_secret": f"s-{n}"} for n in range(10)]
    answers = await at_once(fake, *forms)
    assert sorted(one.status for one in answers) == [200] + [401] * 9


async def test_one_key_is_made_however_many_ask_at_once() -> None:
    fake = DirectFake()
    slow = Slow()
    context = Context(fake.context.inbox, slow, fake.clock, fake.faults, fake.settings)
    request = fake.request("GET", "/fakes/oauth2/oidc/jwks")
    answers = [Answer(one) for one in await asyncio.gather(*(serve(request, context) for _ in range(10)))]
    assert len({one.text for one in answers}) == 1
    assert len(answers[0].json["keys"]) == 1


async def test_of_two_rotations_at_once_each_secret_works_until_the_next() -> None:
    rows = kept.clients([ClientRow.model_validate({"id": "app", "secrets": ["first"]})], fixtures=False)
    settings = replace(DirectFake().settings, clients=kept.KeptClients(rows))
    context = replace(DirectFake().context, records=Slow(), settings=settings)
    made = await asyncio.gather(*(CLIENTS.rotate(context, "app", None, keep=True) for _ in range(2)))
    row = await rows.get(context.records, "app")
    assert row is not None
    assert set(row.secrets) == {secret for secret, _ in made}
