"""One line a request, with what one needs to find it again, and with nothing of what was in it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from gateway.cli.logs import Renderer
from gateway.web.server.log import LogEvent, RequestInfo, log_event
from tests.support import toy
from tests.support.event_loop import settle
from tests.support.log_lines import exchange_line
from tests.support.raw_http import request
from tests.support.running_gateway import TOKEN, RunningGateway, running

NUMBER, EMAIL, CODE, API_TOKEN = "13800138076", "somebody@example.com", "246810", "token-of-the-api"
DOCS = Path(__file__).parents[3] / "docs" / "watching.md"
KEY = "LTAIexampleexample"
SECRETS = (NUMBER, EMAIL, CODE, TOKEN, API_TOKEN, KEY, "8613800138076")
BEARER = {"Authorization": f"Bearer {API_TOKEN}"}


json_text = Renderer("json", colors=False).render
console_text = Renderer("console", colors=False).render


class Said:
    """The lines, each as it would be read: in JSON and for a terminal."""

    def __init__(self) -> None:
        self._lines: list[LogEvent] = []

    def put(self, line: LogEvent) -> None:
        self._lines.append(line)

    def texts(self) -> str:
        return "\n".join([text for line in self._lines for text in (json_text(line), console_text(line))])

    def all(self) -> list[dict[str, Any]]:
        found = [json.loads(json_text(line)) for line in self._lines]
        for one, line in zip(found, self._lines, strict=True):
            assert one.pop("level") == "info"
            assert one.pop("at").endswith("Z")
            assert one == {key: value for key, value in line.items() if key not in ("at", "level")}
        return found

    def last(self) -> dict[str, Any]:
        return self.all()[-1]


@pytest_asyncio.fixture
async def said() -> AsyncIterator[Said]:
    yield Said()


@pytest_asyncio.fixture
async def server(said: Said) -> AsyncIterator[RunningGateway]:
    async with running(log=said.put, server={"api_token": API_TOKEN}) as server:
        yield server


async def test_a_call_of_the_api_is_one_line_with_the_route_and_not_the_path(
    server: RunningGateway, said: Said
) -> None:
    answer = await server.ask("POST", f"/api/codes/{NUMBER}?timeout=0", headers=BEARER)
    (line,) = said.all()
    assert answer.status == 404
    assert line.pop("milliseconds") >= 0
    assert line.pop("id") == answer.header("X-Request-Id")
    assert line == {"event": "request", "method": "POST", "route": "/api/codes/{to}", "status": 404}


async def test_an_exchange_is_one_line_with_its_verdict_and_the_end_of_the_recipient(
    server: RunningGateway, said: Said
) -> None:
    answer = await server.capture(NUMBER)
    (line,) = said.all()
    assert answer.header("X-Request-Id") is None
    exchange = (await server.ask("GET", f"/api/exchanges/{line['id']}", headers=BEARER)).json()
    assert exchange["captureIds"]
    del line["id"], line["milliseconds"]
    assert line == {
        "event": "exchange",
        "provider": "toy",
        "operation": "Send",
        "method": "POST",
        "status": 200,
        "accepted": True,
        "code": "OK",
        "to": ["…76"],
    }


async def test_a_refused_exchange_says_so(server: RunningGateway, said: Said) -> None:
    await server.ask("POST", "/fakes/toy/", b"{")
    assert said.last() | {"id": 0, "milliseconds": 0} == {
        "event": "exchange",
        "id": 0,
        "provider": "toy",
        "operation": None,
        "method": "POST",
        "status": 400,
        "milliseconds": 0,
        "accepted": False,
        "code": "Broken",
        "to": [],
    }


async def test_an_operation_that_the_fake_does_not_know_is_not_quoted(server: RunningGateway, said: Said) -> None:
    await server.ask("POST", "/fakes/toy/", {"op": NUMBER})
    assert said.last()["operation"] == "other"


def test_of_many_recipients_three_are_shown_and_all_are_counted() -> None:
    line = exchange_line(*[f"1380013800{n}" for n in range(5)])
    assert json.loads(json_text(line))["to"] == ["…00", "…01", "…02"]
    assert json.loads(json_text(line))["recipients"] == 5


def test_a_recipient_can_break_neither_a_line_nor_json() -> None:
    for to in ('13800\n"', "13800\\\x1b", "13800\u2028\udcff", '"'):
        line = exchange_line(to)
        assert "\n" not in json_text(line)
        assert json.loads(json_text(line))["to"] == line["to"]
        assert "\n" not in console_text(line)


async def test_every_request_is_exactly_one_line(server: RunningGateway, said: Said) -> None:
    client = await server.open()
    await client.send(request("GET", "/healthz") * 3 + request("POST", "/fakes/toy/", {}) * 2)
    for _ in range(5):
        await client.answer()
    await server.ask("GET", "/nothing")
    await server.ask("HEAD", "/api/clock", headers=BEARER)
    await server.ask("GET", "/api/clock")  # without the token
    await server.ask("GET", "/fakes/nobody/")
    await server.ask("POST", "/api/recipients", b"{", BEARER)
    assert [(line["event"], line["status"]) for line in said.all()] == [
        *[("request", 200)] * 3,
        *[("exchange", 200)] * 2,
        ("request", 404),
        ("request", 200),
        ("request", 401),
        ("request", 404),
        ("request", 400),
    ]


async def test_what_is_no_http_is_a_line_without_its_words(server: RunningGateway, said: Said) -> None:
    for data in (b"13800138076 246810\r\n\r\n", f"G{NUMBER} / HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
        client = await server.open()
        await client.send(data)
        answer = await client.answer()
        assert said.last()["id"] == answer.header("X-Request-Id")
        assert said.last()["status"] == answer.status
        assert said.last()["method"] == "other"
        assert said.last()["route"] is None


async def test_an_event_stream_is_a_line_when_it_ends(server: RunningGateway, said: Said) -> None:
    client = await server.open()
    await client.send(request("GET", "/api/events", None, BEARER))
    first, lines = await client.head()
    assert first == "HTTP/1.1 200 OK"
    await client.until(b": open\n\n")
    assert said.all() == []
    await client.close()
    for _ in range(20):
        await settle()
        if said.all():
            break
    assert (said.last()["route"], said.last()["status"]) == ("/api/events", 200)
    assert f"X-Request-Id: {said.last()['id']}" in lines


async def test_a_caller_may_name_its_request(server: RunningGateway, said: Said) -> None:
    for name in ("a", "trace-1.2_x", "Z" * 64):
        answer = await server.ask("GET", "/healthz", headers={"X-Request-Id": name})
        assert answer.header("X-Request-Id") == said.last()["id"] == name


async def test_a_name_that_may_not_stand_in_a_log_is_replaced(server: RunningGateway, said: Said) -> None:
    for name in ("", "Z" * 65, "a b", 'a"b', EMAIL, NUMBER, f"+{NUMBER}", "ä", "a;b"):
        answer = await server.ask("GET", "/healthz", headers={"X-Request-Id": name})
        assert answer.header("X-Request-Id") == said.last()["id"]
        assert said.last()["id"].startswith("req_")


async def test_nothing_personal_is_logged_whatever_is_sent_wherever(server: RunningGateway, said: Said) -> None:
    """Every secret in every place of a request that a client can fill."""
    for secret in SECRETS:
        for path in ("/fakes/toy/", "/api/captures/wait", "/api/messages", "/", "/metrics", "/readyz"):
            body = {"to": secret, "code": secret, "op": secret, "key": secret, secret: secret, "timeout": 0}
            places = {"X-Any": secret, "X-Request-Id": f"{secret}:{secret}", "Cookie": secret, "User-Agent": secret}
            for method in ("GET", "POST", f"M{secret.partition('@')[0]}"):
                await server.ask(method, f"{path}?a={secret}&{secret}=1", body, {**places, **BEARER})
                await server.ask(method, path, body, {**places, "Authorization": secret})
        for path in (f"/api/codes/{secret}?timeout=0", f"/api/captures/{secret}", f"/{secret}", f"/fakes/{secret}"):
            await server.ask("GET", path, headers=BEARER)
            await server.ask("POST", path, headers=BEARER)
        # A fault's code is a word of whoever made the fault, unless it could be a number.
        error = {"code": secret if secret.isdigit() else "Refused", "message": secret}
        await server.ask("POST", "/api/faults", {"count": 1, "error": error}, BEARER)
        await server.capture(secret, CODE)
        await server.ask("POST", f"/api/connectors/{secret}/send", {"to": secret, "type": secret}, BEARER)
        send = {"to": NUMBER, "type": "SignIn", "payload": {"code": CODE}, "ip": secret}
        await server.ask("POST", "/api/connectors/toy/send", send, BEARER)
        await server.ask("POST", "/api/connectors/guarded/send", send, {"Authorization": TOKEN})
    assert len(said.all()) > 300
    texts = said.texts()
    for secret in SECRETS:
        assert secret not in texts


def test_the_page_shows_lines_as_they_are() -> None:
    text = DOCS.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in re.findall(r'^\{"at".*\}$', text, re.MULTILINE)]
    request_line = log_event(0.0, "GET", 200, 0.001, RequestInfo("req_1", "/healthz"))
    for shown, line in zip(lines, (exchange_line(NUMBER), request_line), strict=True):
        made = json.loads(json_text(line))
        assert {key: type(value) for key, value in shown.items()} == {
            key: type(value) for key, value in made.items()
        }
        for key in made:
            assert f"`{key}`" in text


async def test_without_a_log_there_is_no_line_and_still_an_id() -> None:
    async with running() as server:
        answer = await server.ask("GET", "/healthz")
        assert (answer.header("X-Request-Id") or "").startswith("req_")
        assert toy.NAME in server.gateway.services.providers
