"""Requests on one connection: waits, pipelines, late bodies, clients that leave."""

from __future__ import annotations

import asyncio

from gateway.core.model import PLAIN, Request, Response, Verdict
from gateway.providers.ports import Context
from tests.support import toy
from tests.support.event_loop import settle
from tests.support.raw_http import request
from tests.support.running_gateway import RunningGateway

BODY = {"to": "13800138000", "code": "1"}


def answer(text: str) -> Response:
    return toy.answer(200, {"said": text}, Verdict(accepted=True), None)


async def test_a_fake_that_waits_does_not_keep_others_from_their_answers(server: RunningGateway) -> None:
    go = asyncio.Event()

    async def slow(_request: Request, _context: Context) -> Response:
        await go.wait()
        return answer("at last")

    server.script.do = slow
    client, other = await server.open(), await server.open()
    await client.send(request("POST", "/fakes/toy/", BODY) + request("GET", "/healthz"))
    assert (await other.ask("GET", "/healthz")).status == 200
    go.set()
    assert (await client.answer()).json() == {"said": "at last"}
    assert (await client.answer()).json() == {"status": "ok"}
    assert (await client.ask("GET", "/healthz")).status == 200


async def test_a_timeout_of_a_fake_works_before_its_first_wait(server: RunningGateway) -> None:
    async def patient(_request: Request, _context: Context) -> Response:
        try:
            async with asyncio.timeout(0.001):
                await asyncio.Event().wait()
        except TimeoutError:
            return answer("too late")
        return answer("never")

    server.script.do = patient
    client = await server.open()
    for _ in range(3):
        assert (await client.ask("POST", "/fakes/toy/", BODY)).json() == {"said": "too late"}


async def test_a_request_whose_body_comes_later_is_answered_and_the_next_one_too(server: RunningGateway) -> None:
    client = await server.open()
    whole = request("POST", "/fakes/toy/", BODY)
    for cut in (len(whole) - 30, len(whole) - 1):
        client.writer.write(whole[:cut])
        await settle()
        client.writer.write(whole[cut:])
        assert (await client.answer()).json() == {"ok": True}


async def test_a_client_that_leaves_while_its_fake_waits_lets_the_fake_end(server: RunningGateway) -> None:
    began, ended, go = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_request: Request, _context: Context) -> Response:
        began.set()
        await go.wait()
        ended.set()
        return Response(200, (), b"", PLAIN, Verdict(accepted=True))

    server.script.do = slow
    client = await server.open()
    await client.send(request("POST", "/fakes/toy/", BODY))
    await asyncio.wait_for(began.wait(), 10)
    await client.close()
    go.set()
    await asyncio.wait_for(ended.wait(), 10)
    server.script.do = None
    assert (await server.capture("13800138000")).status == 200


async def test_an_answer_before_the_whole_body_reaches_the_client(server: RunningGateway) -> None:
    """Refused by its head alone: the rest of the body is read and dropped, not answered with a reset."""
    client = await server.open()
    client.writer.write(b"POST /api/recipients HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 200000\r\n\r\n")
    client.writer.write(b"x" * 200_000)
    assert (await client.answer()).status == 403
    assert (await client.ask("GET", "/healthz")).status == 200


async def test_a_hundred_pipelined_requests_at_a_fake_are_answered_in_order(server: RunningGateway) -> None:
    client = await server.open()
    seen: list[str] = []

    async def turns(asked: Request, _context: Context) -> Response:
        number = asked.target.rpartition("=")[2]
        if int(number) % 3 == 0:
            await asyncio.sleep(0)
        seen.append(number)
        return answer(number)

    server.script.do = turns
    numbers = [str(at) for at in range(100)]
    await client.send(b"".join([request("POST", f"/fakes/toy/?n={at}", BODY) for at in numbers]))
    assert [(await client.answer()).json()["said"] for _ in numbers] == numbers
    assert seen == numbers


async def test_what_is_no_http_is_answered_and_closed_after_a_request_that_was(server: RunningGateway) -> None:
    client = await server.open()
    assert (await client.ask("GET", "/healthz")).status == 200
    client.writer.write(b"NOT HTTP AT ALL\r\n\r\n")
    answered = await client.answer()
    assert (answered.status, answered.header("connection")) == (400, "close")
    assert await client.rest() == b""
