"""``Idempotency-Key`` over HTTP: a send that is repeated is one send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.core.errors import StoreFailed
from gateway.core.model import Document, Message, Receipt, Request, Response, Verdict
from gateway.delivery.messages import Messages
from gateway.providers.ports import Context
from tests.support import toy
from tests.support.raw_http import Answer
from tests.support.running_gateway import TOKEN, RunningGateway, running

BODY = {"to": "13800138000", "type": "SignIn", "payload": {"code": "246810"}}
SEND = "/api/connectors/toy/send"
NAME = "Idempotency-Key"


@pytest_asyncio.fixture(params=["memory", "sqlite"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningGateway]:
    """On each store."""
    async with running(store="memory" if request.param == "memory" else f"sqlite:{tmp_path}/gateway.db") as server:
        yield server


async def send(server: RunningGateway, key: str, body: object = BODY, path: str = SEND, **headers: str) -> Answer:
    return await server.ask("POST", path, body, {NAME: key, **headers})


def sent(server: RunningGateway) -> int:
    return len(server.script.requests)


@pytest.mark.parametrize("path", [SEND, "/api/messages"])
async def test_the_same_key_and_body_get_the_same_answer_and_send_once(either: RunningGateway, path: str) -> None:
    first = await send(either, "k", path=path)
    again = await send(either, "k", path=path)
    assert (first.status, again.status) == (200, 200)
    assert first.body == again.body
    assert first.header("Idempotency-Replayed") is None
    assert again.header("Idempotency-Replayed") == "true"
    assert again.header("Content-Type") == first.header("Content-Type")
    assert again.header("X-Request-Id") != first.header("X-Request-Id")
    assert sent(either) == 1
    assert len((await either.ask("GET", "/api/messages")).json()["messages"]) == 1


async def test_a_hundred_at_once_with_the_same_key_send_once(either: RunningGateway) -> None:
    answers = await asyncio.gather(*(send(either, "k") for _ in range(100)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert [answer.header("Idempotency-Replayed") for answer in answers].count(None) == 1
    assert sent(either) == 1


async def test_without_a_key_each_request_sends(server: RunningGateway) -> None:
    for _ in range(2):
        assert (await server.ask("POST", SEND, BODY)).header("Idempotency-Replayed") is None
    assert sent(server) == 2


async def test_the_order_of_keys_and_blanks_in_the_json_do_not_matter(server: RunningGateway) -> None:
    first = await send(server, "k")
    text = '{ "payload": {"code":"246810"},\n "type": "SignIn", "to": "13800138000"}'
    client = await server.open()
    head = f"POST {SEND} HTTP/1.1\r\nHost: localhost\r\n{NAME}: k\r\nContent-Type: application/json\r\n"
    await client.send(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
    assert (await client.answer()).body == first.body
    assert sent(server) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (SEND, {**BODY, "payload": {"code": "000000"}}),
        (SEND, {**BODY, "more": 1}),
        ("/api/connectors/second/send", BODY),
        ("/api/messages", BODY),
    ],
    ids=["payload", "ignored key", "connector", "path"],
)
async def test_the_same_key_for_another_request_is_refused(path: str, body: object) -> None:
    connectors: list[dict[str, Any]] = [
        {"id": name, "factory": toy.FACTORY, "config": {}} for name in ("toy", "second")
    ]
    async with running(connectors=connectors) as server:
        await send(server, "k")
        refused = await send(server, "k", body, path)
        assert (refused.status, refused.code) == (422, "idempotency.key_reused")
        assert refused.json()["data"] == {"field": NAME}
        assert sent(server) == 1
        assert (await send(server, "k")).header("Idempotency-Replayed") == "true"


@pytest.mark.parametrize("key", [" ", "a b", "é", "a\tb", "x" * 256, '"a b"'])
async def test_a_key_that_is_none_is_refused_and_nothing_is_sent(server: RunningGateway, key: str) -> None:
    refused = await send(server, key)
    assert (refused.status, refused.code, refused.json()["data"]) == (400, "request.invalid", {"field": NAME})
    assert "1 to 255 visible ASCII" in refused.json()["message"]
    assert sent(server) == 0


@pytest.mark.parametrize("key", ["k", "~", "!", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
async def test_visible_ascii_is_a_key(server: RunningGateway, key: str) -> None:
    assert (await send(server, key)).status == 200
    assert (await send(server, key)).header("Idempotency-Replayed") == "true"


async def test_two_keys_in_one_request_are_refused(server: RunningGateway) -> None:
    client = await server.open()
    head = f"POST {SEND} HTTP/1.1\r\nHost: localhost\r\n{NAME}: a\r\n{NAME}: b\r\nContent-Length: 0\r\n\r\n"
    await client.send(head.encode())
    assert (await client.answer()).code == "request.invalid"


async def test_a_key_does_nothing_where_a_call_is_not_idempotent(server: RunningGateway) -> None:
    numbers = [(await server.ask("POST", "/api/recipients", {}, {NAME: "k"})).json()["to"] for _ in range(2)]
    assert len(set(numbers)) == 2


async def test_an_error_with_which_nothing_was_sent_leaves_the_key_free(server: RunningGateway) -> None:
    wrong = await send(server, "k", {**BODY, "type": "Nonsense"})
    assert wrong.status == 400

    async def refuse(request: Request, context: Context) -> Response:
        return toy.answer(400, {"error": "No"}, Verdict(False, code="No"))

    server.script.do = refuse
    refused = await send(server, "k")
    assert refused.json()["data"]["maybeSent"] is False
    server.script.do = None
    done = await send(server, "k")
    assert (done.status, done.header("Idempotency-Replayed")) == (200, None)
    assert sent(server) == 2


async def test_a_message_that_was_maybe_sent_is_never_sent_again_under_its_key(server: RunningGateway) -> None:
    async def broken(request: Request, context: Context) -> Response:
        return Response(200, (), b"not json", verdict=Verdict(False))

    server.script.do = broken
    first = await send(server, "k")
    assert first.json()["data"]["maybeSent"] is True
    server.script.do = None
    again = await send(server, "k")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.header("Idempotency-Replayed") == "true"
    assert sent(server) == 1


async def test_a_defect_of_ours_is_answered_again_and_not_repeated(
    server: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_document(self: Messages, message: Message, receipt: Receipt) -> int:
        raise RuntimeError("13800138000")

    monkeypatch.setattr(Messages, "sent", no_document)
    answers = [await send(server, "k") for _ in range(2)]
    assert [answer.code for answer in answers] == ["gateway.internal"] * 2
    assert sent(server) == 1


async def test_a_message_that_was_sent_and_not_recorded_is_not_sent_again(
    server: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(self: Messages, message: Message, receipt: Receipt) -> int:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(Messages, "sent", full)
    answers = [await send(server, "k") for _ in range(2)]
    assert [answer.code for answer in answers] == ["store.unavailable"] * 2
    assert sent(server) == 1


async def test_a_key_of_one_client_shows_nothing_to_another(server: RunningGateway) -> None:
    guarded = "/api/connectors/guarded/send"
    first = await send(server, "k", path=guarded, Authorization=TOKEN)
    assert first.status == 200
    stranger = await send(server, "k", path=guarded)
    assert (stranger.status, stranger.header("Idempotency-Replayed")) == (401, None)
    wrong = await send(server, "k", path=guarded, Authorization="x")
    assert wrong.status == 401
    # Another client's same key is a key of its own, neither an answer nor a refusal.
    other = await send(server, "k")
    assert (other.status, other.header("Idempotency-Replayed")) == (200, None)
    assert other.body != first.body
    assert (await send(server, "k", path=guarded, Authorization=TOKEN)).body == first.body
    assert sent(server) == 2


async def test_who_may_no_longer_send_gets_no_earlier_answer(server: RunningGateway) -> None:
    made: dict[str, Any] = {"connectorId": toy.FACTORY, "id": "mine", "config": {}, "authorization": "old"}
    await server.ask("POST", "/api/connectors", made)
    path = "/api/connectors/mine/send"
    assert (await send(server, "k", path=path, Authorization="old")).status == 200
    await server.ask("PATCH", "/api/connectors/mine", {"authorization": "new"})
    assert (await send(server, "k", path=path, Authorization="old")).status == 401
    await server.ask("DELETE", "/api/connectors/mine")
    assert (await send(server, "k", path=path, Authorization="old")).status == 404


async def test_a_client_that_left_and_asks_again_gets_the_first_ones_answer(server: RunningGateway) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request, context: Context) -> Response:
        reached.set()
        await go_on.wait()
        return toy.answer(200, {"ok": True}, Verdict(True))

    server.script.do = slow
    client = await server.open()
    asking = asyncio.ensure_future(client.ask("POST", SEND, BODY, {NAME: "k"}))
    await reached.wait()
    asking.cancel()
    await client.close()
    again = asyncio.ensure_future(send(server, "k"))
    go_on.set()
    answer = await again
    assert (answer.status, answer.header("Idempotency-Replayed")) == (200, "true")
    assert sent(server) == 1


async def test_a_reset_forgets_keys(server: RunningGateway) -> None:
    await send(server, "k")
    await server.ask("POST", "/api/reset", {})
    assert (await send(server, "k")).header("Idempotency-Replayed") is None
    assert sent(server) == 2


async def test_keys_outlive_a_restart_on_sqlite(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path}/gateway.db"
    async with running(store=store) as server:
        first = await send(server, "k")
    async with running(store=store) as server:
        again = await send(server, "k")
        assert (again.body, again.header("Idempotency-Replayed")) == (first.body, "true")
        assert sent(server) == 0


async def test_the_key_itself_is_nowhere_in_the_store(server: RunningGateway) -> None:
    await send(server, "a-key-of-mine", Authorization="a-secret")
    found: list[tuple[str, Document]] = [
        (key, record.value) for key, record in await server.store.records.scan("idempotency/")
    ]
    assert len(found) == 1
    assert "a-key-of-mine" not in str(found)
    assert "a-secret" not in str(found)
